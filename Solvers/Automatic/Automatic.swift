import BranchAndBound
import DualAscent
import FrankWolfe
import GilmoreLawler
import LocalSearch
import Primitives
import QAP
import Semidefinite

/// Several methods in a row, the default: a cheap bound, heuristics, then annealed dual ascent until
/// the rounded bound meets the incumbent or the relaxation is exhausted, and last an exact search.
///
/// Without a time limit the work of each phase depends on the instance alone, so a run is reproducible:
/// a tree that seems small is searched at once, before a larger one the doubly nonnegative bound is tried,
/// and then the search goes to its end when the estimate of the tree promises one within some minutes, and
/// otherwise raises the bound for half a minute (see `TreePlan`). Up to n = 30 an eighth of the heuristics' work
/// comes first, and the rest where nothing has been proven. With a time limit the heuristics get at most
/// half of it before the ascent; what the ascent leaves belongs to the exact search up to the size where
/// heuristics have nothing more to find, and to the heuristics beyond it unless the tree is small. They
/// get all of it when a target is asked for, or when an ascent could not come far (see `SearchPlan`).
public struct Automatic: Method {
  public static let card = MethodCard(
    id: "auto", summary: "cheap bound, heuristics, dual ascent, dnn, exact search: the default",
    paper: "see the methods it uses", guarantee: .assignmentAndBound,
    iteration: "an iteration of the method at work", supportsTensors: true,
    isRelabellingInvariant: false)

  /// Iterations of all phases together; nil for as many as each phase wants.
  public var iterations: Int?
  /// Where the exact search is kept, so that it can be taken up again.
  public var checkpoint: (any CheckpointStore)?

  /// Bytes that a method in the row may take; nil for each method's own limit. What needs more is left out.
  public var memoryLimit: Int?

  /// The default method. `iterations`, at least 1, limits the work of all phases together; `checkpoint` keeps
  /// the exact search, if there comes one; no method takes more than `memoryLimit` bytes.
  public init(
    iterations: Int? = nil, checkpoint: (any CheckpointStore)? = nil, memoryLimit: Int? = nil
  ) {
    self.iterations = iterations
    self.checkpoint = checkpoint
    self.memoryLimit = memoryLimit
  }

  public func run(_ context: SolveContext) throws -> Termination {
    let instance = context.instance
    let n = instance.size
    let isTensor = if case .tensor = instance.cost { true } else { false }

    // Seconds beyond 1,000 facilities, minutes at 10,000: searches need some of the time, too.
    let share = n > 1000 ? context.secondsLeft.map { [TimeLimit(seconds: $0 / 3)] } : nil
    try run(GilmoreLawler(), context, extra: share ?? [])
    if context.incumbent == nil {
      // Its time was over before there were any leaders: whatever assignment is better than none.
      var generator = SeededGenerator(seed: context.seed)
      context.offer(Assignment(Permutation(randomOf: n, using: &generator)))
    }
    if let reason = context.stopReason() { return reason }
    if !isTensor, lacksMemory(context) { return .memory }
    if !isTensor, n > 1, n <= Automatic.largestFrankWolfe {
      try run(FrankWolfe(.init(starts: 4, polishes: true)), context)
      if let reason = context.stopReason() { return reason }
    }
    let plan = SearchPlan(
      context, sweeps: Climb.sweeps(context, seconds: context.timeLimit.map { 0.5 * $0 }))
    context.note(plan.explanation)
    let limit = plan.seconds.map { [TimeLimit(seconds: $0)] } ?? []
    // Whoever limits the iterations wants an assignment before a bound.
    let opening = iterations == nil ? plan.opening : 1
    try search(plan, context, share: opening, seed: nil, extra: limit)
    if let reason = context.stopReason() { return reason }

    if plan.climbs {
      var ended = try climb(context)
      if let reason = context.stopReason() { return reason }
      if let iterations, context.status.iterations >= iterations { return .iterations }
      ended = try prove(context) ?? ended
      if let reason = context.stopReason() { return reason }
      guard context.timeLimit != nil else {
        guard opening < 1 else { return ended }
        context.note("what has not been proven gets the rest of \(plan.search)")
        try search(plan, context, share: 1 - opening, seed: context.seed &+ Automatic.nextSeed)
        return context.stopReason() ?? ended
      }
      context.note("the time that is left goes to \(plan.search)")
    }
    var seed = context.seed
    while true {
      if let iterations, context.status.iterations >= iterations { return .iterations }
      seed &+= Automatic.nextSeed
      try search(plan, context, seed: seed)
      if let reason = context.stopReason() { return reason }
    }
  }

