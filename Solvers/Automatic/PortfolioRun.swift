import Dispatch
import QAP
import QAPBranchAndBound
import QAPDualAscent
import QAPFrankWolfe
import QAPGilmoreLawler
import QAPLocalSearch
import QAPPrimitives
import QAPProjection
import QAPSemidefinite
import QAPSubsetSelection
import Synchronization

/// One run of the portfolio: asks the plan for the next step, performs it, and logs the reason.
///
/// `@unchecked Sendable`: two threads use it in `race` alone, where only the companion of the
/// relaxation changes anything.
final class PortfolioRun: @unchecked Sendable {
  private let context: SolveContext
  private let plan: PortfolioPlan
  private let checkpoint: (any CheckpointStore)?
  /// Where the relaxation has ended, for a tree to begin from.
  private var relaxed: RelaxationState?
  /// Symmetry has made the relaxation small, and it is done.
  private var isRelaxed = false
  private var nextSeed: UInt64
  /// The Gilmore–Lawler bound.
  private var firstBound: Double?

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

  /// The facts on which the plan decides at present.
  private var outlook: Outlook {
    let (instance, n) = (context.instance, context.instance.size)
    func fits(_ bytes: Int, _ own: Int) -> Bool { bytes <= context.memoryLimit(own) }
    let ascent = AnnealedAscent.bytes(facilities: instance.facilities, size: n)
    return Outlook(
      size: n, threads: context.threads,
      ticksLeft: ticksLeft,
      hasTarget: context.target != nil, hasMatrices: instance.tensor == nil,
      projects: n > 1 && Projection.info.supports(instance), projectionLeads: projectionLeads,
      ascends: fits(ascent, AnnealedAscent.Parameters().memoryLimit),
      relaxes: !isRelaxed && DoublyNonnegative.info.supports(instance)
        && fits(
          DoublyNonnegative.bytes(size: n), DoublyNonnegative.Parameters().memoryLimit),
      growsTree: n <= parameters.maxTreeSize
        && fits(
          BranchAndBound.bytes(size: n, threads: context.threads),
          BranchAndBound.Parameters().memoryLimit)
    )
  }

  private var ticksLeft: Double? {
    context.secondsLeft.map { WorkModel.ticks(seconds: $0, threads: context.threads) }
  }

  /// Projection has closed much of the gap that Gilmore–Lawler left.
  private var projectionLeads: Bool {
    guard let firstBound, let bound = context.bound, bound.method == Projection.info.id,
      let objective = context.incumbent?.objective
    else { return false }
    return bound.unrounded - firstBound > parameters.projectionLead * (objective - firstBound)
  }

  /// `outlook`, which took some looking, at the present time.
  private func later(than outlook: Outlook) -> Outlook {
    var later = outlook
    later.ticksLeft = ticksLeft
    return later
  }

  func run() throws -> Termination {
    // A file of another instance is an error now, not after an hour.
    if let held = try checkpoint?.load(context.instance)?.assignment { context.offer(held) }
    let reason = try runSteps()
    try leaveCheckpoint()
    return reason
  }

  /// Saves the incumbent and the bound where the exact search has not: a search that resumes begins
  /// with it.
  private func leaveCheckpoint() throws {
    guard let checkpoint, let incumbent = context.incumbent else { return }
    var state =
      try checkpoint.load(context.instance)
      ?? SearchState(
        assignment: nil, nodes: 0,
        open: [Subproblem(pairs: [], bound: context.bound?.unrounded ?? -1e300)])
    let held = state.assignment.map { context.instance.objective(of: $0) } ?? .infinity
    let isProven = context.stopReason() == .optimal && !state.open.isEmpty
    guard incumbent.objective < held || isProven else { return }
    if isProven { state.open = [] }
    state.assignment = incumbent.assignment
    try checkpoint.save(state, context.instance)
  }

