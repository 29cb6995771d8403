import QAP
import QAPPrimitives

/// The state in which an exact search begins, after heuristics and the root bound. Beside the
/// instance, another process needs nothing else to search below subproblems of the same tree.
public struct SearchBasis: Equatable, Sendable {
  /// A point of the level-1 RLT dual, by which the costs are reduced.
  public var multipliers: RLTMultipliers
  /// The incumbent's objective; the unit of the search's whole numbers is chosen by it.
  public var objective: Double

  /// A basis of a dual point and the incumbent's objective.
  public init(multipliers: RLTMultipliers, objective: Double) {
    self.multipliers = multipliers
    self.objective = objective
  }
}
