import QAP
import QAPPrimitives

/// A match between the rows of two sets of embeddings as a quadratic assignment problem, and the
/// way back from an assignment to rows.
///
/// Facilities are the rows of the smaller side that take part, the source's when both are equal;
/// locations those of the other side, so a larger side keeps rows without a partner. A solver sees
/// the rows of the target in an order made of their numbers and the seed alone: where they stand in
/// their file has no influence, whatever a solver starts from or breaks ties toward.
public struct MatchingProblem: Sendable {
  /// The problem; a metric that is maximized is negated. The constant is included, so objectives
  /// are the metric's values.
  public let instance: Instance
  /// The rows that take part.
  public let rows: MatchRows
  /// Σf1 + Σf2 of the loss, in the metric's unit.
  public let constant: Double
  /// The share of the structure in the objective: 1 unless there are costs of pairs beside it.
  let structureShare: Double

  /// The largest side when the sides differ and the loss's two parts do not separate: the costs are
  /// a tensor then, n⁴ numbers of which each is computed when it is asked for.
  public static let maxTensorSize = 128

  /// Compares `source` and `target` as `options` say.
  ///
  /// - Throws: `InputError` for rows that cannot be compared, `MethodError` for pairs or
  ///   queries that contradict each other and for sides that differ at too large a size,
  ///   `InputError` for similarities beyond all bounds.
  /// - Complexity: O(n² · features) time.
  public init(
    source: Embeddings, target: Embeddings, options: MatchingOptions, name: String = "match"
  ) throws {
    let rows = try MatchRows(source: source, target: target, options: options)
    let (sourceRows, targetRows, transposed) = (rows.sourceRows, rows.targetRows, rows.isTransposed)
    // Everything from here on, deviations included, is computed in the hidden order.
    let hidden = MatchRows.hiddenOrder(
      of: target, isPrecomputed: options.isPrecomputed, seed: options.seed)
    let blind =
      options.isPrecomputed ? try target.selectingBoth(hidden) : try target.selecting(hidden)
    let wanted = Set(targetRows)
    var x = try options.kernel(of: source, rows: sourceRows)
    var y = try options.kernel(
      of: blind, rows: hidden.indices.filter { wanted.contains(hidden[$0]) })
    self.rows = rows
    let placeOfSource = MatchRows.places(sourceRows)
    let placeOfTarget = MatchRows.places(targetRows)
    let linear = try options.linear.map {
      try MatchingProblem.linearCosts(
        $0, options, source, target, sourceRows, targetRows, isTransposed: transposed)
    }
    let weight = linear == nil ? 1 : options.alpha
    structureShare = weight
    let loss = options.metric.loss
    if case .kullbackLeibler = loss { try MatchingProblem.requirePositive(y, target, targetRows) }
    let excluded = options.forbidden.compactMap { pair -> FixedPair? in
      guard let s = placeOfSource[pair.source], let t = placeOfTarget[pair.target] else {
        return nil
      }
      return transposed
        ? FixedPair(facility: t, location: s) : FixedPair(facility: s, location: t)
    }
    let problem: Instance
    if let price = options.outlierCost {
      constant = 0
      problem = try OutlierProblem(
        x, y, loss: loss, isTransposed: transposed, weight: weight, linear: linear, price: price,
        maxCount: options.maxOutliers
      ).instance(name: name, metric: options.metric)
    } else if x.rows == y.rows || loss.isProduct {
      constant = weight * loss.constant(x, y)
      x.transformRows(threads: options.threads) { 0 - weight * loss.h1($0) }
      if !loss.isProduct { y.transformRows(threads: options.threads) { loss.h2($0) } }
      problem = try Instance(
        name: name, flow: transposed ? y : x, distance: transposed ? x : y,
        linear: linear, constant: constant)
    } else {
      let size = max(x.rows, y.rows)
      guard size <= MatchingProblem.maxTensorSize else {
        throw MethodError.tooLarge(
          method: options.metric.name, size: size,
          needs: "as many rows on either side, or at most \(MatchingProblem.maxTensorSize)",
          alternative: "--metric cka or correlation")
      }
      constant = 0
      problem = try Instance(
        name: name,
        cost: .tensor(LossTensor(x, y, loss: loss, isTransposed: transposed, weight: weight)),
        linear: linear.map { given in
          Matrix<Double>(rows: size, columns: size) { $0 < given.rows ? given[$0, $1] : 0 }
        })
    }
    instance = try problem.forbidding(excluded)
  }