  private func runSteps() throws -> Termination {
    try boundCheaply()
    if let reason = context.stopReason() { return reason }
    if lacksMemoryForSearch { return .memory }
    // A target, or a limit on iterations, is for a search for assignments.
    if let problem = TwoClusters(context.instance), context.target == nil,
      context.iterationsLeft == nil
    {
      let ended = try problem.run(context.phase(BranchAndBound.info.id))
      if let reason = context.stopReason() { return reason }
      return try searchOn(ended)
    }
    if let reason = try exploitSymmetry() { return reason }
    try open()
    if let reason = context.stopReason() { return reason }
    var ended = Termination.stalled
    if plan.bounds(outlook) {
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
    firstBound = context.bound?.unrounded
    // Its time may have been over before there were any leaders: any assignment is better than
    // none.
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
    context.note("tabu needs \(MethodError.mebibytes(needs)); skipping the search for assignments")
    return true
  }

  /// Frank–Wolfe, and the search that bounds follow.
  private func open() throws {
    if plan.descends(outlook) {
      try run(FrankWolfe(.init(starts: 4, polishes: true)))
      if context.stopReason() != nil { return }
    }
    let now = outlook
    let title = "auto: n = \(now.size), \(describe(context.instance)); \(plan.search(now).rawValue)"
    guard plan.bounds(now) else {
      let why =
        now.hasTarget
        ? "a target is set"
        : now.projectionLeads
          ? "other bounds do not come up to projection in time" : "bounds would take longer"
      context.note("\(title) to the end: \(why)")
      return
    }
    let takesAll = plan.boundsFollowDrySearch(now)
    let idle = IdleSearch(
      factor: takesAll ? parameters.dryFactor : parameters.idleFactor,
      minIterations: plan.minIdleIterations(now))
    if takesAll {
      context.note("\(title) to the end, or bounds if it dries up early")
      try search(
        iterations: SolveContext.unlimitedIterations,
        stop: { [self] in plan.bounds(later(than: now)) ? idle.decide($0) : nil })
      return
    }
    context.note("\(title), then bounds")
    let share = now.ticksLeft.map { _ in plan.searchShare(now) * (context.secondsLeft ?? 0) }
    let isTimed = now.ticksLeft != nil
    try search(
      iterations: plan.openingIterations(now), seconds: share,
      stop: { isTimed ? idle.decide($0) : nil })
  }

  /// The features in words: "uniform (dominance 59 and 60)".
  private func describe(_ instance: Instance) -> String {
    guard let structure = FlowDominance(instance) else { return "a cost tensor" }
    let values = [structure.flowDominance, structure.distanceDominance].map {
      "\(Int(min($0, 1e9).rounded()))"
    }
    return (structure.isUniform ? "uniform" : "structured")
      + " (dominance \(values[0]) and \(values[1]))"
  }

  // MARK: Bounds

  /// The bound methods in the order of the plan, each as long as it leads.
  private func bound() throws -> Termination {
    var (ended, lost) = (Termination.stalled, false)
    if plan.races(outlook) {
      (ended, lost) = try race()
    } else {
      ended = try ascendFirst()
      if let reason = context.stopReason() { return reason }
      let ascent = context.bound?.unrounded ?? -.infinity
      let objective = context.incumbent?.objective ?? ascent
      // More sweeps promise nothing beyond another method's bound.
      let promise = projectionLeads ? 0 : parameters.ascentPromise
      let rival = ascent + promise * max(0, objective - ascent)
      if let budget = plan.smallTree(outlook) {
        ended = try grow(budget) ?? ended
        if let reason = context.stopReason() { return reason }
      }
      if plan.relaxationTicks(outlook) != nil {
        context.note("dnn: running while its bounds lead")
        let outcome = try relax(review { (ascent, rival) })
        (ended, lost) = try conclude(outcome)
      }
    }
    if let reason = context.stopReason() { return reason }
    if lost, let sweeps = plan.leadingSweeps(outlook) {
      ended = try ascend(sweeps, isProbe: false)
      if let reason = context.stopReason() { return reason }
    }
    if let budget = plan.lastTree(outlook) { ended = try grow(budget) ?? ended }
    return ended
  }

  /// Rounds of dual ascent, and the first annealed one.
  private func ascendFirst(
    threads: Int? = nil, stop: (@Sendable (SearchStatus) -> Termination?)? = nil
  ) throws -> Termination {
    let relaxes = plan.relaxationTicks(outlook) != nil
    if plan.hasOnlyRounds(outlook) { return try run(HahnGrant(), keepsProof: ascentsKeepProofs) }
    if plan.hasRounds(outlook) {
      let rounds = HahnGrant(.init(rounds: parameters.ascentRounds))
      try run(rounds, stop: stop, keepsProof: ascentsKeepProofs, threads: threads)
      if let reason = context.stopReason() { return reason }
    }
    guard let sweeps = plan.probingSweeps(outlook) else { return .stalled }
    return try ascend(
      sweeps, isProbe: relaxes && outlook.ticksLeft != nil, threads: threads, stop: stop)
  }

  /// The relaxation, and beside it, as it mostly keeps one thread at work, the first ascent, a look
  /// at the tree and a search for assignments. `lost` when the relaxation has been left behind.
  private func race() throws -> (ended: Termination, lost: Bool) {
    context.note(
      "dnn; beside it a short rlt1 ascent, an estimate of the search tree, and heuristics")
    let isOver = Atomic<Bool>(false)
    let outcome = Mutex<Result<Relaxed, any Error>?>(nil)
    let review = review { [context] in
      guard let bound = context.bound, bound.method != DoublyNonnegative.info.id else {
        return (-.infinity, -.infinity)
      }
      return (bound.unrounded, bound.unrounded)
    }
    // A loop over both would leave the loops inside it half of the threads, even when one has
    // ended.
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
      let result = Result { try self.relax(review) }
      outcome.withLock { $0 = result }
      isOver.store(true, ordering: .releasing)
    }
    let companion = Result {
      try accompany { isOver.load(ordering: .acquiring) }
    }
    group.wait()
    try companion.get()
    guard let outcome = outcome.withLock({ $0 }) else { return (.stalled, true) }
    return try conclude(outcome.get())
  }

