import QAPDenseAlgebra
import QAPPrimitives
import Testing

@Suite struct SingularValuesTests {
  private func random(_ rows: Int, _ columns: Int, _ rng: inout SeededGenerator) -> Matrix<Double> {
    Matrix<Double>(rows: rows, columns: columns) { _, _ in rng.approximateNormal() }
  }

  @Test func factorsMultiplyToTheMatrix() throws {
    for seed in UInt64(0)..<40 {
      var rng = SeededGenerator(seed: seed)
      let (m, n) = (1 + rng.below(30), 1 + rng.below(30))
      let matrix = random(m, n, &rng)
      let svd = try #require(singularValues(matrix))
      let scaled = Matrix<Double>(rows: m, columns: svd.values.count) {
        svd.left[$0, $1] * svd.values[$1]
      }
      let product = gemm(1, scaled, .plain, svd.right, .plain)
      for (found, expected) in zip(product.elements, matrix.elements) {
        #expect(abs(found - expected) < 1e-12, "seed \(seed), \(m) × \(n)")
      }
      let gram = gemm(1, svd.left, .transposed, svd.left, .plain)
      for r in 0..<gram.rows {
        for c in 0..<gram.rows { #expect(abs(gram[r, c] - (r == c ? 1 : 0)) < 1e-12) }
      }
      #expect(zip(svd.values, svd.values.dropFirst()).allSatisfy { $0 >= $1 })
      #expect(svd.rank() == min(m, n))
    }
  }

  /// The residual of a least-squares solution is orthogonal to the columns, and the solution of
  /// least norm lies in the space of the rows.
  @Test func solvesLeastSquares() throws {
    for seed in UInt64(0)..<30 {
      var rng = SeededGenerator(seed: seed, stream: 1)
      let (m, n, rank) = (4 + rng.below(20), 4 + rng.below(20), 1 + rng.below(4))
      let matrix = gemm(1, random(m, rank, &rng), .plain, random(rank, n, &rng), .plain)
      let b = random(m, 3, &rng)
      let svd = try #require(singularValues(matrix))
      #expect(svd.rank() == rank)
      let x = svd.solve(b)
      let residual = gemm(1, matrix, .plain, x, .plain, beta: -1, adding: b)
      for value in gemm(1, matrix, .transposed, residual, .plain).elements {
        #expect(abs(value) < 1e-10, "seed \(seed)")
      }
      let coordinates = gemm(1, svd.right, .plain, x, .plain)
      for row in rank..<coordinates.rows {
        for c in 0..<3 { #expect(abs(coordinates[row, c]) < 1e-12) }
      }
    }
  }

  @Test func refusesWhatIsNotFinite() {
    #expect(singularValues(Matrix(rows: 1, columns: 2, elements: [1, .nan])) == nil)
    #expect(
      singularValues(Matrix<Double>(rows: 0, columns: 2, elements: []))?.values.isEmpty == true)
  }
}
