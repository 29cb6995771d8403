import QAP

/// A match and what it is worth: its rows, its accuracy, the true pairing beside it, and the margin
/// of each pair.
///
/// Encodes the keys that a match adds to those of every run; all are present, null where unknown.
public struct MatchOutcome: Encodable, Sendable {
  /// The rows that took part.
  public let rows: MatchRows
  /// Σf1 + Σf2 of the loss, in the metric's unit.
  public let constant: Double
  /// The row of the target of each row of the source; nil before the first assignment.
  public let targets: [Int?]?
  /// The true row of the target of each row of the source, as far as known.
  public let truth: [Int?]?
  /// The share of rows, known pairs apart, that are matched as `truth` says.
  public let accuracy: Double?
  /// The objective of the true pairing, in the metric's unit and sense.
  public let truthObjective: Double?
  /// Whether search or metric limits the accuracy.
  public let limit: MatchLimit?
  /// The pairs with their margins, of a match by blocks with their shares alone; nil when they were
  /// not asked for.
  public let margins: [PairMargin]?
  private let hasMargins: Bool

  /// The share of other matches that have the pair of each row of the source; nil without others,
  /// and for rows without a pair.
  public let agreement: [Double?]?

  /// The largest number of rows whose margins are computed unless they are asked for.
  public static let maxMarginSize = 2000

  /// Judges `assignment`, an assignment of the problem's instance; nil when there is none yet.
  ///
  /// - Parameters:
  ///   - others: matches of the same rows by other seeds, metrics or encoders, each with the row of
  ///     the target of each row of the source.
  ///   - hasMargins: compute margins; nil for up to `maxMarginSize` rows.
  public init(
    _ assignment: Assignment?, problem: MatchingProblem, truth: [Int?]? = nil,
    others: [[Int?]] = [], hasMargins: Bool? = nil, threads: Int = 1
  ) {
    // Pairs compete with rows without a partner where these are allowed: exchanges say little.
    let computes =
      !problem.hasOutliers
      && hasMargins ?? (problem.instance.size <= MatchOutcome.maxMarginSize)
    self.init(
      assignment, rows: problem.rows, constant: problem.constant, truth: truth, others: others,
      truthObjective: truth.flatMap { problem.objective(ofTruth: $0) },
      objective: assignment.map { problem.value(problem.instance.objective(of: $0)) },
      margins: computes ? assignment.map { problem.margins(of: $0, threads: threads) } : nil,
      hasMargins: computes)
  }

  /// Judges `assignment`, a match by blocks; nil when there is none. Pairs have their shares of the
  /// objective, but no margins, which would take all pairs of rows.
  public init(
    _ assignment: Assignment?, problem: FactoredProblem, truth: [Int?]? = nil,
    others: [[Int?]] = []
  ) {
    self.init(
      assignment, rows: problem.rows, constant: 0, truth: truth, others: others,
      truthObjective: truth.flatMap {
        problem.rows.assignment(of: $0, size: problem.size).map { problem.objective(of: $0) }
      }, objective: assignment.map { problem.objective(of: $0) },
      margins: assignment.map { problem.shares(of: $0) }, hasMargins: false)
  }

  private init(
    _ assignment: Assignment?, rows: MatchRows, constant: Double, truth: [Int?]?,
    others: [[Int?]], truthObjective: Double?, objective: Double?, margins: [PairMargin]?,
    hasMargins: Bool
  ) {
    self.hasMargins = hasMargins
    let targets = assignment.map { rows.targets(of: $0) }
    (self.rows, self.constant, self.truth) = (rows, constant, truth)
    (self.targets, self.truthObjective, self.margins) = (targets, truthObjective, margins)
    let accuracy = targets.flatMap { targets in
      truth.flatMap { rows.accuracy(of: targets, truth: $0) }
    }
    self.accuracy = accuracy
    if let objective, let truthObjective, let accuracy {
      limit = MatchLimit(
        objective: objective, truth: truthObjective, accuracy: accuracy, scale: abs(constant),
        isMaximized: rows.metric.isMaximized)
    } else {
      limit = nil
    }
    agreement =
      others.isEmpty
      ? nil
      : targets?.enumerated().map { row, target in
        target.map { target in
          Double(others.count { row < $0.count && $0[row] == target }) / Double(others.count)
        }
      }
  }

  /// The pairs that were not known beforehand, the most certain `share` of them, from the largest
  /// margin to the smallest; those without a margin come last.
  ///
  /// - Parameter share: above 0, at most 1; at least one pair is returned.
  public func mostCertain(_ share: Double = 1) -> [PairMargin] {
    let known = Set(rows.knownRows.map { $0[0] })
    let found = (margins ?? []).filter { !known.contains($0.source) }
      .sorted { ($0.rank ?? .max, $0.source) < ($1.rank ?? .max, $1.source) }
    return Array(found.prefix(max(1, Int((share * Double(found.count)).rounded()))))
  }

  private enum Key: String, CodingKey {
    case accuracy, agreement, assignment, confidence, constant, limit, margins, metric, pairs,
      shares, size
    case truth
    case truthObjective = "truth_objective"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(accuracy, forKey: .accuracy)
    try container.encode(agreement, forKey: .agreement)
    try container.encode(targets, forKey: .assignment)
    try container.encode(hasMargins ? byRow(\.confidence) : nil, forKey: .confidence)
    try container.encode(constant, forKey: .constant)
    try container.encode(limit, forKey: .limit)
    try container.encode(hasMargins ? byRow(\.margin) : nil, forKey: .margins)
    try container.encode(rows.metric.name, forKey: .metric)
    try container.encode(rows.knownRows, forKey: .pairs)
    try container.encode(byRow { $0.value }, forKey: .shares)
    try container.encode(truth, forKey: .truth)
    try container.encode(truthObjective, forKey: .truthObjective)
    try container.encode(
      min(rows.sourceRows.count, rows.targetRows.count), forKey: .size)
  }

  /// One figure of each pair, by the row of the source.
  private func byRow(_ figure: (PairMargin) -> Double?) -> [Double?]? {
    margins.map { margins in
      var result = [Double?](repeating: nil, count: rows.sourceCount)
      for pair in margins { result[pair.source] = figure(pair) }
      return result
    }
  }
}
