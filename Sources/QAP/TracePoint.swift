/// One point of a run's history: the state after an incumbent or the bound improved.
public struct TracePoint: Equatable, Sendable {
  /// Seconds since the run began.
  public let seconds: Double
  /// The incumbent's objective.
  public let objective: Double?
  /// The bound, rounded up where that is valid.
  public let bound: Double?
  /// The method that made the improvement.
  public let source: String

  /// A point of a history: the state `seconds` after the run began.
  public init(seconds: Double, objective: Double?, bound: Double?, source: String) {
    self.seconds = seconds
    self.objective = objective
    self.bound = bound
    self.source = source
  }
}
