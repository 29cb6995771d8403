import QAPPrimitives

/// A translation judged: its candidates, epochs and agreement, and its retrieval of the partners of
/// known rows.
///
/// Encodes the keys that a translation adds to those of every run; all are present, null where
/// unknown.
public struct TranslationOutcome: Encodable, Sendable {
  /// The fit; nil where a map was only applied.
  public let fit: Translation?
  /// The retrieval of rows whose partners are known.
  public let quality: TranslationQuality?

  /// The outcome of a fit, of a validation, or of both.
  public init(_ fit: Translation?, quality: TranslationQuality?) {
    (self.fit, self.quality) = (fit, quality)
  }

  private enum Key: String, CodingKey {
    case agreement, candidates, epochs, projection, reliable, stages, validation
  }

  private struct Candidate: Encodable {
    let kind: String
    let clusters: Int
    let restart: Int?
    let value: Double?
    let bound: Double?
    let score: Double?
  }

  private struct Epoch: Encodable {
    let refinement: Int
    let block: Int
    let rank: Int
    let score: Double
  }

  private static func figures(_ quality: TranslationQuality) -> [String: Double] {
    [
      "foscttm": quality.foscttm, "median_cosine": quality.medianCosine,
      "top1": quality.forward.top1, "top5": quality.forward.top5, "top10": quality.forward.top10,
      "top1_back": quality.backward.top1, "top5_back": quality.backward.top5,
      "top10_back": quality.backward.top10,
    ]
  }

  /// A pair of coordinates a row, to four decimals.
  private static func points(_ rows: Matrix<Double>) -> [[Double]] {
    (0..<rows.rows).map { row in rows.row(row).map { ($0 * 10_000).rounded() / 10_000 } }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(fit?.agreement, forKey: .agreement)
    try container.encode(
      fit?.candidates.map {
        Candidate(
          kind: $0.kind.rawValue, clusters: $0.clusters, restart: $0.restart, value: $0.value,
          bound: $0.bound, score: $0.score)
      }, forKey: .candidates)
    try container.encode(
      fit?.epochs.map {
        Epoch(refinement: $0.refinement, block: $0.block, rank: $0.rank, score: $0.score)
      }, forKey: .epochs)
    try container.encode(
      fit?.projection.map {
        ["source": $0.source, "moved": $0.moved, "target": $0.target]
          .mapValues(TranslationOutcome.points)
      }, forKey: .projection)
    try container.encode(fit?.isReliable, forKey: .reliable)
    try container.encode(
      fit.map {
        [
          "prepare": $0.seconds.prepare, "cluster": $0.seconds.cluster,
          "assign": $0.seconds.assign, "probe": $0.seconds.probe, "refine": $0.seconds.refine,
        ]
      }, forKey: .stages)
    try container.encode(quality.map(TranslationOutcome.figures), forKey: .validation)
  }
}
