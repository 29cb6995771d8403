import QAP
import QAPLinearAssignment
import QAPPrimitives

/// The Gilmore–Lawler bound of a way to split pair costs, as a point of the level-1 RLT dual.
///
/// `split(i, j, k, l)` is the part of the pair's cost that (i, j) pays, so that
/// `split(i,j,k,l) + split(k,l,i,j)` is the pair's cost. An optimal dual (u, v) of the assignment
/// problem over each `split(i, j, ·, ·)` leaves all reduced costs of the pairs at zero or above
/// (Frieze and Yadegar 1983), and the leaders at those of Gilmore and Lawler. Nil where the numbers
/// are beyond doubles, or when the context ends the run.
///
/// O(n⁵) time, O(n³) memory.
package func proveSplitCosts(
  _ context: SolveContext, _ split: @Sendable (Int, Int, Int, Int) -> Double
) -> (value: Double, proof: BoundProof)? {
  let dual = RLTDual(PairCost(context.instance, padded: false))
  let (m, n) = (dual.facilities, dual.size)
  let workspaces = (0..<context.threads).map { _ in SubmatrixWorkspace(dual.cost) }
  for i in 0..<m where m > 1 {
    if context.stopsAtOnce() { return nil }
    parallelFor(count: n, threads: context.threads) { worker, j in
      let workspace = workspaces[worker]
      let (solver, stride) = (workspace.solver, dual.stride)
      var start = 0
      for k in 0..<m where k != i {
        for l in 0..<stride {
          solver.costs[start + l] = l < n && l != j ? split(i, j, k, l) : .infinity
        }
        start += stride
      }
      if dual.leavesEmpty {
        solver.solve(rows: m - 1, excludingColumn: j)
      } else {
        solver.solve(.cold, rows: n - 1, excludingColumn: j)
      }
      dual.takeOver(i, j, workspace)
    }
  }
  let solver = LinearAssignmentSolver(capacity: n)
  guard let exact = dual.makeExact(threads: context.threads, workspaces, solver) else { return nil }
  return (exact.value, dual.proof(exponent: exact.exponent))
}
