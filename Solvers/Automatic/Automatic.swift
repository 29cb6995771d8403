import DualAscent
import FrankWolfe
import GilmoreLawler
import LocalSearch
import Primitives
import QAP

/// Several methods in a row, the default: a cheap bound, heuristics, then annealed dual ascent until
/// the rounded bound meets the incumbent or the relaxation is exhausted.
///
/// Without a time limit the work of each phase depends on the size alone, so a run is reproducible.
/// With one, the heuristics get half of it before the ascent, and whatever the ascent leaves; they
/// get all of it when a target is asked for, or when an ascent could not come far (see `SearchPlan`).
public struct Automatic: Method {
  public static let card = MethodCard(
    id: "auto", summary: "cheap bound, heuristics, dual ascent: the default",
    paper: "see the methods it uses", guarantee: .assignmentAndBound,
    iteration: "an iteration of the method at work", supportsTensors: true,
    isRelabellingInvariant: false)

  /// Iterations of all phases together; nil for as many as each phase wants.
  public var iterations: Int?

  public init(iterations: Int? = nil) { self.iterations = iterations }

  public func run(_ context: SolveContext) throws -> Termination {
    let instance = context.instance
    let n = instance.size
    let isTensor = if case .tensor = instance.cost { true } else { false }

    try run(GilmoreLawler(), context)
    if let reason = context.stopReason() { return reason }
    if !isTensor, n > 1, n <= Automatic.largestFrankWolfe {
      try run(FrankWolfe(.init(starts: 4, polishes: true)), context)
      if let reason = context.stopReason() { return reason }
    }
    let plan = SearchPlan(
      context, sweeps: Climb.sweeps(context, seconds: context.timeLimit.map { 0.5 * $0 }))
    context.note(plan.explanation)
    let limit = plan.seconds.map { [TimeLimit(seconds: $0)] } ?? []
    try search(plan, context, seed: nil, extra: limit)
    if let reason = context.stopReason() { return reason }

    if plan.climbs {
      let ended = try climb(context)
      if let reason = context.stopReason() { return reason }
      guard context.timeLimit != nil else { return ended }
      context.note("the bound rises no further; the time that is left goes to \(plan.search)")
    }
    var seed = context.seed
    while true {
      if let iterations, context.status.iterations >= iterations { return .iterations }
      seed &+= 0x9E37_79B9
      try search(plan, context, seed: seed)
      if let reason = context.stopReason() { return reason }
    }
  }

  /// Frank–Wolfe multiplies n × n matrices: beyond this size local search is the better use of time.
  private static let largestFrankWolfe = 500

  /// One search: as much work as the size deserves, or until its time is over.
  private func search(
    _ plan: SearchPlan, _ context: SolveContext, seed: UInt64?,
    extra: [any StoppingCriterion] = []
  ) throws {
    let n = context.instance.size
    // A population gains from all the time there is; small instances are done much earlier.
    let wanted =
      plan.search == .memetic && context.timeLimit != nil
      ? Automatic.unlimited : RobustTabu.Parameters.defaultIterations(size: n)
    let left = iterations.map { max(1, $0 - context.status.iterations) }
    let work = min(wanted, left ?? wanted)
    switch plan.search {
    case .tabu:
      let method = RobustTabu(.init(iterations: work, target: context.target))
      try run(method, context, seed: seed, extra: extra)
    case .memetic:
      let method = Memetic(.init(iterations: work, target: context.target))
      try run(method, context, seed: seed, extra: extra)
    }
  }

  private static let unlimited = 1 << 50

  /// Annealed dual ascent, as far as it is affordable.
  private func climb(_ context: SolveContext) throws -> Termination {
    let sweeps = Climb.sweeps(context, seconds: context.secondsLeft)
    guard sweeps >= Climb.fewest else {
      context.note(
        "dual ascent would take too long at n = \(context.instance.size): the bound stays "
          + "gilmore-lawler's (--method rlt1, or a longer --time-limit, asks for more)")
      return .stalled
    }
    do {
      // A few cheap rounds close the easy instances, and are a first bound for the others.
      try run(HahnGrant(parameters: .init(rounds: 12)), context)
      if let reason = context.stopReason() { return reason }
      let method = AnnealedAscent(
        parameters: .init(sweeps: Int(sweeps), newtonPasses: 0, estimatesCeiling: false))
      return try method.run(context.phase(method.card.id, start: context.incumbent?.assignment))
    } catch MethodError.tooLarge(_, _, let needs, _) {
      context.note("dual ascent would need \(needs): the bound stays gilmore-lawler's")
      return .stalled
    }
  }

  private func run(
    _ method: some Method, _ context: SolveContext, seed: UInt64? = nil,
    extra: [any StoppingCriterion] = []
  ) throws {
    let phase = context.phase(
      method.card.id, start: context.incumbent?.assignment, seed: seed, extra: extra)
    _ = try method.run(phase)
  }
}

/// How far dual ascent comes: a sweep takes some 2.6·10⁻⁹ n⁴ seconds of one core.
enum Climb {
  /// Less than this many sweeps are not worth it.
  static let fewest = 150.0

  /// The sweeps affordable within `seconds`, or without a time limit.
  static func sweeps(_ context: SolveContext, seconds: Double?) -> Double {
    let n = Double(context.instance.size)
    let sweep = 2.6e-9 * n * n * n * n
    if let seconds { return min(20_000, seconds * Double(context.threads) / sweep) }
    return min(2000, 80 / sweep)
  }
}
