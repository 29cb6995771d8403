import QAPDenseAlgebra
import QAPLinearAssignment
import QAPPrimitives

/// The memory in which one thread matches blocks.
final class BlockWorker {
  typealias Side = (
    space: UnpairedSpace, rows: ArraySlice<Int>, directions: BufferView<Float>?, leading: Int
  )

  private let solver: LinearAssignmentSolver
  private let similarities: Buffer<Float>
  private let gathered: (Buffer<Float>, Buffer<Float>)
  private let turned: (Buffer<Float>, Buffer<Float>)

  init(capacity: Int, width: Int) {
    func rows() -> Buffer<Float> { Buffer(count: capacity * width, repeating: 0) }
    solver = LinearAssignmentSolver(capacity: capacity)
    similarities = Buffer(count: capacity * capacity, repeating: 0)
    gathered = (rows(), rows())
    turned = (rows(), rows())
  }

  /// Matches the rows of two blocks, writes the cross-covariance, and returns the sum of
  /// similarities.
  func match(
    _ source: Side, _ target: Side, rank: Int, duals: BufferView<Double>, isWarm: Bool,
    widths: (Int, Int), into covariance: BufferView<Float>
  ) -> Double {
    let n = source.rows.count
    let x = turn(source, rank: rank, gathered.0.view, turned.0.view)
    let y = turn(target, rank: rank, gathered.1.view, turned.1.view)
    let s = similarities.view
    gemm(1, x, .plain, y, .transposed, into: FloatMatrixView(s, rows: n, columns: n))
    solver.prepare(size: n)
    let (costs, stride) = (solver.costs, solver.stride)
    for r in 0..<n {
      for c in 0..<n { costs[r &* stride &+ c] = -Double(s[r &* n &+ c]) }
    }
    let columns = Array(target.rows)
    if isWarm { for c in 0..<n { solver.columnDuals[c] = duals[columns[c]] } }
    let value = solver.solve(isWarm ? .warm : .cold)
    for c in 0..<n { duals[columns[c]] = solver.columnDuals[c] }
    gather(source.space, Array(source.rows), widths.0, gathered.0.view)
    gather(target.space, (0..<n).map { columns[solver.columnOfRow[$0]] }, widths.1, gathered.1.view)
    gemm(
      1, FloatMatrixView(gathered.0.view, rows: n, columns: widths.0), .transposed,
      FloatMatrixView(gathered.1.view, rows: n, columns: widths.1), .plain,
      into: FloatMatrixView(covariance, rows: widths.0, columns: widths.1))
    return -value
  }

  /// The block's rows times the map's directions.
  private func turn(
    _ side: Side, rank: Int, _ rows: BufferView<Float>, _ out: BufferView<Float>
  ) -> FloatMatrixView {
    let n = side.rows.count
    gather(side.space, Array(side.rows), side.leading, rows)
    let given = FloatMatrixView(rows, rows: n, columns: side.leading)
    guard let directions = side.directions else { return given }
    let result = FloatMatrixView(out, rows: n, columns: rank)
    gemm(
      1, given, .plain,
      FloatMatrixView(directions, rows: side.leading, columns: rank), .plain, into: result)
    return result
  }

  /// Copies the leading `width` coordinates of `rows`.
  private func gather(
    _ space: UnpairedSpace, _ rows: [Int], _ width: Int, _ out: BufferView<Float>
  ) {
    for (place, row) in rows.enumerated() {
      out.window(place * width, width).copy(from: space.view.window(row * space.features, width))
    }
  }
}
