import Synchronization

/// Why a run ended.
public enum Termination: String, Sendable, CaseIterable {
  /// The incumbent equals the rounded bound: nothing better exists.
  case optimal
  /// The relative gap fell to the one asked for.
  case gap
  /// The objective reached the target asked for.
  case target
  /// The time limit.
  case time
  /// The iteration limit, or the method's own.
  case iterations
  /// The node limit.
  case nodes
  /// The memory limit.
  case memory
  /// The method can make no further progress.
  case stalled
  /// The user, or the calling program, asked for an end.
  case interrupted
}

/// What a stopping criterion sees.
public struct SearchStatus: Sendable {
  /// Seconds since the run began.
  public var seconds: Double
  /// Iterations of the method so far.
  public var iterations: Int
  /// Search-tree nodes so far.
  public var nodes: Int
  /// Nodes of the search tree that wait to be looked at.
  public var open: Int
  /// The incumbent's objective.
  public var objective: Double?
  /// The proven bound, rounded up where that is valid.
  public var bound: Double?
  /// Incumbent and bound have met.
  public var isProvenOptimal: Bool

  /// A status as a method, or a test, sees it.
  public init(
    seconds: Double, iterations: Int, nodes: Int, open: Int = 0, objective: Double?,
    bound: Double?, isProvenOptimal: Bool
  ) {
    self.seconds = seconds
    self.iterations = iterations
    self.nodes = nodes
    self.open = open
    self.objective = objective
    self.bound = bound
    self.isProvenOptimal = isProvenOptimal
  }
}

/// A reason to end a run. Returns the reason, so that it is never lost, or nil to go on.
public protocol StoppingCriterion: Sendable {
  /// The reason to stop now, if any.
  func reason(_ status: SearchStatus) -> Termination?
}

/// Ends a run after a time.
public struct TimeLimit: StoppingCriterion {
  /// Seconds since the run began.
  public let seconds: Double
  /// A limit of `seconds` of wall-clock time.
  public init(seconds: Double) { self.seconds = seconds }
  public func reason(_ status: SearchStatus) -> Termination? {
    status.seconds >= seconds ? .time : nil
  }
}

/// Ends a run after a number of iterations.
public struct IterationLimit: StoppingCriterion {
  /// The number of iterations allowed.
  public let iterations: Int
  /// A limit of `iterations`, in the unit of the method's card.
  public init(iterations: Int) { self.iterations = iterations }
  public func reason(_ status: SearchStatus) -> Termination? {
    status.iterations >= iterations ? .iterations : nil
  }
}

/// Ends a run after a number of search-tree nodes.
public struct NodeLimit: StoppingCriterion {
  /// The number of nodes allowed.
  public let nodes: Int
  /// A limit of `nodes` over the whole run.
  public init(nodes: Int) { self.nodes = nodes }
  public func reason(_ status: SearchStatus) -> Termination? {
    status.nodes >= nodes ? .nodes : nil
  }
}

/// Ends a run when the relative gap is small enough.
public struct GapLimit: StoppingCriterion {
  /// The gap as a fraction: 0.01 is one per cent.
  public let fraction: Double
  /// A limit of a gap of `fraction`; 0 asks for a proof.
  public init(fraction: Double) { self.fraction = fraction }
  public func reason(_ status: SearchStatus) -> Termination? {
    guard let gap = relativeGap(objective: status.objective, bound: status.bound) else {
      return nil
    }
    return gap <= fraction ? .gap : nil
  }
}

/// Ends a run when an assignment is good enough.
public struct TargetValue: StoppingCriterion {
  /// The objective to reach.
  public let objective: Double
  /// A limit that an assignment of at most `objective` meets.
  public init(objective: Double) { self.objective = objective }
  public func reason(_ status: SearchStatus) -> Termination? {
    guard let found = status.objective else { return nil }
    return found <= objective ? .target : nil
  }
}

/// Ends a run when another thread, or a signal handler, asks for it.
public final class Interruption: StoppingCriterion {
  private let requested = Atomic<Bool>(false)
  /// An interruption that nobody has asked for yet.
  public init() {}
  /// Asks the run to end soon with what it holds. Safe from any thread.
  public func request() { requested.store(true, ordering: .relaxed) }
  /// True once somebody has asked.
  public var isRequested: Bool { requested.load(ordering: .relaxed) }
  public func reason(_ status: SearchStatus) -> Termination? { isRequested ? .interrupted : nil }
}
