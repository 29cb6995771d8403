/// Which rows of TARGET a run gave the rows of SOURCE: the part of a match that its picture shows.
///
/// Rows are numbered from 0, as in the JSON of `qap match`, from which it is decoded. Of `qap
/// classify` the samples are the rows of SOURCE and the classes those of TARGET.
public struct RowMatch: Codable, Sendable, Equatable {
  /// The name of the metric.
  public var metric: String
  /// The row of TARGET of each row of SOURCE; nil for rows that found no partner or took no part.
  public var assignment: [Int?]
  /// The true row of TARGET of each row of SOURCE, -1 where unknown; nil when none is known.
  public var truth: [Int]?
  /// The pairs that were known beforehand: rows of SOURCE, each with its row of TARGET.
  public var pairs: [[Int]]
  /// Names of the rows of SOURCE, if there are any; several rows may share one.
  public var sourceNames: [String]?
  /// Names of the rows of TARGET, likewise.
  public var targetNames: [String]?
  /// The share of rows, known pairs apart, that were matched as `truth` says.
  public var accuracy: Double?

  /// A match of given rows; missing values are unknown.
  public init(
    metric: String, assignment: [Int?], truth: [Int]? = nil, pairs: [[Int]] = [],
    sourceNames: [String]? = nil, targetNames: [String]? = nil, accuracy: Double? = nil
  ) {
    self.metric = metric
    self.assignment = assignment
    self.truth = truth
    self.pairs = pairs
    self.sourceNames = sourceNames
    self.targetNames = targetNames
    self.accuracy = accuracy
  }

  private enum CodingKeys: String, CodingKey {
    case metric, assignment, truth, pairs
    case sourceNames = "source_names"
    case targetNames = "target_names"
    case accuracy, clusters
  }

  /// Reads the JSON of `match` or `classify`, whose other keys do not matter here.
  ///
  /// - Throws: `DecodingError` where a key is missing or of another kind.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    metric = try container.decode(String.self, forKey: .metric)
    assignment = try container.decode([Int?].self, forKey: .assignment)
    truth = try container.decodeIfPresent([Int?].self, forKey: .truth)?.map { $0 ?? -1 }
    pairs = try container.decodeIfPresent([[Int]].self, forKey: .pairs) ?? []
    sourceNames = try container.decodeIfPresent([String].self, forKey: .sourceNames)
    targetNames = try container.decodeIfPresent([String].self, forKey: .targetNames)
    accuracy = try container.decodeIfPresent(Double.self, forKey: .accuracy)
    // Samples take the class of their cluster; without labels there is only the match of clusters.
    if let clusters = try container.decodeIfPresent([Int].self, forKey: .clusters), truth != nil {
      let classes = assignment
      assignment = clusters.map { classes.indices.contains($0) ? classes[$0] : nil }
    }
    guard isConsistent else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "rows, truth and names of a match disagree"))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(metric, forKey: .metric)
    try container.encode(assignment, forKey: .assignment)
    try container.encode(truth, forKey: .truth)
    try container.encode(pairs, forKey: .pairs)
    try container.encode(sourceNames, forKey: .sourceNames)
    try container.encode(targetNames, forKey: .targetNames)
    try container.encode(accuracy, forKey: .accuracy)
  }

  /// Every number is that of a row, as far as the numbers of rows are known, and no name is
  /// missing.
  private var isConsistent: Bool {
    let targets =
      assignment.compactMap(\.self) + (truth ?? []).filter { $0 != -1 } + pairs.compactMap(\.last)
    return targets.allSatisfy { $0 >= 0 && $0 < targetNames?.count ?? .max }
      && (truth == nil || truth?.count == assignment.count)
      && (sourceNames == nil || sourceNames?.count == assignment.count)
      && pairs.allSatisfy { $0.count == 2 && assignment.indices.contains($0[0]) }
  }

  /// The rows of SOURCE that were matched without being known beforehand; with a truth, those that
  /// it covers.
  var matched: [Int] {
    let known = Set(pairs.map { $0[0] })
    return assignment.indices.filter {
      assignment[$0] != nil && !known.contains($0) && truth?[$0] != -1
    }
  }

  /// The name of a row of SOURCE, at least its number.
  func sourceName(_ row: Int) -> String { sourceNames?[row] ?? "\(row)" }

  /// Likewise, a row of TARGET.
  func targetName(_ row: Int) -> String { targetNames?[row] ?? "\(row)" }
}
