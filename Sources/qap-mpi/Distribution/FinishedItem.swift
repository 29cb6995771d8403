import QAP
import QAPBranchAndBound

/// The result of an item.
public struct FinishedItem: Equatable, Sendable {
  /// The item's number.
  public var id: Int
  /// Nodes looked at.
  public var nodes: Int
  /// Processor seconds that the search below it took.
  public var seconds: Double
  /// The subproblems still open below it.
  public var left: [Subproblem]
  /// A better assignment, if one was found.
  public var assignment: Assignment?

  public init(
    id: Int, nodes: Int, seconds: Double, left: [Subproblem], assignment: Assignment?
  ) {
    self.id = id
    self.nodes = nodes
    self.seconds = seconds
    self.left = left
    self.assignment = assignment
  }
}