  /// The work beside the relaxation, until that `isOver`.
  private func accompany(until isOver: @escaping @Sendable () -> Bool) throws {
    let stop: @Sendable (SearchStatus) -> Termination? = { _ in isOver() ? .interrupted : nil }
    let others = max(1, context.threads - 1)
    func isDone() -> Bool { isOver() || context.stopReason() != nil }
    _ = try ascendFirst(threads: others, stop: stop)
    if isDone() { return }
    if let budget = plan.treeBeside(outlook) {
      // A small tree gets all threads: the relaxation ends when its search begins.
      _ = try grow(budget, estimateThreads: others)
      if isDone() { return }
    }
    guard parameters.seeksAssignments else { return }
    nextSeed &+= Self.seedStep
    try search(
      iterations: RobustTabu.Parameters.defaultIterations(size: outlook.size),
      threads: others, stop: stop)
  }

  @discardableResult
  private func ascend(
    _ sweeps: Int, isProbe: Bool, threads: Int? = nil,
    stop: (@Sendable (SearchStatus) -> Termination?)? = nil
  ) throws -> Termination {
    context.note(
      "rlt1: \(sweeps) sweeps"
        + (isProbe ? " to measure the level-1 RLT bound" : ""))
    let method = AnnealedAscent(
      .init(sweeps: sweeps, newtonPasses: 0, estimatesCeiling: false))
    // A probe ends by its sweeps: it anneals as if there were no clock.
    return try run(method, stop: stop, keepsProof: ascentsKeepProofs, threads: threads)
  }

  /// A search tree begins from the multipliers of an ascent.
  private var ascentsKeepProofs: Bool { context.keepsProof || outlook.growsTree }

  /// The relaxation at its end.
  private struct Relaxed: Sendable {
    var ended: Termination
    var state: RelaxationState?
    let review: RelaxationReview
    let boundBefore: Double?
  }

  /// A judge of the relaxation that begins now.
  private func review(
    _ rival: @escaping @Sendable () -> (held: Double, promised: Double)
  ) -> RelaxationReview {
    let began = context.status.seconds
    return RelaxationReview(
      parameters, seconds: context.secondsLeft, yieldsToTree: plan.growsRelaxedTree(outlook),
      now: { [context] in context.status.seconds - began }, rival: rival)
  }

  /// The relaxation, for as long as it leads.
  private func relax(_ review: RelaxationReview) throws -> Relaxed {
    var method = DoublyNonnegative(.init(steps: plan.relaxationSteps(outlook)))
    method.onBound = { review.add($0, residual: $1) }
    let before = context.bound?.unrounded
    let found = try relax(method, stop: { review.decide($0) })
    return Relaxed(
      ended: found?.ended ?? .memory, state: found?.state, review: review, boundBefore: before)
  }

  /// The end of the relaxation, and where it ended; nil when it does not fit into memory.
  private func relax(
    _ method: DoublyNonnegative, limits: Limits = Limits(),
    stop: (@Sendable (SearchStatus) -> Termination?)? = nil
  ) throws -> (ended: Termination, state: RelaxationState?)? {
    do {
      return try method.relax(
        context.phase(
          method.info.id, start: context.incumbent?.assignment, limits: limits, stop: stop))
    } catch MethodError.tooLarge(_, _, let needs, _) {
      context.note("dnn needs \(needs); skipping it")
      return nil
    }
  }

