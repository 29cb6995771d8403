import QAPPrimitives

/// One walk of a robust tabu search. Used by one thread at a time.
final class TabuWalk: SearchWalk, @unchecked Sendable {
  // Unchecked because of the buffers and the plain state: see above.

  let table: SwapTable
  private let target: SearchTarget
  private let constant: Double
  private var generator: SeededGenerator
  /// Iterations not yet made.
  private(set) var remaining: Int
  /// Iterations made since the walk began.
  private(set) var made = 0

  // Tabu memory, in iterations since the walk began (exact in doubles).
  /// A facility of group g may not return to location j before until[g·n + j].
  private let until: Buffer<Double>
  /// The group of each facility, times n: where its row of `until` begins.
  private let untilRow: Buffer<Int>
  /// The earlier of the two facilities' entries for a swap, laid out like the deltas, +∞
  /// outside the upper triangle. Empty with sparse flows, where they are looked up.
  private let closed: Buffer<Double>
  /// Sparse flows: the swap that has the smallest allowed delta of each row looked at.
  private let choices: Buffer<Int>
  /// The smallest allowed delta of each row of the table.
  private let rowSmallest: Buffer<Double>
  private var now = 0.0
  private let shortest: Double
  private let spread: Double
  private let forcedAfter: Double

  // Rounds.
  private let patience: Int
  private let weakest: Int
  private let strongest: Int
  private let roundsPerHome: Int
  private var strength: Int
  private var idle = 0
  private var sinceRebuild = 0
  private var failures = 0
  private var roundValue = Double.infinity
  private let roundPlaces: Buffer<Int>
  private var homeValue = Double.infinity
  private let homePlaces: Buffer<Int>
  private(set) var bestValue = Double.infinity
  private let bestPlaces: Buffer<Int>
  private var isImproved = false
  private var isDone = false

  init(_ problem: SwapProblem, parameters: RobustTabu.Parameters, target: SearchTarget) {
    let (n, width) = (problem.size, problem.stride)
    table = SwapTable(problem)
    self.target = target
    constant = problem.constant
    generator = SeededGenerator(seed: 0)
    remaining = 0
    let distinct = problem.grouping.distinctSize
    until = Buffer(count: n * n, repeating: 0)
    untilRow = Buffer(count: n, repeating: 0)
    untilRow.view.copy(from: problem.grouping.group.map { $0 * n })
    closed = Buffer(count: problem.isSparse ? 0 : n * width, repeating: .infinity)
    choices = Buffer(count: problem.isSparse ? n : 0, repeating: 0)
    rowSmallest = Buffer(count: n, repeating: .infinity)
    shortest = max(1, (parameters.minTenure * Double(distinct)).rounded(.down))
    spread = max(0, (parameters.maxTenure * Double(distinct)).rounded(.up) - shortest) + 1
    forcedAfter = (parameters.aspiration * Double(n * n)).rounded(.up) + 10
    patience = max(10, Int(parameters.patience * Double(n)))
    weakest = min(n, max(2, Int(parameters.weakestKick * Double(n))))
    strongest = min(n, max(weakest, Int(parameters.strongestKick * Double(n))))
    roundsPerHome = parameters.roundsPerHome
    strength = weakest
    roundPlaces = Buffer(count: n, repeating: 0)
    homePlaces = Buffer(count: n, repeating: 0)
    bestPlaces = Buffer(count: n, repeating: 0)
  }

  /// Restarts at `locations` (in the problem's frame), or at random, with `iterations` to make;
  /// forgets the past. A walk whose table `isStopped` leaves unfinished has nothing to offer and no
  /// iterations to make.
  func begin(
    at locations: [Int]?, generator: SeededGenerator, iterations: Int, unless isStopped: () -> Bool
  ) {
    self.generator = generator
    remaining = iterations
    made = 0
    failures = 0
    strength = weakest
    sinceRebuild = 0
    homeValue = .infinity
    bestValue = .infinity
    isImproved = false
    isDone = false
    let n = table.problem.size
    guard
      table.reset(
        to: locations ?? Permutation(randomOf: n, using: &self.generator).images,
        unless: isStopped)
    else {
      remaining = 0
      return
    }
    startRound()
  }

  /// The walk's best assignment, when it is better than at the last call and costs no more than
  /// `limit` (without the constant).
  func takeImprovement(below limit: Double) -> (value: Double, locations: [Int])? {
    guard isImproved else { return nil }
    isImproved = false
    return bestValue <= limit ? best : nil
  }

  /// The best assignment since the walk began, and its value without the constant.
  var best: (value: Double, locations: [Int]) { (bestValue, bestPlaces.view.array) }

  private func startRound() {
    let n = table.problem.size
    until.view.fill(0)
    now = 0
    let (width, c, groupEnd) = (table.problem.stride, closed.view, table.problem.groupEnd.view)
    if !table.problem.isSparse {
      for r in 0..<n {
        for s in groupEnd[r]..<n { c[r &* width &+ s] = 0 }
      }
    }
    idle = 0
    roundValue = .infinity
    record()
  }

