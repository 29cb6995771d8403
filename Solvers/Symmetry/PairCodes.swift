import QAPPrimitives

/// The entries of a square matrix as 64-bit codes: `[a,b]` and `[b,a]` together have a code, equal
/// entries have equal codes. Different ones may have equal codes in principle: all conclusions
/// from codes are checked on the matrix.
package struct PairCodes: Sendable {
  /// The matrix itself.
  package let matrix: Matrix<Double>
  /// Row after row; zero on the diagonal.
  let codes: [UInt64]
  var size: Int { matrix.rows }

  /// The codes of `matrix`.
  ///
  /// - Complexity: O(n²).
  package init(_ matrix: Matrix<Double>) {
    self.matrix = matrix
    let n = matrix.rows
    var codes = [UInt64](repeating: 0, count: n * n)
    for a in 0..<n {
      for b in 0..<n where a != b { codes[a * n + b] = PairCodes.code(matrix[a, b], matrix[b, a]) }
    }
    self.codes = codes
  }

  /// Both zeros are one.
  static func code(_ x: Double, _ y: Double) -> UInt64 {
    mixed(mixed((x + 0).bitPattern) &+ (y + 0).bitPattern &* 3)
  }

  /// The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
  @inline(__always)
  static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z &>> 31)
  }

  /// True when `images` is a renumbering that leaves the matrix, diagonal apart, as it is.
  func isAutomorphism(_ images: [Int]) -> Bool {
    for a in 0..<size {
      for b in 0..<size where a != b {
        guard matrix[a, b] == matrix[images[a], images[b]] else { return false }
      }
    }
    return true
  }
}
