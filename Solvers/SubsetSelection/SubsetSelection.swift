import QAP
import QAPLinearProgramming
import QAPPrimitives

/// The N of L items that cost least together, with a proven bound: `SubsetProblem`.
///
/// Tabu search over swaps finds subsets (`SwapWalk`). Bounds come from the doubly nonnegative
/// relaxation (`SubsetRelaxation`), rounded to a dual point of whole numbers that proves them
/// (`DualRounding`, `SubsetDual`), and from branch and bound over it (`SubsetTree`): the bound of a
/// node decides many items together, so that on real embeddings some dozens of nodes prove the
/// optimum among 100 items. The K best subsets come out of the same search, which then closes only
/// what cannot be better than the K-th best.
///
/// The same seed and the same work limits give the same answer for any number of threads.
public struct SubsetSelection: Sendable {
  /// The name in reports.
  public static let id = "subset-selection"
  /// Items up to which the search tree is not limited unless the caller does.
  public static let maxTreeItems = 200
  /// Items up to which `BoundMethod.automatic` uses the relaxation: one of its steps takes some
  /// seconds there, and its matrices a gigabyte.
  public static let maxRelaxationItems = 3000

  /// The options of the subset search.
  public var parameters: Parameters
  /// Another listener than the observer.
  var relay: SubsetRelay?

  /// A method with `parameters`.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// The bytes that a search among `items` items takes: costs for swaps, whole units, and what the
  /// root is bounded with.
  public static func bytes(items: Int) -> Double {
    (items <= maxRelaxationItems ? 20 : 4) * 8 * Double(items) * Double(items)
  }

  /// Looks for the best subsets of `problem` and proves a bound. Of `options`, the limits, seed,
  /// threads, observer, clock and `keepsProof` count.
  ///
  /// - Returns: the report of the run.
  /// - Throws: `MethodError.parameter` for parameters out of range, and `MethodError.tooLarge` for
  ///   a linear program over too many items.
  public func solve(
    _ problem: SubsetProblem, options: SolveOptions = SolveOptions()
  ) throws(MethodError) -> SubsetReport {
    try parameters.validate()
    try options.validate()
    if parameters.bound == .linear, !LinearModel.canSolve {
      throw .unavailable(method: "lp", library: "GLPK", alternative: "dnn")
    }
    if parameters.bound == .linear, problem.items > SubsetLinearProgram.maxSize {
      throw .tooLarge(
        method: "lp", size: problem.items,
        needs: "\(problem.items * (problem.items + 1) / 2) columns (it is meant for "
          + "\(SubsetLinearProgram.maxSize) items)", alternative: "dnn")
    }
    let ledger = SubsetLedger(problem, best: parameters.best, options: options, relay: relay)
    let interrupted = search(problem, ledger, options)
    switch parameters.bound {
    case .none:
      return ledger.report(
        options: options, termination: interrupted ?? .iterations, isComplete: false,
        boundOfOthers: nil, certificate: nil)
    case .linear:
      var program = SubsetLinearProgram(problem)
      let termination = program.run(ledger)
      return ledger.report(
        options: options, termination: termination, isComplete: false, boundOfOthers: nil,
        certificate: nil)
    case .automatic, .semidefinite, .rows:
      return prove(problem, ledger, options)
    }
  }

  /// Branch and bound.
  private func prove(
    _ problem: SubsetProblem, _ ledger: SubsetLedger, _ options: SolveOptions
  ) -> SubsetReport {
    let usesRelaxation =
      parameters.bound == .semidefinite
      || parameters.bound == .automatic && problem.items <= SubsetSelection.maxRelaxationItems
    // Without any limit a large problem would run for ever.
    let isBounded =
      problem.items <= SubsetSelection.maxTreeItems
      || options.limits.time != nil
    let limit = options.limits.nodes ?? (isBounded ? nil : 1)
    let tree = SubsetTree(
      problem, ledger: ledger, threads: options.threads, usesRelaxation: usesRelaxation,
      rootSteps: parameters.rootSteps, isRootOnly: limit == 1,
      // Of each orbit of subsets it finds one: not enough for a list of the best.
      usesSymmetry: parameters.best == 1, keepsProof: options.keepsProof)
    let outcome = tree.run(limit: limit)
    return ledger.report(
      options: options, termination: outcome.stopped ?? .optimal,
      isComplete: outcome.stopped == nil, boundOfOthers: outcome.boundOfOthers,
      certificate: outcome.certificate)
  }

  /// Tabu search. Nil when all moves were made, or the reason to stop.
  private func search(
    _ problem: SubsetProblem, _ ledger: SubsetLedger, _ options: SolveOptions
  ) -> Termination? {
    let costs = SwapCosts(problem)
    let source = "tabu"
    // A move looks at N(L − N) swaps.
    let work = max(1, problem.size * problem.items)
    let most = min(400_000, 4_000 * problem.items)
    let moves = parameters.moves ?? max(4_000, min(most, 2_000_000_000 / work))
    let count = parameters.walks
    let tolerance = 1e-12 * costs.magnitude
    let walks = WalkSlots(count)
    parallelFor(count: count, threads: options.threads) { _, index in
      let walk = SwapWalk(
        costs, seed: options.seed, stream: index,
        moves: moves / count + (index < moves % count ? 1 : 0), isGreedy: index == 0,
        tolerance: tolerance)
      walks.set(index, walk)
    }
    var leg = 64
    while true {
      for walk in walks.values {
        if let subset = walk.takeImprovement() { ledger.offer(subset, source: source) }
      }
      if let reason = ledger.stopReason() {
        enrich(problem, ledger, source)
        return reason
      }
      let before = walks.values.reduce(0) { $0 + $1.remaining }
      if before == 0 { break }
      let (walkers, length) = (walks.values, leg)
      parallelFor(count: count, threads: options.threads) { _, index in
        walkers[index].advance(length)
      }
      ledger.count(
        moves: before - walkers.reduce(0) { $0 + $1.remaining }, source: source)
      leg = min(2 * leg, max(16, 40_000_000 / work))
    }
    enrich(problem, ledger, source)
    return nil
  }

  /// Offers the neighbors of the subsets held, when more than one is asked for: the second best is
  /// often one swap from the best.
  ///
  /// - Complexity: O(K·N·(L − N)) a round.
  private func enrich(_ problem: SubsetProblem, _ ledger: SubsetLedger, _ source: String) {
    guard parameters.best > 1 else { return }
    var seen: Set<[Int]> = []
    while let subset = ledger.subsets.first(where: { !seen.contains($0.indices) }) {
      if ledger.stopsAtOnce() { return }
      seen.insert(subset.indices)
      let chosen = Set(subset.indices)
      let values = (0..<problem.items).map { i in
        subset.indices.reduce(problem.costs[i, i]) {
          $0 + ($1 == i ? 0 : problem.pairCost(i, $1))
        }
      }
      for out in subset.indices {
        for item in 0..<problem.items where !chosen.contains(item) {
          let value =
            subset.objective + values[item] - values[out] - problem.pairCost(out, item)
          if let worst = ledger.worst, value > worst + ledger.rule.slack(at: worst) { continue }
          ledger.offer(subset.indices.map { $0 == out ? item : $0 }, source: source)
        }
      }
    }
  }
}
