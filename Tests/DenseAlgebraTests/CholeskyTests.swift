import QAPDenseAlgebra
import QAPPrimitives
import Testing

@Suite struct CholeskyTests {
  /// B·Bᵀ + I.
  private func positive(_ n: Int, seed: UInt64) -> Matrix<Double> {
    var g = SeededGenerator(seed: seed)
    let b = Matrix<Double>(rows: n, columns: n) { _, _ in g.unit() - 0.5 }
    let identity = Matrix<Double>(rows: n, columns: n) { $0 == $1 ? 1 : 0 }
    return gemm(1, b, .plain, b, .transposed, beta: 1, adding: identity)
  }

  private func buffer(_ matrix: Matrix<Double>) -> Buffer<Double> {
    let buffer = Buffer<Double>(count: matrix.elements.count, repeating: 0)
    buffer.view.copy(from: matrix.elements)
    return buffer
  }

  @Test(arguments: [1, 2, 7, 191, 192, 193, 401])
  func theFactorTimesItsTransposeIsTheMatrix(_ n: Int) {
    let a = positive(n, seed: UInt64(n))
    var factors: [[Double]] = []
    for threads in [1, 2, 3] {
      let held = buffer(a)
      let view = MatrixView(held.view, rows: n, columns: n)
      #expect(Cholesky.factor(view, threads: threads) == .factored)
      let l = Matrix<Double>(rows: n, columns: n) { $1 <= $0 ? held.view[$0 * n + $1] : 0 }
      factors.append(l.elements.array)
      let product = gemm(1, l, .plain, l, .transposed)
      for (x, y) in zip(product.elements, a.elements) where abs(x - y) > 1e-11 * Double(n) {
        Issue.record("n = \(n): \(x) instead of \(y)")
        return
      }
      // A·x = b through both halves, for two right-hand sides.
      let sides = Matrix<Double>(rows: 2, columns: n) { Double($0 + $1 % 5) }
      let solution = buffer(sides)
      let rows = MatrixView(solution.view, rows: 2, columns: n)
      Cholesky.solveForward(view, rows: rows, threads: threads)
      Cholesky.solveBackward(view, rows: rows)
      let image = gemm(
        1, Matrix<Double>(rows: 2, columns: n) { solution.view[$0 * n + $1] }, .plain, a, .plain)
      for (x, y) in zip(image.elements, sides.elements) where abs(x - y) > 1e-9 * Double(n) {
        Issue.record("n = \(n): \(x) instead of \(y)")
        return
      }
    }
    #expect(factors[0] == factors[1] && factors[0] == factors[2])
  }

  @Test func endsAreTyped() {
    let n = 400
    var indefinite = positive(n, seed: 3)
    indefinite[390, 390] = -1
    let held = buffer(indefinite)
    let view = MatrixView(held.view, rows: n, columns: n)
    #expect(Cholesky.factor(view) == .notPositiveDefinite)
    held.view.copy(from: positive(n, seed: 3).elements)
    var asked = 0
    #expect(
      Cholesky.factor(view) {
        asked += 1
        return asked == 2
      } == .interrupted)
    #expect(Cholesky.factor(MatrixView(held.view, rows: 0, columns: 0)) == .factored)
  }
}
