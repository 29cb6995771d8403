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
/// With one, the heuristics get at most half of it before the ascent, and whatever the ascent leaves.
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
    let half = context.timeLimit.map { TimeLimit(seconds: 0.5 * $0) }
    try run(tabu(context), context, extra: half.map { [$0] } ?? [])
    if let reason = context.stopReason() { return reason }

    let ended = try climb(context)
    if let reason = context.stopReason() { return reason }
    guard context.timeLimit != nil else { return ended }
    context.note("the bound rises no further; the time that is left goes to tabu")
    var seed = context.seed
    while true {
      seed &+= 0x9E37_79B9
      try run(tabu(context), context, seed: seed)
      if let reason = context.stopReason() { return reason }
    }
  }

  /// Frank–Wolfe multiplies n × n matrices: beyond this size tabu search is the better use of time.
  private static let largestFrankWolfe = 500

  private func tabu(_ context: SolveContext) -> RobustTabu {
    let wanted = RobustTabu.Parameters.defaultIterations(size: context.instance.size)
    let left = iterations.map { max(1, $0 - context.status.iterations) }
    return RobustTabu(.init(iterations: min(wanted, left ?? wanted), target: context.target))
  }

  /// Annealed dual ascent, as far as it is affordable: a sweep takes some 2.6·10⁻⁹ n⁴ seconds of one
  /// core, and less than 150 sweeps are not worth it.
  private func climb(_ context: SolveContext) throws -> Termination {
    let n = Double(context.instance.size)
    let sweep = 2.6e-9 * n * n * n * n
    let sweeps: Double
    if let left = context.secondsLeft {
      sweeps = min(20_000, left * Double(context.threads) / sweep)
    } else {
      sweeps = min(2000, 80 / sweep)
    }
    guard sweeps >= 150 else {
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
