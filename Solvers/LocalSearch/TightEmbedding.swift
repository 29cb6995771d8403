import QAPPrimitives

/// A constructive start for sparse instances: facilities are placed along the flow graph, each
/// flow at the least distance, by depth-first search within a budget.
///
/// Where every flow spans the least distance, Σ flow × least distance bounds the objective from
/// below (Z. Drezner, P. M. Hahn and É. D. Taillard, Annals of Operations Research 139, 2005,
/// sec. 2.1), so a complete embedding is optimal. Otherwise the deepest partial embedding is
/// completed greedily. The sparser of the two matrices is embedded in the other one.
struct TightEmbedding {
  /// The largest share of entries other than zero of a matrix that is embedded.
  static let maxDensity = 0.3
  /// The most steps of the search; entries of the sparser matrix times n, of the completion.
  private static let maxSteps = 20_000_000
  private static let maxCompletion = 200_000_000

  /// Nodes of the sparser matrix are items, those of the other one are slots.
  private let size: Int
  private let isTransposed: Bool
  private let neighbors: [[Int]]
  /// The slots at the least distance of each slot.
  private let tight: [[Int]]
  private let isTight: [Bool]
  private let weight: (Int, Int) -> Double
  private let cost: (Int, Int) -> Double
  private let linear: (Int, Int) -> Double
  /// Item · n + slot: the linear cost is the item's least; empty without linear costs.
  private let isLeast: [Bool]

  /// Nil for an instance that is not sparse, has negative and positive costs in its sparser matrix,
  /// or two asymmetric matrices.
  init?(_ problem: SwapProblem, using generator: inout SeededGenerator) {
    let (n, width) = (problem.size, problem.stride)
    guard problem.form == .symmetric, n >= 4 else { return nil }
    let (a, b, costs) = (problem.flow, problem.distance, problem.linear)
    func flow(_ i: Int, _ k: Int) -> Double { a.view[i &* width &+ k] }
    func distance(_ j: Int, _ l: Int) -> Double { b.view[j &* n &+ l] }
    func count(_ isIncluded: (Int, Int) -> Bool) -> Int {
      (0..<n).reduce(0) { sum, i in sum + (0..<n).count { $0 != i && isIncluded(i, $0) } }
    }
    let (flows, distances) = (count { flow($0, $1) != 0 }, count { distance($0, $1) != 0 })
    isTransposed = distances < flows
    let edges = min(flows, distances)
    guard edges > 0, Double(edges) <= Self.maxDensity * Double(n * (n - 1)),
      edges * n <= Self.maxCompletion
    else { return nil }
    size = n
    weight = isTransposed ? distance : flow
    cost = isTransposed ? flow : distance
    let (isSparse, isTransposed) = (weight, isTransposed)
    neighbors = (0..<n).map { i in (0..<n).filter { $0 != i && isSparse(i, $0) != 0 } }
    linear = { isTransposed ? costs.view[$1 &* n &+ $0] : costs.view[$0 &* n &+ $1] }

    var (hasPositive, hasNegative) = (false, false)
    for (i, list) in neighbors.enumerated() {
      for k in list { if weight(i, k) > 0 { hasPositive = true } else { hasNegative = true } }
    }
    guard hasPositive != hasNegative else { return nil }
    let sign = hasPositive ? 1.0 : -1.0
    var least = Double.infinity
    for j in 0..<n { for l in 0..<j { least = min(least, sign * cost(j, l)) } }
    var isTight = [Bool](repeating: false, count: n * n)
    var tight = [[Int]](repeating: [], count: n)
    for j in 0..<n {
      for l in 0..<n where l != j && sign * cost(j, l) == least {
        isTight[j * n + l] = true
        tight[j].append(l)
      }
      // Nothing may depend on the numbers of locations.
      for last in stride(from: tight[j].count - 1, to: 0, by: -1) {
        tight[j].swapAt(last, generator.below(last + 1))
      }
    }
    (self.isTight, self.tight) = (isTight, tight)
    isLeast =
      (0..<n * n).contains { costs.view[$0] != 0 }
      ? {
        [linear] in
        (0..<n).flatMap { i in
          let best = (0..<n).reduce(Double.infinity) { min($0, linear(i, $1)) }
          return (0..<n).map { linear(i, $0) == best }
        }
      }() : []
  }

  /// The ticks that it takes at most, for an instance of `n` facilities.
  static func ticks(size n: Int) -> Double {
    30 * Double(n * n) + 10 * Double(min(maxSteps, 64 * n * n)) + Double(maxCompletion)
  }

