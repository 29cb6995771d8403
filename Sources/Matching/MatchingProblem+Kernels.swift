import QAP
import QAPPrimitives

extension MatchingProblem {
  /// The match between the rows of two finished kernels, n × n each, whose rows are numbered from 0
  /// on both sides; as in every match, their order on the side of the target is hidden.
  ///
  /// - Throws: `InputError` for similarities beyond all bounds.
  /// - Complexity: O(n²).
  package init(
    source x: Matrix<Double>, target y: Matrix<Double>, metric: Metric, seed: UInt64,
    name: String = "match"
  ) throws {
    precondition(x.isSquare && x.rows == y.rows && y.isSquare, "kernels of different shapes")
    var generator = SeededGenerator(seed: seed, stream: MatchRows.orderStream)
    let order = Permutation(randomOf: x.rows, using: &generator).images
    let loss = metric.loss
    constant = loss.constant(x, y)
    instance = try Instance(
      name: name, flow: x.map { 0 - loss.h1($0) },
      distance: Matrix(rows: y.rows, columns: y.rows) { loss.h2(y[order[$0], order[$1]]) },
      constant: constant)
    rows = MatchRows(
      metric: metric, pairs: [], sourceRows: Array(0..<x.rows), targetRows: order,
      isTransposed: false, sourceCount: x.rows, hasOutliers: false)
    structureShare = 1
  }
}
