import BranchAndBound
import DualAscent
import FrankWolfe
import GilmoreLawler
import LocalSearch
import Primitives
import Projection
import QAP
import Semidefinite
import Synchronization

/// One run of the portfolio: asks the plan what comes next, does it, and says why.
final class PortfolioRun {
  private let context: SolveContext
  private let plan: PortfolioPlan
  private let checkpoint: (any CheckpointStore)?
  /// Where the relaxation has ended, for a tree to begin from.
  private var relaxed: RelaxationState?
  private var nextSeed: UInt64

  init(
    _ context: SolveContext, _ parameters: Automatic.Parameters,
    checkpoint: (any CheckpointStore)?
  ) {
    self.context = context
    plan = PortfolioPlan(parameters: parameters)
    self.checkpoint = checkpoint
    nextSeed = context.seed
  }

  private var parameters: Automatic.Parameters { plan.parameters }

  /// What the plan decides by now.
  private var outlook: Outlook {
    let (instance, n) = (context.instance, context.instance.size)
    func fits(_ bytes: Int, _ own: Int) -> Bool { bytes <= context.memoryLimit(own) }
    let ascent = AnnealedAscent.bytes(facilities: instance.facilities, size: n)
    let isTensor = if case .tensor = instance.cost { true } else { false }
    return Outlook(
      size: n, threads: context.threads,
      ticksLeft: context.secondsLeft.map {
        WorkModel.ticks(seconds: $0, threads: context.threads)
      },
      hasTarget: context.target != nil, hasMatrices: !isTensor,
      projects: n > 1 && Projection.card.supports(instance),
      ascends: fits(ascent, AnnealedAscent.Parameters().memoryLimit),
      relaxes: DoublyNonnegative.card.supports(instance)
        && fits(
          DoublyNonnegative.bytes(size: n), DoublyNonnegative.Parameters().memoryLimit),
      growsTree: n <= parameters.maxTreeSize
        && fits(
          BranchAndBound.bytes(size: n, threads: context.threads),
          BranchAndBound.Parameters().memoryLimit)
    )
  }

  func run() throws -> Termination {
    try boundCheaply()
    if let reason = context.stopReason() { return reason }
    if lacksMemoryForSearch { return .memory }
    try open()
    if let reason = context.stopReason() { return reason }
    var ended = Termination.stalled
    if !plan.onlySearches(outlook) {
      ended = try bound()
      if let reason = context.stopReason() { return reason }
    }
    return try searchOn(ended)
  }

  // MARK: Cheap bounds and a first assignment

  private func boundCheaply() throws {
    // Seconds beyond 1,000 facilities, minutes at 10,000: searches need some of the time, too.
    let isLarge = context.instance.size > 1000
    let share = isLarge ? context.secondsLeft.map { Duration.seconds($0 / 3) } : nil
    try run(GilmoreLawler(), limits: Limits(time: share))
    // Its time may have been over before there were any leaders: any assignment is better than none.
    context.offerStart()
    if context.stopReason() == nil, plan.projects(outlook) {
      do { try run(Projection()) } catch is MethodError { return }
    }
  }

  /// True when no search fits into memory.
  private var lacksMemoryForSearch: Bool {
    guard let limit = context.memoryLimit, outlook.hasMatrices else { return false }
    let properties = context.instance.properties
    let needs = RobustTabu().bytes(
      size: context.instance.size,
      isSymmetric: properties.flowIsSymmetric || properties.distanceIsSymmetric,
      threads: context.threads)
    guard needs > Double(limit) else { return false }
    context.note("tabu would need \(MethodError.mebibytes(needs)): no search for assignments")
    return true
  }

  /// Frank–Wolfe, and the search that bounds follow.
  private func open() throws {
    if plan.descends(outlook) {
      try run(FrankWolfe(.init(starts: 4, polishes: true)))
      if context.stopReason() != nil { return }
    }
    let now = outlook
    let kind = describe(context.instance)
    if plan.onlySearches(now) {
      let why = now.hasTarget ? "a target is asked for" : "bounds would take longer"
      context.note(
        "auto: n = \(now.size), \(kind); \(plan.search(now).rawValue) to the end: \(why)")
      return
    }
    context.note("auto: n = \(now.size), \(kind); \(plan.search(now).rawValue), then bounds")
    let share = now.ticksLeft.map { _ in parameters.searchShare * (context.secondsLeft ?? 0) }
    let idle = IdleSearch(
      factor: parameters.idleFactor, minIterations: plan.minIdleIterations(now))
    let isTimed = now.ticksLeft != nil
    try search(
      iterations: plan.openingIterations(now), seconds: share,
      stop: { isTimed ? idle.decide($0) : nil })
  }

  /// The features in words: "uniform (dominance 59 and 60)".
  private func describe(_ instance: Instance) -> String {
    guard let structure = Structure(instance) else { return "a cost tensor" }
    let values = [structure.flowDominance, structure.distanceDominance].map {
      "\(Int(min($0, 1e9).rounded()))"
    }
    return (structure.isUniform ? "uniform" : "structured")
      + " (dominance \(values[0]) and \(values[1]))"
  }

