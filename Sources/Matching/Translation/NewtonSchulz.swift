import QAPDenseAlgebra
import QAPPrimitives

/// The orthogonal polar factor of `matrix` by Newton–Schulz iterations (G. Schulz, 1933) in single
/// precision, the first ones of fifth order with coefficients that lift small singular values fast.
/// Nil for zeros and for numbers that are not finite.
///
/// - Complexity: O(steps · m · n · min(m, n)).
func newtonSchulz(_ matrix: Matrix<Double>) -> Matrix<Double>? {
  let (m, n) = (matrix.rows, matrix.columns)
  let norm = spectralNorm(matrix)
  guard norm > 0, norm.isFinite else { return nil }
  let least = min(m, n)
  let current = floats(matrix.map { $0 / (1.02 * norm) })
  let next = Buffer(count: m * n, repeating: Float(0))
  let square = Buffer(count: least * least, repeating: Float(0))
  let fourth = Buffer(count: least * least, repeating: Float(0))
  setDenseAlgebraThreads(1)
  let lifting: (Float, Float, Float) = (3.4445, -4.775, 2.0315)
  let polishing: (Float, Float, Float) = (15.0 / 8, -10.0 / 8, 3.0 / 8)
  for step in 0..<8 {
    let (a, b, c) = step < 5 ? lifting : polishing
    let x = FloatMatrixView(current.view, rows: m, columns: n)
    let g = FloatMatrixView(square.view, rows: least, columns: least)
    let h = FloatMatrixView(fourth.view, rows: least, columns: least)
    if m <= n {
      gemm(1, x, .plain, x, .transposed, into: g)
    } else {
      gemm(1, x, .transposed, x, .plain, into: g)
    }
    fourth.view.copy(from: square.view)
    gemm(c, g, .plain, g, .plain, beta: b, into: h)
    let y = FloatMatrixView(next.view, rows: m, columns: n)
    next.view.copy(from: current.view)
    if m <= n {
      gemm(1, h, .plain, x, .plain, beta: a, into: y)
    } else {
      gemm(1, x, .plain, h, .plain, beta: a, into: y)
    }
    current.view.copy(from: next.view)
  }
  return withExtendedLifetime((current, next, square, fourth)) {
    Matrix(rows: m, columns: n) { Double(current.view[$0 * n + $1]) }
  }
}

/// The largest singular value, from below, by power iteration from a vector of ones.
private func spectralNorm(_ matrix: Matrix<Double>) -> Double {
  var vector = Matrix(rows: matrix.columns, columns: 1, repeating: 1.0)
  var norm = 0.0
  for _ in 0..<30 {
    let image = gemm(1, matrix, .plain, vector, .plain)
    vector = gemm(1, matrix, .transposed, image, .plain)
    let size = vector.frobeniusNorm
    guard size > 0, size.isFinite else { break }
    norm = size.squareRoot()
    vector = vector.map { $0 / size }
  }
  // A start that is orthogonal to every direction that matters: the Frobenius norm is above all.
  return norm > 0 ? norm : matrix.frobeniusNorm
}
