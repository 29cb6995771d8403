/// A sum that carries its own rounding error (Neumaier's variant of Kahan summation).
///
/// The error of `value` is at most 2u|Σx| + O(n u²) Σ|x| with u = 2⁻⁵³: next to nothing unless
/// the terms cancel almost completely.
public struct CompensatedSum: Sendable {
  @usableFromInline var sum = 0.0
  @usableFromInline var compensation = 0.0

  /// An empty sum.
  @inlinable public init() {}

  /// Adds one term.
  @inlinable
  public mutating func add(_ term: Double) {
    let total = sum + term
    if abs(sum) >= abs(term) {
      compensation += (sum - total) + term
    } else {
      compensation += (term - total) + sum
    }
    sum = total
  }

  /// The sum so far.
  @inlinable public var value: Double { sum + compensation }
}
