import QAP
import QAPFrontend
import QAPMatching

/// The answer of `qap translate`.
struct TranslateAnswer: Encodable {
  let source: String
  let target: String?
  let map: String?
  let rows: (source: Int, target: Int?)
  let features: (source: Int, target: Int)
  let seed: UInt64
  let threads: Int
  let fit: Translation?
  let quality: TranslationQuality?
  let termination: Termination
  let seconds: Double

  private enum Key: String, CodingKey {
    case agreement, candidates, epochs, features, map, reliable, rows, seconds, seed, source, stages
    case target, termination, threads, validation, version
  }

  private struct Candidate: Encodable {
    let kind: String
    let clusters: Int
    let restart: Int?
    let value: Double?
    let score: Double?
  }

  private struct Epoch: Encodable {
    let refinement: Int
    let block: Int
    let rank: Int
    let score: Double
  }

  /// The figures of a validation by their keys.
  private static func figures(_ quality: TranslationQuality) -> [String: Double] {
    [
      "foscttm": quality.foscttm, "median_cosine": quality.medianCosine,
      "top1": quality.forward.top1, "top5": quality.forward.top5, "top10": quality.forward.top10,
      "top1_back": quality.backward.top1, "top5_back": quality.backward.top5,
      "top10_back": quality.backward.top10,
    ]
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(fit?.agreement, forKey: .agreement)
    try container.encode(
      fit?.candidates.map {
        Candidate(
          kind: $0.kind.rawValue, clusters: $0.clusters, restart: $0.restart, value: $0.value,
          score: $0.score)
      }, forKey: .candidates)
    try container.encode(
      fit?.epochs.map {
        Epoch(refinement: $0.refinement, block: $0.block, rank: $0.rank, score: $0.score)
      }, forKey: .epochs)
    try container.encode([features.source, features.target], forKey: .features)
    try container.encode(map, forKey: .map)
    try container.encode(fit?.isReliable, forKey: .reliable)
    try container.encode([rows.source, rows.target], forKey: .rows)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(seed, forKey: .seed)
    try container.encode(source, forKey: .source)
    try container.encode(
      fit.map {
        [
          "prepare": $0.seconds.prepare, "cluster": $0.seconds.cluster,
          "assign": $0.seconds.assign, "probe": $0.seconds.probe, "refine": $0.seconds.refine,
        ]
      }, forKey: .stages)
    try container.encode(target, forKey: .target)
    try container.encode(fit == nil ? nil : termination.rawValue, forKey: .termination)
    try container.encode(threads, forKey: .threads)
    try container.encode(quality.map(TranslateAnswer.figures), forKey: .validation)
    try container.encode(version, forKey: .version)
  }

  /// The answer as lines.
  var text: String {
    var lines: [(String, String)] = []
    if let fit {
      lines.append(("agreement", percent(fit.agreement)))
      if let isReliable = fit.isReliable {
        lines.append(
          (
            "verdict",
            isReliable
              ? "refinements agree (no proof)"
              : "not reliable; try more rows, more --restarts, or known pairs (--pairs-source)"
          ))
      }
      if let score = fit.epochs.last?.score { lines.append(("score", figure(score))) }
    }
    if let quality {
      lines += [
        ("FOSCTTM", figure(quality.foscttm)),
        ("top 1, 5, 10", TranslateAnswer.shares(quality.forward)),
        ("back", TranslateAnswer.shares(quality.backward)),
        ("median cosine", figure(quality.medianCosine)),
      ]
    }
    if let fit {
      let s = fit.seconds
      lines.append(
        (
          "seconds",
          "prepare \(figure(s.prepare)), cluster \(figure(s.cluster)), assign \(figure(s.assign)), "
            + "probe \(figure(s.probe)), refine \(figure(s.refine))"
        ))
    }
    return aligned(lines)
  }

  private static func shares(_ shares: TranslationQuality.RetrievalShares) -> String {
    [shares.top1, shares.top5, shares.top10].map { percent($0) }.joined(separator: ", ")
  }
}