  // MARK: Bounds

  /// The bound methods in the order of the plan, each as long as it leads.
  private func bound() throws -> Termination {
    let first = outlook
    let keepsProof = context.keepsProof || first.growsTree
    if plan.hasRounds(first) {
      let rounds = HahnGrant(parameters: .init(rounds: parameters.ascentRounds))
      try run(rounds, keepsProof: keepsProof)
      if let reason = context.stopReason() { return reason }
    }
    var ended = Termination.stalled
    let before = context.bound?.unrounded ?? -.infinity
    let relaxes = plan.relaxationTicks(outlook) != nil
    if let sweeps = plan.probingSweeps(outlook) {
      ended = try ascend(sweeps, isProbe: relaxes && first.ticksLeft != nil)
      if let reason = context.stopReason() { return reason }
    }
    // What longer ascents promise: as much again as annealing has brought.
    let ascent = context.bound?.unrounded ?? -.infinity
    let rival = before.isFinite ? ascent + max(0, ascent - before) : ascent
    if let budget = plan.smallTree(outlook) {
      ended = try grow(budget) ?? ended
      if let reason = context.stopReason() { return reason }
    }
    if relaxes, plan.relaxationTicks(outlook) != nil {
      let outcome = try relax(rival: rival)
      ended = outcome.ended
      if let reason = context.stopReason() { return reason }
      if outcome.lost, let sweeps = plan.leadingSweeps(outlook) {
        ended = try ascend(sweeps, isProbe: false)
        if let reason = context.stopReason() { return reason }
      }
    }
    if let budget = plan.lastTree(outlook) { ended = try grow(budget) ?? ended }
    return ended
  }

  private func ascend(_ sweeps: Int, isProbe: Bool) throws -> Termination {
    context.note(
      "rlt1: \(sweeps) sweeps"
        + (isProbe ? ", to know what the level-1 RLT bound is worth" : ""))
    let method = AnnealedAscent(
      parameters: .init(sweeps: sweeps, newtonPasses: 0, estimatesCeiling: false))
    // A probe ends by its sweeps: it anneals as if there were no clock.
    return try run(method, keepsProof: context.keepsProof || outlook.growsTree)
  }

  /// The relaxation, for as long as it leads; `lost` when the ascent promises more.
  private func relax(rival: Double) throws -> (ended: Termination, lost: Bool) {
    let now = outlook
    let review = RelaxationReview(
      parameters, rival: rival, seconds: context.secondsLeft,
      yieldsToTree: plan.growsRelaxedTree(now))
    context.note("dnn: the doubly nonnegative relaxation, while its bounds lead")
    let method = DoublyNonnegative(.init(steps: plan.relaxationSteps(now)))
    let before = context.bound?.unrounded
    do {
      let phase = context.phase(
        method.card.id, start: context.incumbent?.assignment, stop: { review.decide($0) })
      let (ended, state) = try method.relax(phase)
      if context.stopReason() != nil { return (ended, false) }
      relaxed = state
      let lost = review.verdict == .lost
      if lost {
        context.note("dnn: \(review.reason); rlt1 gets the rest")
      } else if state != nil, isNearlyClosed(since: before), now.ticksLeft != nil {
        context.note("dnn: little of the gap is left; starting branch and bound")
        _ = try grow(BranchAndBound.Budget(worthwhile: .max, otherwise: .max))
      } else {
        context.note("dnn: \(review.reason)")
      }
      return (ended, lost)
    } catch MethodError.tooLarge(_, _, let needs, _) {
      context.note("dnn would need \(needs): it is left out")
      return (.memory, true)
    }
  }

  /// True when next to nothing is left of the gap to the incumbent that there was at a bound of `before`. What
  /// walks then say of a tree over weaker bounds does not matter.
  private func isNearlyClosed(since before: Double?) -> Bool {
    guard let before, let objective = context.incumbent?.objective,
      let bound = context.bound?.unrounded
    else { return false }
    return objective - bound <= parameters.nearlyClosedShare * (objective - before)
  }

  /// An exact search within `budget`; nil when none was begun.
  private func grow(_ budget: BranchAndBound.Budget) throws -> Termination? {
    context.note(
      budget.otherwise == .max
        ? "branch and bound: to the end of the time or of the tree"
        : "branch and bound: if the tree seems to have at most \(budget.worthwhile) nodes")
    var method = BranchAndBound(
      .init(
        budget: budget, trustsIncumbent: true, trustsBound: true,
        // A search that may leave at once would count what the file holds, and so would the next.
        checkpoint: budget.otherwise > 0 ? checkpoint : nil))
    method.rootRelaxation = relaxed
    return try method.run(context.phase(method.card.id))
  }

  // MARK: Searches for assignments

