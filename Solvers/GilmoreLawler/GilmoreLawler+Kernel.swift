import LinearAssignment
import Primitives
import QAP

/// A lower bound on the least assignment of `costs`, and how far above the truth rounding may have
/// put it.
///
/// Nothing is taken on trust from the solver: for any numbers v whatever, every assignment costs at
/// least Σ_i min_j (c_ij − v_j) + Σ_j v_j, so the only errors are those of this evaluation. When all
/// c and v are multiples of ½ below 2⁵⁰/n in size — integral instances: the solver only adds and
/// subtracts costs — every difference and every partial sum is a multiple of ½ below 2⁵², hence
/// exact, and the error is 0. Otherwise a difference m is off by at most u|m| (x − u|x| rises with
/// x, so the least of the rounded differences is off by no more), and a sum of 2n terms by at most
/// 2n·u·Σ|terms| to first order; 4n + 8 covers both and the higher orders, u = 2⁻⁵³.
func certify(_ costs: Matrix<Double>, columnDuals v: [Double]) -> (value: Double, error: Double) {
  let n = costs.rows
  let limit = 0x1p50 / Double(max(1, n))
  func isExact(_ x: Double) -> Bool { abs(x) < limit && 2 * x == (2 * x).rounded() }
  var exact = v.allSatisfy(isExact)
  var sum = 0.0
  var magnitude = 0.0
  for i in 0..<n {
    var least = Double.infinity
    for j in 0..<n {
      let cost = costs[i, j]
      exact = exact && isExact(cost)
      least = min(least, cost - v[j])
    }
    sum += least
    magnitude += abs(least)
  }
  for dual in v {
    sum += dual
    magnitude += abs(dual)
  }
  return (sum, exact ? 0 : Double(4 * n + 8) * 0x1p-53 * magnitude)
}

/// Leaders by minimal scalar products.
struct MatrixLeaders {
  let leaders: Leaders

  /// For Σ a[i,k]·b[p(i),p(k)] plus the instance's linear part: O(n³).
  init(_ instance: Instance, _ a: Matrix<Double>, _ b: Matrix<Double>) {
    let n = instance.size
    let width = wideStride(max(1, n - 1))
    // Sorted rows without their diagonal elements; the padding multiplies zeros.
    let ascending = MatrixLeaders.sortedRows(a, width, <)
    let descending = MatrixLeaders.sortedRows(b, width, >)
    let (x, y) = (ascending.view, descending.view)
    let costs = Matrix<Double>(rows: n, columns: n) { i, j in
      var sum = Wide(repeating: 0)
      var k = 0
      while k < width {
        sum += x.wide(i &* width &+ k) * y.wide(j &* width &+ k)
        k &+= 8
      }
      return sum.total + (a[i, i] * b[j, j] + (instance.linear?[i, j] ?? 0))
    }
    withExtendedLifetime((ascending, descending)) {}
    // Integral instances: all partial sums are integers, or halves of integers, below 2⁵³ (and the
    // test of `certify` catches leaders that are not far enough below). Otherwise n products and
    // n + 2 sums, each rounded once, of terms whose magnitudes `properties.magnitude` sums up over
    // any assignment; folded entries are rounded once more.
    let error =
      instance.properties.isIntegral
      ? 0 : Double(2 * n + 16) * 0x1p-53 * instance.properties.magnitude
    leaders = Leaders(costs: costs, error: error)
  }

  private static func sortedRows(
    _ matrix: Matrix<Double>, _ width: Int, _ precedes: (Double, Double) -> Bool
  ) -> Buffer<Double> {
    let n = matrix.rows
    let buffer = Buffer<Double>(count: n * width, repeating: 0)
    for r in 0..<n {
      var row = Array(matrix.row(r))
      row.remove(at: r)
      row.sort(by: precedes)
      buffer.view.window(r * width, width).copy(from: row)
    }
    return buffer
  }
}

/// Leaders by one assignment problem for each block of a tensor.
final class TensorLeaders: @unchecked Sendable {
  // Unchecked because of the solvers: each worker uses its own.

  private let tensor: any CostTensor
  private let context: SolveContext
  private let solvers: [LinearAssignmentSolver]
  private let blocks: [Buffer<Double>]
  /// Lower bounds on the leaders, already lowered by their errors.
  private let costs: Buffer<Double>

  init(_ tensor: any CostTensor, _ context: SolveContext) {
    let n = tensor.size
    let workers = min(context.threads, n)
    self.tensor = tensor
    self.context = context
    solvers = (0..<workers).map { _ in LinearAssignmentSolver(capacity: n - 1) }
    blocks = (0..<workers).map { _ in Buffer(count: n * n, repeating: 0) }
    costs = Buffer(count: n * n, repeating: 0)
  }

  /// All leaders, or nil when the context says to stop before they are there: O(n⁵), and one call
  /// of the tensor a block.
  func leaders() -> Leaders? {
    let n = tensor.size
    let view = costs.view
    parallelFor(count: n, threads: solvers.count) { worker, i in
      for j in 0..<n {
        if self.context.stopsAtOnce() { return }
        view[i * n + j] = self.leader(i, j, worker)
      }
    }
    if context.stopsAtOnce() { return nil }
    // Each cost is a valid lower bound by itself: no error is left.
    return Leaders(costs: Matrix(rows: n, columns: n, elements: view.array), error: 0)
  }

  private func leader(_ i: Int, _ j: Int, _ worker: Int) -> Double {
    let n = tensor.size
    let block = blocks[worker].view
    block.withMutableSpan { tensor.fill(i, j, into: &$0) }
    let others = Matrix<Double>(rows: n - 1, columns: n - 1) { k, l in
      block[(k < i ? k : k + 1) * n + (l < j ? l : l + 1)]
    }
    let own = block[i * n + j] + (context.instance.linear?[i, j] ?? 0)
    let solution = solvers[worker].solve(others)
    let certified = certify(others, columnDuals: solution.columnDuals)
    let sum = certified.value + own
    if certified.error == 0, 2 * own == (2 * own).rounded(), abs(sum) + abs(own) < 0x1p50 {
      return sum
    }
    let rounding = 0x1p-51 * (abs(certified.value) + abs(own) + abs(block[i * n + j]))
    return (sum - 2 * (certified.error + rounding)).nextDown
  }
}