  /// What is left when the level-1 RLT bound rises no further: a small tree at once, otherwise a stronger
  /// bound first. Nil when nothing of it was tried.
  private func prove(_ context: SolveContext) throws -> Termination? {
    let plan = TreePlan(context, memoryLimit: searchMemory)
    context.note(plan.explanation)
    var ended: Termination?
    var relaxed: RelaxationState?
    func search(_ budget: BranchAndBound.Budget?) throws {
      guard let budget else { return }
      var method = BranchAndBound(
        .init(
          nodes: iterations, budget: budget, trustsIncumbent: true, trustsBound: true,
          memoryLimit: searchMemory,
          // A search that may leave at once would count what the file holds, and so would the next.
          checkpoint: budget.otherwise > 0 ? checkpoint : nil))
      method.rootRelaxation = relaxed
      ended = try method.run(context.phase(method.card.id))
    }
    try search(plan.first)
    if context.stopReason() != nil { return ended }
    if let steps = plan.relaxationSteps {
      context.note("the tree is no small one: the doubly nonnegative bound first")
      let limit = plan.relaxationSeconds.map { [TimeLimit(seconds: $0)] } ?? []
      var parameters = DoublyNonnegative.Parameters(steps: steps)
      parameters.memoryLimit = memory(parameters.memoryLimit)
      let method = DoublyNonnegative(parameters)
      let before = context.bound?.unrounded
      do {
        (ended, relaxed) = try method.relax(
          context.phase(method.card.id, start: context.incumbent?.assignment, extra: limit))
        context.note("dnn rises no further, or has had its share")
      } catch MethodError.tooLarge(_, _, let needs, _) {
        context.note("dnn would need \(needs): it is left out")
      }
      if context.stopReason() != nil { return ended }
      if relaxed != nil, let before, context.timeLimit != nil,
        isNearlyClosed(context, since: before)
      {
        context.note("it has left little of the gap: a search with such bounds at its top")
        try search(BranchAndBound.Budget(worthwhile: .max, otherwise: .max))
        return ended
      }
    }
    try search(plan.last)
    return ended
  }

  /// The lower of the caller's limit and a method's own, in bytes.
  private func memory(_ own: Int) -> Int { min(memoryLimit ?? own, own) }
  private var searchMemory: Int { memory(BranchAndBound.Parameters().memoryLimit) }

  /// True when next to nothing is left of the gap to the incumbent that there was at a bound of `before`. What
  /// walks then say of a tree over weaker bounds does not matter.
  private func isNearlyClosed(_ context: SolveContext, since before: Double) -> Bool {
    guard let objective = context.incumbent?.objective, let bound = context.bound?.unrounded else {
      return false
    }
    return objective - bound <= 0.03 * (objective - before)
  }

  /// Frank–Wolfe multiplies n × n matrices: beyond this size local search is the better use of time.
  private static let largestFrankWolfe = 500

  /// What two searches' seeds differ in.
  private static let nextSeed: UInt64 = 0x9E37_79B9

  /// One search: `share` of as much work as the size deserves, or until its time is over.
  private func search(
    _ plan: SearchPlan, _ context: SolveContext, share: Double = 1, seed: UInt64?,
    extra: [any StoppingCriterion] = []
  ) throws {
    let n = context.instance.size
    // A population gains from all the time there is; small instances are done much earlier.
    let wanted =
      plan.search == .memetic && context.timeLimit != nil
      ? Automatic.unlimited
      : max(1, Int(share * Double(RobustTabu.Parameters.defaultIterations(size: n))))
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
    let seconds = context.secondsLeft.map { left in
      TreePlan.relaxes(context, secondsLeft: 0.6 * left, memoryLimit: searchMemory)
        ? 0.4 * left : left
    }
    var sweeps = Climb.sweeps(context, seconds: seconds)
    // Where a search follows, its bounds gain more from the time than this one does in the end.
    if context.instance.size <= TreePlan.largestForTime {
      sweeps = min(sweeps, Climb.sweeps(context, seconds: nil))
    }
    guard sweeps >= Climb.fewest else {
      context.note(
        "dual ascent would take too long at n = \(context.instance.size): the bound stays "
          + "gilmore-lawler's (--method rlt1, or a longer --time-limit, asks for more)")
      return .stalled
    }
    do {
      // A few cheap rounds close the easy instances, and are a first bound for the others.
      // Proofs are kept for the search to start from.
      let isSearched = TreePlan.isThinkable(context, memoryLimit: searchMemory)
      var rounds = HahnGrant.Parameters(rounds: 12)
      rounds.memoryLimit = memory(rounds.memoryLimit)
      try run(HahnGrant(parameters: rounds), context, keepsProof: isSearched)
      if let reason = context.stopReason() { return reason }
      var annealed = AnnealedAscent.Parameters(
        sweeps: Int(sweeps), newtonPasses: 0, estimatesCeiling: false)
      annealed.memoryLimit = memory(annealed.memoryLimit)
      let method = AnnealedAscent(parameters: annealed)
      return try method.run(
        context.phase(
          method.card.id, start: context.incumbent?.assignment,
          extra: seconds.map { [TimeLimit(seconds: $0)] } ?? [],
          keepsProof: isSearched || context.keepsProof))
    } catch MethodError.tooLarge(_, _, let needs, _) {
      context.note("dual ascent would need \(needs): the bound stays gilmore-lawler's")
      return .stalled
    }
  }

  private func run(
    _ method: some Method, _ context: SolveContext, seed: UInt64? = nil,
    extra: [any StoppingCriterion] = [], keepsProof: Bool = false
  ) throws {
    let phase = context.phase(
      method.card.id, start: context.incumbent?.assignment, seed: seed, extra: extra,
      keepsProof: keepsProof || context.keepsProof)
    _ = try method.run(phase)
  }
}

extension Automatic {
  /// Those of the first bound: what later phases need beyond that is left out.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    GilmoreLawler().bytes(size: size, isSymmetric: isSymmetric, threads: threads)
  }

  /// True when no search fits into `memoryLimit`.
  private func lacksMemory(_ context: SolveContext) -> Bool {
    let properties = context.instance.properties
    let needs = RobustTabu().bytes(
      size: context.instance.size,
      isSymmetric: properties.flowIsSymmetric || properties.distanceIsSymmetric,
      threads: context.threads)
    guard let memoryLimit, needs > Double(memoryLimit) else { return false }
    context.note("tabu would need \(MethodError.mebibytes(needs)): no search for assignments")
    return true
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
