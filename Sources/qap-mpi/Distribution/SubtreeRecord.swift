import QAPInstanceIO

/// The cost of one run below a subproblem.
public struct SubtreeRecord: Equatable, Sendable {
  /// The item's number.
  public var id: Int
  /// The item that left it; -1 for what the search began with.
  public var parent: Int
  /// Pairs that were fixed.
  public var depth: Int
  /// The bound proven before the run.
  public var bound: Double
  public var nodes: Int
  /// Processor seconds of one thread.
  public var seconds: Double

  public init(id: Int, parent: Int, depth: Int, bound: Double, nodes: Int, seconds: Double) {
    self.id = id
    self.parent = parent
    self.depth = depth
    self.bound = bound
    self.nodes = nodes
    self.seconds = seconds
  }
}
