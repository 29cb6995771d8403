import QAP
import QAPLinearAssignment
import QAPPrimitives

/// A point of the level-1 RLT dual that says as much as it can of the placements of one line.
///
/// No two placements of a line are in one assignment, so their submatrices share no pair. Each can
/// have the whole value of the assignment problem over its reduced costs in its leader.
package struct RowBounds {
  /// The point.
  package let multipliers: RLTMultipliers
  /// No assignment costs less.
  package let value: Double
  /// Lower bounds on the excess over `value` of the assignments with each placement of the line.
  package let leaders: [Double]

  /// The point after `start`, which must be one for `instance`, whose numbers may be off by their
  /// last digits. Nil where numbers are beyond doubles, or when `start` is a point for another
  /// number of facilities.
  ///
  /// n assignment problems of order n − 1, and O(n⁴) time to make the point exact.
  package init?(
    _ line: BranchingVariable, of instance: Instance, from start: RLTMultipliers, threads: Int
  ) {
    let cost = PairCost(instance, padded: start.facilities == instance.size)
    let (m, n) = (cost.facilities, cost.size)
    guard start.isWellFormed(m, n) else { return nil }
    let dual = RLTDual(cost)
    dual.load(start)
    let workspaces = (0..<threads).map { _ in SubmatrixWorkspace(cost) }
    switch line {
    case .facility(let facility):
      parallelFor(count: n, threads: threads) { worker, location in
        dual.ascend(facility, location, workspaces[worker])
      }
    case .location(let location):
      // These look at, though not into, what the others write.
      for facility in 0..<m { dual.ascend(facility, location, workspaces[0]) }
    }
    let solver = LinearAssignmentSolver(capacity: n)
    guard let exact = dual.makeExact(threads: threads, workspaces, solver),
      case .rlt1(let multipliers) = dual.proof(exponent: exact.exponent)
    else { return nil }
    self.multipliers = multipliers
    value = exact.value
    leaders = (0..<n).map { other in
      let pair = line.placement(other)
      return pair.facility < m ? dual.leaders[pair.facility * n + pair.location] : 0
    }
  }
}
