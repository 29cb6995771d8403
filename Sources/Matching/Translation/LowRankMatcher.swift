import QAP
import QAPDenseAlgebra
import QAPLinearAssignment
import QAPPrimitives

/// Assignments of all rows of one side to rows of the other under maps of low rank.
///
/// A map made of an assignment of about as many rows as there are features confirms that
/// assignment, right or wrong: each row finds its own share in the map. Maps of low rank hold less
/// of it, and `crossed` assigns each half of the rows under the map of the other half.
package struct LowRankMatcher {
  /// Rows × leading principal coordinates.
  private let source: Matrix<Double>
  private let target: Matrix<Double>
  private let candidates: [Matrix<Double>]
  private var fit: TranslationFit

  /// The maps to begin with, the most promising first.
  package var count: Int { candidates.count }

  /// Finds candidates as `Translation` does; `source` has at most as many rows as
  /// `target`.
  ///
  /// - Throws: `InputError` for sides that cannot be clustered, and what `search` throws.
  package init(
    source: Embeddings, target: Embeddings, pairs: TranslationPairs?, options: TranslationOptions,
    search: @escaping Translation.Search, shouldStop: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (String) -> Void
  ) throws {
    precondition(source.rows <= target.rows, "the source has more rows than the target")
    var fit = try TranslationFit(
      source, target, pairs, options, search, shouldStop: shouldStop, progress: progress)
    candidates = try fit.probedStarts().map(\.crossCovariance)
    let width = TranslationFit.leadingWidth
    self.source = fit.source.leading(width, name: source.name).values
    self.target = fit.target.leading(width, name: target.name).values
    self.fit = fit
  }

  /// The row of the target for each row of the source under a candidate's map, refined by blocks.
  ///
  /// - Complexity: O(rows³).
  package mutating func assignment(candidate: Int, rank: Int) -> [Int] {
    let start = candidates[candidate]
    let refined = fit.refined(start, candidate) ?? start
    let width = TranslationFit.leadingWidth
    let leading = refined.extended(
      rows: min(refined.rows, width), columns: min(refined.columns, width))
    guard let map = RankedMap(leading, rank: rank) else {
      return Array(0..<source.rows)
    }
    return assigned([(map, Array(0..<source.rows))])
  }

  /// Assigns each half of the rows under the map that the other half has in `targets`.
  ///
  /// - Complexity: O(rows³).
  package func crossed(
    _ targets: [Int], rank: Int, using generator: inout SeededGenerator
  ) -> [Int] {
    let order = Permutation(randomOf: source.rows, using: &generator).images
    let halves = [
      Array(order.prefix(order.count / 2)), Array(order.dropFirst(order.count / 2)),
    ]
    let maps = halves.map { rows in
      RankedMap(
        gemm(
          1, source.selecting(rows: rows), .transposed,
          target.selecting(rows: rows.map { targets[$0] }),
          .plain), rank: rank)
    }
    guard let first = maps[0], let second = maps[1] else { return targets }
    return assigned([(first, halves[1]), (second, halves[0])])
  }

  /// The assignment of largest similarity where each part of the rows has its own map.
  private func assigned(_ parts: [(map: RankedMap, rows: [Int])]) -> [Int] {
    let size = target.rows
    let solver = LinearAssignmentSolver(capacity: size)
    let (costs, stride) = (solver.costs, solver.stride)
    setDenseAlgebraThreads(1)
    for (map, rows) in parts {
      guard let right = map.right else { continue }
      let x = gemm(
        1, source.selecting(rows: rows).leadingColumns(map.left.rows), .plain, map.left, .plain)
      let y = gemm(1, target.leadingColumns(right.rows), .plain, right, .plain)
      let scores = gemm(1, x, .plain, y, .transposed)
      for (place, row) in rows.enumerated() {
        for column in 0..<size { costs[row &* stride &+ column] = 0 - scores[place, column] }
      }
    }
    // Rows that are missing take any column.
    for row in source.rows..<size {
      for column in 0..<size { costs[row &* stride &+ column] = 0 }
    }
    solver.solve(.cold)
    return (0..<source.rows).map { solver.columnOfRow[$0] }
  }
}

extension Matrix where Element == Double {
  /// The first `count` columns.
  fileprivate func leadingColumns(_ count: Int) -> Matrix<Double> {
    count == columns ? self : Matrix(rows: rows, columns: count) { self[$0, $1] }
  }
}
