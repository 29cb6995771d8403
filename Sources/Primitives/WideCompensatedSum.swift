/// Eight compensated sums side by side, for long rows (the two-sum of Knuth 1969 has no branch).
@usableFromInline package struct WideCompensatedSum: Sendable {
  @usableFromInline var sum = Wide(repeating: 0)
  @usableFromInline var compensation = Wide(repeating: 0)

  /// An empty sum.
  @inlinable package init() {}

  /// Adds a term to each sum.
  @inlinable @inline(__always)
  package mutating func add(_ term: Wide) {
    let total = sum + term
    let part = total - sum
    compensation += (sum - (total - part)) + (term - part)
    sum = total
  }

  /// The sum of all eight, with its rounding error.
  package var total: CompensatedSum {
    var result = CompensatedSum()
    for lane in 0..<8 { result.add(sum[lane]) }
    for lane in 0..<8 { result.add(compensation[lane]) }
    return result
  }
}
