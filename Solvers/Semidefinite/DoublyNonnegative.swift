import QAP
import QAPDualAscent
import QAPLocalSearch
import QAPSymmetry

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
/// Where two matrices resemble each other a multiplier of the incumbent is looked for before (see
/// `IncumbentMultiplier`). Placements that bounds exclude are left out of the matrices once they
/// are enough (see `RestrictedFace`), unless a proof is to be kept.
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
    if instance.tensor != nil { return true }
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

  /// Ticks of the whole relaxation where the symmetry of one side makes it small; nil elsewhere.
  ///
  /// - Complexity: O(n³) for a few rounds that tell.
  package static func symmetricTicks(_ instance: Instance) -> Double? {
    guard (4...150).contains(instance.size), instance.linear == nil, instance.forbidden.isEmpty,
      instance.facilities == instance.size,
      case .koopmansBeckmann(let flow, let distance) = instance.cost,
      let scheme = AssociationScheme(distance) ?? AssociationScheme(flow)
    else { return nil }
    return WorkModel.schemeRelaxation(size: instance.size, classes: scheme.valencies.count)
  }

  public func run(_ context: SolveContext) throws -> Termination { try follow(context).ended }

  /// As `run`, and where the splitting ended, for a search to go on from; nil when it did not
  /// begin, or when nothing is left to search.
  package func relax(
    _ context: SolveContext
  ) throws -> (ended: Termination, state: RelaxationState?) {
    let (ended, run) = try follow(context)
    return (ended, ended == .optimal ? nil : run?.makeState())
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