  /// The location of each facility, in the frame of the problem.
  func places(using generator: inout SeededGenerator) -> [Int] {
    let n = size
    let order = self.order()
    let starts = Permutation(randomOf: n, using: &generator).images
    var rank = [Int](repeating: 0, count: n)
    for (depth, item) in order.enumerated() { rank[item] = depth }
    let earlier = order.indices.map { depth in neighbors[order[depth]].filter { rank[$0] < depth } }
    var deepest: [Int] = []
    if mayBeComplete {
      var left = min(Self.maxSteps, 64 * n * n)
      var share = 8 * n
      var isCut = true
      search: while left > 0, isCut {
        isCut = false
        for start in starts where left > 0 {
          var steps = min(share, left)
          left -= steps
          let found = embed(order, earlier, from: start, starts, steps: &steps)
          left += max(0, steps)
          isCut = isCut || steps <= 0
          if found.count > deepest.count { deepest = found }
          if deepest.count == n { break search }
        }
        share *= 4
      }
    }
    if deepest.isEmpty { deepest = [starts[0]] }
    let slots = complete(deepest, order, starts)
    var places = [Int](repeating: 0, count: n)
    for (item, slot) in slots.enumerated() {
      if isTransposed { places[slot] = item } else { places[item] = slot }
    }
    return places
  }

  /// A necessary condition: the k-th largest number of flows is nowhere above that of tight pairs.
  private var mayBeComplete: Bool {
    let flows = neighbors.map(\.count).sorted()
    let pairs = tight.map(\.count).sorted()
    return zip(flows, pairs).allSatisfy { $0 <= $1 }
  }

  /// The items, each as connected to those before it as possible.
  private func order() -> [Int] {
    var order: [Int] = []
    var isPlaced = [Bool](repeating: false, count: size)
    var connections = [Int](repeating: 0, count: size)
    for _ in 0..<size {
      var next = -1
      for item in 0..<size where !isPlaced[item] {
        if next < 0
          || (connections[item], neighbors[item].count) > (connections[next], neighbors[next].count)
        {
          next = item
        }
      }
      order.append(next)
      isPlaced[next] = true
      for item in neighbors[next] { connections[item] += 1 }
    }
    return order
  }

  /// The slots of the first items of `order`, as many as fit tightly with the first at `start`;
  /// `earlier` are the neighbors of each that come before it. Takes the steps it makes off `steps`.
  private func embed(
    _ order: [Int], _ earlier: [[Int]], from start: Int, _ free: [Int], steps: inout Int
  ) -> [Int] {
    let n = size
    var isUsed = [Bool](repeating: false, count: n)
    var openPairs = tight.map(\.count)
    var slotOf = [Int](repeating: -1, count: n)
    var slots: [Int] = []
    var best: [Int] = []
    // The candidates of each depth, and the next one to be tried.
    var candidates: [[Int]] = [[start]]
    var next = [0]
    while !candidates.isEmpty, steps > 0 {
      let depth = candidates.count - 1
      let item = order[depth]
      if slots.count > depth {
        let slot = slots.removeLast()
        isUsed[slot] = false
        slotOf[item] = -1
        for other in tight[slot] { openPairs[other] += 1 }
      }
      let later = neighbors[item].count - earlier[depth].count
      var chosen = -1
      while next[depth] < candidates[depth].count, steps > 0 {
        let slot = candidates[depth][next[depth]]
        next[depth] += 1
        steps -= 1
        if isUsed[slot] || openPairs[slot] < later { continue }
        if !isLeast.isEmpty && !isLeast[item * n + slot] { continue }
        guard earlier[depth].allSatisfy({ isTight[slotOf[$0] &* n &+ slot] }) else { continue }
        chosen = slot
        break
      }
      guard chosen >= 0 else {
        candidates.removeLast()
        next.removeLast()
        continue
      }
      slots.append(chosen)
      isUsed[chosen] = true
      slotOf[item] = chosen
      for other in tight[chosen] { openPairs[other] -= 1 }
      steps -= tight[chosen].count / 8
      if slots.count > best.count { best = slots }
      if slots.count == n { break }
      // Of the lists that hold all candidates, the shortest.
      let lists = earlier[depth + 1].map { tight[slotOf[$0]] }
      candidates.append(lists.min { $0.count < $1.count } ?? free)
      next.append(0)
    }
    return best
  }

  /// Gives the items of `order` that have no slot yet the cheapest free ones.
  ///
  /// - Complexity: O(n²) and the number of flows times n.
  private func complete(_ slots: [Int], _ order: [Int], _ free: [Int]) -> [Int] {
    var slotOf = [Int](repeating: -1, count: size)
    var isUsed = [Bool](repeating: false, count: size)
    for (item, slot) in zip(order, slots) {
      slotOf[item] = slot
      isUsed[slot] = true
    }
    for item in order.dropFirst(slots.count) {
      let placed = neighbors[item].filter { slotOf[$0] >= 0 }
      var (best, least) = (-1, Double.infinity)
      for slot in free where !isUsed[slot] {
        var sum = linear(item, slot)
        for other in placed { sum += weight(item, other) * cost(slot, slotOf[other]) }
        if sum < least || best < 0 { (best, least) = (slot, sum) }
      }
      slotOf[item] = best
      isUsed[best] = true
    }
    return slotOf
  }
}
