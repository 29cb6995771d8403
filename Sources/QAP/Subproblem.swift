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
