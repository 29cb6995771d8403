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
  /// The metric of the comparison.
  public let metric: Metric
  /// The known pairs as facilities and locations.
  public let pairs: [FixedPair]
  /// The row of the source behind each facility, or, when transposed, each location.
  public let sourceRows: [Int]
  /// The row of the target behind each location, or, when transposed, each facility.
  public let targetRows: [Int]
  /// Facilities are rows of the target, because fewer of them take part.
  public let isTransposed: Bool
  /// Σf1 + Σf2 of the loss, in the metric's unit.
  public let constant: Double
  /// The number of all rows of the source, with those that take no part.
  public let sourceCount: Int

  /// Rows may stay unmatched, at a price that is part of the objective.
  public let hasOutliers: Bool

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
    let hidden = MatchingProblem.hiddenOrder(
      of: target, isPrecomputed: options.isPrecomputed, seed: options.seed)
    let known = try MatchingProblem.checkedPairs(options.pairs, source, target)
    let sourceRows = try MatchingProblem.participants(
      known.map(\.source), options.sourceQueries, source)
    let wanted = Set(
      try MatchingProblem.participants(known.map(\.target), options.targetQueries, target))
    // Everything from here on, deviations included, is computed in the hidden order.
    let blind =
      options.isPrecomputed ? try target.selectingBoth(hidden) : try target.selecting(hidden)
    let taken = hidden.indices.filter { wanted.contains(hidden[$0]) }
    var x = try options.kernel(of: source, rows: sourceRows)
    var y = try options.kernel(of: blind, rows: taken)
    let targetRows = taken.map { hidden[$0] }

    metric = options.metric
    hasOutliers = options.outlierCost != nil
    self.sourceRows = sourceRows
    self.targetRows = targetRows
    sourceCount = source.rows
    isTransposed = sourceRows.count > targetRows.count
    let placeOfSource = MatchingProblem.places(sourceRows)
    let placeOfTarget = MatchingProblem.places(targetRows)
    let transposed = isTransposed
    pairs = known.map { pair in
      let (s, t) = (placeOfSource[pair.source] ?? 0, placeOfTarget[pair.target] ?? 0)
      return transposed
        ? FixedPair(facility: t, location: s) : FixedPair(facility: s, location: t)
    }
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
        name: name, flow: isTransposed ? y : x, distance: isTransposed ? x : y,
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
        cost: .tensor(LossTensor(x, y, loss: loss, isTransposed: isTransposed, weight: weight)),
        linear: linear.map { given in
          Matrix<Double>(rows: size, columns: size) { $0 < given.rows ? given[$0, $1] : 0 }
        })
    }
    instance = try problem.forbidding(excluded)
  }

  /// The known pairs, each a row of the source and its row of the target.
  public var knownRows: [[Int]] {
    pairs.map {
      isTransposed
        ? [sourceRows[$0.location], targetRows[$0.facility]]
        : [sourceRows[$0.facility], targetRows[$0.location]]
    }
  }

  /// The row of the target that `assignment` gives each row of the source; nil for those that take
  /// no part or find no partner.
  public func targets(of assignment: Assignment) -> [Int?] {
    var result = [Int?](repeating: nil, count: sourceCount)
    let facilities = min(sourceRows.count, targetRows.count)
    for facility in 0..<facilities {
      let location = assignment[facility]
      // Other locations stand for no partner.
      guard location < max(sourceRows.count, targetRows.count) else { continue }
      if isTransposed {
        result[sourceRows[location]] = targetRows[facility]
      } else {
        result[sourceRows[facility]] = targetRows[location]
      }
    }
    return result
  }

  /// The metric's value of a match, from its minimized form.
  public func value(_ minimized: Double) -> Double {
    metric.isMaximized ? 0 - minimized : minimized
  }

  /// A stream of the hidden order's own, so that no solver draws the same numbers.
  static let orderStream: UInt64 = 0x6D61_7463_6865_7321

  /// Rows sorted by their numbers, then shuffled: an order that where they stand does not
  /// influence. (Equal rows follow each other as they stand; nothing can tell them apart.)
  private static func hiddenOrder(
    of target: Embeddings, isPrecomputed: Bool, seed: UInt64
  ) -> [Int] {
    let keys =
      isPrecomputed && target.values.isSquare
      ? signatures(of: target.values) : target.values
    let sorted = (0..<target.rows).sorted { a, b in
      for (x, y) in zip(keys.row(a), keys.row(b)) where x != y { return x < y }
      return a < b
    }
    var generator = SeededGenerator(seed: seed, stream: orderStream)
    let shuffle = Permutation(randomOf: sorted.count, using: &generator)
    return shuffle.images.map { sorted[$0] }
  }

  /// A description of each row of a square matrix that does not depend on the order of rows: its
  /// numbers, sorted, and then how those of the rows behind them compare with others'.
  private static func signatures(of matrix: Matrix<Double>) -> Matrix<Double> {
    let n = matrix.rows
    var ranks = [Double](repeating: 0, count: n)
    var result = Matrix<Double>(rows: n, columns: 2 * n + 1) { _, _ in 0 }
    for _ in 0..<2 {
      for i in 0..<n {
        let order = (0..<n).filter { $0 != i }.sorted {
          (matrix[i, $0], ranks[$0]) < (matrix[i, $1], ranks[$1])
        }
        result[i, 0] = ranks[i]
        result[i, 1] = matrix[i, i]
        for (place, k) in order.enumerated() {
          result[i, 2 + place] = matrix[i, k]
          result[i, n + 1 + place] = ranks[k]
        }
      }
      let sorted = (0..<n).sorted { result.row($0).lexicographicallyPrecedes(result.row($1)) }
      for (place, i) in sorted.enumerated() {
        let isEqual = place > 0 && result.row(i) == result.row(sorted[place - 1])
        ranks[i] = isEqual ? ranks[sorted[place - 1]] : Double(place)
      }
    }
    return result
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

  private static func checkedPairs(
    _ pairs: [RowPair], _ source: Embeddings, _ target: Embeddings
  ) throws -> [RowPair] {
    var unique: [RowPair] = []
    var (sources, targets) = ([Int: Int](), [Int: Int]())
    for pair in pairs {
      let (s, t) = (pair.source, pair.target)
      guard (0..<source.rows).contains(s), (0..<target.rows).contains(t) else {
        throw MethodError.parameter(
          name: "pairs", found: "row \(s) with row \(t)",
          expected: "numbers below \(source.rows) and \(target.rows)")
      }
      if sources[s] == t { continue }
      guard sources[s] == nil, targets[t] == nil else {
        let what = sources[s] == nil ? "row \(t) of the target" : "row \(s) of the source"
        throw MethodError.parameter(
          name: "pairs", found: "\(what) in two pairs", expected: "each row in one pair at most")
      }
      sources[s] = t
      targets[t] = s
      unique.append(pair)
    }
    return unique
  }

  /// The known rows, then the queries, or all others, in ascending order.
  private static func participants(
    _ known: [Int], _ queries: [Int]?, _ x: Embeddings
  ) throws -> [Int] {
    let isKnown = Set(known)
    var isSeen: Set<Int> = []
    for row in queries ?? [] {
      guard (0..<x.rows).contains(row) else {
        throw MethodError.parameter(
          name: "queries", found: "row \(row)", expected: "a number below \(x.rows)")
      }
      guard !isKnown.contains(row), isSeen.insert(row).inserted else {
        throw MethodError.parameter(
          name: "queries", found: "row \(row) \(isKnown.contains(row) ? "of a pair" : "twice")",
          expected: "rows in no pair, each once")
      }
    }
    return known.sorted() + (queries?.sorted() ?? (0..<x.rows).filter { !isKnown.contains($0) })
  }

  static func places(_ rows: [Int]) -> [Int: Int] {
    Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
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
