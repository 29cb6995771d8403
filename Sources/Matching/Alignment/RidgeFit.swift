import QAPDenseAlgebra
import QAPPrimitives

/// A ridge regression of one target on a design, for many penalties together. The prediction is
/// X·V·(S²+α)⁻¹·S·Uᵀ·Y; residuals left out are those of the fit divided by 1 − h, h the diagonal of
/// the hat matrix, intercept included. Both are written with α/(s²+α), so that nothing cancels when
/// there are more columns than rows and α is small.
struct RidgeFit {
  let design: RidgeDesign
  /// The column means of the target's training rows.
  let mean: [Double]
  /// Uᵀ·Y: rank × columns.
  let z: Matrix<Double>
  /// The part of the target that no penalty can explain; nil when the columns of the source span
  /// everything.
  let rest: Matrix<Double>?
  /// Z·Zᵀ and rest·Zᵀ, where the target has more columns than the source has directions.
  private let products: (gram: Matrix<Double>, cross: Matrix<Double>?)?

  /// Fits the training rows of `target`, in the order of the design's.
  init(_ design: RidgeDesign, target: Matrix<Double>, rows: [Int]) {
    self.design = design
    mean = RidgeDesign.means(target, rows)
    let y = RidgeDesign.centered(target, rows, mean)
    let z = gemm(1, design.left, .transposed, y, .plain)
    self.z = z
    let rest =
      design.room == nil
      ? nil : gemm(-1, design.left, .plain, z, .plain, beta: 1, adding: y)
    self.rest = rest
    products =
      target.columns > design.values.count
      ? (gemm(1, z, .plain, z, .transposed), rest.map { gemm(1, $0, .plain, z, .transposed) })
      : nil
  }

  /// The coefficients in the coordinates of V for the penalty `alpha`: rank × columns.
  func coefficients(_ alpha: Double) -> Matrix<Double> {
    scaledRows(z) { design.values[$0] / (design.values[$0] * design.values[$0] + alpha) }
  }

  /// The place of the penalty with the least leave-one-out error, the first of equals.
  func best(of alphas: [Double]) -> Int {
    let errors = alphas.map(error)
    var best = 0
    for index in errors.indices where errors[index] < errors[best] { best = index }
    return best
  }

  /// The sum of squared leave-one-out errors; infinity where there is none.
  private func error(_ alpha: Double) -> Double {
    let missing = design.values.map { alpha / ($0 * $0 + alpha) }
    let squares = squaredResiduals(missing)
    var sum = CompensatedSum()
    for (row, square) in squares.enumerated() {
      var leverage = design.room?[row] ?? 0
      for (index, value) in design.left.row(row).enumerated() {
        leverage += value * value * missing[index]
      }
      sum.add(square / (leverage * leverage))
    }
    return sum.value.isNaN ? .infinity : sum.value
  }

  /// The squared norm of each training row's residual, U·diag(missing)·Z + rest.
  private func squaredResiduals(_ missing: [Double]) -> [Double] {
    let n = design.left.rows
    guard let products else {
      let residuals = gemm(
        1, design.left, .plain, scaledRows(z) { missing[$0] }, .plain, beta: 1, adding: rest)
      return (0..<n).map { residuals.row($0).reduce(0) { $0 + $1 * $1 } }
    }
    var shares = design.left.elements.array
    let rank = missing.count
    for index in shares.indices { shares[index] *= missing[index % rank] }
    let weighted = Matrix(rows: n, columns: rank, elements: shares)
    let image = gemm(1, weighted, .plain, products.gram, .plain)
    return (0..<n).map { row in
      var sum = CompensatedSum()
      for (a, b) in zip(weighted.row(row), image.row(row)) { sum.add(a * b) }
      if let cross = products.cross, let rest {
        for (a, b) in zip(weighted.row(row), cross.row(row)) { sum.add(2 * a * b) }
        sum.add(rest.row(row).reduce(0) { $0 + $1 * $1 })
      }
      return max(0, sum.value)
    }
  }

  private func scaledRows(
    _ matrix: Matrix<Double>, _ factor: (Int) -> Double
  ) -> Matrix<Double> {
    var elements = matrix.elements.array
    for row in 0..<matrix.rows {
      let factor = factor(row)
      for index in row * matrix.columns..<(row + 1) * matrix.columns { elements[index] *= factor }
    }
    return Matrix(rows: matrix.rows, columns: matrix.columns, elements: elements)
  }
}