  /// Keeps the present assignment when it is the best of the round, or of the walk.
  private func record() {
    let tolerance = table.problem.tolerance
    guard table.value < roundValue - tolerance else { return }
    roundValue = table.value
    roundPlaces.view.copy(from: table.places.view)
    idle = 0
    guard table.value < bestValue - tolerance else { return }
    bestValue = table.value
    bestPlaces.view.copy(from: table.places.view)
    isImproved = true
    if target.isReached(by: bestValue + constant) { isDone = true }
  }

  /// Makes `count` iterations, or those that remain if fewer.
  func advance(_ count: Int) {
    let problem = table.problem
    let count = min(count, remaining)
    // Set anew only by an improvement: on real data the objective recomputed from the instance may
    // miss a target that the updated one has reached.
    isDone = false
    if problem.grouping.groupCount < 2 { return }
    for _ in 0..<count {
      if isDone { return }
      if idle >= patience { endRound() }
      let (u, v) = problem.isSparse ? chooseSparseSwap() : chooseSwap()
      step(u, v)
      remaining -= 1
      made += 1
    }
  }

  private func step(_ u: Int, _ v: Int) {
    let p = table.places.view
    let (oldU, oldV) = (p[u], p[v])
    table.swap(u, v)
    now += 1
    // Of the facilities whose entries these are, only u and v now stand where the entries matter.
    until.view[untilRow.view[u] &+ oldU] = now + tenure()
    until.view[untilRow.view[v] &+ oldV] = now + tenure()
    if !table.problem.isSparse {
      openRow(u)
      openRow(v)
    }
    idle &+= 1
    if !table.problem.isIntegral {
      // Rounding errors grow with the number of updates; computing anew costs n of them.
      sinceRebuild &+= 1
      if sinceRebuild >= 1024 &+ 64 &* table.problem.size {
        table.rebuild()
        sinceRebuild = 0
      }
    }
    record()
  }

  @inline(__always)
  private func tenure() -> Double { shortest + (generator.unit() * spread).rounded(.down) }

  /// Rewrites the tabu state of all swaps of facility `u`.
  @inline(__always)
  private func openRow(_ u: Int) {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (t, c, p, rows) = (until.view, closed.view, table.places.view, untilRow.view)
    let (row, place) = (rows[u], p[u])
    let (start, end) = (table.problem.groupStart.view[u], table.problem.groupEnd.view[u])
    var s = 0
    while s < start {
      let (x, y) = (t[row &+ p[s]], t[rows[s] &+ place])
      c[s &* width &+ u] = x < y ? x : y
      s &+= 1
    }
    s = end
    while s < n {
      let (x, y) = (t[row &+ p[s]], t[rows[s] &+ place])
      c[u &* width &+ s] = x < y ? x : y
      s &+= 1
    }
  }

  /// The swap to carry out: the best of those forced or better than the round's best, else the
  /// best of those allowed (ties at random), else a random one.
  private func chooseSwap() -> (Int, Int) {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (d, c, smallest) = (table.deltas.view, closed.view, rowSmallest.view)
    let groupEnd = table.problem.groupEnd.view
    let limit = Wide(repeating: now)
    let infinite = Wide(repeating: .infinity)
    var least = infinite
    var oldest = infinite
    var allowed = Double.infinity
    for r in 0..<(n &- 1) {
      let row = r &* width
      var mine = infinite
      var s = groupEnd[r] & ~7
      while s < width {
        let (delta, close) = (d.wide(row &+ s), c.wide(row &+ s))
        least = lanewiseMinimum(least, delta)
        oldest = lanewiseMinimum(oldest, close)
        mine = lanewiseMinimum(mine, infinite.replacing(with: delta, where: close .<= limit))
        s &+= 8
      }
      let best = mine.smallest
      smallest[r] = best
      allowed = best < allowed ? best : allowed
    }
    let smallestOfAll = least.smallest
    if table.value + smallestOfAll < roundValue - table.problem.tolerance {
      return swap(of: smallestOfAll)
    }
    if oldest.smallest < now - forcedAfter {
      return forcedSwap(before: now - forcedAfter)
    }
    return allowed < .infinity ? allowedSwap(of: allowed) : randomSwap()
  }

  /// A swap of two facilities that are not interchangeable.
  private func randomSwap() -> (Int, Int) {
    let n = table.problem.size
    let r = generator.below(n)
    let (start, end) = (table.problem.groupStart.view[r], table.problem.groupEnd.view[r])
    let s = generator.below(n - (end - start))
    return (r, s < start ? s : s + (end - start))
  }

