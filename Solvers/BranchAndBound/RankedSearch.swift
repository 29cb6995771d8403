import QAP
import QAPDualAscent
import QAPPrimitives

/// A search for the best assignments, more than one: a method for the first one, then the others.
///
/// What the method has found is followed by swaps of two facilities. Where the method proves
/// bounds, an exact search then looks for all assignments that are better than the last one of the
/// list: it prunes by that one's objective, so the list is proven when nothing is open. Methods
/// that prove nothing leave the list as it was found, and so do limits.
public struct RankedSearch<First: Method>: Method {
  public static var info: MethodInfo { First.info }

  /// The method for the best assignment.
  public let first: First
  /// The number of assignments that are wanted.
  public let wanted: Int
  /// Assignments that are equal up to symmetry count as one.
  public let isDistinct: Bool
  /// The options of the exact search.
  public var parameters: BranchAndBound.Parameters

  /// As many assignments as may be asked for.
  public static var maxWanted: Int { 10_000 }
  /// Ticks of the swaps that follow the first assignment.
  private static var swapTicks: Double { 5e9 }

  /// The `wanted` best assignments, beginning with what `first` finds.
  public init(
    first: First, wanted: Int, isDistinct: Bool = false,
    parameters: BranchAndBound.Parameters = .init()
  ) {
    self.first = first
    self.wanted = wanted
    self.isDistinct = isDistinct
    self.parameters = parameters
  }

  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    first.bytes(size: size, isSymmetric: isSymmetric, threads: threads)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    try require(
      (1...Self.maxWanted).contains(wanted), "best", wanted, "between 1 and \(Self.maxWanted)")
    let ended = try first.run(context)
    guard let best = context.incumbent else { return ended }
    let instance = context.instance
    let cost = PairCost(instance)
    var pool = SolutionPool(
      instance, wanted: wanted, isDistinct: isDistinct,
      facilities: Symmetry(cost, ofFacilities: true),
      locations: Symmetry(cost, ofFacilities: false))
    pool.insert(best.assignment)
    // Work limits leave this a heuristic that takes little time.
    let isAll = pool.improveBySwaps(ticks: Self.swapTicks) { context.stopsAtOnce() }
    if isAll { return report(pool, boundOfOthers: .infinity, to: context, ended) }
    // Swaps may have found a better one than the method did.
    if let found = pool.incumbents.first { context.offer(found.assignment) }
    let known = context.bound?.unrounded ?? -.infinity
    let isProven = context.rule.isProven(
      objective: pool.threshold, bound: context.bound?.value)
    guard !isProven, context.bound != nil, context.endOfWork() == nil, pool.threshold < .infinity,
      context.stopReason() == .optimal || First.info.id == BranchAndBound.info.id,
      BranchAndBound.bytes(size: instance.size, threads: context.threads)
        <= context.memoryLimit(parameters.memoryLimit)
    else { return report(pool, boundOfOthers: known, to: context, ended) }
    context.note(
      "best assignments: \(pool.incumbents.count) found, up to \(pool.threshold); "
        + "searching for better ones")
    guard let multipliers = try multipliers(context) else {
      return report(pool, boundOfOthers: known, to: context, ended)
    }
    let (tree, root) = SearchTree.make(
      instance, SearchBasis(multipliers: multipliers, objective: pool.threshold), parameters,
      rule: context.rule)
    let search = TreeSearch(context, tree, root, pool: pool)
    search.begin(from: nil)
    let reason = try search.run()
    guard let pool = search.pool else { preconditionFailure("a search has lost its pool") }
    let others = search.isClosed && !pool.isFull ? .infinity : search.boundOfOthers
    return report(pool, boundOfOthers: max(known, others), to: context, reason)
  }

  private func report(
    _ pool: SolutionPool, boundOfOthers: Double, to context: SolveContext, _ reason: Termination
  ) -> Termination {
    let rounded = context.instance.lattice?.roundedUp(boundOfOthers) ?? boundOfOthers
    let ranking = RankedAssignments(
      wanted: wanted, isDistinct: isDistinct, assignments: pool.incumbents,
      boundOfOthers: boundOfOthers.isFinite ? rounded : boundOfOthers, rule: context.rule)
    context.report(ranking)
    return reason
  }

  /// A point of the level-1 RLT dual for the root: the run's own, if it kept one, or that of a
  /// separate ascent, which the incumbent does not end.
  private func multipliers(_ context: SolveContext) throws -> RLTMultipliers? {
    if let known = context.multipliers { return known }
    let (instance, n) = (context.instance, context.instance.size)
    let options = SolveOptions(
      stop: context.relayedStop, threads: context.threads, keepsProof: true)
    let affordable = BranchAndBound.rootAscentTicks / WorkModel.sweep(size: n)
    let sweeps = Int(min(Double(parameters.rootSweeps), affordable))
    let report =
      sweeps >= 100 && n > 4
      ? try instance.solve(
        with: AnnealedAscent(.init(sweeps: sweeps, newtonPasses: 0, estimatesCeiling: false)),
        options: options)
      : try instance.solve(with: HahnGrant(.init(rounds: 30)), options: options)
    return report.bound?.proof?.multipliers
  }
}

extension Method {
  /// This method, followed by a search for the other best assignments.
  public func ranking(
    _ wanted: Int, isDistinct: Bool, parameters: BranchAndBound.Parameters = .init()
  ) -> any Method {
    RankedSearch(first: self, wanted: wanted, isDistinct: isDistinct, parameters: parameters)
  }
}
