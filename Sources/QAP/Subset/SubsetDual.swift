/// A point of the dual of the semidefinite relaxation of a subset problem, over the free items of a
/// node of which n are to be chosen, in whole units of 2^shift units of cost.
///
/// Every choice s ∈ {0,1}ᵐ, eᵀs = n, has sᵀs = n, (eᵀs)² = n² and (eᵀs)(wᵀs) = n·wᵀs; so if
///
///     λ·I + (τ/n²)·eeᵀ − Q − (weᵀ + ewᵀ)/n  is positive semidefinite,
///
/// then sᵀQs + 2wᵀs ≤ λn + τ, and costs d + Q + 2·Diag(w) may take the place of d, when λn + τ
/// is taken off.
public struct SubsetDual: Equatable, Sendable {
  /// A unit here is 2^shift units of cost; not negative.
  public var shift: Int
  /// λ.
  public var eigenvalue: Int64
  /// τ.
  public var constant: Int64
  /// w, one for each free item in ascending order.
  public var linear: [Int64]
  /// The lower triangle of Q with the diagonal, row after row: Q[i,j], j ≤ i, at i(i + 1)/2 + j.
  public var quadratic: [Int64]

  /// A point from its numbers, whose counts are those of `isWellFormed(_:)`.
  public init(
    shift: Int, eigenvalue: Int64, constant: Int64, linear: [Int64], quadratic: [Int64]
  ) {
    self.shift = shift
    self.eigenvalue = eigenvalue
    self.constant = constant
    self.linear = linear
    self.quadratic = quadratic
  }

  /// True when there are as many numbers as `free` items need.
  public func isWellFormed(_ free: Int) -> Bool {
    linear.count == free && quadratic.count == free * (free + 1) / 2
  }
}
