import QAPDenseAlgebra
import QAPPrimitives
import Testing

@testable import QAPSemidefinite

/// The face of lifted assignments against dense products with V.
@Suite struct FaceTests {
  /// V as the definition has it, (n² + 1) × ((n − 1)² + 1), with Q by the formula for its elements.
  static func dense(_ n: Int) -> Matrix<Double> {
    let root = Double(n).squareRoot()
    func q(_ r: Int, _ c: Int) -> Double {
      r == 0 ? 1 / root : (r == c + 1 ? 1 : 0) - 1 / (Double(n) - root)
    }
    let m = n - 1
    return Matrix(rows: n * n + 1, columns: m * m + 1) { r, c in
      if c == 0 { return 0.5.squareRoot() * (r == 0 ? 1 : 1 / Double(n)) }
      if r == 0 { return 0 }
      return q((r - 1) / n, (c - 1) / m) * q((r - 1) % n, (c - 1) % m)
    }
  }

  @Test(arguments: 1...7)
  func columnsAreOrthonormalAndAssignmentsAreInTheirSpan(_ n: Int) {
    let v = Self.dense(n)
    let identity = gemm(1, v, .transposed, v, .plain)
    for r in 0..<identity.rows {
      for c in 0..<identity.columns {
        #expect(abs(identity[r, c] - (r == c ? 1 : 0)) < 1e-13)
      }
    }
    var g = SeededGenerator(seed: UInt64(n))
    let p = Permutation(randomOf: n, using: &g)
    let y = Matrix<Double>(rows: 1, columns: n * n + 1) {
      $1 == 0 || p[($1 - 1) / n] == ($1 - 1) % n ? 1 : 0
    }
    let back = gemm(1, gemm(1, y, .plain, v, .plain), .plain, v, .transposed)
    for at in 0..<y.columns { #expect(abs(back[0, at] - y[0, at]) < 1e-13) }
  }

  @Test(arguments: 1...7, [1, 3])
  func compressesLikeDenseProducts(_ n: Int, _ threads: Int) {
    var g = SeededGenerator(seed: UInt64(n))
    let whole = Matrix<Double>(rows: n * n + 1, columns: n * n + 1) { _, _ in g.unit() - 0.5 }
      .plusTranspose
    let lifted = LiftedMatrix(size: n)
    lifted.corner = whole[0, 0]
    for p in 0..<n * n {
      lifted.border[p] = whole[0, p + 1]
      for q in 0..<n * n { lifted.row(p)[q] = whole[p + 1, q + 1] }
    }
    let face = FacialReduction(size: n)
    let w = Buffer(count: face.order * face.order, repeating: 0.0)
    face.compress(lifted, into: w.view, threads: threads)
    let v = Self.dense(n)
    let expected = gemm(1, gemm(1, v, .transposed, whole, .plain), .plain, v, .plain)
    for r in 0..<face.order {
      for c in 0...r {
        #expect(abs(w.view[r * face.order + c] - expected[r, c]) < 1e-12, "\(n) \(r) \(c)")
      }
    }
  }

  @Test(arguments: 1...7)
  func expandsLikeDenseProducts(_ n: Int) {
    var g = SeededGenerator(seed: UInt64(n))
    let face = FacialReduction(size: n)
    let f = Matrix<Double>(rows: 1, columns: face.order) { _, _ in g.unit() - 0.5 }
    let given = Buffer(count: face.order, repeating: 0.0)
    given.view.copy(from: f.elements)
    let row = Buffer(count: n * n + 1, repeating: 7.0)
    face.expand(given.view, times: 1.5, into: row.view)
    let expected = gemm(1.5, f, .plain, Self.dense(n), .transposed)
    for at in 0...n * n { #expect(abs(row.view[at] - expected[0, at]) < 1e-13) }
  }
}
