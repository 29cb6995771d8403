/// When a run stops before its method is done. Each limit is optional, and the first one reached
/// counts.
///
/// Work limits (iterations, nodes) are exact in the unit of the method's `MethodInfo` and give the
/// same answer for any number of threads; a time limit gives the result so far.
public struct Limits: Equatable, Sendable {
  /// Wall-clock time since the run began.
  public var time: Duration?
  /// Iterations in the unit of the method's `MethodInfo`, at least 1.
  public var iterations: Int?
  /// Nodes of the search tree, at least 1.
  public var nodes: Int?
  /// The relative gap as a fraction: 0.01 is one percent, 0 asks for a proof.
  public var gap: Double?
  /// An objective that is good enough.
  public var target: Double?

  /// No limit but those that are named.
  public init(
    time: Duration? = nil, iterations: Int? = nil, nodes: Int? = nil, gap: Double? = nil,
    target: Double? = nil
  ) {
    self.time = time
    self.iterations = iterations
    self.nodes = nodes
    self.gap = gap
    self.target = target
  }

  /// Throws `MethodError.parameter` for a limit out of range.
  public func validate() throws(MethodError) {
    if let time { try require(time >= .zero, "time", time, "no negative time") }
    if let iterations { try require(iterations >= 1, "iterations", iterations, "at least 1") }
    if let nodes { try require(nodes >= 1, "nodes", nodes, "at least 1") }
    if let gap { try require(gap >= 0 && gap.isFinite, "gap", gap, "a fraction of at least 0") }
    if let target { try require(!target.isNaN, "target", target, "a number") }
  }

  /// The limit that `status` has reached, if any.
  package func reached(by status: SearchStatus) -> Termination? {
    if let target, let found = status.objective, found <= target { return .target }
    if let gap, let left = status.gap, left <= gap { return .gap }
    if let iterations, status.iterations >= iterations { return .iterations }
    if let nodes, status.nodes >= nodes { return .nodes }
    return isOver(at: status.seconds) ? .time : nil
  }

  /// True when the time is up.
  func isOver(at seconds: Double) -> Bool { time.map { seconds >= $0.seconds } ?? false }
}

extension Duration {
  /// The length in seconds.
  public var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
