import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The centers of one side.
struct CenterSide: Sendable {
  /// Clusters × leading coordinates, of mean zero.
  let centers: Matrix<Double>
  /// F·Fᵀ/‖F·Fᵀ‖ for F = U·s^power, of the decomposition U·s·Vᵀ of the centers.
  let kernel: Matrix<Double>
  /// V·s^(power − 1)/√‖F·Fᵀ‖: takes coordinates to those of F.
  private let projection: Matrix<Double>
  private let points: Matrix<Double>

  /// Nil where the centers are all alike.
  init?(_ given: Matrix<Double>, power: Double) {
    var means = [Double](repeating: 0, count: given.columns)
    for r in 0..<given.rows {
      for (c, value) in given.row(r).enumerated() { means[c] += value / Double(given.rows) }
    }
    let centers = Matrix<Double>(rows: given.rows, columns: given.columns) {
      given[$0, $1] - means[$1]
    }
    guard let values = singularValues(centers) else { return nil }
    // Centered, they have one dimension less than there are; rounding must not be amplified.
    let rank = min(values.rank(tolerance: 1e-6), given.rows - 1)
    guard rank > 0 else { return nil }
    let norm = values.values.prefix(rank).reduce(0) { $0 + pow($1, 4 * power) }.squareRoot()
    let root = norm.squareRoot()
    points = Matrix(rows: given.rows, columns: rank) {
      values.left[$0, $1] * pow(values.values[$1], power) / root
    }
    projection = Matrix(rows: given.columns, columns: rank) {
      values.right[$1, $0] * pow(values.values[$1], power - 1) / root
    }
    kernel = gemm(1, points, .plain, points, .transposed)
    self.centers = centers
  }

  /// The kernel between the centers and other rows: clusters × rows.
  func similarities(to rows: Matrix<Double>) -> Matrix<Double> {
    let leading = rows.extended(rows: rows.rows, columns: projection.rows)
    return gemm(1, points, .plain, gemm(1, leading, .plain, projection, .plain), .transposed)
  }
}
