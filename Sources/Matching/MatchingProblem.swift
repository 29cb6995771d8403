import QAP
import QAPPrimitives

/// A match between the rows of two sets of embeddings as a quadratic assignment problem, and the
/// way back from an assignment to rows.
///
/// Facilities are the rows of the smaller side that take part, the source's when both are equal;
/// locations those of the other side, so a larger side keeps rows without a partner. A solver sees
/// the rows of the target in an order made of their numbers and the seed alone: where they stand in
/// their file has no influence, whatever a solver starts from or breaks ties towards.
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

  /// The largest side when the sides differ and the loss's two parts do not separate: the costs are
  /// a tensor then, n⁴ numbers of which each is computed when it is asked for.
  public static let maxTensorSize = 128

  /// Compares `source` and `target` as `options` say: O(n² · features) time.
  ///
  /// Throws `EmbeddingError` for rows that cannot be compared, `MethodError` for pairs or queries
  /// that contradict each other and for sides that differ at too large a size, `InstanceError` for
  /// similarities beyond all bounds.
  public init(
    source: Embeddings, target: Embeddings, options: MatchingOptions, name: String = "match"
  ) throws {
    let hidden = MatchingProblem.hiddenOrder(of: target, seed: options.seed)
    let known = try MatchingProblem.checkedPairs(options.pairs, source, target)
    let sourceRows = try MatchingProblem.participants(
      known.map(\.source), options.sourceQueries, source)
    let wanted = Set(
      try MatchingProblem.participants(known.map(\.target), options.targetQueries, target))
    // Everything from here on, deviations included, is computed in the hidden order.
    let blind = try target.selecting(hidden)
    let taken = hidden.indices.filter { wanted.contains(hidden[$0]) }
    var x = try options.kernel(of: source, rows: sourceRows)
    var y = try options.kernel(of: blind, rows: taken)
    let targetRows = taken.map { hidden[$0] }

    metric = options.metric
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
    let loss = options.metric.loss
    if case .kullbackLeibler = loss { try MatchingProblem.requirePositive(y, target, targetRows) }
    if x.rows == y.rows || loss.isProduct {
      constant = loss.constant(x, y)
      x.transformRows(threads: options.threads) { 0 - loss.h1($0) }
      if !loss.isProduct { y.transformRows(threads: options.threads) { loss.h2($0) } }
      instance = try Instance(
        name: name, flow: isTransposed ? y : x, distance: isTransposed ? x : y,
        constant: constant)
    } else {
      let size = max(x.rows, y.rows)
      guard size <= MatchingProblem.maxTensorSize else {
        throw MethodError.tooLarge(
          method: options.metric.name, size: size,
          needs: "as many rows on either side, or at most \(MatchingProblem.maxTensorSize)",
          alternative: "--metric cka or correlation")
      }
      constant = 0
      instance = try Instance(
        name: name, cost: .tensor(LossTensor(x, y, loss: loss, isTransposed: isTransposed)))
    }
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

  /// Rows sorted by their numbers, then shuffled: an order that where they stand does not
  /// influence. (Equal rows follow each other as they stand; nothing can tell them apart.)
  private static func hiddenOrder(of target: Embeddings, seed: UInt64) -> [Int] {
    let sorted = (0..<target.rows).sorted { a, b in
      for (x, y) in zip(target.values.row(a), target.values.row(b)) where x != y { return x < y }
      return a < b
    }
    // A stream of its own, so that no solver draws the same numbers.
    var generator = SeededGenerator(seed: seed, stream: 0x6D61_7463_6865_7321)
    let shuffle = Permutation(randomOf: sorted.count, using: &generator)
    return shuffle.images.map { sorted[$0] }
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
  ) throws(EmbeddingError) {
    for i in 0..<y.rows {
      for k in 0..<y.columns where k != i && !(y[i, k] > 0) {
        throw EmbeddingError(
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
