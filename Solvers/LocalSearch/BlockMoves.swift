import QAPPrimitives

/// Compound moves: two blocks of facilities change places as a whole.
///
/// A block is a facility with those whose flows resemble its own most, or the facilities on a
/// location and on those with the most similar distances. Rows of a cluster resemble each other at
/// every level of a hierarchy and in the plane alike, so blocks follow the structure of an instance
/// without a model of it. Swapping two blocks is a move that a walk of swaps cannot make, since
/// every swap on the way raises the objective.
struct BlockMoves {
  /// The largest size at which blocks are looked for: the rows are compared in O(n³).
  static let maxSize = 1000

  /// The smallest and the largest block of each class of sizes, each class twice as large.
  let classes: [ClosedRange<Int>]
  private let size: Int
  private let problem: SwapProblem
  /// All facilities in the order of their similarity to r, which is the first, from r · n; and
  /// locations likewise.
  private let facilities: [Int32]
  private let locations: [Int32]
  /// Blocks of which the cheapest is carried out.
  private static let samples = 8

  /// Nil for tensors, and for instances too small to have blocks or too large.
  ///
  /// - Complexity: O(n³).
  init?(_ problem: SwapProblem, using generator: inout SeededGenerator) {
    let (n, width) = (problem.size, problem.stride)
    guard n >= 6, n <= Self.maxSize else { return nil }
    guard problem.form == .symmetric || problem.form == .asymmetric else { return nil }
    var classes: [ClosedRange<Int>] = []
    var least = 2
    while least <= n / 2 {
      classes.append(least...min(n / 2, 2 * least - 1))
      least *= 2
    }
    self.classes = classes
    size = n
    self.problem = problem
    let (flow, distance) = (problem.flowSum.view, problem.distance.view)
    facilities = Self.ranked(n, using: &generator) { flow[$0 &* width &+ $1] }
    locations = Self.ranked(n, using: &generator) {
      distance[$0 &* n &+ $1] + distance[$1 &* n &+ $0]
    }
  }

  /// The rows of a symmetric matrix by their distance to each; equal ones in random order.
  private static func ranked(
    _ n: Int, using generator: inout SeededGenerator, _ entry: (Int, Int) -> Double
  ) -> [Int32] {
    let width = wideStride(n)
    let rows = Buffer<Double>(count: n * width, repeating: 0)
    let view = rows.view
    for j in 0..<n { for l in 0..<n where l != j { view[j * width + l] = entry(j, l) } }
    var gaps = [Double](repeating: 0, count: n * n)
    for j in 0..<n {
      for l in 0..<j {
        var sum = Wide(repeating: 0)
        var k = 0
        while k < width {
          let gap = view.wide(j &* width &+ k) - view.wide(l &* width &+ k)
          sum += gap * gap
          k &+= 8
        }
        // The two rows have no entries for themselves.
        let own = view[j * width + l]
        gaps[j * n + l] = sum.total - 2 * own * own
        gaps[l * n + j] = gaps[j * n + l]
      }
    }
    var result: [Int32] = []
    result.reserveCapacity(n * n)
    for j in 0..<n {
      let rank = Permutation(randomOf: n, using: &generator).images
      gaps[j * n + j] = -.infinity
      result += (0..<n).sorted {
        (gaps[j * n + $0], rank[$0]) < (gaps[j * n + $1], rank[$1])
      }.map(Int32.init)
    }
    return result
  }

  /// Disjoint pairs of facilities whose swaps together swap two blocks of `count`: the cheapest of
  /// some at random. Empty when none was found.
  ///
  /// - Complexity: O(n · count).
  func draw(_ count: Int, in table: SwapTable, using generator: inout SeededGenerator) -> [(
    Int, Int
  )] {
    let n = size
    var facilityAt = [Int](repeating: 0, count: n)
    for r in 0..<n { facilityAt[table.places.view[r]] = r }
    let group = problem.grouping.group
    var best: [(Int, Int)] = []
    var least = Double.infinity
    // Asymmetric costs are not compared.
    let samples = problem.form == .symmetric ? Self.samples : 1
    var partner = Array(0..<n)
    for _ in 0..<samples {
      let isByFlow = generator.next() >> 63 == 0
      let (first, second) = (generator.below(n), generator.below(n))
      let list = isByFlow ? facilities : locations
      var isTaken = [Bool](repeating: false, count: n)
      for index in 0..<count { isTaken[Int(list[first * n + index])] = true }
      if isTaken[second] { continue }
      var others: [Int] = []
      for index in 0..<n where others.count < count {
        let member = Int(list[second * n + index])
        if !isTaken[member] { others.append(member) }
      }
      var pairs: [(Int, Int)] = []
      for (index, other) in others.enumerated() {
        let own = Int(list[first * n + index])
        let pair = isByFlow ? (own, other) : (facilityAt[own], facilityAt[other])
        // Swapping twins changes nothing.
        if group[pair.0] != group[pair.1] { pairs.append(pair) }
      }
      guard !pairs.isEmpty else { continue }
      if samples == 1 { return pairs }
      for (u, v) in pairs { (partner[u], partner[v]) = (v, u) }
      let change = cost(of: pairs, partner, in: table)
      for (u, v) in pairs { (partner[u], partner[v]) = (u, v) }
      if change < least { (least, best) = (change, pairs) }
    }
    return best
  }

  /// The change of the objective by swapping all `pairs`, which map every facility to its partner.
  func cost(of pairs: [(Int, Int)], _ partner: [Int], in table: SwapTable) -> Double {
    let change =
      table.narrow.map { cost(of: pairs, partner, $0) } ?? cost(of: pairs, partner, table.rows)
    let (linear, places) = (problem.linear.view, table.places.view)
    return pairs.flatMap { [$0.0, $0.1] }.reduce(change) {
      $0 + linear[$1 &* size &+ places[partner[$1]]] - linear[$1 &* size &+ places[$1]]
    }
  }

  /// The same without linear costs.
  private func cost<L: SwapLanes>(
    of pairs: [(Int, Int)], _ partner: [Int], _ rows: SwapRows<L>
  ) -> Double {
    let width = problem.stride
    let (a, e) = (rows.flow.view, rows.permuted.view)
    var change = 0.0
    let moved = pairs.flatMap { [$0.0, $0.1] }
    for r in moved {
      let (row, other) = (r &* width, partner[r] &* width)
      var sum = L(repeating: 0)
      var k = 0
      while k < width {
        let (there, here): (L, L) = (e.vector(other &+ k), e.vector(row &+ k))
        sum = sum + a.vector(row &+ k) * (there - here)
        k &+= L.count
      }
      var within = L.Scalar(0)
      var correction = L.Scalar(0)
      for s in moved {
        let flow = a[row &+ s]
        within += flow * (e[other &+ partner[s]] - e[row &+ s])
        correction += flow * (e[other &+ partner[s]] - e[other &+ s])
      }
      // Pairs of two moved facilities are met twice.
      change += Double(sum.total + correction) - Double(within) / 2
    }
    return change
  }
}
