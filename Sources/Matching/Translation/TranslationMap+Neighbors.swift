import QAP
import QAPDenseAlgebra
import QAPPrimitives

extension TranslationMap {
  /// A target row near a mapped source row.
  public struct Neighbor: Equatable, Sendable {
    /// The row of the target, from 0.
    public let row: Int
    /// The cosine, or with `csls` the corrected score.
    public let score: Double
  }

  /// The map of known pairs: the orthogonal polar factor of their cross-covariance, of rank `rank`
  /// at most (Procrustes analysis).
  ///
  /// Rows that were matched to each other are known pairs of a match; a low rank then keeps the
  /// structure that many of them share and leaves out the mistakes of single ones.
  ///
  /// - Throws: `InputError` when all rows of a side are equal.
  /// - Complexity: O(rows · features² + features³).
  public init(fitting pairs: TranslationPairs, rank: Int) throws(InputError) {
    let (sourceMean, targetMean) = (pairs.source.columnMeans, pairs.target.columnMeans)
    let x = try pairs.source.standardized(mean: sourceMean, as: "the source").values
    let y = try pairs.target.standardized(mean: targetMean, as: "the target").values
    guard let map = RankedMap(gemm(1, x, .transposed, y, .plain), rank: max(1, rank)) else {
      throw InputError(allAlike: pairs.source.name)
    }
    let distances = (0..<pairs.target.rows).map { row in
      zip(pairs.target.values.row(row), targetMean).reduce(0.0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }.squareRoot()
    }
    self.init(
      unchecked: map.weight(rows: x.columns, columns: y.columns), sourceMean: sourceMean,
      targetMean: targetMean, targetScale: distances.reduce(0, +) / Double(distances.count))
  }

  /// The nearest rows of `target` to each mapped row of `source`, the nearest first; of equals the
  /// smaller row number comes first.
  ///
  /// - Parameters:
  ///   - count: neighbors of each row; all rows where there are fewer.
  ///   - csls: neighbors of the correction for hubs of A. Conneau et al., "Word Translation
  ///     Without Parallel Data" (2018); nil for plain cosines.
  /// - Throws: `InputError` when extents do not fit.
  /// - Complexity: O(source rows · target rows · features) time, twice with `csls`; memory
  ///   O(rows · features) and a tile of scores.
  public func neighbors(
    of source: Embeddings, in target: Embeddings, count: Int, csls: Int? = nil, threads: Int = 1
  ) throws(InputError) -> [[Neighbor]] {
    let x = try directions(of: source, threads: threads).values
    let y = try standardized(target: target).values
    let hubs = csls.map { size in
      (
        TranslationMap.nearest(x, y, count: size, threads: threads).map(TranslationMap.mean),
        TranslationMap.nearest(y, x, count: size, threads: threads).map(TranslationMap.mean)
      )
    }
    return TranslationMap.nearest(x, y, count: count, hubs: hubs, threads: threads)
  }

  private static func mean(_ neighbors: [Neighbor]) -> Double {
    neighbors.reduce(0) { $0 + $1.score } / Double(neighbors.count)
  }

  /// The `count` rows of `y` of the largest inner products with each row of `x`; with `hubs` twice
  /// the product less the numbers of both rows.
  private static func nearest(
    _ x: Matrix<Double>, _ y: Matrix<Double>, count: Int, hubs: ([Double], [Double])? = nil,
    threads: Int
  ) -> [[Neighbor]] {
    let tile = 256
    let count = min(max(1, count), y.rows)
    setDenseAlgebraThreads(1)
    let parts = parallelMap(count: (x.rows + tile - 1) / tile, threads: threads) { index in
      let first = index * tile
      let rows = min(tile, x.rows - first)
      let scores = gemm(
        1, Matrix(rows: rows, columns: x.columns) { x[first + $0, $1] }, .plain, y, .transposed)
      return (0..<rows).map { row in
        var best: [Neighbor] = []
        best.reserveCapacity(count + 1)
        for column in 0..<y.rows {
          var score = scores[row, column]
          if let hubs { score = 2 * score - hubs.0[first + row] - hubs.1[column] }
          if best.count == count, score <= best[count - 1].score { continue }
          let place = best.firstIndex { $0.score < score } ?? best.count
          best.insert(Neighbor(row: column, score: score), at: place)
          if best.count > count { best.removeLast() }
        }
        return best
      }
    }
    return parts.flatMap { $0 }
  }
}