  /// The metric of the comparison.
  public var metric: Metric { rows.metric }
  /// The known pairs as facilities and locations.
  public var pairs: [FixedPair] { rows.pairs }
  /// The row of the source behind each facility, or, when transposed, each location.
  public var sourceRows: [Int] { rows.sourceRows }
  /// The row of the target behind each location, or, when transposed, each facility.
  public var targetRows: [Int] { rows.targetRows }
  /// Facilities are rows of the target, because fewer of them take part.
  public var isTransposed: Bool { rows.isTransposed }
  /// The number of all rows of the source, with those that take no part.
  public var sourceCount: Int { rows.sourceCount }
  /// Rows may stay unmatched, at a price that is part of the objective.
  public var hasOutliers: Bool { rows.hasOutliers }

  /// The known pairs, each a row of the source and its row of the target.
  public var knownRows: [[Int]] { rows.knownRows }

  /// The row of the target that `assignment` gives each row of the source; nil for those that take
  /// no part or find no partner.
  public func targets(of assignment: Assignment) -> [Int?] { rows.targets(of: assignment) }

  /// The metric's value of a match, from its minimized form.
  public func value(_ minimized: Double) -> Double {
    metric.isMaximized ? 0 - minimized : minimized
  }

  /// The costs of facilities at locations that `given` says of rows with rows, in their share.
  private static func linearCosts(
    _ given: Matrix<Double>, _ options: MatchingOptions, _ source: Embeddings,
    _ target: Embeddings, _ sourceRows: [Int], _ targetRows: [Int], isTransposed: Bool
  ) throws -> Matrix<Double> {
    guard given.rows == source.rows, given.columns == target.rows else {
      throw InputError(
        "linear", found: "\(given.rows) × \(given.columns) numbers",
        expected: "\(source.rows) × \(target.rows), rows of the source by rows of the target")
    }
    guard options.alpha >= 0, options.alpha <= 1 else {
      throw MethodError.parameter(
        name: "alpha", found: "\(options.alpha)", expected: "a share from 0 to 1")
    }
    if let fault = given.elements.firstIndex(where: { !$0.isFinite }) {
      throw InputError(
        "linear",
        found: "\(given.elements[fault]) in row \(fault / given.columns), "
          + "column \(fault % given.columns)", expected: "a finite number")
    }
    let share = (options.metric.isMaximized ? -1 : 1) * (1 - options.alpha)
    let (facilities, locations) = isTransposed ? (targetRows, sourceRows) : (sourceRows, targetRows)
    return Matrix(rows: facilities.count, columns: locations.count) {
      let (a, b) = (facilities[$0], locations[$1])
      return share * (isTransposed ? given[b, a] : given[a, b])
    }
  }

  /// Kullback–Leibler divides by the target's similarities; those of a row with itself only ever
  /// meet their like.
  private static func requirePositive(
    _ y: Matrix<Double>, _ target: Embeddings, _ rows: [Int]
  ) throws(InputError) {
    for i in 0..<y.rows {
      for k in 0..<y.columns where k != i && !(y[i, k] > 0) {
        throw InputError(
          target.name, found: "distance \(y[i, k]) between rows \(rows[i]) and \(rows[k])",
          expected: "positive ones for kl")
      }
    }
  }
}

extension Loss {
  /// True when the loss is a product: f1 and f2 are zero.
  var isProduct: Bool { if case .innerProduct = self { true } else { false } }

}
