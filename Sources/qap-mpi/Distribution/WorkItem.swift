import QAP
import QAPBranchAndBound

/// A subproblem that a rank is to search: a line of a checkpoint, with a number.
public struct WorkItem: Equatable, Sendable {
  /// Tells items apart for as long as the search lasts.
  public let id: Int
  public let subproblem: Subproblem
  /// Nodes to spend on it at most.
  public let budget: Int

  public init(id: Int, subproblem: Subproblem, budget: Int) {
    self.id = id
    self.subproblem = subproblem
    self.budget = budget
  }
}
