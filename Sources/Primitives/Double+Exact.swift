extension Double {
  /// This number times 2 to the power `exponent`, exactly where the result is a normal number.
  @inlinable
  package func scaled(byPowerOfTwo exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: self)
  }
}

/// The rounded sum of two doubles and the rounding error, which together are the exact sum
/// (D. E. Knuth, The Art of Computer Programming 2, 1969, section 4.2.2).
@inlinable
package func twoSum(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
  let sum = a + b
  let part = sum - a
  return (sum, (a - (sum - part)) + (b - part))
}

/// The largest double not above `a + b`.
@inlinable
package func sumRoundedDown(_ a: Double, _ b: Double) -> Double {
  let (sum, error) = twoSum(a, b)
  return error < 0 ? sum.nextDown : sum
}
