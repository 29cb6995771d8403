import QAP
import QAPLinearAssignment
import QAPPrimitives

/// Dual ascent on the level-1 RLT relaxation that reaches its value: smoothed, annealed, and made
/// exact at the end.
///
/// Coordinate ascent on the dual of `RLTDual` stalls at points that no single change improves.
/// Replacing its constraints `r ≥ 0`, `z ≥ 0` by the smooth penalty `−ε Σ e^(−r/ε) − ε Σ e^(−z/ε)`
/// removes them: each step is an exact maximizer in closed form (a Sinkhorn step; Sinkhorn 1967,
/// Cuturi 2013), and the maximum tends to the relaxation's value with ε. A sweep takes n⁴
/// exponentials; ε falls geometrically.
///
/// A smoothed point is not feasible. Whenever ε has halved, a copy of it is made feasible and tight
/// by a few rounds of Hahn–Grant ascent, which gives a proven bound and candidates for the
/// incumbent. On the way a feasible point of the primal tells how far the bound can still rise (see
/// `RelaxationCeiling`); the run ends when that is next to nothing.
///
/// Valid for everything `hahn-grant` accepts. O(n³) memory, twice that of `hahn-grant`.
public struct AnnealedAscent: Method {
  public static let info = MethodInfo(
    id: "rlt1",
    summary: "annealed dual ascent to the value of the level-1 RLT relaxation",
    paper: "Hahn and Grant 1998 with entropic smoothing (Cuturi 2013)",
    output: .assignmentAndBound, iteration: "sweep over all pairs", supportsTensors: true,
    isRelabelingInvariant: false)

  /// The schedule of temperatures and the limits.
  public var parameters: Parameters

  /// An ascent with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// The bytes that an ascent over `m` facilities and `n` locations takes.
  package static func bytes(facilities m: Int, size n: Int) -> Int {
    2 * RLTDual.bytes(facilities: m, size: n)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    let size = context.instance.size
    let bytes = Self.bytes(facilities: context.instance.facilities, size: size)
    let memoryLimit = context.memoryLimit(parameters.memoryLimit)
    guard bytes <= memoryLimit else {
      throw MethodError.tooLarge(
        method: Self.info.id, size: size,
        needs: "\(bytes >> 20) MiB (the limit is \(memoryLimit >> 20) MiB)",
        alternative: "gilmore-lawler")
    }
    if context.startMultipliers == nil { MatrixLeaders.offerBound(to: context) }
    if let reason = context.stopReason() { return reason }
    let exact = DualAscent(context, transposed: false)
    let smooth = SmoothedAscent(exact)
    // The first bound, and all that a size of one or no quadratic cost at all needs.
    guard exact.settle(rounds: 2) else { return exact.ended() }
    let unit = exact.dual.meanPairCost
    guard unit > 0, size > 1 else { return context.stopReason() ?? .stalled }
    smooth.dual.copy(from: exact.dual)

    let perLevel = parameters.sweepsPerLevel
    let sweeps = context.plannedIterations(parameters.sweeps, default: Parameters.defaultSweeps)
    let levels = (sweeps - 1) / perLevel + 1
    // A given point would be forgotten at the first temperature of all.
    let hottest =
      context.startMultipliers == nil
      ? parameters.firstTemperature
      : min(parameters.firstTemperature, max(parameters.lastTemperature, 1e-3))
    let ratio = parameters.lastTemperature / hottest
    let began = context.status.seconds
    let budget = context.secondsLeft.map { 0.9 * $0 }
    var done = 0
    let ceiling = relaxationCeiling(exact.dual.cost, context, sweeps)
    var remaining = Remaining(context)
    var nextExact = hottest / 8
    for level in 0..<levels {
      // A schedule that is cut off while hot proves little: under a time limit it cools faster. Not
      // from the start, so that limits far away change nothing.
      var progress = levels == 1 ? 1 : Double(level) / Double(levels - 1)
      if let budget, level > 0 {
        progress = max(progress, (context.status.seconds - began) / budget)
      }
      progress = min(1, progress)
      let relative = hottest * power(ratio, progress)
      for _ in 0..<min(perLevel, sweeps - done) {
        guard smooth.sweep(temperature: relative * unit) else {
          // Interrupted: what has been reached still deserves its proof where that is quick.
          exact.dual.copy(from: smooth.dual)
          if size <= 60 { exact.settle(rounds: 1, toTheEnd: true) }
          return context.stopReason() ?? .interrupted
        }
        done += 1
        context.count(iterations: 1)
      }
      context.reportWorking()
      let isLast = progress == 1
      if relative <= nextExact || isLast {
        nextExact = relative / 2
        // While it is hot, sweeps settle a point fast enough.
        if relative < 0.004 {
          ceiling?.settle(smooth.dual, relative * unit, passes: newtonPasses(size, sweeps))
        }
        if let ceiling, parameters.estimatesCeiling, relative < 0.013, relative > 0.003 {
          // Hotter points are far from the relaxation's optimum, colder ones far from settled.
          remaining.lower(
            to: ceiling.value(
              of: smooth.dual, temperature: relative * unit,
              passes: min(sweeps / 20, 12 * size)))
        }
        exact.dual.copy(from: smooth.dual)
        let rounds = isLast ? parameters.exactRounds : 2
        guard exact.settle(rounds: rounds) else {
          return context.stopReason() ?? .interrupted
        }
        if remaining.isNothing(above: exact.proven, parameters.tolerance) {
          remaining.tell(above: exact.proven)
          return context.stopReason() ?? .stalled
        }
      }
      if let reason = context.stopReason() { return reason }
      if isLast { break }
    }
    remaining.tell(above: exact.proven)
    return context.stopReason() ?? .iterations
  }