  /// The next step after the relaxation; `lost` when the ascent promises more.
  private func conclude(_ outcome: Relaxed) throws -> (ended: Termination, lost: Bool) {
    if context.stopReason() != nil || outcome.ended == .memory {
      return (outcome.ended, outcome.ended == .memory)
    }
    relaxed = outcome.state
    let review = outcome.review
    let lost = review.verdict == .lost
    if lost {
      context.note("dnn: \(review.reason); continuing with rlt1")
    } else if outcome.state != nil, isNearlyClosed(since: outcome.boundBefore),
      outlook.ticksLeft != nil
    {
      context.note("dnn: \(review.reason); the gap is almost closed; starting branch and bound")
      _ = try grow(BranchAndBound.Budget(worthwhile: .max, otherwise: .max))
    } else {
      context.note("dnn: \(review.reason)")
    }
    return (outcome.ended, lost)
  }

  /// True when next to nothing is left of the gap to the incumbent that there was at a bound of
  /// `before`. What walks then say of a tree over weaker bounds does not matter.
  private func isNearlyClosed(since before: Double?) -> Bool {
    guard let before, let objective = context.incumbent?.objective,
      let bound = context.bound?.unrounded
    else { return false }
    return objective - bound <= parameters.nearlyClosedShare * (objective - before)
  }

  /// The search bit by bit, and the relaxation in the space that symmetry leaves, between a short
  /// try of that search and a long one; the reason to end, if there is one.
  private func exploitSymmetry() throws -> Termination? {
    let now = outlook
    let ticks = now.ticksLeft.flatMap { _ in DoublyNonnegative.symmetricTicks(context.instance) }
    guard plan.relaxesFirst(now, ticks: ticks) else {
      try searchCube(share: 1.0 / 2)
      return context.stopReason()
    }
    try searchCube(share: 1.0 / 4)
    if let reason = context.stopReason() { return reason }
    let method = DoublyNonnegative(.init(steps: plan.relaxationSteps(now)))
    let limits = Limits(time: context.secondsLeft.map { .seconds(0.8 * $0) })
    if let found = try relax(method, limits: limits) { (relaxed, isRelaxed) = (found.state, true) }
    if let reason = context.stopReason() { return reason }
    // Too little of the time is left where the relaxation takes much of it.
    guard plan.relaxesFirst(now, ticks: ticks.map { 2 * $0 }) else { return nil }
    try searchCube(share: 0.85, trustsIncumbent: true)
    return context.stopReason()
  }

  /// The search bit by bit of an instance on a hypercube: a share of the time, or a number of
  /// nodes.
  private func searchCube(share: Double, trustsIncumbent: Bool = false) throws {
    guard checkpoint == nil, context.target == nil, context.iterationsLeft == nil else { return }
    let seconds = context.secondsLeft.map { Duration.seconds(share * $0) }
    let limits = Limits(time: seconds, nodes: seconds == nil ? Self.cubeNodes : nil)
    _ = try BranchAndBound(.init(trustsIncumbent: trustsIncumbent)).searchCube(
      context.phase(
        BranchAndBound.info.id, start: context.incumbent?.assignment, limits: limits))
  }

  /// Nodes of that search without a time limit: some minutes.
  private static let cubeNodes = 100_000_000

  /// An exact search within `budget`; nil when none was begun.
  private func grow(
    _ budget: BranchAndBound.Budget, estimateThreads: Int? = nil
  ) throws -> Termination? {
    context.note(
      budget.otherwise == .max
        ? "branch and bound: until the tree is searched or the time is over"
        : "branch and bound: budget \(budget.worthwhile) nodes")
    var method = BranchAndBound(
      .init(
        budget: budget, trustsIncumbent: true, trustsBound: true,
        // A search that may leave at once would count what the file holds, and so would the next.
        checkpoint: budget.otherwise > 0 ? checkpoint : nil))
    method.rootRelaxation = relaxed
    method.searchesCubes = false
    method.estimateThreads = estimateThreads
    return try method.run(context.phase(method.info.id))
  }

  // MARK: Searches for assignments

