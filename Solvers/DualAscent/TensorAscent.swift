import LinearAssignment
import Primitives
import QAP

/// The level-1 RLT bound of costs given as a symmetric tensor, for methods that look for such costs: what
/// `HahnGrant` does for an instance, without a run around it.
///
/// It begins with one assignment problem for every (i, j) over the half of each pair's cost that (i, j)
/// pays, which for a symmetric tensor is its own block, and climbs on in rounds of Hahn and Grant (1998).
///
/// Unchecked, because the threads of one loop share the workspaces, each its own.
package final class TensorAscent: @unchecked Sendable {
  private let dual: RLTDual
  private let tensor: any CostTensor
  private let threads: Int
  private let workspaces: [SubmatrixWorkspace]
  private let solver: LinearAssignmentSolver

  /// An ascent over `instance`, whose cost must be a symmetric tensor: O(n⁴) time, to examine the
  /// entries, and O(n³) memory.
  package init(_ instance: Instance, threads: Int) {
    guard case .tensor(let tensor) = instance.cost, tensor.isSymmetric else {
      preconditionFailure("a symmetric tensor is needed")
    }
    self.tensor = tensor
    let cost = PairCost(instance)
    dual = RLTDual(cost)
    self.threads = threads
    workspaces = (0..<threads).map { _ in SubmatrixWorkspace(cost) }
    solver = LinearAssignmentSolver(capacity: cost.size)
  }

  /// What an ascent has proven.
  package struct Proven {
    /// No assignment costs less.
    package let value: Double
    /// No assignment with facility i at location j costs less than `value` and `leaders[i·n + j]`.
    package let leaders: [Double]
    /// The point of the dual that proves both.
    package let multipliers: () -> RLTMultipliers
  }

  /// Climbs for `rounds` rounds and returns what was proven. Nil where numbers are beyond doubles, or
  /// when `shouldStop` said so.
  ///
  /// n² assignment problems a round.
  package func bound(rounds: Int, shouldStop: () -> Bool) -> Proven? {
    let n = dual.size
    for i in 0..<n where n > 1 {
      if shouldStop() { return nil }
      parallelFor(count: n, threads: threads) { worker, j in
        self.solveOwnBlock(i, j, self.workspaces[worker])
      }
    }
    dual.reduceLeaders(solver)
    for _ in 0..<rounds {
      for i in 0..<n {
        if shouldStop() { return nil }
        parallelFor(count: n, threads: threads) { worker, j in
          self.dual.ascend(i, j, self.workspaces[worker])
        }
        dual.settleFacility(i)
      }
    }
    guard let exact = dual.makeExact(threads: threads, workspaces, solver) else { return nil }
    let dual = dual
    return Proven(value: exact.value, leaders: dual.leaders.array) {
      guard case .rlt1(let multipliers) = dual.proof(exponent: exact.exponent) else {
        preconditionFailure("a dual proves by its multipliers")
      }
      return multipliers
    }
  }

  private func solveOwnBlock(_ i: Int, _ j: Int, _ workspace: SubmatrixWorkspace) {
    let (n, stride) = (dual.size, dual.stride)
    let (solver, block) = (workspace.solver, workspace.block.view)
    block.withMutableSpan { tensor.fill(i, j, into: &$0) }
    var start = 0
    for k in 0..<n where k != i {
      for l in 0..<n { solver.costs[start &+ l] = block[k &* n &+ l] }
      for l in n..<stride { solver.costs[start &+ l] = .infinity }
      solver.costs[start &+ j] = .infinity
      start &+= stride
    }
    for l in 0..<n { solver.columnDuals[l] = 0 }
    dual.leaders[i &* n &+ j] += solver.solve(.cold, rows: n - 1, excludingColumn: j)
    dual.takeOver(i, j, workspace)
  }
}
