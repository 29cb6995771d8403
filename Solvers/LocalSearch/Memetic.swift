import QAP
import QAPPrimitives

/// Memetic search: a population of assignments whose children are improved by robust tabu search
/// (after U. Benlic and J.-K. Hao, "Memetic search for the quadratic assignment problem", Expert
/// Systems with Applications 42, 2015).
///
/// A child takes what its two parents have in common, and the rest from either at random where that
/// is still free (uniform crossover). Iterated tabu search (see `RobustTabu`) improves it; it then
/// replaces the worst of the population when it is better and no copy. Once children have brought
/// nothing for some generations the population is exhausted: a new one begins, whose children are
/// improved twice as long. Structured instances profit from the crossover, uniform ones from the
/// length of the search, and doubling serves both without knowing which is which.
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

    var population = Population(problem, capacity: parameters.population)
    var length = parameters.iterationsPerChild ?? Parameters.defaultIterationsPerChild(size: n)
    var left = total
    var idle = 0
    var generation: UInt64 = 0
    var begin = context.start.map { problem.grouping.encode($0.locations) }
    while left > 0 {
      // Streams 2g·2³² and (2g + 1)·2³² + child: no two generators of a run are the same.
      var generator = SeededGenerator(seed: context.seed, stream: generation << 33)
      var starts: [[Int]?] = []
      for _ in 0..<count {
        starts.append(population.isFull ? population.child(using: &generator) : begin)
        begin = nil
      }
      let budget = length > left / count ? left : count * length
      let (seed, stream, begins) = (context.seed, (2 * generation + 1) << 32, starts)
      parallelFor(count: count, threads: context.threads) { _, index in
        walks[index].begin(
          at: begins[index],
          generator: SeededGenerator(seed: seed, stream: stream + UInt64(index)),
          iterations: budget / count + (index < budget % count ? 1 : 0),
          unless: { context.stopsAtOnce() })
      }
      if let reason = coordinator.run(context) { return reason }
      left -= budget
      generation += 1

      var isNews = !population.isFull
      for walk in walks { isNews = population.take(walk.best) || isNews }
      idle = isNews ? 0 : idle + 1
      if idle >= parameters.patience {
        population.removeAll()
        idle = 0
        if length <= Int.max / 4 { length *= 2 }
      }
    }
    return .iterations
  }
}
