import QAP
import QAPDenseAlgebra
import QAPLinearAssignment
import QAPPrimitives

/// Steps from assignment to assignment, each the best one for the objective linearized at the one
/// before: Frank–Wolfe steps of full length.
///
/// Diagonals enter the linear part. A facility then does not hold on to its location by its own
/// entry, which for kernels of more features than facilities would make every assignment a fixed
/// point; the objective may therefore rise between steps.
final class LinearizedSteps {
  private let flow: Matrix<Double>
  private let distance: Matrix<Double>
  private let linear: Matrix<Double>
  private let isSymmetric: Bool
  private let solver: LinearAssignmentSolver
  private let instance: Instance

  var size: Int { instance.size }

  /// Nil for costs that are no matrices.
  init?(_ instance: Instance) {
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { return nil }
    func hollow(_ matrix: Matrix<Double>) -> Matrix<Double> {
      Matrix(rows: matrix.rows, columns: matrix.columns) { $0 == $1 ? 0 : matrix[$0, $1] }
    }
    let given = instance.linear
    self.instance = instance
    self.flow = hollow(flow)
    self.distance = hollow(distance)
    linear = Matrix(rows: instance.size, columns: instance.size) {
      flow[$0, $0] * distance[$1, $1] + (given?[$0, $1] ?? 0)
    }
    isSymmetric = flow.isSymmetric && distance.isSymmetric
    solver = LinearAssignmentSolver(capacity: instance.size)
  }

  /// The best of `count` assignments that follow `start`, and its objective.
  ///
  /// - Complexity: O(n³) a step.
  func best(
    after start: Assignment, count: Int, unless isStopped: () -> Bool
  ) -> (assignment: Assignment, objective: Double) {
    var current = start
    var best = (assignment: start, objective: Double.infinity)
    solver.columnDuals.fill(0)
    for _ in 0..<count where !isStopped() {
      let next = step(from: current)
      if next == current { break }
      current = next
      let objective = instance.objective(of: next)
      if objective < best.objective { best = (next, objective) }
    }
    return best.objective < .infinity ? best : (start, instance.objective(of: start))
  }

  private func step(from current: Assignment) -> Assignment {
    let n = instance.size
    setDenseAlgebraThreads(1)
    let rows = Matrix<Double>(rows: n, columns: n) { distance[current[$0], $1] }
    var costs = gemm(isSymmetric ? 2 : 1, flow, .transposed, rows, .plain, beta: 1, adding: linear)
    if !isSymmetric {
      let columns = Matrix<Double>(rows: n, columns: n) { distance[$1, current[$0]] }
      costs = gemm(1, flow, .plain, columns, .plain, beta: 1, adding: costs)
    }
    // Consecutive steps have much the same duals.
    let duals = (0..<n).map { solver.columnDuals[$0] }
    solver.load(costs)
    solver.columnDuals.copy(from: duals)
    solver.solve(.warm)
    return Assignment(locations: (0..<n).map { solver.columnOfRow[$0] }) ?? current
  }
}
