import QAPPrimitives

/// An iterated local search on a large sparse graph: items whose surroundings have changed look for
/// their best swap; once none improves, a few items close to each other in the graph change places,
/// and a result that costs more is undone. Used by one thread at a time.
final class SparseWalk: @unchecked Sendable {
  // Unchecked because of the buffers and the plain state: see above.

  private let graph: SparseGraph
  private var generator: SeededGenerator
  private(set) var slots: [Int]
  /// f without the constant, up to rounding errors on real data.
  private(set) var value = 0.0
  /// The cost of each item where it is.
  private let own: Buffer<Double>
  private let costs: Buffer<Double>
  private let row: Buffer<Double>
  private var waiting: [Int] = []
  private var isWaiting: [Bool]
  /// Swaps since the last local optimum that was kept, and its value.
  private var journal: [(Int, Int)] = []
  private(set) var home = Double.infinity
  /// A swap has been made since all items were last looked at.
  private var isChanged = true

  init(_ graph: SparseGraph, slots: [Int], generator: SeededGenerator) {
    let n = graph.size
    self.graph = graph
    self.slots = slots
    self.generator = generator
    own = Buffer(count: n, repeating: 0)
    costs = Buffer(count: graph.stride, repeating: 0)
    row = Buffer(count: n, repeating: 0)
    isWaiting = [Bool](repeating: false, count: n)
    for item in 0..<n {
      own.view[item] = cost(of: item)
      value += own.view[item] / 2 + linear(item, slots[item])
    }
    wakeAll()
  }

  /// Makes `count` steps: looks at an item and swaps it, or kicks.
  func advance(_ count: Int) {
    for _ in 0..<count {
      if let item = waiting.popLast() {
        isWaiting[item] = false
        improve(item)
      } else if home == .infinity, isChanged {
        wakeAll()
      } else {
        kick()
      }
    }
  }

  private func wakeAll() {
    isChanged = false
    for item in Permutation(randomOf: graph.size, using: &generator).images { wake(item) }
  }

  private func wake(_ item: Int) {
    if isWaiting[item] { return }
    isWaiting[item] = true
    waiting.append(item)
  }

  private func linear(_ item: Int, _ slot: Int) -> Double {
    graph.linear.view.count == 0 ? 0 : graph.linear.view[item &* graph.size &+ slot]
  }

  private func cost(of item: Int) -> Double {
    let (ends, weights, distance) = (graph.end.view, graph.weight.view, graph.distance.view)
    let from = slots[item] &* graph.stride
    var sum = 0.0
    for index in graph.start.view[item]..<graph.start.view[item &+ 1] {
      sum += weights[index] * distance[from &+ slots[ends[index]]]
    }
    return sum
  }

  /// Carries out the best swap of `u` if it improves.
  ///
  /// - Complexity: O(n · degree + edges).
  private func improve(_ u: Int) {
    let (n, width, slots) = (graph.size, graph.stride, slots)
    let (starts, ends, weights) = (graph.start.view, graph.end.view, graph.weight.view)
    let (cost, row, own) = (costs.view, row.view, own.view)
    cost.fill(0)
    for index in starts[u]..<starts[u &+ 1] {
      graph.add(weights[index], rowOf: slots[ends[index]], to: cost)
    }
    let from = slots[u] &* width
    let hasLinear = graph.linear.view.count > 0
    var best = -1
    var least = -graph.tolerance
    for k in 0..<n { row[k] = graph.distance.view[from &+ slots[k]] }
    for index in starts[u]..<starts[u &+ 1] {
      // The pair of the two keeps its cost, and is met below as if either stayed.
      let v = ends[index]
      cost[slots[v]] += 2 * weights[index] * row[v]
    }
    for v in 0..<n where v != u {
      // The cost of v at the slot of u.
      var sum = 0.0
      for index in starts[v]..<starts[v &+ 1] { sum += weights[index] * row[ends[index]] }
      var delta = cost[slots[v]] - own[u] + sum - own[v]
      if hasLinear {
        delta += linear(u, slots[v]) - linear(u, slots[u])
        delta += linear(v, slots[u]) - linear(v, slots[v])
      }
      if delta < least { (least, best) = (delta, v) }
    }
    guard best >= 0 else { return }
    swap(u, best, change: least)
    journal.append((u, best))
    wake(u)
    wake(best)
  }

  private func swap(_ u: Int, _ v: Int, change: Double) {
    let (ends, weights, distance) = (graph.end.view, graph.weight.view, graph.distance.view)
    let width = graph.stride
    isChanged = true
    value += change
    let (a, b) = (slots[u], slots[v])
    (slots[u], slots[v]) = (b, a)
    for (item, old, new) in [(u, a, b), (v, b, a)] {
      for index in graph.start.view[item]..<graph.start.view[item &+ 1] {
        let other = ends[index]
        let place = slots[other] &* width
        own.view[other] += weights[index] * (distance[place &+ new] - distance[place &+ old])
      }
    }
    own.view[u] = cost(of: u)
    own.view[v] = cost(of: v)
  }

  /// The change of the objective by a swap.
  private func change(_ u: Int, _ v: Int) -> Double {
    let (ends, weights, distance) = (graph.end.view, graph.weight.view, graph.distance.view)
    let (a, b) = (slots[u] &* graph.stride, slots[v] &* graph.stride)
    var sum = linear(u, slots[v]) - linear(u, slots[u]) + linear(v, slots[u]) - linear(v, slots[v])
    for index in graph.start.view[u]..<graph.start.view[u &+ 1] where ends[index] != v {
      let place = slots[ends[index]]
      sum += weights[index] * (distance[b &+ place] - distance[a &+ place])
    }
    for index in graph.start.view[v]..<graph.start.view[v &+ 1] where ends[index] != u {
      let place = slots[ends[index]]
      sum += weights[index] * (distance[a &+ place] - distance[b &+ place])
    }
    return sum
  }

  /// Keeps the local optimum or undoes the swaps since the last one, then moves a few items.
  private func kick() {
    if value > home {
      for (u, v) in journal.reversed() { swap(u, v, change: change(u, v)) }
    } else {
      home = value
    }
    journal = []
    // Items along a path of the graph.
    var items: [Int] = []
    var item = generator.below(graph.size)
    let count = 3 + generator.below(6)
    for _ in 0..<4 * count where items.count < count {
      if !items.contains(item) { items.append(item) }
      let (first, last) = (graph.start.view[item], graph.start.view[item + 1])
      item =
        first == last
        ? generator.below(graph.size) : graph.end.view[first + generator.below(last - first)]
    }
    for index in items.indices.dropFirst() {
      let (u, v) = (items[index - 1], items[index])
      swap(u, v, change: change(u, v))
      journal.append((u, v))
    }
    for item in items { wake(item) }
  }
}
