/// The properties of an item that a pool needs.
public protocol WorkQueueItem {
  /// The number of pairs that are fixed.
  var depth: Int { get }
  /// The proven bound.
  var bound: Double { get }
}
