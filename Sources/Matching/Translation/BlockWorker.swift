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
  /// The kernels of both blocks.
  private let kernels: (Buffer<Float>, Buffer<Float>)

  init(capacity: Int, width: Int, isHollow: Bool) {
    func rows() -> Buffer<Float> { Buffer(count: capacity * width, repeating: 0) }
    func kernel() -> Buffer<Float> {
      Buffer(count: isHollow ? capacity * capacity : 0, repeating: 0)
    }
    kernels = (kernel(), kernel())
    solver = LinearAssignmentSolver(capacity: capacity)
    similarities = Buffer(count: capacity * capacity, repeating: 0)
    gathered = (rows(), rows())
    turned = (rows(), rows())
  }

  /// Matches the rows of two blocks, writes partners and cross-covariance, and returns the sum of
  /// similarities.
  ///
  /// With `isHollow` the map is Σ x·yᵀ over rows that have each other now, those of both blocks in
  /// their order among them, and similarities are half the derivatives of its squared norm without
  /// what a row or its partner has with itself in it.
  func match(
    _ source: Side, _ target: Side, rank: Int, duals: BufferView<Double>, isWarm: Bool,
    isHollow: Bool, widths: (Int, Int), into covariance: BufferView<Float>,
    partners: BufferView<Int>
  ) -> Double {
    let n = source.rows.count
    let x = turn(source, rank: rank, gathered.0.view, turned.0.view)
    let y = turn(target, rank: rank, gathered.1.view, turned.1.view)
    let s = similarities.view
    gemm(1, x, .plain, y, .transposed, into: FloatMatrixView(s, rows: n, columns: n))
    if isHollow { removeOwnShares(size: n, source.leading, target.leading) }
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
    let chosen = (0..<n).map { columns[solver.columnOfRow[$0]] }
    partners.copy(from: chosen)
    gather(target.space, chosen, widths.1, gathered.1.view)
    gemm(
      1, FloatMatrixView(gathered.0.view, rows: n, columns: widths.0), .transposed,
      FloatMatrixView(gathered.1.view, rows: n, columns: widths.1), .plain,
      into: FloatMatrixView(covariance, rows: widths.0, columns: widths.1))
    return -value
  }

  /// Takes out of the similarities of the gathered rows what they owe to the pairs that both rows
  /// belong to now, and adds half of what they would have as a pair.
  private func removeOwnShares(size n: Int, _ widthOfSource: Int, _ widthOfTarget: Int) {
    for (rows, kernel, width) in [
      (gathered.0, kernels.0, widthOfSource), (gathered.1, kernels.1, widthOfTarget),
    ] {
      let given = FloatMatrixView(rows.view, rows: n, columns: width)
      gemm(
        1, given, .plain, given, .transposed,
        into: FloatMatrixView(kernel.view, rows: n, columns: n))
    }
    let (s, x, y) = (similarities.view, kernels.0.view, kernels.1.view)
    for r in 0..<n {
      let (row, own) = (r &* n, x[r &* n &+ r])
      for c in 0..<n {
        let other = y[c &* n &+ c]
        let shares =
          r == c ? own * other : own * y[row &+ c] + x[row &+ c] * other
        s[row &+ c] -= shares - 0.5 * own * other
      }
    }
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

  /// Copies the leading `width` coordinates of `rows`; zeros for those beyond the last one.
  private func gather(
    _ space: UnpairedSpace, _ rows: [Int], _ width: Int, _ out: BufferView<Float>
  ) {
    for (place, row) in rows.enumerated() {
      let line = out.window(place * width, width)
      if row < space.rows {
        line.copy(from: space.view.window(row * space.features, width))
      } else {
        line.fill(0)
      }
    }
  }
}