  /// On small instances fewer passes settle a point.
  private func newtonPasses(_ size: Int, _ sweeps: Int) -> Int {
    parameters.newtonPasses ?? min(sweeps / 20, 12 * size)
  }

  /// Settles smoothed points by Newton steps and estimates how far the bound can rise, where that
  /// is wanted and affordable.
  private func relaxationCeiling(
    _ cost: PairCost, _ context: SolveContext, _ sweeps: Int
  ) -> RelaxationCeiling? {
    let bytes =
      2 * RLTDual.bytes(facilities: cost.facilities, size: cost.size)
      + RelaxationCeiling.bytes(size: cost.size)
    guard parameters.estimatesCeiling || newtonPasses(cost.size, sweeps) > 0,
      bytes <= context.memoryLimit(parameters.memoryLimit)
    else { return nil }
    return RelaxationCeiling(cost, threads: context.threads) { context.stopsAtOnce() }
  }

  /// `base` to a power between 0 and 1.
  private func power(_ base: Double, _ exponent: Double) -> Double {
    wideExponential(Wide(repeating: exponent * wideLogarithm(Wide(repeating: base))[0]))[0]
  }
}

/// An estimate of how far the bound can still rise.
private struct Remaining {
  private let context: SolveContext
  /// The relaxation's value is at most this.
  private var ceiling = Double.infinity

  init(_ context: SolveContext) { self.context = context }

  mutating func lower(to value: Double) {
    guard value < ceiling else { return }
    ceiling = value
    context.report(value, as: "relaxation_ceiling")
  }

  /// True when the rest is at most a fraction `tolerance` of the distance to the mean
  /// objective.
  func isNothing(above proven: Double, _ tolerance: Double) -> Bool {
    ceiling.isFinite && ceiling - proven <= tolerance * context.instance.spread(below: proven)
  }

  func tell(above proven: Double) {
    guard ceiling.isFinite else { return }
    let left = max(0, ceiling - proven)
    let share = proven == 0 ? "" : ", \(rounded(100 * left / abs(proven))) %"
    context.note(
      "running rlt1 longer can improve the bound by at most \(rounded(left))\(share)")
  }

  /// Four significant digits or so.
  private func rounded(_ value: Double) -> Double {
    var scale = 1.0
    while abs(value) * scale < 1000, scale < 1e12, value != 0 { scale *= 10 }
    return (value * scale).rounded(.up) / scale
  }
}

/// The smoothed half of an annealed ascent.
final class SmoothedAscent: @unchecked Sendable {
  let dual: RLTDual
  private let context: SolveContext
  private let threads: Int
  private let workspaces: [SubmatrixWorkspace]

  init(_ exact: DualAscent) {
    context = exact.context
    dual = RLTDual(exact.dual.cost)
    threads = dual.size < 24 ? 1 : context.threads
    let cost = dual.cost
    workspaces = (0..<threads).map { _ in SubmatrixWorkspace(cost) }
  }

  /// One sweep at a temperature; false when the context ends it in the middle.
  func sweep(temperature: Double) -> Bool {
    let n = dual.size
    for i in 0..<dual.facilities {
      parallelFor(count: n, threads: threads) { worker, j in
        self.dual.smoothAscend(i, j, temperature: temperature, self.workspaces[worker])
      }
      if n > 30, context.stopsAtOnce() { return false }
    }
    if n <= 30, context.stopsAtOnce() { return false }
    dual.smoothLeaders(temperature: temperature, passes: 3)
    return true
  }
}

extension RLTDual {
  /// The mean |pair cost|, the unit of temperature. O(n²).
  var meanPairCost: Double {
    let (m, n) = (facilities, size)
    guard m > 1 else { return 0 }
    let pairs = Double(m * (m - 1)) * Double(n * (n - 1))
    func total(_ matrix: Matrix<Double>) -> Double {
      matrix.elements.reduce(0) { $0 + abs($1) }
    }
    switch cost.kind {
    case .product(let a, let b): return total(a) * total(b) / pairs
    case .twoProducts(let a, let b): return 2 * total(a) * total(b) / pairs
    case .tensor: return tables.totalPair / pairs
    }
  }
}
