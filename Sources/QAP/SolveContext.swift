import Primitives
import Synchronization

/// An assignment with its objective.
public struct Incumbent: Equatable, Sendable {
  /// The placement.
  public let assignment: Assignment
  /// Its objective, computed from the instance, never from increments.
  public let objective: Double
}

/// What a caller asks of a run.
public struct SolveOptions: Sendable {
  /// Reasons to stop early.
  public var stopping: [any StoppingCriterion]
  /// Seed of every random choice.
  public var seed: UInt64
  /// The number of threads; the answer does not depend on it unless a time limit strikes.
  public var threads: Int
  /// An assignment to start from.
  public var start: Assignment?
  /// Multipliers to start dual ascent from, of a run with the same fixed pairs.
  public var startBound: Certificate?
  /// Facilities that must stand at given locations; bounds then hold for such assignments only.
  public var pairs: [FixedPair]
  /// Keep the proof of the best bound, for a certificate: O(n³) memory, and for some methods work.
  public var keepsProof: Bool
  /// Called on every event, from any thread, one call at a time.
  public var observer: (@Sendable (ProgressEvent) -> Void)?
  /// Seconds since some fixed moment. Replaceable, so that tests own the time.
  public var clock: @Sendable () -> Double

  /// The defaults, each replaceable by name: no limit, seed 0, one thread, no proof kept. Less than one thread
  /// counts as one.
  public init(
    stopping: [any StoppingCriterion] = [], seed: UInt64 = 0, threads: Int = 1,
    start: Assignment? = nil, startBound: Certificate? = nil, pairs: [FixedPair] = [],
    keepsProof: Bool = false,
    observer: (@Sendable (ProgressEvent) -> Void)? = nil,
    clock: @escaping @Sendable () -> Double = SolveOptions.monotonicClock()
  ) {
    self.stopping = stopping
    self.seed = seed
    self.threads = max(1, threads)
    self.start = start
    self.startBound = startBound
    self.pairs = pairs
    self.keepsProof = keepsProof
    self.observer = observer
    self.clock = clock
  }

  /// The machine's monotonic clock, in seconds from now.
  public static func monotonicClock() -> @Sendable () -> Double {
    let origin = ContinuousClock.now
    return {
      let (seconds, attoseconds) = (ContinuousClock.now - origin).components
      return Double(seconds) + Double(attoseconds) * 1e-18
    }
  }
}

