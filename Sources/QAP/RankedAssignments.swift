/// The best assignments of an instance, each once, the best first.
///
/// Assignments that differ only in the facilities that pad an instance count as one.
public struct RankedAssignments: Sendable {
  /// The number that was asked for.
  public let wanted: Int
  /// True when assignments that a symmetry of the instance turns into each other count as one.
  public let isDistinct: Bool
  /// The assignments found, at most `wanted`: fewer when there are no others.
  public internal(set) var assignments: [Incumbent]
  /// Proven: no assignment that is missing from the list is better than this; infinite, or −∞ for a
  /// maximization, when none is missing.
  public internal(set) var boundOfOthers: Double
  /// The number of assignments, from the first on, whose place is proven: no missing one is better.
  public let proven: Int
  /// True when the best assignment is the only one of its objective, false when another one equals
  /// it (for real data within the tolerance); nil while neither is proven.
  public let isUnique: Bool?

  /// A list for a minimization, whose first entries are proven by `boundOfOthers` and `rule`.
  package init(
    wanted: Int, isDistinct: Bool, assignments: [Incumbent], boundOfOthers: Double,
    rule: OptimalityRule
  ) {
    self.wanted = wanted
    self.isDistinct = isDistinct
    self.assignments = assignments
    self.boundOfOthers = boundOfOthers
    proven =
      assignments.firstIndex { !rule.isProven(objective: $0.objective, bound: boundOfOthers) }
      ?? assignments.count
    guard let first = assignments.first?.objective, proven >= 1 else {
      isUnique = nil
      return
    }
    let least = first + rule.slack(at: first)
    if assignments.count >= 2, assignments[1].objective <= least {
      isUnique = false
    } else {
      isUnique = proven >= 2 || boundOfOthers > least ? true : nil
    }
  }

  /// True when every place is proven.
  public var isComplete: Bool { proven == assignments.count }

  /// By how much the second best assignment is worse than the best; nil unless both are proven.
  public var margin: Double? {
    proven >= 2 ? abs(assignments[1].objective - assignments[0].objective) : nil
  }

  /// The list with the assignments and the bound replaced.
  func map(
    _ assignment: (Incumbent) -> Incumbent, bound: (Double) -> Double
  ) -> RankedAssignments {
    var result = self
    result.assignments = assignments.map(assignment)
    result.boundOfOthers = bound(boundOfOthers)
    return result
  }
}
