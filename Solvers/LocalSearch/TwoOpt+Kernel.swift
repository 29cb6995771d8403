import QAP
import QAPPrimitives

/// One descent on a table.
struct Descent {
  let table: SwapTable
  let seed: UInt64
  let index: Int

  init(_ table: SwapTable, seed: UInt64, index: Int) {
    self.table = table
    self.seed = seed
    self.index = index
  }

  /// Descends from `begin`, or from a random assignment; returns the number of swaps made.
  func run(from begin: [Int]?, rule: TwoOpt.Rule, limit: Int, stop context: SolveContext) -> Int {
    let n = table.problem.size
    var generator = SeededGenerator(seed: seed, stream: UInt64(index))
    let isStopped = { context.stopsAtOnce() }
    let start = begin ?? Permutation(randomOf: n, using: &generator).images
    guard table.reset(to: start, unless: isStopped) else { return 0 }
    switch rule {
    case .bestImprovement: return bestImprovement(limit: limit, isStopped)
    case .firstImprovement:
      let order = Permutation(randomOf: n, using: &generator).images
      return firstImprovement(order, limit: limit, isStopped)
    }
  }

  /// The swaps between two looks at the clock: about as many as cost 10⁶ updated deltas.
  private var pollInterval: Int {
    let n = table.problem.size
    switch table.problem.form {
    case .symmetric, .asymmetric, .table: return max(1, 1_000_000 / (n * n))
    case .entries: return 1
    }
  }

  /// The swaps after which rounding errors on real data are removed, so that they do not keep a
  /// descent going; never so often that this costs more than the swaps themselves.
  private var rebuildInterval: Int {
    table.problem.isIntegral ? .max : max(pollInterval, table.problem.size)
  }

  /// Removes rounding errors. False when nothing was gained since the value was `before`, so that
  /// they alone keep the descent going, or when `isStopped` said so.
  private func rebuild(since before: inout Double, unless isStopped: () -> Bool) -> Bool {
    guard table.rebuild(unless: isStopped), table.value < before else { return false }
    before = table.value
    return true
  }

  /// Carries out the best swap while it improves.
  func bestImprovement(limit: Int, _ isStopped: () -> Bool) -> Int {
    let (interval, rebuildInterval) = (pollInterval, rebuildInterval)
    var steps = 0
    var value = table.value
    while steps < limit {
      let (u, v, delta) = table.smallestDelta()
      if delta >= -table.problem.tolerance { break }
      table.swap(u, v)
      steps += 1
      if steps % rebuildInterval == 0, !rebuild(since: &value, unless: isStopped) { break }
      if steps % interval == 0, isStopped() { break }
    }
    return steps
  }

  /// Goes through the pairs of `order` again and again, and carries out every improving swap as
  /// it is met, until a whole pass meets none.
  private func firstImprovement(_ order: [Int], limit: Int, _ isStopped: () -> Bool) -> Int {
    let (n, tolerance) = (table.problem.size, table.problem.tolerance)
    let (interval, rebuildInterval) = (pollInterval, rebuildInterval)
    var steps = 0
    var value = table.value
    var sinceImprovement = 0
    let pairs = n * (n - 1) / 2
    while sinceImprovement < pairs {
      for x in 0..<n {
        for y in (x + 1)..<max(n, x + 1) {
          let (r, s) = (min(order[x], order[y]), max(order[x], order[y]))
          sinceImprovement += 1
          guard table.delta(r, s) < -tolerance else { continue }
          table.swap(r, s)
          sinceImprovement = 0
          steps += 1
          if steps >= limit { return steps }
          if steps % rebuildInterval == 0, !rebuild(since: &value, unless: isStopped) {
            return steps
          }
          if steps % interval == 0, isStopped() { return steps }
        }
      }
    }
    return steps
  }
}
