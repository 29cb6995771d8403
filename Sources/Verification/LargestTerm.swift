import QAP
import QAPPrimitives

/// The instance in which an assignment costs the number of its terms above a threshold: products of
/// a flow and a distance, or entries of the tensor, of the facilities that were given, and linear
/// costs.
func countingTerms(above threshold: Double, of instance: Instance) -> Instance? {
  let counted = try? Instance(
    name: instance.name, cost: .tensor(TermCount(instance: instance, threshold: threshold)))
  return try? counted?.forbidding(instance.forbidden)
}

/// The least value above `threshold` that a term of `instance` can have; nil when there is none.
///
/// - Complexity: O(n⁴).
public func leastTerm(above threshold: Double, of instance: Instance) -> Double? {
  let terms = TermCount(instance: instance, threshold: threshold)
  var least = Double.infinity
  let (m, n) = (instance.facilities, instance.size)
  for i in 0..<m {
    for j in 0..<n {
      for k in 0..<m {
        for l in 0..<n where (k == i) == (l == j) {
          let term = terms.term(i, j, k, l)
          if term > threshold { least = min(least, term) }
        }
      }
    }
  }
  return least.isFinite ? least : nil
}

private struct TermCount: CostTensor {
  let instance: Instance
  let threshold: Double

  var size: Int { instance.size }
  var isIntegral: Bool { true }

  /// The term of two placements; of one by itself the larger of its product and its linear cost.
  func term(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    let product =
      switch instance.cost {
      case .koopmansBeckmann(let flow, let distance): flow[i, k] * distance[j, l]
      case .tensor(let tensor): tensor.cost(i, j, k, l)
      }
    guard i == k, let linear = instance.linear else { return product }
    return max(product, linear[i, j])
  }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    guard i < instance.facilities, k < instance.facilities else { return 0 }
    return term(i, j, k, l) > threshold ? 1 : 0
  }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    for k in 0..<size {
      for l in 0..<size where (k == i) == (l == j) { block[k * size + l] = cost(i, j, k, l) }
    }
  }
}
