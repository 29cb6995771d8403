import QAP
import QAPPrimitives

/// Memetic search: a population of assignments whose children are improved by robust tabu search
/// (after U. Benlic and J.-K. Hao, "Memetic search for the quadratic assignment problem", Expert
/// Systems with Applications 42, 2015).
///
/// A child takes what its two parents have in common, and the rest from either at random where that
/// is still free (uniform crossover). A descent, or iterated tabu search (see `RobustTabu`),
/// improves it; it then replaces the worst of the population when it is better and no copy. Once
/// children have brought nothing for some generations the population is exhausted, and a new one
/// begins: see `Lineage`. On sparse instances one member is constructed along the flow graph
/// (see `TightEmbedding`).
///
/// The children of a generation are improved side by side in lockstep and enter the population in
/// the order of their numbers. The answer therefore depends on the seed and on work limits only,
/// not on the number of threads.
public struct Memetic: Method {
  public static let info = MethodInfo(
    id: "memetic", summary: "a population with crossover; tabu search improves each child",
    paper: "Benlic and Hao 2015, Expert Systems with Applications 42:584-595",
    output: .assignment, iteration: "one swap for one child",
    supportsTensors: true, isRelabelingInvariant: false)

  /// The options of the memetic search.
  public let parameters: Parameters

  /// A search with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// As `RobustTabu`, with a walk for each child.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    RobustTabu(.init(walks: parameters.children)).bytes(
      size: size, isSymmetric: isSymmetric, threads: threads)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    let instance = context.instance
    let n = instance.size
    let total = context.plannedIterations(
      parameters.iterations, default: RobustTabu.Parameters.defaultIterations(size: n))
    let count = min(parameters.children ?? RobustTabu.Parameters.defaultWalks(size: n), total)
    guard let problem = context.layout(mergesInterchangeable: true, tables: count, memory: 2) else {
      return context.stopReason() ?? .time
    }
    let target = SearchTarget(context)
    let search = parameters.search ?? Parameters.defaultSearch(FlowDominance(instance))
    let walks = (0..<count).map { _ in TabuWalk(problem, parameters: search, target: target) }
    let coordinator = WalkCoordinator(problem, target: target, walks: walks)

    // Two lineages on structured instances; the first one has the caller's work a child.
    let isUniform = FlowDominance(instance)?.isUniform ?? true
    let isSingle = isUniform || parameters.iterationsPerChild != nil
    var lineages = (isSingle ? [false] : [false, true]).map {
      Lineage(problem, parameters, isStaged: $0)
    }
    let mean = isSingle ? 0 : (instance.meanObjective ?? 0) - problem.constant
    var left = total
    var generation: UInt64 = 0
    var begins = problem.starts(context)
    while left > 0 {
      // Streams 2g·2³² and (2g + 1)·2³² + child: no two generators of a run are the same.
      var generator = SeededGenerator(seed: context.seed, stream: generation << 33)
      let index = Memetic.next(lineages, mean: mean)
      let (population, length) = (lineages[index].population, lineages[index].length)
      var starts: [[Int]?] = []
      for _ in 0..<count {
        starts.append(
          population.isFull
            ? population.child(using: &generator) : begins.isEmpty ? nil : begins.removeFirst())
      }
      let budget = length > left / count ? left : count * length
      let (seed, stream, chosen) = (context.seed, (2 * generation + 1) << 32, starts)
      let isDescent = lineages[index].isDescent
      parallelFor(count: count, threads: context.threads) { _, index in
        walks[index].begin(
          at: chosen[index],
          generator: SeededGenerator(seed: seed, stream: stream + UInt64(index)),
          iterations: budget / count + (index < budget % count ? 1 : 0),
          endsAtOptimum: isDescent, unless: { context.stopsAtOnce() })
      }
      if let reason = coordinator.run(context) { return reason }
      let made = walks.reduce(0) { $0 + $1.made }
      // Generations that begin at local optima make no swap, and must not go on forever.
      left -= made == 0 ? min(left, count) : made
      generation += 1
      lineages[index].take(walks.map(\.best), swaps: made)
    }
    return .iterations
  }

  /// The lineage whose turn it is. The staged one gets a fifth of the work until it has exhausted a
  /// population, then a sixth, or five sixths where it is clearly ahead, as the instance is of its
  /// kind: by half a percent of what an assignment gains over one at random, of cost `mean`.
  private static func next(_ lineages: [Lineage], mean: Double) -> Int {
    guard lineages.count > 1 else { return 0 }
    let (walked, staged) = (lineages[0], lineages[1])
    let isAhead = walked.best - staged.best > 0.005 * (mean - staged.best)
    let ratio = !staged.isProven ? 0.25 : isAhead ? 5 : 0.2
    return staged.work <= ratio * walked.work ? 1 : 0
  }
}
