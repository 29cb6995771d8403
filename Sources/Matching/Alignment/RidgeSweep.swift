import QAPDenseAlgebra
import QAPPrimitives

/// The leave-one-out errors and predictions of one design for many penalties and many targets.
///
/// The residuals for a penalty are R·Y with R = U·diag(α/(s²+α))·Uᵀ, and I − U·Uᵀ where the columns
/// of the source do not span everything; predictions are C·diag(s/(s²+α))·Uᵀ·Y, C the coordinates
/// of the rows asked for. The error Σᵢ ‖row i of R·Y‖² / hᵢ², hᵢ the leverage, is ⟨R·H⁻²·R, Y·Yᵀ⟩:
/// a further target that is a permutation of the first costs O(rows²) for a penalty.
struct RidgeSweep {
  /// R·H⁻²·R for each penalty: training rows × training rows.
  private let moments: [Matrix<Double>]
  /// For each penalty, the rows asked for × training rows.
  private let weights: [Matrix<Double>]

  /// - Parameter coordinates: those of the rows to predict: rows × rank.
  /// - Complexity: O(training rows³) time and O(training rows²) memory for each of `alphas`.
  init(_ design: RidgeDesign, alphas: [Double], predicting coordinates: Matrix<Double>) {
    let (n, rank) = (design.left.rows, design.values.count)
    let left = design.left
    /// A matrix of `rank` columns, each multiplied by a factor.
    func scaled(_ matrix: Matrix<Double>, _ factors: [Double]) -> Matrix<Double> {
      var elements = matrix.elements.array
      for row in 0..<matrix.rows {
        for index in 0..<rank { elements[row &* rank &+ index] *= factors[index] }
      }
      return Matrix(rows: matrix.rows, columns: rank, elements: elements)
    }
    moments = alphas.map { alpha in
      let missing = design.values.map { alpha / ($0 * $0 + alpha) }
      let share = design.room == nil ? missing : missing.map { $0 - 1 }
      var residuals = gemm(1, scaled(left, share), .plain, left, .transposed).elements.array
      if design.room != nil {
        for row in 0..<n { residuals[row * n + row] += 1 }
      }
      var weighted = residuals
      for row in 0..<n {
        var leverage = design.room?[row] ?? 0
        for (index, value) in left.row(row).enumerated() {
          leverage += value * value * missing[index]
        }
        let weight = 1 / (leverage * leverage)
        for column in 0..<n { weighted[row &* n &+ column] *= weight }
      }
      return gemm(
        1, Matrix(rows: n, columns: n, elements: residuals), .plain,
        Matrix(rows: n, columns: n, elements: weighted), .plain)
    }
    weights = alphas.map { alpha in
      let factors = design.values.map { $0 / ($0 * $0 + alpha) }
      return gemm(1, scaled(coordinates, factors), .plain, left, .transposed)
    }
  }

  /// The place of the penalty with the least leave-one-out error, the first of equals.
  ///
  /// - Parameters:
  ///   - gram: Y·Yᵀ of all rows of the target.
  ///   - rows: the row of the target of each training row.
  func best(gram: Matrix<Double>, rows: [Int]) -> Int {
    let n = rows.count
    var products = [Double](repeating: 0, count: n * n)
    for (i, row) in rows.enumerated() {
      for (j, column) in rows.enumerated() { products[i &* n &+ j] = gram[row, column] }
    }
    center(&products, n)
    let errors = moments.map { moment in
      let elements = moment.elements
      var sum = 0.0
      for index in products.indices { sum += products[index] * elements[index] }
      return sum.isNaN ? Double.infinity : sum
    }
    var best = 0
    for index in errors.indices where errors[index] < errors[best] { best = index }
    return best
  }

  /// The predictions for the penalty at `place`, up to a constant in each column: rows asked for ×
  /// columns of `target`, of which training row i has row `rows[i]`.
  func predictions(_ place: Int, target: Matrix<Double>, rows: [Int]) -> Matrix<Double> {
    let source = weights[place]
    var spread = [Double](repeating: 0, count: source.rows * target.rows)
    for row in 0..<source.rows {
      for (i, value) in source.row(row).enumerated() { spread[row * target.rows + rows[i]] = value }
    }
    return gemm(
      1, Matrix(rows: source.rows, columns: target.rows, elements: spread), .plain, target, .plain)
  }

  /// Y·Yᵀ of columns whose means are taken off.
  private func center(_ products: inout [Double], _ n: Int) {
    var means = [Double](repeating: 0, count: n)
    for row in 0..<n {
      for column in 0..<n { means[row] += products[row &* n &+ column] / Double(n) }
    }
    let mean = means.reduce(0, +) / Double(n)
    for row in 0..<n {
      for column in 0..<n { products[row &* n &+ column] += mean - means[row] - means[column] }
    }
  }
}
