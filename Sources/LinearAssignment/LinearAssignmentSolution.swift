import QAPPrimitives

/// An optimal solution of a linear assignment problem with the duals that prove it.
///
/// `rowDuals[r] + columnDuals[c] ≤ costs[r, c]` with equality on the assignment, and
/// `value = Σ rowDuals + Σ columnDuals`: exactly for integers, up to rounding for real costs.
public struct LinearAssignmentSolution: Sendable {
  /// The column of each row.
  public let columnOfRow: [Int]
  /// One dual a row.
  public let rowDuals: [Double]
  /// One dual a column.
  public let columnDuals: [Double]
  /// The cost of the assignment, summed over the original costs.
  public let value: Double
}
