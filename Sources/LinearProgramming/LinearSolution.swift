/// The result of a solve, in floating point; see `LinearModel.safeBound` for a bound that is
/// proven.
public struct LinearSolution: Sendable {
  /// Why the solve ended.
  public let status: LinearStatus
  /// The objective of `values`, the constant included; nil without a feasible point.
  public let objective: Double?
  /// One value a column; empty without a point.
  public let values: [Double]
  /// One dual a row, the gain of the objective for a unit of the row's bound; empty for branch and
  /// cut and without a point.
  public let rowDuals: [Double]
  /// `cost − Σ a·dual`, one a column; empty where `rowDuals` is.
  public let reducedCosts: [Double]
  /// For branch and cut: the library's lower limit on the optimum, not a proof.
  public let bestBound: Double?
}
