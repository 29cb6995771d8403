import QAPDenseAlgebra
import QAPPrimitives
import Testing

@testable import QAPSemidefinite

/// Projections by a whole decomposition and by a subspace that follows the matrix.
@Suite struct SpectralProjectionTests {
  /// Vᵀ·diag·V for a random orthogonal V, plus a small symmetric change.
  private func matrix(
    _ basis: Matrix<Double>, _ values: [Double], change: Double, _ g: inout SeededGenerator
  ) -> Matrix<Double> {
    let n = values.count
    let scaled = Matrix<Double>(rows: n, columns: n) { values[$0] * basis[$0, $1] }
    let noise = Matrix<Double>(rows: n, columns: n) { _, _ in change * (g.unit() - 0.5) }
      .plusTranspose
    return gemm(1, basis, .transposed, scaled, .plain, beta: 1, adding: noise)
  }

  private func factorProduct(_ projection: SpectralProjection) -> Matrix<Double> {
    let n = projection.order
    var result = Matrix(rows: n, columns: n, repeating: 0.0)
    for index in 0..<projection.rank {
      let (vector, factor) = projection.row(index)
      for r in 0..<n {
        for c in 0..<n { result[r, c] += factor * factor * vector[r] * vector[c] }
      }
    }
    return result
  }

  @Test(arguments: [1, 2])
  func theSubspaceFollowsTheMatrix(_ threads: Int) throws {
    let n = 120
    var g = SeededGenerator(seed: 3)
    let random = Matrix<Double>(rows: n, columns: n) { _, _ in g.unit() - 0.5 }.plusTranspose
    let basis = try #require(symmetricEigen(random)).vectors
    let tracked = SpectralProjection(order: n, threads: threads)
    for step in 0..<12 {
      let rise = 0.1 * Double(step)
      let values: [Double] = (0..<n).map { index in
        let place = Double(index)
        return index < 5 ? 5 - place + rise : -0.2 - 0.05 * place
      }
      let given = matrix(basis, values, change: 0.002, &g)
      let whole = SpectralProjection(order: n, threads: 1)
      for projection in [tracked, whole] {
        projection.matrix.copy(from: given.elements)
        #expect(projection.project(trace: 14, tolerance: 1e-9, residual: 1))
      }
      #expect(tracked.rank == whole.rank)
      #expect(abs(tracked.threshold - whole.threshold) < 1e-9)
      let (a, b) = (factorProduct(tracked), factorProduct(whole))
      let trace = (0..<n).reduce(0) { $0 + a[$1, $1] }
      #expect(abs(trace - 14) < 1e-8)
      for at in 0..<n * n { #expect(abs(a.elements[at] - b.elements[at]) < 1e-7) }
    }
    #expect(tracked.decompositions == 1, "\(tracked.decompositions)")
  }

  /// When more eigenvalues rise than the subspace has room for, the whole matrix is decomposed
  /// again.
  @Test func aRankThatSwellsIsNoticed() {
    let n = 110
    let projection = SpectralProjection(order: n, threads: 2)
    for positive in [3, 3, 60, 60, 4] {
      projection.matrix.fill(0)
      for index in 0..<n {
        projection.matrix[index * n + index] = index < positive ? 1 + 0.01 * Double(index) : -1
      }
      #expect(projection.project(trace: Double(positive), tolerance: 1e-8, residual: 1))
      #expect(projection.rank == positive)
    }
    #expect(projection.decompositions >= 2)
  }

  /// A rank that is limited is followed by the subspace alone; the limit grows where it stays too
  /// small.
  @Test func limitedRanksGrow() {
    let n = 120
    let projection = SpectralProjection(order: n, threads: 2, maxRank: 8)
    let whole = SpectralProjection(order: n, threads: 1)
    func fill(_ projection: SpectralProjection, _ positive: Int) {
      projection.matrix.fill(0)
      for index in 0..<n {
        projection.matrix[index * n + index] =
          index < positive ? 2 + 0.01 * Double(index) : -1 - 0.01 * Double(index)
      }
    }
    for step in 0..<30 {
      fill(projection, 5)
      #expect(projection.project(trace: 11, tolerance: 1e-8, residual: 1))
      if step > 5 {
        fill(whole, 5)
        #expect(whole.project(trace: 11, tolerance: 1e-8, residual: 1))
        #expect(projection.rank == 5 && abs(projection.threshold - whole.threshold) < 1e-6)
      }
    }
    #expect(projection.decompositions == 0 && projection.maxRank == 8)
    // As long as the caller gets on, a smaller rank will do.
    var residual = 1.0
    for _ in 0..<100 {
      residual *= 0.98
      fill(projection, 30)
      #expect(projection.project(trace: 30, tolerance: 1e-8, residual: residual))
      #expect(projection.rank <= 8)
    }
    for _ in 0..<200 {
      fill(projection, 30)
      #expect(projection.project(trace: 30, tolerance: 1e-8, residual: residual))
    }
    #expect(projection.maxRank == 40 && projection.rank == 30 && projection.decompositions == 0)
    // A third of all vectors is not enough either.
    for _ in 0..<100 {
      fill(projection, 60)
      #expect(projection.project(trace: 60, tolerance: 1e-8, residual: residual))
    }
    #expect(projection.maxRank == nil && projection.rank == 60 && projection.decompositions > 0)
  }

  @Test func lanczosFindsTheLargestEigenvalue() throws {
    var g = SeededGenerator(seed: 4)
    for n in [1, 2, 3, 50, 400] {
      let random = Matrix<Double>(rows: n, columns: n) { _, _ in g.unit() - 0.5 }.plusTranspose
      let exact = try #require(symmetricEigen(random)).values[n - 1]
      let buffer = Buffer(count: n * n, repeating: 0.0)
      buffer.view.copy(from: random.elements)
      let view = MatrixView(buffer.view, rows: n, columns: n)
      let start = Buffer(count: n, repeating: 0.0)
      for at in 0..<n { start.view[at] = g.unit() - 0.5 }
      for again in [false, true] {
        let found = try #require(lanczosLargest(view, start: start.view, threads: 2))
        #expect(
          found >= exact - 1e-5 && found <= exact + 1e-9, "\(n) \(again): \(found), not \(exact)")
      }
    }
  }

  @Test func traceIsKeptWhenAllValuesAreNegative() {
    let projection = SpectralProjection(order: 4, threads: 1)
    for index in 0..<4 { projection.matrix[index * 4 + index] = -10 - Double(index) }
    #expect(projection.project(trace: 3, tolerance: 1e-8, residual: 1))
    #expect(projection.rank == 2)
    var trace = 0.0
    for index in 0..<2 { trace += projection.row(index).factor * projection.row(index).factor }
    #expect(abs(trace - 3) < 1e-12)
  }
}
