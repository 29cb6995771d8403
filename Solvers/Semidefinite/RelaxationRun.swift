import QAP
import QAPDualAscent
import QAPLocalSearch
import QAPPrimitives

/// One run of the doubly nonnegative relaxation.
final class RelaxationRun {
  let context: SolveContext
  private let parameters: DoublyNonnegative.Parameters
  let cost: PairCost
  /// L, over the placements that are still open.
  let lifted: LiftedCosts
  private lazy var splitting = Splitting(
    lifted, parameters: parameters, from: start, threads: context.threads)
  /// Where the splitting begins, if not at the center.
  private var start: RelaxationState?
  /// The splitting has begun.
  private var splits = false
  let safe: SafeBound
  private let onBound: (@Sendable (Double, Double) -> Void)?
  private var candidate: [Int] = []
  private(set) var best = -Double.infinity
  private var reported = -Double.infinity
  /// Steps of all kinds to come at most.
  var stepsLeft: Int
  /// No assignment with facility i at location j costs less, at i·n + j, or less than `floor`.
  private var placementBounds: [Double]
  /// No assignment with a placement that was excluded costs less.
  private var floor = Double.infinity
  /// The placements to go on with.
  private var open: [Int]?
  /// The duration of the last safe bound.
  private var boundSeconds = 0.0
  /// The expected duration of a step of the splitting.
  let expected: Double

  init(
    _ context: SolveContext, _ parameters: DoublyNonnegative.Parameters,
    onBound: (@Sendable (Double, Double) -> Void)?
  ) {
    self.context = context
    self.onBound = onBound
    self.parameters = parameters
    expected = WorkModel.seconds(
      ticks: DoublyNonnegative.ticksPerStep(size: context.instance.size), threads: 1)
    stepsLeft = context.plannedIterations(parameters.steps, default: 5000)
    placementBounds = Array(
      repeating: -.infinity, count: context.instance.size * context.instance.size)
    cost = PairCost(context.instance)
    lifted = LiftedCosts(cost, threads: context.threads)
    safe = SafeBound(
      lifted, constant: cost.constant, rounds: parameters.ascentRounds, threads: context.threads)
  }

  /// Where the splitting stands; nil when it has not begun.
  func makeState() -> RelaxationState? {
    guard splits else { return nil }
    return splitting.makeState(floor: lifted.matrix.placements.isWhole ? .infinity : floor)
  }

  func run() throws -> Termination {
    if let ended = try followIncumbent() { return ended }
    // Bounds of the splitting are compared with each other alone.
    best = -.infinity
    let isSolved = startFromScheme()
    splits = true
    try bound()
    if context.instance.size == 1 {
      offer([0])
      return context.stopReason() ?? .stalled
    }
    if isSolved {
      if let reason = context.stopReason() { return reason }
      // Placements that are excluded make it another relaxation.
      shrink { splitting.restrict(to: $0) ? splitting.face : nil }
      if lifted.matrix.placements.isWhole { return .stalled }
    }
    var history: [(step: Int, bound: Double)] = [(0, best)]
    let steps = max(1, stepsLeft)
    for step in 1...steps {
      if let reason = context.stopReason() { return reason }
      let began = context.status.seconds
      // The first step from the center takes no time, the second one what steps take.
      if step == 2, isShort(stepSeconds: 0.5 * expected) { return .time }
      guard splitting.project() else { return .stalled }
      let isSpectral = splitting.hasWholeProjection
      let interval = parameters.boundInterval / (splitting.knowsEigenvalue ? 2 : 1)
      let isDue = step % max(1, interval) == 0
      // What is left of a step takes little time.
      let isLast =
        step == steps || context.iterationsLeft == 1
        || isShort(stepSeconds: 1.1 * (context.status.seconds - began))
      let boundsHere = isSpectral && (isDue || isLast) && !context.stopsAtOnce()
      if boundsHere {
        try splitting.withSpectralMultiplier { try bound(isSpectral: true) }
      }
      guard splitting.update() else { return .stalled }
      context.count(iterations: 1)
      context.reportWorking()
      offerNearest()
      guard isLast || isDue else { continue }
      if context.stopsAtOnce() { continue }
      // Now and then the other side proves more: where linear costs are large, or ranks swell.
      let isBoth = step % (2 * parameters.boundInterval) == 0 || isLast && isSpectral
      if !boundsHere || isBoth && context.secondsLeft ?? boundSeconds >= boundSeconds {
        try bound()
      }
      if let reason = context.stopReason() { return reason }
      shrink { splitting.restrict(to: $0) ? splitting.face : nil }
      // Neither a step nor a bound fits into what is left of the time.
      if isLast { return step == steps ? .iterations : .time }
      history.append((step, best))
      let old = history.last { $0.step <= step - parameters.patience }
      let spread = context.instance.spread(below: best)
      if let old, best - old.bound <= parameters.tolerance * spread { return .stalled }
    }
    return .iterations
  }

  /// Solves the relaxation first where symmetry makes it small; true when it is solved, or when it
  /// has come as far as the whole one would in hours.
  private func startFromScheme() -> Bool {
    guard let scheme = SchemeRelaxation(cost, lifted, parameters: parameters) else { return false }
    context.note("dnn: solving the relaxation by the symmetry of one side")
    scheme.run(limit: min(Self.maxSchemeSteps, stepsLeft)) {
      context.stopsAtOnce() || isShort(stepSeconds: expected)
    }
    start = scheme.makeState(threads: context.threads)
    context.count(iterations: scheme.steps)
    return scheme.isSolved || scheme.steps >= Self.maxSchemeSteps
  }

