import Foundation
import QAP
import QAPDenseAlgebra
import QAPFrankWolfe
import QAPInstanceIO
import QAPPrimitives
import Testing

/// Real embeddings matched with 320 seeds by SciPy's FAQ.
@Suite struct GoldenTests {
  static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .path + "/Golden"

  private func array(_ name: String) throws -> NumericArray {
    try NPY.read("\(Self.folder)/\(name).npy")
  }

  private func indices(_ name: String) throws -> [Int] { try array(name).elements.map { Int($0) } }

  /// K = XXᵀ of the rows `rows`, columns divided by their deviation over all rows, centered on both
  /// sides, with Frobenius norm 1.
  private func kernel(_ name: String, _ rows: [Int]) throws -> Matrix<Double> {
    let given = try #require(try array(name).matrix)
    let count = Double(given.rows)
    var selected = Matrix<Double>(rows: rows.count, columns: given.columns) { given[rows[$0], $1] }
    for c in 0..<given.columns {
      let mean = (0..<given.rows).reduce(0) { $0 + given[$1, c] } / count
      let square = (0..<given.rows).reduce(0) { $0 + (given[$1, c] - mean) * (given[$1, c] - mean) }
      let deviation = (square / (count - 1)).squareRoot()
      for r in 0..<rows.count { selected[r, c] /= deviation }
    }
    let product = gemm(1, selected, .plain, selected, .transposed)
    let n = Double(rows.count)
    let means = (0..<rows.count).map { product.row($0).reduce(0, +) / n }
    let mean = means.reduce(0, +) / n
    let centered = Matrix<Double>(rows: rows.count, columns: rows.count) {
      product[$0, $1] - means[$0] - means[$1] + mean
    }
    let norm = centered.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return centered.map { $0 / norm }
  }

  @Test
  func seededMatchingEqualsSciPys() throws {
    let base = try indices("in_base_idx")
    let queries = try indices("in_query_idx")
    let shuffle = try indices("s4_shuffle")
    let flow = try kernel("in_Y", base + queries)
    let distance = try kernel("in_X", base + shuffle.map { queries[$0] })
    // A maximum is the minimum of the negative.
    let instance = try Instance(flow: flow.map { -$0 }, distance: distance)
    let report = try instance.solve(
      with: FrankWolfe(.init(tolerance: 1e-5, shufflesTies: false)),
      options: SolveOptions(
        pairs: base.indices.map { FixedPair(facility: $0, location: $0) }))
    let objective = -(try #require(report.incumbent?.objective))
    #expect(abs(objective - 0.5263021620863197) < 1e-7)
    #expect(report.incumbent?.assignment.locations == (try indices("s4_faq_bary_linear_col")))
  }
}
