import QAPPrimitives
import Synchronization

/// The context in which a method runs: the instance, the limits, and the ledger of the best
/// assignment and bound. Only the ledger changes them, so that every reported bound is proven.
///
/// Shared by all threads of a run.
public final class SolveContext: Sendable {
  /// The problem.
  public let instance: Instance
  /// Seed of every random choice.
  public let seed: UInt64
  /// The number of threads a method may use.
  public let threads: Int
  /// An assignment to start from.
  public let start: Assignment?
  /// The id of the method that offers assignments and bounds here.
  public let source: String

  /// Multipliers to start dual ascent from; they need not be feasible.
  public let startMultipliers: RLTMultipliers?
  /// Bounds are to be offered with their proofs.
  public let keepsProof: Bool
  /// Bytes that a method may take, of which it knows its large arrays only; nil for its own limit.
  public let memoryLimit: Int?

  private let limits: Limits
  private let stop: (@Sendable (SearchStatus) -> Termination?)?
  private let ledger: Ledger
  private let parent: SolveContext?
  private let iterationCount = Atomic<Int>(0)
  private let startSeconds: Double
  private let startNodes: Int

  /// A fresh context for one run.
  public init(instance: Instance, options: SolveOptions, source: String) {
    self.instance = instance
    self.source = source
    seed = options.seed
    threads = options.threads
    start = options.start
    startMultipliers = options.startBound?.proof.multipliers
    keepsProof = options.keepsProof
    memoryLimit = options.memoryLimit
    limits = options.limits
    stop = options.stop
    parent = nil
    ledger = Ledger(options)
    startSeconds = 0
    startNodes = 0
  }

  private init(
    _ parent: SolveContext, source: String, start: Assignment?, seed: UInt64?, limits: Limits,
    stop: (@Sendable (SearchStatus) -> Termination?)?, keepsProof: Bool?, threads: Int?
  ) {
    instance = parent.instance
    self.source = source
    self.seed = seed ?? parent.seed
    self.threads = threads ?? parent.threads
    self.start = start ?? parent.start
    startMultipliers = parent.startMultipliers
    self.keepsProof = keepsProof ?? parent.keepsProof
    memoryLimit = parent.memoryLimit
    self.limits = limits
    self.stop = stop
    self.parent = parent
    ledger = parent.ledger
    startSeconds = ledger.seconds
    startNodes = ledger.state.withLock { $0.nodes }
  }

  /// A context for one phase of a larger method: the same ledger, the limits of the run, and in
  /// addition to `limits` and `stop`, which see the phase's own time, iterations and nodes. A phase
  /// may have a separate seed and number of threads, and keep proofs that the run itself does not.
  /// Two phases may run side by side.
  public func phase(
    _ source: String, start: Assignment? = nil, seed: UInt64? = nil, limits: Limits = Limits(),
    stop: (@Sendable (SearchStatus) -> Termination?)? = nil, keepsProof: Bool? = nil,
    threads: Int? = nil
  ) -> SolveContext {
    ledger.state.withLock { $0.phase += 1 }
    return SolveContext(
      self, source: source, start: start, seed: seed, limits: limits, stop: stop,
      keepsProof: keepsProof, threads: threads)
  }

  /// The state of the run as this phase sees it: its own seconds, iterations and nodes.
  public var status: SearchStatus { status(at: ledger.seconds) }

  private func status(at now: Double) -> SearchStatus {
    let held = ledger.state.withLock {
      (objective: $0.incumbent?.objective, bound: $0.bound?.value, nodes: $0.nodes, open: $0.open)
    }
    return SearchStatus(
      seconds: now - startSeconds, iterations: iterationCount.load(ordering: .relaxed),
      nodes: held.nodes - startNodes, open: held.open, objective: held.objective,
      bound: held.bound, rule: ledger.rule(instance, held.objective, held.bound))
  }

  /// The tolerance within which real data count as optimal: see `SolveOptions.tolerance`.
  public var tolerance: Double { ledger.tolerance }

  /// When a bound proves an objective of the instance optimal.
  public var rule: OptimalityRule { instance.optimalityRule(tolerance: ledger.tolerance) }

  /// The reason to stop now, or nil. Methods ask between iterations, at most some thousand times a
  /// second.
  public func stopReason() -> Termination? {
    let now = ledger.seconds
    let status = status(at: now)
    return status.isProvenOptimal ? .optimal : reason(status, now)
  }

  /// As `stopReason`, for work that goes on once the incumbent is proven optimal: the end by a
  /// limit other than the gap and the target, or by the caller.
  package func endOfWork() -> Termination? {
    let now = ledger.seconds
    switch reason(status(at: now), now) {
    case .gap, .target: return stopsAtOnce() ? .interrupted : nil
    case let reason: return reason
    }
  }

  private func reason(_ status: SearchStatus, _ now: Double) -> Termination? {
    limits.reached(by: status) ?? stop?(status)
      ?? parent.flatMap { $0.reason($0.outer(status, now), now) }
  }

