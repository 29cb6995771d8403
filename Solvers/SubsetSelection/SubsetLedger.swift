import QAP
import QAPPrimitives
import Synchronization

/// Where a run keeps its best subsets, its bound and its history; shared by all threads.
final class SubsetLedger: Sendable {
  private struct State {
    var subsets: [Subset] = []
    var bound: Double?
    var moves = 0
    var steps = 0
    var nodes = 0
    var open = 0
    var trace: [TracePoint] = []
  }

  let problem: SubsetProblem
  /// When a bound proves a subset optimal.
  let rule: OptimalityRule
  private let best: Int
  private let relay: SubsetRelay?
  private let state = Mutex(State())
  private let monitor: RunMonitor

  init(_ problem: SubsetProblem, best: Int, options: SolveOptions, relay: SubsetRelay? = nil) {
    self.relay = relay
    self.problem = problem
    self.best = best
    rule = problem.optimalityRule(tolerance: options.tolerance)
    monitor = RunMonitor(options)
  }

  var seconds: Double { monitor.seconds }

  /// Seconds left of the time limit; nil without one.
  var secondsLeft: Double? { monitor.secondsLeft }

  /// The best subsets, the best first.
  var subsets: [Subset] { state.withLock { $0.subsets } }

  /// The bound, unrounded.
  var bound: Double? { state.withLock { $0.bound } }

  /// The objective that a subset must beat; nil while the list is not full.
  var worst: Double? {
    state.withLock { $0.subsets.count < best ? nil : $0.subsets.last?.objective }
  }

  /// Offers a subset; true when it is new and among the best.
  @discardableResult
  func offer(_ indices: [Int], source: String) -> Bool {
    let subset = Subset(indices, of: problem)
    let event: ProgressEvent? = state.withLock { state in
      if state.subsets.count == best, let last = state.subsets.last,
        !Subset.precedes(subset, last)
      {
        return nil
      }
      guard !state.subsets.contains(where: { $0.indices == subset.indices }) else { return nil }
      let place = state.subsets.firstIndex { Subset.precedes(subset, $0) } ?? state.subsets.count
      let improves = state.subsets.first.map { subset.objective < $0.objective } ?? true
      state.subsets.insert(subset, at: place)
      if state.subsets.count > best { state.subsets.removeLast() }
      let status = self.status(of: state)
      guard improves else { return .working(status, source: source) }
      record(&state, status, source)
      return .incumbent(status, source: source)
    }
    guard let event else { return false }
    if case .incumbent = event { relay?.improved(subset) }
    monitor.send(event)
    return true
  }

  /// Raises the bound to a proven value.
  func raise(to value: Double, source: String) {
    let event: ProgressEvent? = state.withLock { state in
      if let held = state.bound, value <= held { return nil }
      state.bound = value
      let status = self.status(of: state)
      record(&state, status, source)
      return .bound(status, source: source)
    }
    guard let event else { return }
    relay?.raised(value)
    monitor.send(event)
  }

  /// Counts work and tells the listener that it goes on.
  func count(moves: Int = 0, steps: Int = 0, nodes: Int = 0, open: Int = 0, source: String) {
    let status = state.withLock { state in
      state.moves += moves
      state.steps += steps
      state.nodes += nodes
      state.open = open
      return self.status(of: state)
    }
    relay?.worked(nodes, open)
    monitor.send(.working(status, source: source))
  }

  /// Tells the listener that work goes on.
  func reportWorking(source: String) {
    monitor.send(.working(state.withLock { self.status(of: $0) }, source: source))
  }

  /// The reason to stop now, if any; a proven optimum is not a reason, as more may have been
  /// asked for.
  func stopReason() -> Termination? {
    let status = state.withLock { self.status(of: $0) }
    return monitor.limits.reached(by: status) ?? monitor.stop?(status)
  }

  /// True when time is up or somebody asked for an end: work limits wait for the end of the piece
  /// at hand, so that they stay reproducible.
  func stopsAtOnce() -> Bool {
    switch stopReason() {
    case .time, .interrupted, .memory: true
    default: false
    }
  }

  private func status(of state: State) -> SearchStatus {
    let (objective, bound) = (state.subsets.first?.objective, rounded(state.bound))
    return SearchStatus(
      seconds: monitor.seconds, iterations: state.steps == 0 ? state.moves : state.steps,
      nodes: state.nodes, open: state.open, objective: objective, bound: bound,
      rule: rule)
  }

  private func rounded(_ bound: Double?) -> Double? {
    bound.map { problem.lattice?.roundedUp($0) ?? $0 }
  }

  private func record(_ state: inout State, _ status: SearchStatus, _ source: String) {
    state.trace.append(monitor.point(status, source))
  }

  /// Everything the run holds.
  func report(
    options: SolveOptions, termination: Termination, isComplete: Bool, boundOfOthers: Double?,
    certificate: SubsetCertificate?
  ) -> SubsetReport {
    let seconds = monitor.seconds
    return state.withLock { state in
      let proven = certificate?.bound ?? state.bound
      let isOptimal = rule.isProven(
        objective: state.subsets.first?.objective, bound: rounded(proven))
      return SubsetReport(
        problem: problem, rule: rule, seed: options.seed, threads: options.threads,
        subsets: state.subsets,
        boundUnrounded: proven, boundOfOthers: boundOfOthers, isComplete: isComplete,
        termination: isOptimal && (isComplete || best == 1) ? .optimal : termination,
        seconds: seconds, moves: state.moves, iterations: state.steps, nodes: state.nodes,
        trace: state.trace, certificate: certificate)
    }
  }
}
