import QAP

/// A classification judged: the class of each cluster and sample, and, with true labels, the
/// accuracy and the best match of clusters to classes (the oracle) beside the one found.
///
/// Encodes the keys that a classification adds to those of every run; all are present, null where
/// unknown.
public struct ClassificationOutcome: Encodable, Sendable {
  /// The clusters and the match of them.
  public let classification: Classification
  /// The class of each cluster, nil for one without, where there are more clusters; nil before the
  /// first assignment.
  public let targets: [Int?]?
  /// The accuracy and the oracle; nil without true labels or an assignment.
  public let quality: Classification.Quality?
  /// The objective of the oracle's match, in the metric's unit and sense.
  public let truthObjective: Double?
  /// Whether search or metric limits the match of clusters to classes.
  public let limit: MatchLimit?

  /// The places of the samples among those given, and the number of those; nil for all.
  private let samples: (kept: [Int], of: Int)?

  /// Judges `assignment`, the match of clusters to classes, by the class of each sample.
  ///
  /// - Parameter samples: the numbers of the samples among all that there are, where some were left
  ///   out; nil for all.
  /// - Throws: `InputError` when there is not one label a sample, or one beyond the classes.
  public init(
    _ assignment: Assignment?, classification: Classification, labels: [Int]?, seed: UInt64,
    samples: (kept: [Int], of: Int)? = nil
  ) throws(InputError) {
    self.classification = classification
    self.samples = samples
    let problem = classification.problem
    targets = assignment.map { problem.targets(of: $0) }
    guard let assignment, let targets, let labels else {
      (quality, truthObjective, limit) = (nil, nil, nil)
      return
    }
    let quality = try classification.quality(of: targets, labels: labels, seed: seed)
    self.quality = quality
    truthObjective = problem.objective(ofTruth: quality.oracle)
    limit = problem.limit(of: assignment, truth: quality.oracle)
  }

  /// The numbers of the samples in the places of all that there are; nil for those left out.
  private func placed(_ numbers: [Int?]) -> [Int?] {
    guard let samples else { return numbers }
    var result = [Int?](repeating: nil, count: samples.of)
    for (row, number) in zip(samples.kept, numbers) { result[row] = number }
    return result
  }

  private enum Key: String, CodingKey {
    case accuracy, matching, assignment, clusters, constant, inertia, labels, limit, metric, oracle
    case oracleAccuracy = "oracle_accuracy"
    case truthObjective = "truth_objective"
    case mutualInformation = "nmi"
    case randIndex = "ari"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(quality?.accuracy, forKey: .accuracy)
    try container.encode(quality?.matching, forKey: .matching)
    try container.encode(targets, forKey: .assignment)
    try container.encode(placed(classification.clusters.labels), forKey: .clusters)
    try container.encode(classification.problem.constant, forKey: .constant)
    try container.encode(classification.clusters.inertia, forKey: .inertia)
    try container.encode(targets.map { placed(classification.labels(of: $0)) }, forKey: .labels)
    try container.encode(limit, forKey: .limit)
    try container.encode(classification.problem.metric.name, forKey: .metric)
    try container.encode(quality?.oracle, forKey: .oracle)
    try container.encode(quality?.oracleAccuracy, forKey: .oracleAccuracy)
    try container.encode(quality?.mutualInformation, forKey: .mutualInformation)
    try container.encode(quality?.randIndex, forKey: .randIndex)
    try container.encode(truthObjective, forKey: .truthObjective)
  }
}