  /// The moment of `status`, which an inner phase has seen, as this one sees it.
  private func outer(_ status: SearchStatus, _ now: Double) -> SearchStatus {
    var status = status
    status.seconds = now - startSeconds
    status.iterations = iterationCount.load(ordering: .relaxed)
    status.nodes = ledger.state.withLock { $0.nodes } - startNodes
    return status
  }

  /// True when the run must end in the middle of an iteration: time is up or the caller asked for
  /// it. Work limits wait for the end of the iteration, so that they stay reproducible.
  public func stopsAtOnce() -> Bool {
    let now = ledger.seconds
    return isOver(at: now) || asksToEnd(now)
  }

  private func isOver(at now: Double) -> Bool {
    limits.isOver(at: now - startSeconds) || parent?.isOver(at: now) ?? false
  }

  private func asksToEnd(_ now: Double) -> Bool {
    switch stop.flatMap({ $0(status(at: now)) }) {
    case .time, .interrupted, .memory: return true
    default: return parent?.asksToEnd(now) ?? false
    }
  }

  /// Seconds left of the time limits of this phase and of those around it; nil without one.
  public var secondsLeft: Double? {
    least {
      $0.limits.time.map { $0.seconds }
    } used: {
      $0.ledger.seconds - $0.startSeconds
    }
  }

  /// True when `ticks` of one thread, which cannot be interrupted, fit into the time that is
  /// left.
  package func hasTime(for ticks: Double) -> Bool {
    secondsLeft.map { $0 >= WorkModel.seconds(ticks: ticks, threads: 1) } ?? true
  }

  /// Offers an assignment where there is none: the run's start, else one at random.
  package func offerStart() {
    guard incumbent == nil else { return }
    var generator = SeededGenerator(seed: seed, stream: 0)
    offer(start ?? Assignment(Permutation(randomOf: instance.size, using: &generator)))
  }

  /// Iterations left until a limit of this phase or of those around it; nil without one. A method
  /// that divides work in advance divides no more than this.
  public var iterationsLeft: Int? {
    least(\.limits.iterations) { $0.iterationCount.load(ordering: .relaxed) }
  }

  /// Nodes left until a limit of this phase or of those around it; nil without one.
  public var nodesLeft: Int? {
    least(\.limits.nodes) { phase in
      phase.ledger.state.withLock { $0.nodes } - phase.startNodes
    }
  }

  /// The iterations that a method plans: its own number, else all that the limits allow, else its
  /// default; never more than the limits allow.
  ///
  /// A method that `fillsTime` has no default under a time limit: it takes all of the time.
  public func plannedIterations(
    _ own: Int?, fillsTime: Bool = false, default usual: @autoclosure () -> Int
  ) -> Int {
    let left = iterationsLeft
    let isOpen = fillsTime && secondsLeft != nil
    return min(own ?? left ?? (isOpen ? Self.unlimitedIterations : usual()), left ?? .max)
  }

  /// Iterations that no run reaches, with room for sums.
  package static let unlimitedIterations = 1 << 50

  /// The bytes that a method may take whose own limit is `own`.
  public func memoryLimit(_ own: Int) -> Int { min(memoryLimit ?? own, own) }

  private func least<Number: Comparable & Numeric>(
    _ limit: (SolveContext) -> Number?, used: (SolveContext) -> Number
  ) -> Number? {
    let own = limit(self).map { max(0, $0 - used(self)) }
    guard let others = parent?.least(limit, used: used) else { return own }
    return min(own ?? others, others)
  }

  /// The objective at which the run, or the phase, may stop.
  public var target: Double? {
    [limits.target, parent?.target].compactMap { $0 }.max()
  }

  /// Adds to the number of iterations of this phase and of those around it.
  public func count(iterations: Int) {
    iterationCount.add(iterations, ordering: .relaxed)
    if let parent {
      parent.count(iterations: iterations)
    } else {
      ledger.state.withLock { $0.iterations += iterations }
    }
  }

  /// Adds to the number of search-tree nodes, and says how many are waiting.
  public func count(nodes: Int, open: Int) {
    ledger.state.withLock {
      $0.nodes += nodes
      $0.open = open
    }
  }

  /// The best assignment so far.
  public var incumbent: Incumbent? { ledger.state.withLock { $0.incumbent } }

  /// The best bound so far.
  public var bound: LowerBound? { ledger.state.withLock { $0.bound } }

  /// The multipliers of the best bound of the level-1 RLT dual that was offered with its proof,
  /// which may be below the best bound of another kind.
  public var multipliers: RLTMultipliers? {
    ledger.state.withLock { $0.ascent?.proof?.multipliers }
  }

