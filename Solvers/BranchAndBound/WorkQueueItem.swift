import QAP

/// The properties of an item that a queue needs.
public protocol WorkQueueItem {
  /// The number of pairs that are fixed.
  var depth: Int { get }
  /// The proven bound.
  var bound: Double { get }
}

extension Subproblem: WorkQueueItem {
  public var depth: Int { pairs.count }
}
