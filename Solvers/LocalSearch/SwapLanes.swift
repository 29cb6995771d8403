import CLanes
import QAPPrimitives

/// Numbers of swaps side by side in a register: eight doubles, or sixteen floats where all numbers
/// are integers that floats hold (see `SwapProblem.isNarrow`).
protocol SwapLanes: BitwiseCopyable {
  associatedtype Scalar: BinaryFloatingPoint & BitwiseCopyable & Sendable
  /// The number of lanes.
  static var count: Int { get }
  /// The same number in all lanes.
  init(repeating value: Scalar)
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  /// The lesser of each two lanes.
  func lesser(_ other: Self) -> Self
  /// The lanes whose `keys` are at most `limit`, and +∞ in place of the others.
  func open(_ keys: Self, atMost limit: Scalar) -> Self
  /// The smallest lane.
  var smallest: Scalar { get }
  /// The sum of the lanes.
  var total: Scalar { get }
}

extension SIMD8<Double>: SwapLanes {
  static var count: Int {
    @inline(__always) get { 8 }
  }

  @inline(__always)
  func lesser(_ other: Self) -> Self { lanewiseMinimum(self, other) }

  @inline(__always)
  func open(_ keys: Self, atMost limit: Double) -> Self {
    Wide(repeating: .infinity).replacing(with: self, where: keys .<= Wide(repeating: limit))
  }
}

/// Sixteen floats.
typealias Narrow = SIMD16<Float>

extension SIMD16<Float>: SwapLanes {
  static var count: Int {
    @inline(__always) get { 16 }
  }

  @inline(__always)
  func lesser(_ other: Self) -> Self { float_lanes_lesser(self, other) }

  @inline(__always)
  func open(_ keys: Self, atMost limit: Float) -> Self { float_lanes_open(self, keys, limit) }

  var smallest: Float {
    @inline(__always) get { float_lanes_least(self) }
  }

  var total: Float {
    @inline(__always) get { float_lanes_total(self) }
  }
}
