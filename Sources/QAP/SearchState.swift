/// A part of an exact search that waits: the assignments that contain some pairs.
///
/// It stands by itself, so that another process can take it up: the pairs, by their original
/// numbers, and a bound.
public struct Subproblem: Equatable, Sendable {
  /// The facilities that have their locations, in the order in which they were fixed.
  public var pairs: [FixedPair]
  /// No assignment that contains the pairs and is better than the incumbent costs less: proven.
  public var bound: Double

  /// The assignments that contain `pairs`, none of which is better than `bound` unless the
  /// incumbent is.
  public init(pairs: [FixedPair], bound: Double) {
    self.pairs = pairs
    self.bound = bound
  }
}

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

/// Keeps the state of a search outside the process.
public protocol CheckpointStore: Sendable {
  /// The state that was saved for `instance`; nil when there is none, an error when there is one
  /// that cannot be read or belongs to another instance.
  func load(_ instance: Instance) throws -> SearchState?

  /// Saves `state`; a crash in the middle leaves the earlier file.
  /// Throws when the state cannot be kept, which ends the run.
  func save(_ state: SearchState, _ instance: Instance) throws
}
