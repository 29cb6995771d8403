import QAP
import QAPDualAscent
import QAPLinearAssignment
import QAPPrimitives

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

  /// All leaders, or nil when the context says to stop before they are there.
  ///
  /// - Complexity: O(n⁵), and one call of the tensor a block.
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
