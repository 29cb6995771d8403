import QAP
import QAPPrimitives
import Synchronization

/// The costs of a subset problem as tabu search reads them: pair costs q[i,j] = C[i,j] + C[j,i] in
/// rows padded to whole vectors, with zeros on the diagonal, and the diagonal itself.
final class SwapCosts: @unchecked Sendable {
  // Unchecked because of the buffers, which nobody changes after `init`.

  let items: Int
  let size: Int
  let stride: Int
  let pairs: Buffer<Double>
  let single: Buffer<Double>
  /// The sum of all costs without their signs: what rounding errors are measured by.
  let magnitude: Double

  /// O(L²) time and memory.
  init(_ problem: SubsetProblem) {
    items = problem.items
    size = problem.size
    stride = wideStride(items)
    pairs = Buffer(count: items * stride, repeating: 0.0)
    single = Buffer(count: items, repeating: 0.0)
    magnitude = problem.costs.elements.reduce(0) { $0 + abs($1) }
    for i in 0..<items {
      single.view[i] = problem.costs[i, i]
      for j in 0..<i {
        let cost = problem.pairCost(i, j)
        pairs.view[i * stride + j] = cost
        pairs.view[j * stride + i] = cost
      }
    }
  }

  /// q[i,·], padded.
  @inline(__always) func row(_ i: Int) -> BufferView<Double> {
    pairs.view.window(i * stride, stride)
  }
}

/// One tabu search over subsets of N items: a move swaps a chosen item with one that is not.
///
/// With the values v[i] = C[i,i] + Σ_{k ∈ S} q[i,k], choosing j instead of i costs v[j] − v[i] −
/// q[i,j] more. A move updates v in O(L) and looks at all N(L − N) swaps, eight at a time. An item
/// that was moved stays where it is for some moves, unless the swap leads to a new best (Glover and
/// Laguna 1997; for this problem Palubeckis 2007). When nothing better comes for long, random swaps
/// lead elsewhere. A walk belongs to one thread at a time.
final class SwapWalk: @unchecked Sendable {
  private let costs: SwapCosts
  private var generator: SeededGenerator
  /// v, padded.
  private let values: Buffer<Double>
  /// v of the items that are not chosen, and of those that may be chosen now; +∞ elsewhere.
  private let outside: Buffer<Double>
  private let eligible: Buffer<Double>
  /// The chosen items, in any order, and the place of each item among them, or −1.
  private let members: Buffer<Int>
  private let place: Buffer<Int>
  /// The move from which on an item may move again.
  private let release: Buffer<Int>
  private var move = 0
  private var value = 0.0
  private var lastImprovement = 0
  /// The least value since the last kick, and ever.
  private var roundBest = Double.infinity
  private(set) var bestValue = Double.infinity
  private var bestMembers: [Int] = []
  private var hasImproved = false
  /// Moves still to make.
  private(set) var remaining: Int
  private let patience: Int
  private let tolerance: Double

  /// A walk from a random subset (or, without a generator's help, a greedy one when `isGreedy`).
  init(
    _ costs: SwapCosts, seed: UInt64, stream: Int, moves: Int, isGreedy: Bool, tolerance: Double
  ) {
    self.costs = costs
    self.tolerance = tolerance
    generator = SeededGenerator(seed: seed, stream: UInt64(stream))
    values = Buffer(count: costs.stride, repeating: .infinity)
    outside = Buffer(count: costs.stride, repeating: .infinity)
    eligible = Buffer(count: costs.stride, repeating: .infinity)
    members = Buffer(count: costs.size, repeating: 0)
    place = Buffer(count: costs.items, repeating: -1)
    release = Buffer(count: costs.items, repeating: 0)
    remaining = moves
    patience = max(200, 10 * costs.items)
    if isGreedy { beginGreedily() } else { beginAtRandom() }
    rebuild()
    remember()
  }

  private func beginAtRandom() {
    var order = Array(0..<costs.items)
    for k in 0..<costs.size { order.swapAt(k, k + generator.below(costs.items - k)) }
    for k in 0..<costs.size { choose(order[k], at: k) }
  }

  /// Leaves out, one after the other, the item that costs most.
  ///
  /// - Complexity: O(L²).
  private func beginGreedily() {
    let n = costs.items
    var values = (0..<n).map { i in
      var sum = costs.single.view[i]
      for j in 0..<n { sum += costs.row(i)[j] }
      return sum
    }
    var kept = Array(0..<n)
    while kept.count > costs.size {
      var worst = 0
      for k in kept.indices where values[kept[k]] > values[kept[worst]] { worst = k }
      let item = kept.remove(at: worst)
      for j in kept { values[j] -= costs.row(item)[j] }
    }
    for k in 0..<costs.size { choose(kept[k], at: k) }
  }

  private func choose(_ item: Int, at k: Int) {
    members.view[k] = item
    place.view[item] = k
  }

