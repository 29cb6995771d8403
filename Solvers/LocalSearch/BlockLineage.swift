import QAP
import QAPPrimitives

/// The second succession of populations of a memetic search on structured instances: its children
/// are improved by walks that swap blocks (see `BlockWalk`), each until it stagnates. A child
/// enters the population when its walk ends, and its walk begins again with a child of two members,
/// at random while there are too few.
final class BlockLineage {
  /// The assignments that are kept: champions of long walks.
  private static let capacity = 8
  /// Children in a row that are not worth keeping, after which a new population begins.
  private static let patience = 24

  private let problem: SwapProblem
  private let walks: [BlockWalk]
  private let coordinator: WalkCoordinator
  private var population: Population
  private var idle = 0
  private(set) var best = Double.infinity
  /// Swaps made, and those that cost as much as setting up tables.
  private(set) var work = 0.0

  /// A lineage on `tables`, which are free for other use between its turns.
  init(_ problem: SwapProblem, tables: [SwapTable], moves: BlockMoves, target: SearchTarget) {
    self.problem = problem
    walks = tables.map { BlockWalk($0, moves: moves, target: target) }
    coordinator = WalkCoordinator(problem, target: target, walks: walks)
    population = Population(problem, capacity: Self.capacity)
  }

  /// Lets the walks make `iterations` together, each with a stream from `stream` on when it begins.
  /// Returns those made, and the reason to stop if there is one.
  func turn(
    _ context: SolveContext, iterations: Int, stream: UInt64,
    using generator: inout SeededGenerator
  ) -> (made: Int, stop: Termination?) {
    let (walks, count, seed) = (walks, walks.count, context.seed)
    var starts: [[Int]?] = []
    let begins = walks.map(\.isFinished)
    for isBeginning in begins {
      starts.append(
        isBeginning && population.isFull ? population.child(using: &generator) : nil)
    }
    let chosen = starts
    parallelFor(count: count, threads: context.threads) { _, index in
      let share = iterations / count + (index < iterations % count ? 1 : 0)
      if begins[index] {
        walks[index].begin(
          at: chosen[index],
          generator: SeededGenerator(seed: seed, stream: stream + UInt64(index)),
          iterations: share, unless: { context.stopsAtOnce() })
      } else {
        walks[index].resume(iterations: share)
      }
    }
    let stop = coordinator.run(context)
    let made = walks.reduce(0) { $0 + $1.made }
    work += Double(made) + Double(begins.count { $0 } * problem.size) / 4
    for walk in walks {
      let found = walk.best
      best = min(best, found.value)
      guard walk.isFinished, found.value < .infinity else { continue }
      idle = population.take(found) ? 0 : idle + 1
    }
    if idle >= Self.patience {
      idle = 0
      population.restart(capacity: Self.capacity)
    }
    return (made, stop)
  }
}
