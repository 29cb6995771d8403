import QAP
import QAPPrimitives

/// Memetic search: a population of assignments whose children are improved by robust tabu search
/// (after U. Benlic and J.-K. Hao, "Memetic search for the quadratic assignment problem", Expert
/// Systems with Applications 42, 2015).
///
/// A child takes what its two parents have in common, and the rest from either at random where that
/// is still free (uniform crossover). Iterated tabu search (see `RobustTabu`) improves it; it then
/// replaces the worst of the population when it is better and no copy. Once children have brought
/// nothing for some generations the population is exhausted, and a new one begins. On structured
/// instances a second succession of populations improves children by swapping blocks (see
/// `BlockLineage`); most of the work goes to it where it is clearly ahead. On sparse instances one
/// member is constructed along the flow graph (see `TightEmbedding`).
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

  /// The layout of the instance, and for each child a table with its tabu memory and, up to a size,
  /// the table that a walk with blocks returns to.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    SwapProblem.bytes(
      size: size, isSymmetric: isSymmetric,
      tables: parameters.children ?? RobustTabu.Parameters.defaultWalks(size: size),
      memory: Self.memory(size: size))
  }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    let instance = context.instance
    let n = instance.size
    if let search = SparseSearch(context) {
      return search.run(context, iterations: parameters.iterations)
    }
    // A population gains from all the time that it is given.
    let total = context.plannedIterations(
      parameters.iterations, fillsTime: true,
      default: RobustTabu.Parameters.defaultIterations(size: n))
    let count = min(parameters.children ?? RobustTabu.Parameters.defaultWalks(size: n), total)
    guard
      let problem = context.layout(
        mergesInterchangeable: true, tables: count, memory: Self.memory(size: n))
    else {
      return context.stopReason() ?? .time
    }
    let target = SearchTarget(context)
    let search = parameters.search ?? Parameters.defaultSearch(FlowDominance(instance))
    let walks = (0..<count).map { _ in TabuWalk(problem, parameters: search, target: target) }
    let coordinator = WalkCoordinator(problem, target: target, walks: walks)

    // A second lineage on structured instances; the first one has the caller's work a child.
    var lineage = Lineage(problem, parameters)
    var blocks: BlockLineage?
    let hasBlocks =
      !(FlowDominance(instance)?.isUniform ?? true) && parameters.iterationsPerChild == nil
    let mean = (instance.meanObjective ?? 0) - problem.constant
    var left = total
    var generation: UInt64 = 0
    // Apart from the generations, which are those of a search without blocks.
    var turn: UInt64 = 1 << 30
    var begins = problem.starts(context)
    while left > 0 {
      if hasBlocks, blocks == nil, generation == 1 {
        var generator = SeededGenerator(seed: context.seed, stream: .max - 1)
        if let moves = BlockMoves(problem, using: &generator) {
          blocks = BlockLineage(problem, tables: walks.map(\.table), moves: moves, target: target)
        }
      }
      let budget = lineage.length > left / count ? left : count * lineage.length
      if let blocks, Memetic.isTurn(of: blocks, beside: lineage, mean: mean) {
        var generator = SeededGenerator(seed: context.seed, stream: turn << 33)
        let (made, stop) = blocks.turn(
          context, iterations: (budget + 1) / 2, stream: (2 * turn + 1) << 32, using: &generator)
        if let stop { return stop }
        left -= made == 0 ? min(left, count) : made
        turn += 1
        continue
      }
      // Streams 2g·2³² and (2g + 1)·2³² + child: no two generators of a run are the same.
      var generator = SeededGenerator(seed: context.seed, stream: generation << 33)
      var starts: [[Int]?] = []
      for _ in 0..<count {
        starts.append(
          lineage.population.isFull
            ? lineage.population.child(using: &generator)
            : begins.isEmpty ? nil : begins.removeFirst())
      }
      let (seed, stream, chosen) = (context.seed, (2 * generation + 1) << 32, starts)
      parallelFor(count: count, threads: context.threads) { _, index in
        walks[index].begin(
          at: chosen[index],
          generator: SeededGenerator(seed: seed, stream: stream + UInt64(index)),
          iterations: budget / count + (index < budget % count ? 1 : 0),
          unless: { context.stopsAtOnce() })
      }
      if let reason = coordinator.run(context) { return reason }
      let made = walks.reduce(0) { $0 + $1.made }
      // Generations that begin at local optima make no swap, and must not go on forever.
      left -= made == 0 ? min(left, count) : made
      generation += 1
      lineage.take(walks.map(\.best), swaps: made)
    }
    return .iterations
  }

  private static func memory(size: Int) -> Int { size <= BlockMoves.maxSize ? 6 : 2 }

  /// True when the lineage that swaps blocks is behind its share of the work: a tenth, or five
  /// sixths where it is clearly ahead, by half a percent of what an assignment gains over one at
  /// random, of cost `mean`.
  private static func isTurn(
    of blocks: BlockLineage, beside lineage: Lineage, mean: Double
  ) -> Bool {
    let isAhead = lineage.best - blocks.best > 0.005 * (mean - blocks.best)
    return blocks.work < (isAhead ? 5 : 0.1) * lineage.work
  }
}