  /// Computes everything from the members. Removes the rounding errors that updates leave.
  ///
  /// - Complexity: O(NL).
  private func rebuild() {
    let v = values.view
    for i in 0..<costs.items { v[i] = costs.single.view[i] }
    for k in 0..<costs.size {
      let row = costs.row(members.view[k])
      for i in 0..<costs.items { v[i] += row[i] }
    }
    // Σ v over the members counts pairs twice.
    value = 0
    for k in 0..<costs.size {
      value += 0.5 * (v[members.view[k]] + costs.single.view[members.view[k]])
    }
    refreshKeys()
  }

  private func refreshKeys() {
    let (v, out, free) = (values.view, outside.view, eligible.view)
    let (at, until) = (place.view, release.view)
    for i in 0..<costs.items {
      let key = at[i] < 0 ? v[i] : .infinity
      out[i] = key
      free[i] = until[i] <= move ? key : .infinity
    }
  }

  private func remember() {
    roundBest = min(roundBest, value)
    guard value < bestValue - tolerance else { return }
    bestValue = value
    bestMembers = members.view.array
    hasImproved = true
  }

  /// The best subset so far, if it is better than the last one taken.
  func takeImprovement() -> [Int]? {
    defer { hasImproved = false }
    return hasImproved ? bestMembers : nil
  }

  /// Makes at most `count` of the moves that remain.
  func advance(_ count: Int) {
    let free = costs.items - costs.size
    guard free > 0 else {
      remaining = 0
      return
    }
    for _ in 0..<min(count, remaining) {
      remaining -= 1
      move += 1
      step()
      if move - lastImprovement > patience { kick() }
    }
  }

  private func step() {
    guard let (position, item) = bestSwap() else {
      // Everything is barred: bars fall.
      release.view.fill(0)
      refreshKeys()
      return
    }
    let out = members.view[position]
    swap(position, item)
    let (n, free) = (costs.size, costs.items - costs.size)
    release.view[out] = move + 1 + min(15, free / 4) + generator.below(1 + min(10, free / 4))
    release.view[item] = move + 1 + min(10, n / 4) + generator.below(1 + min(6, n / 4))
    refreshKeys()
    if value < roundBest - tolerance { lastImprovement = move }
    remember()
  }

  /// Chooses `item` instead of the member at `position`, keys aside.
  ///
  /// - Complexity: O(L).
  private func swap(_ position: Int, _ item: Int) {
    let out = members.view[position]
    let v = values.view
    value += v[item] - v[out] - costs.row(out)[item]
    place.view[out] = -1
    choose(item, at: position)
    let (a, b) = (costs.row(item), costs.row(out))
    var i = 0
    while i < costs.stride {
      v.store(v.wide(i) + (a.wide(i) - b.wide(i)), i)
      i += 8
    }
  }

  /// The swap that costs least among those that are allowed: position of a member, and the item to
  /// take its place. Nil when none is.
  private func bestSwap() -> (Int, Int)? {
    let (v, out, free) = (values.view, outside.view, eligible.view)
    var (least, position, barred) = (Double.infinity, -1, false)
    for k in 0..<costs.size {
      let i = members.view[k]
      let row = costs.row(i)
      let mayLeave = release.view[i] <= move
      var all = Wide(repeating: .infinity)
      var allowed = all
      var j = 0
      if mayLeave {
        while j < costs.stride {
          let q = row.wide(j)
          all = lanewiseMinimum(all, out.wide(j) - q)
          allowed = lanewiseMinimum(allowed, free.wide(j) - q)
          j += 8
        }
      } else {
        while j < costs.stride {
          all = lanewiseMinimum(all, out.wide(j) - row.wide(j))
          j += 8
        }
      }
      let any = all.smallest - v[i]
      if any < least, value + any < bestValue - tolerance {
        (least, position, barred) = (any, k, true)
      }
      let open = allowed.smallest - v[i]
      if open < least { (least, position, barred) = (open, k, false) }
    }
    guard position >= 0 else { return nil }
    let i = members.view[position]
    let (row, keys) = (costs.row(i), barred ? out : free)
    for j in 0..<costs.items where (keys[j] - row[j]) - v[i] == least { return (position, j) }
    return nil
  }

  /// Random swaps, of a tenth to a third of the items.
  private func kick() {
    let most = max(1, min(costs.size, costs.items - costs.size))
    let count = max(1, most / 10 + generator.below(1 + most / 4))
    for _ in 0..<count {
      var item = generator.below(costs.items)
      while place.view[item] >= 0 { item = generator.below(costs.items) }
      swap(generator.below(costs.size), item)
    }
    release.view.fill(0)
    rebuild()
    lastImprovement = move
    roundBest = value
    remember()
  }
}

/// Several walks, made by the threads of one loop.
final class WalkSlots: Sendable {
  private let slots: Mutex<[SwapWalk?]>

  init(_ count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }

  func set(_ index: Int, _ walk: SwapWalk) { slots.withLock { $0[index] = walk } }

  var values: [SwapWalk] { slots.withLock { $0.compactMap { $0 } } }
}
