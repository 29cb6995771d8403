import QAP
import QAPPrimitives

/// The change of the objective for every swap of two facilities' locations, from one matrix
/// product: with A the flow and B the distance in the order of the assignment, the sums that
/// `Instance.swapDelta` takes over all k are elements of A·Bᵀ and Aᵀ·B.
struct SwapLosses: Sendable {
  private let instance: Instance
  private let assignment: Assignment
  /// Flow, distance in the order of the assignment, A·Bᵀ, and Aᵀ·B unless that is the same; nil for
  /// cost tensors.
  private let parts: Parts?

  private struct Parts: Sendable {
    let flow: Matrix<Double>
    let distance: Matrix<Double>
    let rows: Matrix<Double>
    let columns: Matrix<Double>?
  }

  /// Prepares the table.
  ///
  /// - Complexity: O(n³) time in a matrix product, O(n²) memory.
  init(_ instance: Instance, _ assignment: Assignment, threads: Int) {
    self.instance = instance
    self.assignment = assignment
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost else {
      parts = nil
      return
    }
    let p = assignment.locations
    let n = instance.size
    let ordered = Matrix(rows: n, columns: n, startingFrom: 0) { out in
      distance.withView { distance in
        for r in 0..<n {
          for c in 0..<n { out[r &* n &+ c] = distance[p[r] &* n &+ p[c]] }
        }
      }
    }
    let isSymmetric = flow.isSymmetric && ordered.isSymmetric
    parts = Parts(
      flow: flow, distance: ordered,
      rows: parallelProduct(flow, .plain, ordered, .transposed, threads: threads),
      columns: isSymmetric
        ? nil : parallelProduct(flow, .transposed, ordered, .plain, threads: threads))
  }

  /// The change when facilities `r` and `s` swap their locations.
  subscript(r: Int, s: Int) -> Double {
    guard let parts else { return instance.swapDelta(assignment, r, s) }
    if r == s { return 0 }
    let (a, b) = (parts.flow, parts.distance)
    func sum(_ m: Matrix<Double>) -> Double { m[r, s] + m[s, r] - m[r, r] - m[s, s] }
    // Σ_k over all k, then without k = r and k = s, then those two by themselves.
    let ofRows = sum(parts.rows)
    var loss = ofRows + (parts.columns.map(sum) ?? ofRows)
    loss -= (a[r, r] - a[s, r]) * (b[s, r] - b[r, r]) + (a[r, s] - a[s, s]) * (b[s, s] - b[r, s])
    loss -= (a[r, r] - a[r, s]) * (b[r, s] - b[r, r]) + (a[s, r] - a[s, s]) * (b[s, s] - b[s, r])
    loss += (a[r, r] - a[s, s]) * (b[s, s] - b[r, r]) + (a[r, s] - a[s, r]) * (b[s, r] - b[r, s])
    if let linear = instance.linear {
      let p = assignment.locations
      loss += linear[r, p[s]] + linear[s, p[r]] - linear[r, p[r]] - linear[s, p[s]]
    }
    return loss
  }

  /// The mean change over all swaps of two of `facilities`; 0 when there are fewer than two.
  func mean(of facilities: [Int], threads: Int) -> Double {
    let count = facilities.count
    guard count > 1 else { return 0 }
    let sum = sumOverRows(count, threads: threads) { index in
      var sum = CompensatedSum()
      for other in facilities[..<index] { sum.add(self[facilities[index], other]) }
      return sum.value
    }
    return sum / (Double(count) * Double(count - 1) / 2)
  }

  /// The correlation of the two sides' similarities in the order of the assignment, over different
  /// ones of the first `count` facilities; nil for cost tensors, 0 where either is constant.
  func correlation(_ count: Int) -> Double? {
    guard let parts else { return nil }
    var sums = [CompensatedSum](repeating: CompensatedSum(), count: 5)
    for i in 0..<count {
      for k in 0..<count where k != i {
        // The flow is minus the similarity.
        let (a, b) = (0 - parts.flow[i, k], parts.distance[i, k])
        sums[0].add(a)
        sums[1].add(b)
        sums[2].add(a * a)
        sums[3].add(b * b)
        sums[4].add(a * b)
      }
    }
    let n = Double(count) * Double(count - 1)
    guard n > 0 else { return 0 }
    let (meanA, meanB) = (sums[0].value / n, sums[1].value / n)
    let varianceA = sums[2].value / n - meanA * meanA
    let varianceB = sums[3].value / n - meanB * meanB
    guard varianceA > 1e-14 * sums[2].value / n, varianceB > 1e-14 * sums[3].value / n else {
      return 0
    }
    return (sums[4].value / n - meanA * meanB) / (varianceA * varianceB).squareRoot()
  }
}
