import QAPPrimitives

/// An iterated local search whose kicks swap blocks (see `BlockMoves`): a descent follows each,
/// and a result that costs more than before is undone. Sizes of blocks that have lately gained the
/// most for their work are tried most often. Used by one thread at a time.
final class BlockWalk: SearchWalk, @unchecked Sendable {
  // Unchecked because of the buffers and the plain state: see above.

  private let table: SwapTable
  /// The local optimum that kicks begin from; the start while there is none.
  private let home: SwapTable
  private let moves: BlockMoves
  private let target: SearchTarget
  private var generator = SeededGenerator(seed: 0)
  private(set) var remaining = 0
  private(set) var made = 0
  /// The swaps of a kick that are not carried out yet, the class of its size, and its work.
  private var pending: [(Int, Int)] = []
  private var kick = 0
  private var work = 0.0
  private var gains: [Double] = []
  private var costs: [Double] = []
  private var idle = 0
  private var sinceRebuild = 0
  private var hasHome = false
  private var isImproved = false
  private var isDone = false

  /// A walk on `table`, which is free for other use between its runs.
  init(_ table: SwapTable, moves: BlockMoves, target: SearchTarget) {
    self.table = table
    self.moves = moves
    self.target = target
    home = SwapTable(table.problem)
  }

  /// No kick has improved the walk for long.
  private(set) var isFinished = true

  /// Begins at `locations`, or at random.
  func begin(
    at locations: [Int]?, generator: SeededGenerator, iterations: Int, unless isStopped: () -> Bool
  ) {
    self.generator = generator
    (isFinished, hasHome, idle, sinceRebuild) = (false, false, 0, 0)
    pending = []
    gains = moves.classes.map { _ in 1 }
    costs = gains
    let n = table.problem.size
    let start = locations ?? Permutation(randomOf: n, using: &self.generator).images
    let isReady = table.reset(to: start, unless: isStopped)
    home.copy(from: table)
    (made, remaining) = (0, isReady ? iterations : 0)
  }

  /// Goes on from its best assignment, with `iterations` to make.
  func resume(iterations: Int) {
    table.copy(from: home)
    pending = []
    (made, remaining) = (0, iterations)
  }

  var best: (value: Double, locations: [Int]) {
    hasHome ? (home.value, home.locations) : (.infinity, home.locations)
  }

  func takeImprovement(below limit: Double) -> (value: Double, locations: [Int])? {
    guard isImproved else { return nil }
    isImproved = false
    return home.value <= limit ? best : nil
  }

  func advance(_ count: Int) {
    isDone = false
    if table.problem.grouping.groupCount < 2 { return }
    for _ in 0..<min(count, remaining) {
      if isDone { return }
      remaining -= 1
      made += 1
      work += 1
      if let (u, v) = pending.popLast() {
        table.swap(u, v)
        continue
      }
      let (u, v, delta) = table.smallestDelta()
      if delta < -table.problem.tolerance { table.swap(u, v) } else { endKick() }
    }
  }

  /// Keeps the local optimum, or returns to the one before, and draws the next blocks.
  private func endKick() {
    let tolerance = table.problem.tolerance
    sinceRebuild += Int(work)
    if !table.problem.isIntegral, sinceRebuild >= 1024 + 64 * table.problem.size {
      sinceRebuild = 0
      table.rebuild()
    }
    idle += 1
    if hasHome { costs[kick] += work }
    if !hasHome || table.value < home.value - tolerance {
      if hasHome { gains[kick] += 100 }
      (hasHome, isImproved, idle) = (true, true, 0)
      home.copy(from: table)
      if target.isReached(by: home.value + table.problem.constant) { isDone = true }
    } else if table.value <= home.value {
      home.copy(from: table)
    } else {
      table.copy(from: home)
    }
    for index in gains.indices {
      gains[index] = max(1, 0.999 * gains[index])
      costs[index] = max(1, 0.999 * costs[index])
    }
    if idle >= 3 * table.problem.size {
      isFinished = true
      remaining = 0
      return
    }
    work = 0
    let rates = gains.indices.map { gains[$0] / costs[$0] }
    var draw = generator.unit() * rates.reduce(0, +)
    kick =
      rates.firstIndex {
        draw -= $0
        return draw < 0
      } ?? 0
    let sizes = moves.classes[kick]
    let count = sizes.lowerBound + generator.below(sizes.count)
    pending = moves.draw(count, in: table, using: &generator)
  }
}
