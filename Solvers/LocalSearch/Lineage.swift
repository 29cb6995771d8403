import QAPPrimitives

/// One of the two successions of populations in a memetic search, and the work that it has done.
///
/// In a *staged* lineage, children of the first populations only descend to local optima, so that
/// crossover alone moves whole blocks of facilities, which no walk of swaps does. The champions of
/// four exhausted populations found one of the next stage, whose children are improved by tabu
/// search, four times as long at each further stage (compounded genetic algorithms: Z. Drezner,
/// P. M. Hahn and É. D. Taillard, Annals of Operations Research 139, 2005). In the other lineage
/// every population begins at random, and its children get twice the work of those before.
struct Lineage {
  /// Populations whose champions found one of the next stage.
  private static let championsPerPopulation = 4
  /// The members of a population whose children only descend.
  private static let descentCapacity = 48

  private let size: Int
  private let isStaged: Bool
  private let parameters: Memetic.Parameters
  private var stage = 0
  /// The champions of each stage that founded no population yet.
  private var champions: [[Population.Member]] = [[]]
  private var idle = 0
  private(set) var population: Population
  /// Iterations of each child.
  private(set) var length: Int
  /// The least value of any population.
  private(set) var best = Double.infinity
  /// Swaps made, and those that cost as much as setting up tables.
  private(set) var work = 0.0
  /// A population has been exhausted.
  private(set) var isProven = false

  init(_ problem: SwapProblem, _ parameters: Memetic.Parameters, isStaged: Bool) {
    self.parameters = parameters
    self.isStaged = isStaged
    size = problem.size
    length =
      parameters.iterationsPerChild ?? Memetic.Parameters.defaultIterationsPerChild(size: size)
    population = Population(
      problem, capacity: isStaged ? Self.descentCapacity : parameters.population)
  }

  /// Children end at local optima, whatever is left of their iterations.
  var isDescent: Bool { isStaged && stage == 0 }

  /// Takes the children of a generation, which made `swaps`, and begins a new population if the
  /// present one is exhausted.
  mutating func take(_ children: [(value: Double, locations: [Int])], swaps: Int) {
    // A table takes n³ operations, a swap some n².
    work += Double(swaps) + Double(children.count * size) / 4
    var isNews = !population.isFull
    for child in children { isNews = population.take(child) || isNews }
    best = min(best, population.members.first?.value ?? .infinity)
    idle = isNews ? 0 : idle + 1
    // As many children for each member in populations of any size.
    guard idle * 16 >= parameters.patience * (isDescent ? Self.descentCapacity : 16) else { return }
    idle = 0
    isProven = true
    let founders = isStaged ? promote(population.members.prefix(1)) : []
    if !isStaged, length <= Int.max / 4 { length *= 2 }
    population.restart(
      capacity: isDescent ? Self.descentCapacity : parameters.population, with: founders)
  }

  /// Moves to the next stage when it has enough founders, which are returned, else to the first.
  private mutating func promote(_ champion: ArraySlice<Population.Member>) -> [Population.Member] {
    champions[stage] += champion
    guard champions[stage].count >= Self.championsPerPopulation else {
      stage = 0
      length = Memetic.Parameters.defaultIterationsPerChild(size: size)
      return []
    }
    let founders = champions[stage]
    champions[stage] = []
    stage += 1
    if stage == champions.count { champions.append([]) }
    length = 8 * size << (2 * min(stage - 1, 16))
    return founders
  }
}
