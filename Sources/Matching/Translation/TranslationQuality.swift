import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// Retrieval by a map of the partners of rows whose partners are known.
public struct TranslationQuality: Sendable {
  /// The share of other rows that are nearer than the partner, ties by half; the mean of both
  /// directions. 0 is perfect, 0.5 is chance.
  public let foscttm: Double
  /// The share of source rows whose partner is among the nearest 1, 5 and 10 target rows.
  public let forward: RetrievalShares
  /// The same from target to source.
  public let backward: RetrievalShares
  /// The median cosine of a mapped row and its partner.
  public let medianCosine: Double

  /// Shares of rows with their partner among the nearest rows.
  public struct RetrievalShares: Sendable {
    /// The nearest row is the partner; ties go to the smaller row number.
    public let top1: Double
    /// The partner is among the nearest five.
    public let top5: Double
    /// The partner is among the nearest ten.
    public let top10: Double
  }

  /// Row i of `source` belongs to row i of `target`.
  ///
  /// - Parameter csls: neighbors of the correction for hubs of A. Conneau et al. (2018); nil for
  ///   plain cosines. FOSCTTM and the median are of plain cosines always.
  /// - Throws: `InputError` when extents do not fit.
  /// - Complexity: O(rows² · features).
  public init(
    _ map: TranslationMap, on pairs: TranslationPairs, csls: Int? = nil, threads: Int = 1
  ) throws(InputError) {
    let x = try map.directions(of: pairs.source, threads: threads).values
    let y = try map.standardized(target: pairs.target).values
    let n = x.rows
    let cosines = parallelProduct(x, .plain, y, .transposed, threads: threads)
    var beaten = 0.0
    let own = (0..<n).map { cosines[$0, $0] }
    for r in 0..<n {
      for c in 0..<n where c != r {
        beaten += TranslationQuality.defeat(cosines[r, c], own[r])
        beaten += TranslationQuality.defeat(cosines[c, r], own[r])
      }
    }
    foscttm = n > 1 ? beaten / Double(2 * n * (n - 1)) : 0
    let sorted = own.sorted()
    medianCosine = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2
    let scores = csls.map { hubCorrected(cosines, neighbors: $0) } ?? cosines
    forward = TranslationQuality.shares(scores)
    backward = TranslationQuality.shares(scores.transposed)
  }

  private static func defeat(_ other: Double, _ own: Double) -> Double {
    other > own ? 1 : other == own ? 0.5 : 0
  }

  private static func shares(_ scores: Matrix<Double>) -> RetrievalShares {
    let n = scores.rows
    var found = (0, 0, 0)
    for r in 0..<n {
      let own = scores[r, r]
      var before = 0
      for c in 0..<n where scores[r, c] > own || (scores[r, c] == own && c < r) { before += 1 }
      if before < 1 { found.0 += 1 }
      if before < 5 { found.1 += 1 }
      if before < 10 { found.2 += 1 }
    }
    return RetrievalShares(
      top1: Double(found.0) / Double(n), top5: Double(found.1) / Double(n),
      top10: Double(found.2) / Double(n))
  }
}

/// 2·cos(x, y) less the mean cosine of each with its `neighbors` nearest on the other side.
func hubCorrected(_ cosines: Matrix<Double>, neighbors: Int) -> Matrix<Double> {
  func means(_ matrix: Matrix<Double>) -> [Double] {
    (0..<matrix.rows).map { row in
      let nearest = matrix.row(row).sorted(by: >).prefix(neighbors)
      return nearest.reduce(0, +) / Double(nearest.count)
    }
  }
  let (rows, columns) = (means(cosines), means(cosines.transposed))
  return Matrix(rows: cosines.rows, columns: cosines.columns) {
    2 * cosines[$0, $1] - rows[$0] - columns[$1]
  }
}
