/// An algorithm for a model.
public enum LinearAlgorithm: String, Sendable, CaseIterable {
  /// The primal simplex method, two phases.
  case primalSimplex
  /// The dual simplex method, the primal one where that has no start.
  case dualSimplex
  /// The primal–dual interior point method. It knows no time limit and gives up on degenerate
  /// models.
  case interiorPoint
  /// Branch and cut over the integer columns, after a simplex solve of the relaxation.
  case branchAndCut
}
