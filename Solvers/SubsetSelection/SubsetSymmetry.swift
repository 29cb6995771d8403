import QAP
import QAPPrimitives
import QAPSymmetry

/// The renumberings of items that leave the costs of a subset problem as they are.
struct SubsetSymmetry: Sendable {
  private let pairs: PairCodes
  /// Items of equal diagonal costs have equal labels.
  private let labels: [Int]
  private let costs: QuantizedCosts

  /// Entries that the search for symmetries of one node may look at: some milliseconds.
  private static let maxWork = 2_000_000

  /// Nil when there is no symmetry.
  ///
  /// - Complexity: O(L²), or a little more.
  init?(_ problem: SubsetProblem, _ costs: QuantizedCosts) {
    let n = problem.items
    pairs = PairCodes(
      Matrix(rows: n, columns: n) { $0 == $1 ? 0 : problem.pairCost(min($0, $1), max($0, $1)) })
    var kinds: [Double: Int] = [:]
    labels = (0..<n).map { item in
      let kind = kinds[problem.costs[item, item]] ?? kinds.count
      kinds[problem.costs[item, item]] = kind
      return kind
    }
    self.costs = costs
    let group = AutomorphismGroup(pairs, labels: labels, maxWork: Self.maxWork)
    if group.generators.isEmpty { return nil }
  }

  /// The orbit of a free item under the renumberings that map chosen items to chosen ones and free
  /// items to free ones, and some that generate it; none when it is the item alone.
  func orbit(of item: Int, free: [Int], chosen: [Int]) -> (orbit: [Int], generators: [[Int]]) {
    var states = labels.map { 3 * $0 }
    for item in free { states[item] += 1 }
    for item in chosen { states[item] += 2 }
    let group = AutomorphismGroup(pairs, labels: states, maxWork: Self.maxWork)
    let generators = group.generators.filter(keepsCosts)
    let orbit = SubsetProof.orbit(of: item, under: generators)
    return orbit.count > 1 ? (orbit, generators) : ([item], [])
  }

  /// Equal sums may be of different numbers, whose units differ.
  private func keepsCosts(_ images: [Int]) -> Bool {
    let (n, d) = (costs.items, costs.elements.view)
    return (0..<n).allSatisfy { i in
      (0...i).allSatisfy { j in d[i * n + j] == d[images[i] * n + images[j]] }
    }
  }
}
