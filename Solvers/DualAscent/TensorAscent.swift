import QAP
import QAPLinearAssignment
import QAPPrimitives

/// The level-1 RLT bound of costs given as a symmetric tensor, for methods that look for such
/// costs: what `HahnGrant` does for an instance, without a run around it.
///
/// It begins with one assignment problem for every (i, j) over the half of each pair's cost that
/// (i, j) pays, which for a symmetric tensor is its own block, and climbs on in rounds of Hahn and
/// Grant (1998).
///
/// Unchecked, because the threads of one loop share the workspaces, each its own.
package final class TensorAscent: @unchecked Sendable {
  private let dual: RLTDual
  private let tensor: any CostTensor
  private let threads: Int
  private let workspaces: [SubmatrixWorkspace]
  private let solver: LinearAssignmentSolver

  /// An ascent over `instance`, whose cost must be a symmetric tensor.
  ///
  /// - Complexity: O(n⁴) time, to examine the entries, and O(n³) memory.
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

  /// The result of an ascent.
  package struct Proven {
    /// No assignment costs less.
    package let value: Double
    /// No assignment with facility i at location j costs less than `value` and `excess[i·n + j]`;
    /// empty when it was not asked for.
    package let excess: [Double]
    /// The point of the dual that proves both.
    package let multipliers: () -> RLTMultipliers
  }

  /// Climbs for `rounds` rounds and returns the proven bound, of each placement as well if
  /// `placements` are asked for. Nil where numbers are beyond doubles, or when `shouldStop` said
  /// so.
  ///
  /// n² assignment problems a round, and as many for the placements.
  package func bound(rounds: Int, placements: Bool = false, shouldStop: () -> Bool) -> Proven? {
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
    let excess = placements && n > 0 ? placementExcess(exact.magnitude) : []
    return Proven(value: exact.value, excess: excess) {
      guard case .rlt1(let multipliers) = dual.proof(exponent: exact.exponent) else {
        preconditionFailure("a dual needs multipliers")
      }
      return multipliers
    }
  }

  /// The excess of each placement over the value of an exactly feasible point.
  ///
  /// With s(i,j) the leader and b(i,j) the value of the assignment problem over the reduced costs
  /// of (i, j) with all others, an assignment p costs s(i,p(i)) + b(i,p(i)) more at least, for any
  /// one i; and Σ s(i,p(i)) + b(i,p(i))/2, as every pair's cost is looked at from both its sides.
  /// The least such sum with (i, j) in it follows from the shortest paths between the facilities.
  /// n² assignment problems.
  ///
  /// `magnitude` is what the numbers of the point stay below; their rounding is taken off.
  private func placementExcess(_ magnitude: Double) -> [Double] {
    let n = dual.size
    let owned = Buffer(count: n * n, repeating: 0.0)
    let blocks = owned.view
    for i in 0..<n where n > 1 {
      parallelFor(count: n, threads: threads) { worker, j in
        let workspace = self.workspaces[worker]
        self.dual.assemble(i, j, workspace)
        for l in 0..<n { workspace.solver.columnDuals[l] = 0 }
        blocks[i * n + j] = workspace.solver.solve(.cold, rows: n - 1, excludingColumn: j)
      }
    }
    let margin = 0x1p-42 * Double(n) * magnitude
    var (alone, shared): ([Double], [Double]) = ([], [])
    for at in 0..<n * n {
      let block = max(0, blocks[at] - margin)
      alone.append(dual.leaders[at] + block)
      shared.append(dual.leaders[at] + 0.5 * block)
    }
    let completed = leastAssignments(shared, size: n, solver)
    return withExtendedLifetime(owned) {
      (0..<n * n).map { max(0, max(alone[$0], completed[$0]) - margin) }
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

/// The value of the cheapest assignment that contains each placement, facility by facility, up to
/// rounding: one assignment problem, and the shortest paths between all facilities over its reduced
/// costs.
///
/// - Complexity: O(n³).
private func leastAssignments(
  _ costs: [Double], size n: Int, _ solver: LinearAssignmentSolver
) -> [Double] {
  solver.prepare(size: n)
  for i in 0..<n {
    for j in 0..<n { solver.costs[i * solver.stride + j] = costs[i * n + j] }
  }
  let value = solver.solve(.cold)
  let column = (0..<n).map { solver.columnOfRow[$0] }
  func reduced(_ i: Int, _ j: Int) -> Double {
    max(0, costs[i * n + j] - solver.rowDuals[i] - solver.columnDuals[j])
  }
  // path[i·n + k]: what it costs to give i the location of k, k the next one's and so on, the last
  // of them left without one.
  var path = [Double](repeating: 0, count: n * n)
  for i in 0..<n {
    for k in 0..<n where k != i { path[i * n + k] = reduced(i, column[k]) }
  }
  for middle in 0..<n {
    for i in 0..<n {
      let first = path[i * n + middle]
      for k in 0..<n { path[i * n + k] = min(path[i * n + k], first + path[middle * n + k]) }
    }
  }
  var result = [Double](repeating: value, count: n * n)
  for i in 0..<n {
    for k in 0..<n where k != i {
      result[i * n + column[k]] = value + reduced(i, column[k]) + path[k * n + i]
    }
  }
  return result
}
