/// An exact search that can be resumed: every assignment better than the incumbent is in one
/// of the open subproblems.
public struct SearchState: Equatable, Sendable {
  /// The incumbent.
  public var assignment: Assignment?
  /// Nodes looked at so far.
  public var nodes: Int
  /// The subproblems that are still open.
  public var open: [Subproblem]

  /// The state of a search after `nodes` nodes, of which `open` waits.
  public init(assignment: Assignment?, nodes: Int, open: [Subproblem]) {
    self.assignment = assignment
    self.nodes = nodes
    self.open = open
  }
}
