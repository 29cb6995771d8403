import QAP
import QAPPrimitives

extension KMeans {
  /// For each cluster the row of `x`, of all rows, that `rule` chooses: its representative in a
  /// base of known pairs.
  ///
  /// Rows of a cluster of two are equally far from its center: among rows that are equal up to
  /// rounding the first counts.
  ///
  /// - Throws: `InputError` when a cosine is asked for with a row of zeros.
  /// - Complexity: O(rows · clusters · features).
  public func representatives(
    in x: Embeddings, rule: BaseRule
  ) throws(InputError) -> [Int] {
    precondition(x.features == centers.columns, "the rows are not those that were clustered")
    let rows: Matrix<Double>
    let points: Matrix<Double>
    switch rule {
    case .euclidean: (rows, points) = (x.values, centers)
    case .cosine:
      // A larger cosine is a smaller distance of normalized rows.
      rows = try x.normalized().values
      points = try Embeddings(centers, name: "centers of \(x.name)").normalized().values
    }
    return (0..<points.rows).map { cluster in
      var best = (distance: Double.infinity, row: 0)
      for row in 0..<rows.rows {
        var distance = 0.0
        for (a, b) in zip(rows.row(row), points.row(cluster)) { distance += (a - b) * (a - b) }
        if distance < best.distance * (1 - 1e-12) { best = (distance, row) }
      }
      return best.row
    }
  }
}
