import QAP

/// A run on a subset problem as a JSON object: all keys always present, null where unknown.
/// `indices` and `objective` have an entry for every subset found, the best first.
public struct SubsetJSON: Encodable {
  private let report: SubsetReport
  private let version: String
  /// The file of the certificate; nil without one.
  public let certificate: String?
  private let metric: String?

  /// The report of one run of program version `version`, whose certificate, if any, was written to
  /// the file `certificate`; `metric` is what the costs were made with, if they were made.
  public init(
    _ report: SubsetReport, version: String, certificate: String? = nil,
    metric: String? = nil
  ) {
    self.report = report
    self.version = version
    self.certificate = certificate
    self.metric = metric
  }

  private enum Key: String, CodingKey {
    case instance, items, size, method, metric, seed, threads, sense, indices, objective, bound
    case boundUnrounded = "bound_unrounded"
    case boundOfOthers = "bound_of_others"
    case complete, gap, termination, seconds, moves, iterations, nodes, certificate, trace, version
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(report.problem, forKey: .instance)
    try container.encode(report.items, forKey: .items)
    try container.encode(report.size, forKey: .size)
    try container.encode("subset-selection", forKey: .method)
    try container.encode(metric, forKey: .metric)
    try container.encode(report.seed, forKey: .seed)
    try container.encode(report.threads, forKey: .threads)
    try container.encode(report.sense.rawValue, forKey: .sense)
    try container.encode(report.subsets.map(\.indices), forKey: .indices)
    try container.encode(report.subsets.map(\.objective), forKey: .objective)
    try container.encode(report.bound, forKey: .bound)
    try container.encode(report.boundUnrounded, forKey: .boundUnrounded)
    try container.encode(report.boundOfOthers, forKey: .boundOfOthers)
    try container.encode(report.isComplete, forKey: .complete)
    try container.encode(report.gap, forKey: .gap)
    try container.encode(report.termination.rawValue, forKey: .termination)
    try container.encode(report.seconds, forKey: .seconds)
    try container.encode(report.moves, forKey: .moves)
    try container.encode(report.iterations, forKey: .iterations)
    try container.encode(report.nodes, forKey: .nodes)
    try container.encode(certificate, forKey: .certificate)
    try container.encode(report.trace, forKey: .trace)
    try container.encode(version, forKey: .version)
  }
}
