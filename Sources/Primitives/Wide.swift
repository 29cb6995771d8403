/// Eight doubles side by side: one AVX-512 register, two AVX2 registers.
public typealias Wide = SIMD8<Double>

// The standard library's `pointwiseMin` and `min()` call unspecialised code from other modules;
// comparing and replacing compiles to the machine's own instructions.

/// The smaller of each pair of lanes.
@inlinable @inline(__always)
public func lanewiseMinimum(_ a: Wide, _ b: Wide) -> Wide { a.replacing(with: b, where: b .< a) }

extension SIMD8 where Scalar == Double {
  /// The smallest lane.
  @inlinable @inline(__always)
  public var smallest: Double {
    let four = lowHalf.replacing(with: highHalf, where: highHalf .< lowHalf)
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .< four.lowHalf)
    return two.y < two.x ? two.y : two.x
  }

  /// The sum of the lanes, in a fixed order.
  @inlinable @inline(__always)
  public var total: Double {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }
}

/// `count` rounded up to a multiple of eight, the stride of rows that wide kernels read.
@inlinable @inline(__always)
public func wideStride(_ count: Int) -> Int { (count + 7) & ~7 }