  /// Steps of the small splitting at most.
  private static let maxSchemeSteps = 3000

  /// True when the time that is left is enough for a bound, but not for a step before it. A step of
  /// a large instance takes minutes, and cannot be ended half way.
  func isShort(stepSeconds: Double) -> Bool {
    guard let left = context.secondsLeft else { return false }
    return left < stepSeconds + 1.2 * boundSeconds
  }

  /// A safe bound of the multiplier as it stands, which for that `isSpectral` has a known
  /// eigenvalue.
  private func bound(isSpectral: Bool = false) throws {
    defer { if !isSpectral { splitting.restore() } }
    try bound(
      splitting.multiplier, scratch: splitting.scratch, projection: splitting.projection,
      near: splitting.eigenvalue, knows: isSpectral && splitting.knowsEigenvalue,
      residual: splitting.primalResidual)
  }

  /// The safe bound of `multiplier`, and what it excludes; arguments as in `SafeBound.evaluate`.
  func bound(
    _ multiplier: LiftedMatrix, scratch: LiftedMatrix, projection: SpectralProjection,
    near: Double, knows: Bool, share: Double = 1e-3, residual: Double
  ) throws {
    let began = context.status.seconds
    defer { boundSeconds = context.status.seconds - began }
    let gap = context.incumbent.map { $0.objective - best } ?? 0
    // Parts of the work that cannot be broken off take this long.
    let part = 0.2 * expected
    guard
      let proven = try safe.evaluate(
        multiplier, scratch: scratch, projection: projection, near: near, knows: knows, gap: gap,
        share: share, above: best,
        placements: !context.keepsProof,
        shouldStop: { context.stopsAtOnce() || context.secondsLeft.map { $0 < part } ?? false })
    else { return }
    best = max(best, proven.value)
    if proven.value > reported {
      reported = proven.value
      onBound?(proven.value, residual)
    }
    if !context.keepsProof { exclude(proven) }
    let isBest = proven.value > context.bound?.unrounded ?? -.infinity
    context.raise(
      to: LowerBound(
        proven: min(floor, proven.value), method: context.source, for: context.instance,
        proof: context.keepsProof && isBest ? proven.proof() : nil))
  }

  /// Looks at which placements an assignment better than the incumbent may still have. Where that
  /// leaves one assignment, or none, the incumbent is optimal long before the bound itself says so.
  ///
  /// Certificates have no place for this argument, so a run that keeps them climbs on.
  private func exclude(_ proven: SafeBound.Proven) {
    let instance = context.instance
    guard let objective = context.incumbent?.objective else { return }
    // A tree that goes on from here needs no more than half of the slack.
    let limit = objective - 0.25 * context.rule.slack(at: objective)
    for place in lifted.matrix.placements.places {
      let bound = LowerBound(
        proven: (proven.value + proven.excess[place]).nextDown, method: context.source,
        for: instance)
      placementBounds[place] = max(placementBounds[place], bound.value)
    }
    var least = min(floor, limit)
    switch OpenPlacements(size: instance.size, bounds: placementBounds, below: limit).outcome() {
    case .several(_, let open):
      // Until the matrices follow, what is excluded is excluded again by each bound.
      self.open = open
      return
    case .none: break
    case .single(let locations):
      guard let last = Assignment(locations: locations) else { return }
      context.offer(last)
      least = min(least, instance.objective(of: last))
    }
    context.note("dnn: the bound excludes all other assignments")
    context.raise(to: LowerBound(proven: least, method: context.source, for: instance))
  }

  /// Leaves excluded placements out once they are enough to be worth it: the relaxation gets
  /// tighter, and smaller.
  ///
  /// - Parameters:
  ///   - locations: an assignment whose placements remain in any case.
  ///   - restrict: goes on with the placements of a set and returns their face; nil where it
  ///     cannot.
  func shrink(
    keeping locations: [Int] = [], _ restrict: (PlacementSet) -> FacialReduction?
  ) {
    let (n, set) = (context.instance.size, lifted.matrix.placements)
    let kept = locations.enumerated().map { $0.offset * n + $0.element }
    guard let places = open.map({ Set($0).union(kept).sorted() }),
      PlacementSet.isWorthRestricting(set, to: places.count),
      let objective = context.incumbent?.objective
    else { return }
    open = nil
    let part = PlacementSet(size: n, places: places)
    guard let face = restrict(part) else { return }
    safe.restrict(to: face)
    floor = min(floor, objective - 0.25 * context.rule.slack(at: objective))
    for place in 0..<n * n where part.index(of: place) == nil {
      placementBounds[place] = .infinity
    }
    context.note("dnn: going on with \(part.count) of \(n * n) placements")
  }

  /// The assignment nearest to the border of Y, improved by swaps, when it is another than last
  /// time.
  private func offerNearest() {
    let locations = splitting.nearestLocations()
    guard locations != candidate else { return }
    candidate = locations
    offer(locations)
  }

  func offer(_ locations: [Int]) {
    guard let assignment = Assignment(locations: locations) else { return }
    context.offer(assignment.improvedBySwaps(in: context.instance))
  }
}
