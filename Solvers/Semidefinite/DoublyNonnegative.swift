import QAP
import QAPDualAscent
import QAPLocalSearch
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The doubly nonnegative relaxation by splitting (Q. Zhao, S. E. Karisch, F. Rendl and H.
/// Wolkowicz, "Semidefinite programming relaxations for the quadratic assignment problem", J. Comb.
/// Optim. 2, 1998; D. E. Oliveira, H. Wolkowicz and Y. Xu, "ADMM for the SDP relaxation of the
/// QAP", Math. Prog. Comp. 10, 2018; N. Graham, H. Hu, J. Im, X. Li and H. Wolkowicz, "A restricted
/// dual Peaceman–Rachford splitting method for a strengthened DNN relaxation for QAP", INFORMS J.
/// Comput. 34, 2022).
///
/// Over Y = VRVᵀ with R ⪰ 0, trace R = n + 1 (see `FacialReduction`), 0 ≤ Y ≤ 1, Y[0,0] = 1 and Y =
/// 0 where two placements exclude each other, ⟨L, Y⟩ is minimized by projections on the two sets in
/// turn (see `Splitting`). No step of it is a bound; every `boundInterval` steps a multiplier, that
/// of the spectral side where the projection is whole, gives one that is valid whatever it is (see
/// `SafeBound`). Every Y gives a candidate: the assignment nearest to its border, improved by
/// swaps.
///
/// A step ends only at its end: half a second at n = 40, some seconds at 60, minutes at 100. A time
/// limit is kept by not beginning a step that leaves no time for a bound. The bound of Gilmore and
/// Lawler and the assignment over its leaders come first; they are all there is when the limit is
/// too short to begin.
///
/// Any costs: where no matrix is symmetric, and for tensors, L is the mean of the costs and their
/// transpose, which changes no objective.
public struct DoublyNonnegative: Method {
  public static let info = MethodInfo(
    id: "dnn", summary: "doubly nonnegative relaxation by splitting: strong, O(n⁶) per step",
    paper: "Oliveira, Wolkowicz and Xu 2018, Math. Prog. Comp. 10:631-658; "
      + "Graham et al. 2022, INFORMS J. Comput. 34:2125-2143",
    output: .assignmentAndBound, iteration: "step of the splitting", supportsTensors: true,
    maxSize: 100, isRelabelingInvariant: false)

  /// The options of the splitting.
  public let parameters: Parameters

  /// Is called with every safe bound that beats those before, and with ‖Y − X‖ at that time.
  package var onBound: (@Sendable (_ bound: Double, _ residual: Double) -> Void)?

  /// A bound with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// Bytes of memory that this machine has.
  public static var physicalMemory: Int {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && size > 0 ? pages * size : 16 << 30
  }

  /// The bytes that a run at size n takes: four lifted matrices, the factor of R, and a
  /// decomposition.
  package static func bytes(size n: Int) -> Int {
    let lifted = 8 * (n * n + 1) * (n * n + 1)
    return 5 * lifted + SpectralProjection.bytes(order: (n - 1) * (n - 1) + 1)
  }

  /// True where the squares of costs are numbers that doubles can hold. The entries of tensors are
  /// not looked at.
  static func suits(_ instance: Instance) -> Bool {
    if case .tensor = instance.cost { return true }
    let magnitude = instance.properties.magnitude
    return magnitude == 0 || (0x1p-520...0x1p900).contains(magnitude)
  }

  /// Whether the ranks of projections are limited: beyond n = 32.
  package static func limitsRanks(size n: Int) -> Bool {
    SpectralProjection.limitsRanks(order: FacialReduction.order(size: n))
  }

  /// Ticks of a step.
  package static func ticksPerStep(size n: Int) -> Double {
    WorkModel.relaxationStep(size: n, limitsRank: limitsRanks(size: n))
  }

  public func run(_ context: SolveContext) throws -> Termination { try follow(context).ended }

  /// As `run`, and where the relaxation ended, for a search to go on from; nil when it did not
  /// begin.
  package func relax(
    _ context: SolveContext
  ) throws -> (ended: Termination, state: RelaxationState?) {
    let (ended, run) = try follow(context)
    return (ended, run?.makeState())
  }

  private func follow(
    _ context: SolveContext
  ) throws -> (ended: Termination, run: RelaxationRun?) {
    try parameters.validate()
    let n = context.instance.size
    if let reason = context.stopReason() {
      MatrixLeaders.offerBound(to: context)
      return (reason, nil)
    }
    let needs = n <= 2000 ? DoublyNonnegative.bytes(size: n) : Int.max
    guard n <= Self.info.maxSize ?? n, needs <= context.memoryLimit(parameters.memoryLimit)
    else {
      throw MethodError.tooLarge(
        method: Self.info.id, size: n, needs: "\(needs >> 20) MiB of memory and days",
        alternative: "rlt1 or projection")
    }
    guard Self.suits(context.instance) else {
      throw MethodError.unsupported(
        method: Self.info.id, reason: "its costs are beyond 1e270, or all below 1e-155",
        alternative: "rlt1")
    }
    if MatrixLeaders.offerBound(to: context) > 0, let first = context.incumbent?.assignment {
      context.offer(first.improvedBySwaps(in: context.instance))
      if let reason = context.stopReason() { return (reason, nil) }
    }
    let seconds = WorkModel.seconds(
      ticks: DoublyNonnegative.ticksPerStep(size: n), threads: 1)
    if let left = context.secondsLeft, left < seconds {
      context.note(
        "dnn: the first bound takes about \(Int(seconds) + 1) s at n = \(n), more than the "
          + "remaining time"
      )
      if context.bound == nil { MatrixLeaders.offerBound(to: context, always: true) }
      return (.time, nil)
    }
    if needs >= 1 << 28 { context.note("dnn takes \(needs >> 20) MiB of memory") }
    let run = RelaxationRun(context, parameters, onBound: onBound)
    return (try run.run(), run)
  }
}

/// One run.
private final class RelaxationRun {
  private let context: SolveContext
  private let parameters: DoublyNonnegative.Parameters
  private let splitting: Splitting
  private let safe: SafeBound
  private let onBound: (@Sendable (Double, Double) -> Void)?
  private var candidate: [Int] = []
  private var best = -Double.infinity
  /// The duration of the last safe bound.
  private var boundSeconds = 0.0
  /// The expected duration of a step.
  private let expected: Double

  init(
    _ context: SolveContext, _ parameters: DoublyNonnegative.Parameters,
    onBound: (@Sendable (Double, Double) -> Void)?
  ) {
    self.context = context
    self.onBound = onBound
    self.parameters = parameters
    expected = WorkModel.seconds(
      ticks: DoublyNonnegative.ticksPerStep(size: context.instance.size), threads: 1)
    let cost = PairCost(context.instance)
    let lifted = LiftedCosts(cost, threads: context.threads)
    splitting = Splitting(lifted, parameters: parameters, threads: context.threads)
    safe = SafeBound(
      lifted, constant: cost.constant, rounds: parameters.ascentRounds, threads: context.threads)
  }

  /// Where it stands.
  func makeState() -> RelaxationState { splitting.makeState() }

  func run() throws -> Termination {
    try bound()
    if context.instance.size == 1 {
      offer([0])
      return context.stopReason() ?? .stalled
    }
    var history: [(step: Int, bound: Double)] = [(0, best)]
    let steps = context.plannedIterations(parameters.steps, default: 5000)
    for step in 1...max(1, steps) {
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
      // Neither a step nor a bound fits into what is left of the time.
      if isLast { return step == steps ? .iterations : .time }
      history.append((step, best))
      let old = history.last { $0.step <= step - parameters.patience }
      let spread = context.instance.spread(below: best)
      if let old, best - old.bound <= parameters.tolerance * spread { return .stalled }
    }
    return .iterations
  }

  /// True when the time that is left is enough for a bound, but not for a step before it. A step of
  /// a large instance takes minutes, and cannot be ended half way.
  private func isShort(stepSeconds: Double) -> Bool {
    guard let left = context.secondsLeft else { return false }
    return left < stepSeconds + 1.2 * boundSeconds
  }

  /// A safe bound of the multiplier as it stands, which for that `isSpectral` has a known
  /// eigenvalue.
  private func bound(isSpectral: Bool = false) throws {
    let began = context.status.seconds
    defer {
      if !isSpectral { splitting.restore() }
      boundSeconds = context.status.seconds - began
    }
    let gap = context.incumbent.map { $0.objective - best } ?? 0
    // Parts of the work that cannot be broken off take this long.
    let part = 0.2 * expected
    guard
      let proven = try safe.evaluate(
        splitting.multiplier, scratch: splitting.scratch, projection: splitting.projection,
        near: splitting.eigenvalue, knows: isSpectral && splitting.knowsEigenvalue, gap: gap,
        above: best,
        placements: !context.keepsProof,
        shouldStop: { context.stopsAtOnce() || context.secondsLeft.map { $0 < part } ?? false })
    else { return }
    best = max(best, proven.value)
    onBound?(proven.value, splitting.primalResidual)
    if !context.keepsProof { exclude(proven) }
    let isBest = proven.value > context.bound?.unrounded ?? -.infinity
    context.raise(
      to: LowerBound(
        proven: proven.value, method: context.source, for: context.instance,
        proof: context.keepsProof && isBest ? proven.proof() : nil))
  }

  /// Looks at which placements an assignment better than the incumbent may still have. Where that
  /// leaves one assignment, or none, the incumbent is optimal long before the bound itself says so.
  ///
  /// Certificates have no place for this argument, so a run that keeps them climbs on.
  private func exclude(_ proven: SafeBound.Proven) {
    let instance = context.instance
    guard let objective = context.incumbent?.objective else { return }
    let limit = objective - 0.5 * context.rule.slack(at: objective)
    let bounds = proven.excess.map {
      LowerBound(
        proven: (proven.value + $0).nextDown, method: context.source, for: instance
      ).value
    }
    var least = limit
    switch OpenPlacements(size: instance.size, bounds: bounds, below: limit).outcome() {
    case .several: return
    case .none: break
    case .single(let locations):
      guard let last = Assignment(locations: locations) else { return }
      context.offer(last)
      least = min(least, instance.objective(of: last))
    }
    context.note("dnn: the bound excludes all other assignments")
    context.raise(to: LowerBound(proven: least, method: context.source, for: instance))
  }

  /// The assignment nearest to the border of Y, improved by swaps, when it is another than last
  /// time.
  private func offerNearest() {
    let locations = splitting.nearestLocations()
    guard locations != candidate else { return }
    candidate = locations
    offer(locations)
  }

  private func offer(_ locations: [Int]) {
    guard let assignment = Assignment(locations: locations) else { return }
    context.offer(assignment.improvedBySwaps(in: context.instance))
  }
}
