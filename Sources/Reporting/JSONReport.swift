import QAP

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A run as the JSON object that every command documents: all keys always present, null where
/// unknown, `assignment` 0-based; then the method's own figures, if it has any.
public struct JSONReport: Encodable {
  private let report: SolveReport
  private let version: String
  private let certificate: String?

  /// The report of one run of program version `version`, whose certificate, if any, was written to
  /// the file `certificate`.
  public init(
    _ report: SolveReport, version: String, certificate: String? = nil
  ) {
    self.report = report
    self.version = version
    self.certificate = certificate
  }

  private enum Key: String, CodingKey {
    case instance, size, method, seed, threads, sense, objective, bound
    case boundUnrounded = "bound_unrounded"
    case gap, termination, assignment, pairs, seconds, iterations, nodes, certificate, trace,
      tolerance, version
  }

  private struct Point: Encodable {
    let point: TracePoint
    private enum Key: String, CodingKey { case seconds, objective, bound, source }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(point.seconds, forKey: .seconds)
      try container.encode(number(point.objective), forKey: .objective)
      try container.encode(number(point.bound), forKey: .bound)
      try container.encode(point.source, forKey: .source)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(report.instance, forKey: .instance)
    try container.encode(report.facilities, forKey: .size)
    try container.encode(report.method, forKey: .method)
    try container.encode(report.seed, forKey: .seed)
    try container.encode(report.threads, forKey: .threads)
    try container.encode(report.sense.rawValue, forKey: .sense)
    try container.encode(number(report.incumbent?.objective), forKey: .objective)
    try container.encode(number(report.bound?.value), forKey: .bound)
    try container.encode(number(report.bound?.unrounded), forKey: .boundUnrounded)
    try container.encode(number(report.gap), forKey: .gap)
    try container.encode(report.termination.rawValue, forKey: .termination)
    try container.encode(report.locations, forKey: .assignment)
    try container.encode(report.pairs.map { [$0.facility, $0.location] }, forKey: .pairs)
    try container.encode(report.seconds, forKey: .seconds)
    try container.encode(report.iterations, forKey: .iterations)
    try container.encode(report.nodes, forKey: .nodes)
    try container.encode(certificate, forKey: .certificate)
    try container.encode(report.trace.map { Point(point: $0) }, forKey: .trace)
    try container.encode(report.rule.tolerance, forKey: .tolerance)
    try container.encode(version, forKey: .version)
    var figures = encoder.container(keyedBy: Name.self)
    for (name, value) in report.figures {
      try figures.encode(number(value), forKey: Name(stringValue: name))
    }
  }

  /// The key of a method's own figure.
  private struct Name: CodingKey {
    let stringValue: String
    init(stringValue: String) { self.stringValue = stringValue }
    var intValue: Int? { nil }
    init?(intValue: Int) { nil }
  }
}

/// JSON has no infinities: nil stands for them. (Not `finite`: the C library has one, which says
/// 1.)
private func number(_ value: Double?) -> Double? {
  guard let value, value.isFinite else { return nil }
  return value
}

/// `value` as JSON text: one line with sorted keys.
/// Throws `EncodingError` for numbers that JSON does not have.
public func jsonText(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return try encoder.encode(value) + Data("\n".utf8)
}