/// What a method works with: the instance, the limits, and the ledger that keeps the best
/// assignment and bound. Only the ledger changes them, so what is reported is what was proven.
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

  /// The objective at which the run may stop, if one was asked for.
  public let target: Double?
  /// Multipliers to start dual ascent from; they need not be feasible.
  public let startMultipliers: RLTMultipliers?
  /// Bounds are to be offered with their proofs.
  public let keepsProof: Bool
  /// Seconds that the whole run may take, if a limit was set.
  public let timeLimit: Double?
  /// Nodes that a search tree may have, if a limit was set.
  public let nodeLimit: Int?

  private let stopping: [any StoppingCriterion]
  private let ledger: Ledger
  private let parent: SolveContext?
  private let iterationCount = Atomic<Int>(0)
  private let startSeconds: Double

  /// A fresh context for one run.
  public convenience init(instance: Instance, options: SolveOptions, source: String) {
    self.init(
      instance: instance, seed: options.seed, threads: options.threads, start: options.start,
      source: source,
      target: options.stopping.compactMap { ($0 as? TargetValue)?.objective }.max(),
      timeLimit: options.stopping.compactMap { ($0 as? TimeLimit)?.seconds }.min(),
      nodeLimit: options.stopping.compactMap { ($0 as? NodeLimit)?.nodes }.min(),
      startMultipliers: options.startBound?.proof.multipliers, keepsProof: options.keepsProof,
      stopping: options.stopping, parent: nil,
      ledger: Ledger(observer: options.observer, clock: options.clock))
  }

  private init(
    instance: Instance, seed: UInt64, threads: Int, start: Assignment?, source: String,
    target: Double?, timeLimit: Double?, nodeLimit: Int?, startMultipliers: RLTMultipliers?,
    keepsProof: Bool,
    stopping: [any StoppingCriterion], parent: SolveContext?, ledger: Ledger
  ) {
    self.instance = instance
    self.seed = seed
    self.threads = threads
    self.start = start
    self.source = source
    self.target = target
    self.timeLimit = timeLimit
    self.nodeLimit = nodeLimit
    self.startMultipliers = startMultipliers
    self.keepsProof = keepsProof
    self.stopping = stopping
    self.parent = parent
    self.ledger = ledger
    startSeconds = ledger.seconds
  }

  /// A context for one phase of a larger method: the same ledger and limits, with `extra` ones that
  /// see only the phase's own time and iterations. A phase may have a seed of its own, and keep proofs
  /// that the run itself does not.
  public func phase(
    _ source: String, start: Assignment? = nil, seed: UInt64? = nil,
    extra: [any StoppingCriterion] = [], keepsProof: Bool? = nil
  ) -> SolveContext {
    ledger.state.withLock { $0.phase += 1 }
    let outer = stopping.map { OuterCriterion(criterion: $0, context: self) }
    return SolveContext(
      instance: instance, seed: seed ?? self.seed, threads: threads, start: start ?? self.start,
      source: source, target: target, timeLimit: timeLimit, nodeLimit: nodeLimit,
      startMultipliers: startMultipliers, keepsProof: keepsProof ?? self.keepsProof,
      stopping: outer + extra,
      parent: self, ledger: ledger)
  }

  /// The state of the run as this phase sees it.
  public var status: SearchStatus {
    let state = ledger.state.withLock {
      ($0.incumbent?.objective, $0.bound?.value, $0.nodes, $0.open)
    }
    return SearchStatus(
      seconds: ledger.seconds - startSeconds,
      iterations: iterationCount.load(ordering: .relaxed), nodes: state.2,
      open: state.3, objective: state.0, bound: state.1,
      isProvenOptimal: instance.isProvenOptimal(objective: state.0, bound: state.1))
  }

  /// The reason to stop now, or nil. Methods ask between iterations, at most some thousand times a
  /// second.
  public func stopReason() -> Termination? {
    let status = status
    if status.isProvenOptimal { return .optimal }
    for criterion in stopping {
      if let reason = criterion.reason(status) { return reason }
    }
    return nil
  }

  /// True when the run must end in the middle of an iteration: time is up or somebody asked for it.
  /// Work limits wait for the end of the iteration, so that they stay reproducible.
  public func stopsAtOnce() -> Bool {
    let status = status
    return stopping.contains { criterion in
      switch criterion.reason(status) {
      case .time, .interrupted, .memory: true
      default: false
      }
    }
  }

  /// Seconds left of the whole run's time limit; nil without one.
  public var secondsLeft: Double? { timeLimit.map { max(0, $0 - ledger.seconds) } }

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

  /// The multipliers of the best bound of the level-1 RLT dual that was offered with its proof, which
  /// may be below the best bound of another kind.
  public var multipliers: RLTMultipliers? {
    ledger.state.withLock { $0.ascent?.proof?.multipliers }
  }

  /// Offers an assignment; keeps it when it is the best. The objective is recomputed here.
  ///
  /// Among equals the earlier phase wins, then the smaller `rank` (the index of a parallel task),
  /// so that the answer does not depend on which thread was first.
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
      isProvenOptimal: instance.isProvenOptimal(
        objective: state.incumbent?.objective, bound: state.bound?.value))
    state.trace.append(
      TracePoint(
        seconds: status.seconds, objective: status.objective, bound: status.bound, source: source))
    return status
  }

  /// Tells the listener that work goes on.
  public func reportWorking() {
    guard ledger.hasObserver else { return }
    var status = status
    status.seconds = ledger.seconds
    status.iterations = ledger.state.withLock { $0.iterations }
    ledger.send(.working(status, source: source))
  }

  /// Explains a decision to the user.
  public func note(_ text: String) { ledger.send(.note(text)) }

  /// Reports a figure of the method's own, such as "lp_value" or "relaxation_ceiling"; the last one of
  /// a name counts. Names are those of JSON keys; figures in the unit of the objective end in "_value" or
  /// "_ceiling".
  public func report(_ value: Double, as name: String) {
    ledger.state.withLock { $0.figures[name] = value }
  }

  /// Everything the run holds.
  public func report(method: String, termination: Termination) -> SolveReport {
    let seconds = ledger.seconds
    return ledger.state.withLock { state in
      SolveReport(
        instance: instance.name, size: instance.size, facilities: instance.facilities,
        method: method, seed: seed, threads: threads,
        incumbent: state.incumbent, bound: state.bound, certified: state.certified,
        termination: instance.isProvenOptimal(
          objective: state.incumbent?.objective, bound: state.bound?.value)
          ? .optimal : termination,
        seconds: seconds, iterations: state.iterations, nodes: state.nodes, trace: state.trace,
        figures: state.figures)
    }
  }
}

/// Judges an outer limit by the outer phase's time and iterations.
private struct OuterCriterion: StoppingCriterion {
  let criterion: any StoppingCriterion
  let context: SolveContext
  func reason(_ status: SearchStatus) -> Termination? { criterion.reason(context.status) }
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
  }

  let state = Mutex(State())
  private let observer: Mutex<(@Sendable (ProgressEvent) -> Void)?>
  private let clock: @Sendable () -> Double
  private let origin: Double
  let hasObserver: Bool

  init(observer: (@Sendable (ProgressEvent) -> Void)?, clock: @escaping @Sendable () -> Double) {
    self.observer = Mutex(observer)
    self.clock = clock
    origin = clock()
    hasObserver = observer != nil
  }

  var seconds: Double { clock() - origin }

  func send(_ event: ProgressEvent) { observer.withLock { $0?(event) } }
}
