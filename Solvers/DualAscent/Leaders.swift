import QAP
import QAPLinearAssignment
import QAPPrimitives

/// The costs of the outer assignment problem of a Gilmore–Lawler bound.
package struct Leaders {
  /// Lower bounds on the cost of facility `i` at location `j`, n × n.
  package let costs: Matrix<Double>
  /// The largest rounding error by which the sum of an assignment may exceed the truth.
  package let error: Double

  /// Leaders whose sums are off by at most `error`.
  package init(costs: Matrix<Double>, error: Double) {
    self.costs = costs
    self.error = error
  }

  /// The value proven by the assignment over the leaders, lowered by every rounding error, and that
  /// assignment. When `isStopped` becomes true on the way, the value proven by the duals so far,
  /// and no assignment.
  ///
  /// - Complexity: O(n³).
  package func bound(
    constant: Double, unless isStopped: () -> Bool = { false }
  ) -> (proven: Double, assignment: Assignment?) {
    let n = costs.rows
    let solver = LinearAssignmentSolver(capacity: n)
    solver.load(costs)
    let isOptimal = solver.solve(.cold, unless: isStopped).isOptimal
    let certified = certify(costs, columnDuals: (0..<n).map { solver.columnDuals[$0] })
    var error = certified.error + error
    let bound = certified.value + constant
    if error > 0 || constant != constant.rounded() || abs(bound) >= 0x1p52 {
      error += 0x1p-51 * (abs(certified.value) + abs(constant))
    }
    // Doubled, so that the rounding of the error's own sums is covered; 0 stays 0.
    let proven = error == 0 ? bound : (bound - 2 * error).nextDown
    let assignment =
      isOptimal ? Assignment(locations: (0..<n).map { solver.columnOfRow[$0] }) : nil
    return (proven, assignment)
  }
}
