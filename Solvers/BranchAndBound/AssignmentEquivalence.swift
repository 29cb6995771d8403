import QAP
import QAPPrimitives

/// Whether a renumbering of facilities and locations that leaves flows, distances and linear costs
/// as they are turns one assignment into another.
///
/// That is so exactly when a renumbering of facilities carries flows, the distances between their
/// locations, and the linear costs of all facilities at all locations over: a search for an
/// isomorphism, facility by facility. For a tensor only equal assignments are equivalent.
struct AssignmentEquivalence: Sendable {
  private let flow: Matrix<Double>
  private let distance: Matrix<Double>
  private let linear: Matrix<Double>

  /// Nil for a tensor.
  init?(_ cost: PairCost) {
    switch cost.kind {
    case .product(let flow, let distance), .twoProducts(let flow, let distance):
      (self.flow, self.distance, linear) = (flow, distance, cost.linear)
    case .tensor: return nil
    }
  }

  /// For each facility the numbers that it has in an assignment, in an order that does not depend
  /// on how others are numbered.
  ///
  /// - Complexity: O(n² log n).
  func signatures(_ p: Assignment) -> [[Double]] {
    let n = p.size
    return (0..<n).map { i in
      let others = (0..<n).filter { $0 != i }.map { k in
        [
          flow[i, k], distance[p[i], p[k]], flow[k, i], distance[p[k], p[i]], linear[i, p[k]],
          linear[k, p[i]], linear[k, p[k]],
        ]
      }
      return [linear[i, p[i]]] + others.sorted { $0.lexicographicallyPrecedes($1) }.joined()
    }
  }

  /// Equal for equivalent assignments.
  func hash(_ signatures: [[Double]]) -> Int {
    var hasher = Hasher()
    for one in signatures.sorted(by: { $0.lexicographicallyPrecedes($1) }) { hasher.combine(one) }
    return hasher.finalize()
  }

  /// True when a symmetry turns `p` into `q`.
  func areEquivalent(
    _ p: Assignment, _ ofP: [[Double]], _ q: Assignment, _ ofQ: [[Double]]
  ) -> Bool {
    let n = p.size
    var images = [Int](repeating: -1, count: n)
    var isTaken = [Bool](repeating: false, count: n)
    // Rare facilities first: they have the fewest images.
    let counts = Dictionary(ofP.map { ($0, 1) }, uniquingKeysWith: +)
    let order = (0..<n).sorted { ((counts[ofP[$0]] ?? 0), $0) < ((counts[ofP[$1]] ?? 0), $1) }
    func fits(_ i: Int, _ a: Int, _ k: Int, _ b: Int) -> Bool {
      flow[i, k] == flow[a, b] && flow[k, i] == flow[b, a]
        && distance[p[i], p[k]] == distance[q[a], q[b]]
        && distance[p[k], p[i]] == distance[q[b], q[a]]
        && linear[i, p[k]] == linear[a, q[b]] && linear[k, p[i]] == linear[b, q[a]]
    }
    func extend(_ depth: Int) -> Bool {
      guard depth < n else { return true }
      let i = order[depth]
      for a in 0..<n where !isTaken[a] && ofP[i] == ofQ[a] {
        guard order[..<depth].allSatisfy({ fits(i, a, $0, images[$0]) }) else { continue }
        images[i] = a
        isTaken[a] = true
        if extend(depth + 1) { return true }
        isTaken[a] = false
      }
      images[i] = -1
      return false
    }
    return extend(0)
  }
}
