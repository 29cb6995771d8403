import QAPDenseAlgebra
import QAPPrimitives

/// The source side of ridge regressions with an intercept that is not penalized: X = U·S·Vᵀ,
/// centered, shared by all targets and penalties.
struct RidgeDesign: Sendable {
  /// The column means of the training rows.
  let mean: [Double]
  /// U: training rows × rank.
  let left: Matrix<Double>
  /// S.
  let values: [Double]
  /// Vᵀ: rank × columns.
  let right: Matrix<Double>
  /// 1 − 1/n − ‖row of U‖², what the columns leave of each row; nil when they span everything.
  let room: [Double]?

  /// The design of some rows of `source`; nil when LAPACK finds no singular values.
  init?(_ source: Matrix<Double>, rows: [Int]) {
    mean = Self.means(source, rows)
    guard let svd = singularValues(Self.centered(source, rows, mean)) else { return nil }
    let (n, rank) = (rows.count, svd.rank())
    left = Matrix(rows: n, columns: rank) { svd.left[$0, $1] }
    right = Matrix(rows: rank, columns: source.columns) { svd.right[$0, $1] }
    values = Array(svd.values.prefix(rank))
    let left = left
    room =
      rank >= n - 1
      ? nil
      : (0..<n).map { row in
        1 - 1 / Double(n) - left.row(row).reduce(0) { $0 + $1 * $1 }
      }
  }

  /// Rows of another matrix of the source's width in the coordinates of V, centered: rows × rank.
  func coordinates(_ matrix: Matrix<Double>, rows: [Int]) -> Matrix<Double> {
    gemm(1, Self.centered(matrix, rows, mean), .plain, right, .transposed)
  }

  static func means(_ matrix: Matrix<Double>, _ rows: [Int]) -> [Double] {
    var sums = [CompensatedSum](repeating: CompensatedSum(), count: matrix.columns)
    for row in rows {
      for (c, value) in matrix.row(row).enumerated() { sums[c].add(value) }
    }
    return sums.map { $0.value / Double(rows.count) }
  }

  static func centered(
    _ matrix: Matrix<Double>, _ rows: [Int], _ mean: [Double]
  ) -> Matrix<Double> {
    var elements: [Double] = []
    elements.reserveCapacity(rows.count * matrix.columns)
    for row in rows {
      for (c, value) in matrix.row(row).enumerated() { elements.append(value - mean[c]) }
    }
    return Matrix(rows: rows.count, columns: matrix.columns, elements: elements)
  }
}