  /// As `chooseSwap`, with a look at the rows of least deltas alone: a row's least delta is a bound
  /// until its smallest allowed one is known.
  private func chooseSparseSwap() -> (Int, Int) {
    let n = table.problem.size
    let (_, least) = table.leastRow()
    if table.value + least < roundValue - table.problem.tolerance {
      let (u, v, _) = table.smallestDelta()
      return (u, v)
    }
    // Far beyond the usual length of a round; looked at now and then, as it takes O(n²).
    if now > forcedAfter, now.remainder(dividingBy: Double(n)) == 0,
      let swap = sparseForcedSwap(before: now - forcedAfter)
    {
      return swap
    }
    let (keys, choice) = (rowSmallest.view, choices.view)
    keys.copy(from: table.rowLeast.view)
    choice.fill(-1)
    while true {
      var value = Double.infinity
      for r in 0..<n where keys[r] < value { value = keys[r] }
      guard value < .infinity else { return randomSwap() }
      var (row, ties) = (0, 0)
      for r in 0..<n where keys[r] == value {
        ties &+= 1
        if ties == 1 || generator.below(ties) == 0 { row = r }
      }
      if choice[row] >= 0 { return (row, choice[row]) }
      (keys[row], choice[row]) = smallestAllowed(row)
    }
  }

  /// The smallest allowed delta of a row and its second facility, one at random among equals; +∞
  /// and some facility when none is allowed.
  private func smallestAllowed(_ r: Int) -> (delta: Double, facility: Int) {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (d, t, p, rows) = (table.deltas.view, until.view, table.places.view, untilRow.view)
    let (row, place) = (rows[r], p[r])
    var (best, choice, ties) = (Double.infinity, 0, 0)
    for s in table.problem.groupEnd.view[r]..<n {
      let delta = d[r &* width &+ s]
      guard delta <= best, min(t[row &+ p[s]], t[rows[s] &+ place]) <= now else { continue }
      if delta < best { (best, ties) = (delta, 0) }
      ties &+= 1
      if ties == 1 || generator.below(ties) == 0 { choice = s }
    }
    return (best, choice)
  }

  /// As `forcedSwap`, nil when there is none.
  private func sparseForcedSwap(before moment: Double) -> (Int, Int)? {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (d, t, p, rows) = (table.deltas.view, until.view, table.places.view, untilRow.view)
    var result: (Int, Int)?
    var best = Double.infinity
    for r in 0..<n {
      for s in table.problem.groupEnd.view[r]..<n {
        let delta = d[r &* width &+ s]
        if delta < best, min(t[rows[r] &+ p[s]], t[rows[s] &+ p[r]]) < moment {
          (best, result) = (delta, (r, s))
        }
      }
    }
    return result
  }

  /// The first swap of delta `value`.
  private func swap(of value: Double) -> (Int, Int) {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (d, ends) = (table.deltas.view, table.problem.groupEnd.view)
    for r in 0..<n {
      for s in ends[r]..<n where d[r &* width &+ s] == value { return (r, s) }
    }
    return (0, n - 1)
  }

  /// The best of the swaps whose tabu state ended before `moment`.
  private func forcedSwap(before moment: Double) -> (Int, Int) {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (d, c, ends) = (table.deltas.view, closed.view, table.problem.groupEnd.view)
    var result = (0, n - 1)
    var best = Double.infinity
    for r in 0..<n {
      for s in ends[r]..<n {
        let index = r &* width &+ s
        if c[index] < moment, d[index] < best {
          best = d[index]
          result = (r, s)
        }
      }
    }
    return result
  }

  /// One of the allowed swaps of delta `value`: a random row that has one, then a random one of
  /// that row.
  @inline(__always)
  private func allowedSwap(of value: Double) -> (Int, Int) {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (d, c, smallest) = (table.deltas.view, closed.view, rowSmallest.view)
    var ties = 0
    var r = 0
    for row in 0..<(n &- 1) where smallest[row] == value {
      ties &+= 1
      if ties == 1 || generator.below(ties) == 0 { r = row }
    }
    ties = 0
    var choice = table.problem.groupEnd.view[r]
    for s in choice..<n {
      let index = r &* width &+ s
      if d[index] == value && c[index] <= now {
        ties &+= 1
        if ties == 1 || generator.below(ties) == 0 { choice = s }
      }
    }
    return (r, choice)
  }

  /// Ends a round: keeps its best as the new home when it is no worse, and kicks the home.
  private func endRound() {
    let problem = table.problem
    let n = problem.size
    if roundValue < homeValue - problem.tolerance {
      failures = 0
      strength = weakest
    } else {
      failures += 1
      strength = strength < strongest ? strength + 1 : weakest
    }
    if roundValue <= homeValue {
      homeValue = roundValue
      homePlaces.view.copy(from: roundPlaces.view)
    }
    if failures >= roundsPerHome {
      failures = 0
      strength = weakest
      homeValue = .infinity
      table.reset(to: Permutation(randomOf: n, using: &generator).images)
    } else {
      kick()
    }
    startRound()
  }

  /// Moves the home's facilities along a random cycle of `strength` of them.
  private func kick() {
    let n = table.problem.size
    var facilities = Permutation(randomOf: n, using: &generator).images
    facilities.removeLast(n - strength)
    var places = homePlaces.view.array
    for index in 1..<max(1, strength) {
      places.swapAt(facilities[index - 1], facilities[index])
    }
    table.reset(to: places)
    sinceRebuild = 0
  }
}
