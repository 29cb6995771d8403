import QAP

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A run as the JSON object that every command documents: a `SolveReport` with the certificate's
/// file and the program's version.
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

  private enum Key: String, CodingKey { case certificate, version }

  public func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(certificate, forKey: .certificate)
    try container.encode(version, forKey: .version)
    if let ranking = report.ranking {
      try RankingReport(ranking) { report.locations(of: $0) }.encode(to: encoder)
    }
  }
}

/// `value` as JSON text: one line with sorted keys.
///
/// - Throws: `EncodingError` for numbers that JSON does not have.
public func jsonText(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return try encoder.encode(value) + Data("\n".utf8)
}
