import QAPDenseAlgebra
import QAPPrimitives
import Testing

@Suite struct ProductTests {
  private func random(_ rows: Int, _ columns: Int, _ g: inout SeededGenerator) -> Matrix<Double> {
    Matrix(rows: rows, columns: columns) { _, _ in Double(g.below(19) - 9) }
  }

  /// Integers, so that the products are exact whatever the order of summation.
  @Test func agreesWithTheDefinition() {
    for seed in UInt64(0)..<60 {
      var g = SeededGenerator(seed: seed)
      let (m, n, k) = (g.below(9), g.below(9), g.below(9))
      for operationA in [Operation.plain, .transposed] {
        for operationB in [Operation.plain, .transposed] {
          let a = operationA == .plain ? random(m, k, &g) : random(k, m, &g)
          let b = operationB == .plain ? random(k, n, &g) : random(n, k, &g)
          let c = random(m, n, &g)
          let (left, right) = (
            operationA == .plain ? a : a.transposed, operationB == .plain ? b : b.transposed
          )
          let expected = Matrix<Double>(rows: m, columns: n) { i, j in
            (0..<k).reduce(3 * c[i, j]) { $0 + 2 * left[i, $1] * right[$1, j] }
          }
          let found = gemm(2, a, operationA, b, operationB, beta: 3, adding: c)
          #expect(found == expected, "seed \(seed) \(m)×\(k)×\(n) \(operationA) \(operationB)")
        }
      }
    }
  }

  @Test func respectsStrides() {
    let (a, b, c) = (
      Buffer<Double>(count: 10, repeating: 7), Buffer<Double>(count: 10, repeating: 7),
      Buffer<Double>(count: 10, repeating: .nan)
    )
    a.view[0] = 1
    a.view[1] = 2
    a.view[5] = 3
    a.view[6] = 4
    for row in 0..<2 {
      for column in 0..<2 { b.view[row * 4 + column] = row == column ? 10 : 0 }
    }
    gemm(
      1, MatrixView(a.view, rows: 2, columns: 2, stride: 5), .transposed,
      MatrixView(b.view, rows: 2, columns: 2, stride: 4), .plain,
      into: MatrixView(c.view, rows: 2, columns: 2, stride: 3))
    #expect([0, 1, 3, 4].map { c.view[$0] } == [10, 30, 20, 40])
    #expect(c.view[2].isNaN && c.view[5].isNaN)
    withExtendedLifetime((a, b, c)) {}
  }

  @Test func controlsThreads() {
    setDenseAlgebraThreads(1)
    #expect(denseAlgebraThreads == 1)
  }
}