  /// Spends the remaining work on the search for assignments, if one is wanted.
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
      try search(
        iterations: plan.search(now) == .memetic ? SolveContext.unlimitedIterations : usual)
      if let reason = context.stopReason() { return reason }
    }
  }

  private func search(
    iterations: Int, seconds: Double? = nil, threads: Int? = nil,
    stop: (@Sendable (SearchStatus) -> Termination?)? = nil
  ) throws {
    let limits = Limits(time: seconds.map { .seconds($0) })
    switch plan.search(outlook) {
    case .tabu:
      try run(
        RobustTabu(.init(iterations: iterations)), seed: nextSeed, limits: limits, stop: stop,
        threads: threads)
    case .memetic:
      try run(
        Memetic(.init(iterations: iterations)), seed: nextSeed, limits: limits, stop: stop,
        threads: threads)
    }
  }

  /// The difference between the seeds of two successive searches.
  private static let seedStep: UInt64 = 0x9E37_79B9

  @discardableResult
  private func run(
    _ method: some Method, seed: UInt64? = nil, limits: Limits = Limits(),
    stop: (@Sendable (SearchStatus) -> Termination?)? = nil, keepsProof: Bool? = nil,
    threads: Int? = nil
  ) throws -> Termination {
    try method.run(
      context.phase(
        method.info.id, start: context.incumbent?.assignment, seed: seed, limits: limits,
        stop: stop, keepsProof: keepsProof, threads: threads))
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
    case goesOn, lost, dry, yields
  }

  private struct State {
    var history = BoundHistory()
    var verdict = Verdict.goesOn
    var promise: Double?
  }

  private let parameters: Automatic.Parameters
  private let rival: @Sendable () -> (held: Double, promised: Double)
  private let seconds: Double?
  private let yieldsToTree: Bool
  private let now: @Sendable () -> Double
  private let state = Mutex(State())

  /// A relaxation with `seconds` of time, of which `now` says how many are over, against a method
  /// that holds and promises the bounds of `rival`; a tree takes over where it dries up, if
  /// `yieldsToTree`.
  init(
    _ parameters: Automatic.Parameters, seconds: Double?, yieldsToTree: Bool,
    now: @escaping @Sendable () -> Double,
    rival: @escaping @Sendable () -> (held: Double, promised: Double)
  ) {
    self.parameters = parameters
    self.rival = rival
    self.seconds = seconds
    self.yieldsToTree = yieldsToTree
    self.now = now
  }

  var verdict: Verdict { state.withLock { $0.verdict } }

  /// Why the relaxation has ended, in words.
  var reason: String {
    state.withLock { state in
      let bound = state.history.points.last.map { "bound \($0.bound)" } ?? "no bound"
      switch state.verdict {
      case .goesOn: return bound
      case .lost:
        return "\(bound), \(state.promise.map { "\($0)" } ?? "no more") expected at the end"
      case .dry: return "\(bound), which rises no further"
      case .yields: return "\(bound); the search tree is small"
      }
    }
  }

  /// Takes a bound that was proven now.
  func add(_ bound: Double, residual: Double) {
    let seconds = now()
    state.withLock { $0.history.add(bound, residual: residual, at: seconds) }
  }

  /// The relaxation's own reason to stop, at `status` of its phase.
  func decide(_ status: SearchStatus) -> Termination? {
    guard let seconds else { return nil }
    let rival = rival()
    return state.withLock { state in
      guard state.verdict == .goesOn else { return .stalled }
      if status.nodes > 0 {
        state.verdict = .yields
        return .stalled
      }
      guard status.seconds >= parameters.reviewShare * seconds,
        status.iterations >= 3 * parameters.minRelaxationSteps / 2
      else { return nil }
      let own = state.history.points.last?.bound ?? -.infinity
      let promise = state.history.predicted(at: seconds)
      state.promise = promise
      // Before two bounds have come, nothing can be said: bounds rise late. One that leads already
      // is followed by better ones.
      let isLate = status.seconds >= (1 + parameters.reviewShare) / 2 * seconds
      if own < rival.promised,
        promise.map({ $0 < rival.promised }) ?? (isLate && own <= rival.held)
      {
        state.verdict = .lost
      } else if yieldsToTree, let objective = status.objective,
        let gain = state.history.recentGain(until: status.seconds),
        gain <= parameters.dryShare * (objective - own)
      {
        state.verdict = .dry
      }
      return state.verdict == .goesOn ? nil : .stalled
    }
  }
}
