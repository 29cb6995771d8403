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

  // Tabu memory, in iterations since a round began (exact in doubles and, up to `longestRound`, in
  // floats): one of the two, as the table is.
  private let scan: TabuScan<Wide>?
  private let narrowScan: TabuScan<Narrow>?
  private static let longestRound = 0x1p22
  /// Sparse flows: the swap that has the smallest allowed delta of each row looked at.
  private let choices: Buffer<Int>
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
    let n = problem.size
    table = SwapTable(problem)
    self.target = target
    constant = problem.constant
    generator = SeededGenerator(seed: 0)
    remaining = 0
    let distinct = problem.grouping.distinctSize
    scan = table.narrow == nil ? TabuScan(table, table.rows) : nil
    narrowScan = table.narrow.map { [table] in TabuScan(table, $0) }
    choices = Buffer(count: problem.isSparse ? n : 0, repeating: 0)
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
    scan?.clear()
    narrowScan?.clear()
    now = 0
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
      if idle >= patience || now >= TabuWalk.longestRound { endRound() }
      if let narrowScan {
        step(chooseSwap(narrowScan), narrowScan)
      } else if let scan {
        step(problem.isSparse ? chooseSparseSwap(scan) : chooseSwap(scan), scan)
      }
      remaining -= 1
      made += 1
    }
  }

  private func step<L: SwapLanes>(_ swap: (Int, Int), _ scan: TabuScan<L>) {
    let ((u, v), p) = (swap, table.places.view)
    let (oldU, oldV) = (p[u], p[v])
    table.swap(u, v)
    now += 1
    // Of the facilities whose entries these are, only u and v now stand where the entries matter.
    scan.close(u, oldU, until: now + tenure())
    scan.close(v, oldV, until: now + tenure())
    if !table.problem.isSparse {
      scan.update(u)
      scan.update(v)
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

  /// The swap to carry out: the best of those forced or better than the round's best, else the
  /// best of those allowed (ties at random), else a random one.
  private func chooseSwap<L: SwapLanes>(_ scan: TabuScan<L>) -> (Int, Int) {
    let (delta, moment, allowed) = scan.smallest(at: now)
    if table.value + delta < roundValue - table.problem.tolerance { return scan.swap(of: delta) }
    if moment < now - forcedAfter { return scan.forcedSwap(before: now - forcedAfter) }
    guard allowed < .infinity else { return randomSwap() }
    // A copy, as the walk's own is looked after at each access.
    var random = generator
    defer { generator = random }
    return scan.allowedSwap(of: allowed, at: now, using: &random)
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
  private func chooseSparseSwap(_ scan: TabuScan<Wide>) -> (Int, Int) {
    let n = table.problem.size
    let (_, least) = table.leastRow()
    if table.value + least < roundValue - table.problem.tolerance {
      let (u, v, _) = table.smallestDelta()
      return (u, v)
    }
    // Far beyond the usual length of a round; looked at now and then, as it takes O(n²).
    if now > forcedAfter, now.remainder(dividingBy: Double(n)) == 0,
      let swap = sparseForcedSwap(scan, before: now - forcedAfter)
    {
      return swap
    }
    let (keys, choice) = (scan.rowSmallest.view, choices.view)
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
      (keys[row], choice[row]) = smallestAllowed(scan, row)
    }
  }

  /// The smallest allowed delta of a row and its second facility, one at random among equals; +∞
  /// and some facility when none is allowed.
  private func smallestAllowed(_ scan: TabuScan<Wide>, _ r: Int) -> (
    delta: Double, facility: Int
  ) {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (d, t) = (table.deltas.view, scan.until.view)
    let (p, rows) = (table.places.view, scan.untilRow.view)
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
  private func sparseForcedSwap(
    _ scan: TabuScan<Wide>, before moment: Double
  ) -> (Int, Int)? {
    let (n, width) = (table.problem.size, table.problem.stride)
    let (d, t) = (table.deltas.view, scan.until.view)
    let (p, rows) = (table.places.view, scan.untilRow.view)
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
