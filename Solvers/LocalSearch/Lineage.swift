import QAPPrimitives

/// The succession of populations whose children are improved by tabu search. Every population
/// begins at random, and its children get twice the iterations of those before.
struct Lineage {
  private let size: Int
  private let parameters: Memetic.Parameters
  private var idle = 0
  private(set) var population: Population
  /// Iterations of each child.
  private(set) var length: Int
  /// The least value of any population.
  private(set) var best = Double.infinity
  /// Swaps made, and those that cost as much as setting up tables.
  private(set) var work = 0.0

  init(_ problem: SwapProblem, _ parameters: Memetic.Parameters) {
    self.parameters = parameters
    size = problem.size
    length =
      parameters.iterationsPerChild ?? Memetic.Parameters.defaultIterationsPerChild(size: size)
    population = Population(problem, capacity: parameters.population)
  }

  /// Takes the children of a generation, which made `swaps`, and begins a new population if the
  /// present one is exhausted.
  mutating func take(_ children: [(value: Double, locations: [Int])], swaps: Int) {
    // A table takes n³ operations, a swap some n².
    work += Double(swaps) + Double(children.count * size) / 4
    var isNews = !population.isFull
    for child in children { isNews = population.take(child) || isNews }
    best = min(best, population.members.first?.value ?? .infinity)
    idle = isNews ? 0 : idle + 1
    guard idle >= parameters.patience else { return }
    idle = 0
    if length <= Int.max / 4 { length *= 2 }
    population.restart(capacity: parameters.population)
  }
}
