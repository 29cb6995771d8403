import QAP
import QAPPrimitives

/// The rows of two sets of embeddings that take part in a match, and the way back from an
/// assignment to rows.
///
/// Facilities are the rows of the smaller side, the source's when both are equal; locations those
/// of the other side. The rows of the target come in an order made of their numbers and the seed
/// alone.
public struct MatchRows: Sendable {
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
  /// The number of all rows of the source, with those that take no part.
  public let sourceCount: Int
  /// Rows may stay unmatched, at a price that is part of the objective.
  public let hasOutliers: Bool

  /// The rows of `source` and `target` that `options` select.
  ///
  /// - Throws: `MethodError` for pairs or queries that contradict each other.
  init(source: Embeddings, target: Embeddings, options: MatchingOptions) throws {
    let known = try MatchRows.checkedPairs(options.pairs, source, target)
    let hidden = MatchRows.hiddenOrder(
      of: target, isPrecomputed: options.isPrecomputed, seed: options.seed)
    let sourceRows = try MatchRows.participants(
      known.map(\.source), options.sourceQueries, source)
    let wanted = Set(
      try MatchRows.participants(known.map(\.target), options.targetQueries, target))
    let targetRows = hidden.filter { wanted.contains($0) }
    let transposed = sourceRows.count > targetRows.count
    let (sources, targets) = (MatchRows.places(sourceRows), MatchRows.places(targetRows))
    self.init(
      metric: options.metric,
      pairs: known.map { pair in
        let (s, t) = (sources[pair.source] ?? 0, targets[pair.target] ?? 0)
        return transposed
          ? FixedPair(facility: t, location: s) : FixedPair(facility: s, location: t)
      }, sourceRows: sourceRows, targetRows: targetRows, isTransposed: transposed,
      sourceCount: source.rows, hasOutliers: options.outlierCost != nil)
  }

  init(
    metric: Metric, pairs: [FixedPair], sourceRows: [Int], targetRows: [Int], isTransposed: Bool,
    sourceCount: Int, hasOutliers: Bool
  ) {
    self.metric = metric
    self.pairs = pairs
    self.sourceRows = sourceRows
    self.targetRows = targetRows
    self.isTransposed = isTransposed
    self.sourceCount = sourceCount
    self.hasOutliers = hasOutliers
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

  /// The share of the rows of the source that `targets` gives the row that `truth` says, among
  /// those that take part, are in no pair and have a known truth; nil when there are none.
  ///
  /// - Parameter truth: the row of the target for each row of the source; nil where unknown.
  func accuracy(of targets: [Int?], truth: [Int?]) -> Double? {
    let known = Set(pairs.map { isTransposed ? $0.location : $0.facility })
    let queries = sourceRows.indices.filter { !known.contains($0) }.map { sourceRows[$0] }
      .filter { truth[$0] != nil }
    guard !queries.isEmpty else { return nil }
    let right = queries.count { targets[$0] == truth[$0] }
    return Double(right) / Double(queries.count)
  }

  /// The assignment that gives each row of the source the row `targets` says; nil when a row of the
  /// smaller side has no partner among the rows that take part, or two have the same. Facilities
  /// and locations up to `size` pad the problem.
  func assignment(of targets: [Int?], size: Int) -> Assignment? {
    guard targets.count == sourceCount else { return nil }
    let places = MatchRows.places(isTransposed ? sourceRows : targetRows)
    var images: [Int] = []
    if isTransposed {
      var sources: [Int: Int] = [:]
      for row in sourceRows {
        guard let target = targets[row] else { continue }
        if sources.updateValue(row, forKey: target) != nil { return nil }
      }
      images = targetRows.map { sources[$0].flatMap { places[$0] } ?? -1 }
    } else {
      images = sourceRows.map { targets[$0].flatMap { places[$0] } ?? -1 }
    }
    // Facilities that pad the instance take the places that are left.
    let taken = Set(images)
    let free = (0..<size).filter { !taken.contains($0) }
    return Assignment(locations: images + free.prefix(size - images.count))
  }

  /// A stream of the hidden order's own, so that no solver draws the same numbers.
  static let orderStream: UInt64 = 0x6D61_7463_6865_7321

  /// Rows sorted by their numbers, then shuffled: an order that where they stand does not
  /// influence. (Equal rows follow each other as they stand; nothing can tell them apart.)
  static func hiddenOrder(
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
}