  /// What is left belongs to the search for assignments, if one is wanted.
  private func searchOn(_ ended: Termination) throws -> Termination {
    let now = outlook
    guard parameters.seeksAssignments else { return ended }
    guard now.ticksLeft != nil || context.iterationsLeft != nil else {
      let rest = RobustTabu.Parameters.defaultIterations(size: now.size)
      let done = plan.openingIterations(now)
      guard done < rest else { return ended }
      context.note("optimality not proven; running the remaining \(plan.search(now)) iterations")
      nextSeed &+= Self.seedStep
      try search(iterations: rest - done)
      return context.stopReason() ?? ended
    }
    context.note("\(plan.search(now).rawValue) for the rest of the run")
    while true {
      nextSeed &+= Self.seedStep
      // A population gains from all the time there is; small instances are done much earlier.
      let usual = RobustTabu.Parameters.defaultIterations(size: now.size)
      try search(iterations: plan.search(now) == .memetic ? Self.unlimited : usual)
      if let reason = context.stopReason() { return reason }
    }
  }

  private func search(
    iterations: Int, seconds: Double? = nil,
    stop: (@Sendable (SearchStatus) -> Termination?)? = nil
  ) throws {
    let limits = Limits(time: seconds.map { .seconds($0) })
    switch plan.search(outlook) {
    case .tabu:
      try run(
        RobustTabu(.init(iterations: iterations)), seed: nextSeed, limits: limits, stop: stop)
    case .memetic:
      try run(Memetic(.init(iterations: iterations)), seed: nextSeed, limits: limits, stop: stop)
    }
  }

  /// What two searches' seeds differ in.
  private static let seedStep: UInt64 = 0x9E37_79B9
  private static let unlimited = 1 << 50

  @discardableResult
  private func run(
    _ method: some Method, seed: UInt64? = nil, limits: Limits = Limits(),
    stop: (@Sendable (SearchStatus) -> Termination?)? = nil, keepsProof: Bool? = nil
  ) throws -> Termination {
    try method.run(
      context.phase(
        method.card.id, start: context.incumbent?.assignment, seed: seed, limits: limits,
        stop: stop, keepsProof: keepsProof))
  }
}

/// Ends a search that finds nothing better, judged by its own history.
private final class IdleSearch: Sendable {
  private let state = Mutex((best: Double.infinity, iterations: 0))
  private let factor: Double
  private let minIterations: Int

  init(factor: Double, minIterations: Int) {
    self.factor = factor
    self.minIterations = minIterations
  }

  func decide(_ status: SearchStatus) -> Termination? {
    guard let objective = status.objective else { return nil }
    return state.withLock { state in
      if objective < state.best { state = (objective, status.iterations) }
      let idle = status.iterations - state.iterations
      return idle > minIterations && Double(idle) > factor * Double(state.iterations)
        ? .stalled : nil
    }
  }
}

/// Holds the relaxation against what else the time could be used for.
final class RelaxationReview: Sendable {
  enum Verdict: Sendable {
    case goesOn, lost, dry
  }

  private struct State {
    var history = BoundHistory()
    var verdict = Verdict.goesOn
    var promise: Double?
  }

  private let parameters: Automatic.Parameters
  private let rival: Double
  private let seconds: Double?
  private let yieldsToTree: Bool
  private let state = Mutex(State())

  /// A relaxation with `seconds` of time against a method that promises the bound `rival`; a tree takes over
  /// where it dries up, if `yieldsToTree`.
  init(
    _ parameters: Automatic.Parameters, rival: Double, seconds: Double?, yieldsToTree: Bool
  ) {
    self.parameters = parameters
    self.rival = rival
    self.seconds = seconds
    self.yieldsToTree = yieldsToTree
  }

  var verdict: Verdict { state.withLock { $0.verdict } }

  /// Why the relaxation has ended, in words.
  var reason: String {
    state.withLock { state in
      switch state.verdict {
      case .goesOn: "bound \(state.history.points.last.map { "\($0.bound)" } ?? "none")"
      case .lost: "its bounds promise \(state.promise.map { "\($0)" } ?? "nothing") at the end"
      case .dry: "its bounds rise no further"
      }
    }
  }

  /// The relaxation's own reason to stop, at `status` of its phase.
  func decide(_ status: SearchStatus) -> Termination? {
    guard let seconds else { return nil }
    return state.withLock { state in
      if let bound = status.ownBound { state.history.add(bound, at: status.seconds) }
      guard state.verdict == .goesOn else { return .stalled }
      guard status.seconds >= parameters.reviewShare * seconds,
        status.iterations >= 3 * parameters.minRelaxationSteps / 2
      else { return nil }
      let promise = state.history.predicted(at: seconds, now: status.seconds)
      state.promise = promise
      if let promise, promise < rival, (status.ownBound ?? -.infinity) < rival {
        state.verdict = .lost
      } else if yieldsToTree, let objective = status.objective, let own = status.ownBound,
        let gain = state.history.recentGain(until: status.seconds),
        gain <= parameters.dryShare * (objective - own)
      {
        state.verdict = .dry
      }
      return state.verdict == .goesOn ? nil : .stalled
    }
  }
}