  /// Offers an assignment; keeps it when it is the best. The objective is recomputed here.
  ///
  /// Among equals the earlier phase wins, then the smaller `rank` (the index of a parallel task),
  /// so that the answer does not depend on which thread was first.
  ///
  /// - Returns: the objective of the assignment.
  @discardableResult
  public func offer(_ assignment: Assignment, rank: Int = 0) -> Double {
    let objective = instance.objective(of: assignment)
    let event: ProgressEvent? = ledger.state.withLock { state in
      if let held = state.incumbent {
        if objective > held.objective { return nil }
        if objective == held.objective {
          if (state.incumbentPhase, state.incumbentRank) <= (state.phase, rank) { return nil }
          state.incumbent = Incumbent(assignment: assignment, objective: objective)
          state.incumbentRank = rank
          return nil
        }
      }
      state.incumbent = Incumbent(assignment: assignment, objective: objective)
      state.incumbentPhase = state.phase
      state.incumbentRank = rank
      return .incumbent(record(&state), source: source)
    }
    if let event { ledger.send(event) }
    return objective
  }

  /// Offers a proven bound; keeps it when it is the best.
  public func raise(to bound: LowerBound) {
    guard !bound.unrounded.isNaN else { return }
    let event: ProgressEvent? = ledger.state.withLock { state in
      if bound.proof != nil, bound.unrounded > state.certified?.unrounded ?? -.infinity {
        state.certified = bound
      }
      if bound.proof?.multipliers != nil, bound.unrounded > state.ascent?.unrounded ?? -.infinity {
        state.ascent = bound
      }
      if let held = state.bound, bound.unrounded <= held.unrounded { return nil }
      let rises = state.bound.map { bound.value > $0.value } ?? true
      state.bound = bound
      return rises ? .bound(record(&state), source: source) : nil
    }
    if let event { ledger.send(event) }
  }

  private func record(_ state: inout Ledger.State) -> SearchStatus {
    let status = SearchStatus(
      seconds: ledger.seconds, iterations: state.iterations, nodes: state.nodes,
      open: state.open, objective: state.incumbent?.objective, bound: state.bound?.value,
      rule: ledger.rule(instance, state.incumbent?.objective, state.bound?.value))
    ledger.record(status, in: &state, source: source)
    return status
  }

  /// Tells the listener that work goes on: with `nodes` that are not counted yet, and in words
  /// where no figure tells of it.
  public func reportWorking(nodes: Int = 0, activity: String? = nil) {
    guard ledger.hasObserver else { return }
    var status = status
    status.nodes += nodes
    status.activity = activity
    status.seconds = ledger.seconds
    status.iterations = ledger.state.withLock { $0.iterations }
    ledger.send(.working(status, source: source))
  }

  /// Explains a decision to the user.
  public func note(_ text: String) { ledger.send(.note(text)) }

  /// Reports a figure of the method's own, such as "lp_value" or "relaxation_ceiling"; the last one
  /// of a name counts. Names are those of JSON keys; figures in the unit of the objective end in
  /// "_value" or "_ceiling".
  public func report(_ value: Double, as name: String) {
    ledger.state.withLock { $0.figures[name] = value }
  }

  /// Reports the best assignments; the last list counts.
  package func report(_ ranking: RankedAssignments) {
    ledger.state.withLock { $0.ranking = ranking }
  }

  /// Everything the run holds.
  public func report(method: String, termination: Termination) -> SolveReport {
    let seconds = ledger.seconds
    return ledger.state.withLock { state in
      let (objective, bound) = (state.incumbent?.objective, state.bound?.value)
      let rule = ledger.rule(instance, objective, bound)
      var report = SolveReport(
        instance: instance.name, size: instance.size, facilities: instance.facilities,
        method: method, seed: seed, threads: threads,
        incumbent: state.incumbent, bound: state.bound, certified: state.certified, rule: rule,
        termination: rule.isProven(objective: objective, bound: bound) ? .optimal : termination,
        seconds: seconds, iterations: state.iterations, nodes: state.nodes, trace: state.trace,
        figures: state.figures)
      (report.ranking, report.sites) = (state.ranking, instance.sites)
      return report
    }
  }
}

/// The one place where incumbents, bounds and history are kept.
private final class Ledger: Sendable {
  struct State {
    var incumbent: Incumbent?
    var incumbentPhase = 0
    var incumbentRank = 0
    var phase = 0
    var bound: LowerBound?
    /// The best bound with a proof that others can check.
    var certified: LowerBound?
    /// The best bound of the level-1 RLT dual that came with its multipliers.
    var ascent: LowerBound?
    var iterations = 0
    var nodes = 0
    var open = 0
    var trace: [TracePoint] = []
    var figures: [String: Double] = [:]
    var ranking: RankedAssignments?
  }

  let state = Mutex(State())
  private let monitor: RunMonitor
  var tolerance: Double { monitor.tolerance }
  var hasObserver: Bool { monitor.hasObserver }
  var seconds: Double { monitor.seconds }

  init(_ options: SolveOptions) { monitor = RunMonitor(options) }

  /// The rule where it is asked of both an objective and a bound: tensors are not looked at before.
  func rule(_ instance: Instance, _ objective: Double?, _ bound: Double?) -> OptimalityRule {
    objective == nil || bound == nil ? .exact : instance.optimalityRule(tolerance: tolerance)
  }

  func record(_ status: SearchStatus, in state: inout State, source: String) {
    state.trace.append(monitor.point(status, source))
  }

  func send(_ event: ProgressEvent) { monitor.send(event) }
}
