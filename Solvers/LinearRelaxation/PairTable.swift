import QAP
import QAPPrimitives

/// All pair costs of an instance, computed once: q(ij,kl) for facilities i < k. O(n⁴) memory.
struct PairTable {
  let n: Int
  /// The facilities of each pair, i < k, in lexical order.
  let pairs: [(i: Int, k: Int)]
  /// q(ij,kl) of the p-th pair at (p·n + j)·n + l; 0 where l = j.
  private(set) var values: [Double]

  init(_ cost: PairCost) {
    let n = cost.size
    self.n = n
    pairs = (0..<n).flatMap { i in (i + 1..<max(n, i + 1)).map { (i, $0) } }
    values = Array(repeating: 0, count: pairs.count * n * n)
    if case .tensor(let tensor) = cost.kind {
      let buffers = (0..<2).map { _ in Buffer(count: n * n, repeating: 0.0) }
      let block = buffers[0].view
      for i in 0..<n {
        for j in 0..<n where i < n - 1 {
          cost.fillPairs(of: tensor, i, j, into: block, scratch: buffers[1].view)
          for k in i + 1..<n {
            let p = index(i, k)
            for l in 0..<n where l != j { values[(p * n + j) * n + l] = block[k * n + l] }
          }
        }
      }
      withExtendedLifetime(buffers) {}
    } else {
      for (p, pair) in pairs.enumerated() {
        for j in 0..<n {
          for l in 0..<n where l != j {
            values[(p * n + j) * n + l] = cost.pair(pair.i, j, pair.k, l)
          }
        }
      }
    }
  }

  /// The number of the pair of facilities i < k.
  func index(_ i: Int, _ k: Int) -> Int { i * n - i * (i + 1) / 2 + k - i - 1 }

  /// q(ij,kl), i ≠ k in any order.
  subscript(i: Int, j: Int, k: Int, l: Int) -> Double {
    i < k ? values[(index(i, k) * n + j) * n + l] : values[(index(k, i) * n + l) * n + j]
  }

  /// The least cost of two facilities, wherever they are; 0 where n < 2.
  func least(_ i: Int, _ k: Int) -> Double {
    var least = Double.infinity
    for j in 0..<n {
      for l in 0..<n where l != j { least = min(least, self[i, j, k, l]) }
    }
    return least.isFinite ? least : 0
  }
}
