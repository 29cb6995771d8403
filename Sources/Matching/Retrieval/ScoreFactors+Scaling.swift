import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension ScoreFactors {
  /// The same factors with rows of norm 1, for cosines; rows of zeros stay.
  var unitRows: ScoreFactors {
    func unit(_ matrix: Matrix<Double>) -> Matrix<Double> {
      let norms = (0..<matrix.rows).map { Embeddings.norm(matrix.row($0)) }
      return Matrix(rows: matrix.rows, columns: matrix.columns) {
        norms[$0] > 0 ? matrix[$0, $1] / norms[$0] : 0
      }
    }
    return ScoreFactors(source: unit(source), target: unit(target))
  }

  /// Cross-domain similarity local scaling (Conneau et al. 2018): twice the score minus the mean of
  /// the query's `neighbors` best scores and the mean of the candidate's, so that candidates near
  /// to everything lose their advantage.
  ///
  /// - Complexity: O(queries · candidates · log neighbors) time, one pass over the scores a side.
  public func scaledLocally(neighbors: Int, threads: Int = 1) -> ScoreFactors {
    let ofQueries = meanOfBest(neighbors, threads: threads)
    let ofCandidates = ScoreFactors(source: target, target: source)
      .meanOfBest(neighbors, threads: threads)
    let width = source.columns
    return ScoreFactors(
      source: Matrix(rows: queries, columns: width + 2) {
        $1 < width ? 2 * source[$0, $1] : $1 == width ? -ofQueries[$0] : 1
      },
      target: Matrix(rows: candidates, columns: width + 2) {
        $1 < width ? target[$0, $1] : $1 == width ? 1 : -ofCandidates[$0]
      })
  }

  /// The mean of the `count` best scores of each query, or of all when there are fewer.
  private func meanOfBest(_ count: Int, threads: Int) -> [Double] {
    let (columns, kept) = (candidates, min(max(1, count), candidates))
    let means = Buffer(count: queries, repeating: 0.0)
    let view = means.view
    forEachBlock(threads: threads) { rows, block in
      for (offset, row) in rows.enumerated() {
        let line = (0..<columns).map { block[offset &* columns &+ $0] }
        view[row] = line.sorted(by: >).prefix(kept).reduce(0, +) / Double(kept)
      }
    }
    return withExtendedLifetime(means) { view.array }
  }

  /// Cosines to the known rows, of which only the largest count, raised to a power (Norelli et al.,
  /// "ASIF: Coupled Data Turns Unimodal Models to Multimodal without Training", 2023): asked ×
  /// base.
  static func sparseCosines(
    _ cosines: Matrix<Double>, kept: Int, exponent: Double
  ) -> Matrix<Double> {
    let width = cosines.columns
    let count = min(kept, width)
    var elements = [Double](repeating: 0, count: cosines.elements.count)
    for row in 0..<cosines.rows {
      let line = cosines.row(row)
      let least = line.sorted(by: >)[count - 1]
      for (column, value) in line.enumerated() where value >= least && value > 0 {
        elements[row * width + column] = pow(value, exponent)
      }
    }
    return Matrix(rows: cosines.rows, columns: width, elements: elements)
  }
}
