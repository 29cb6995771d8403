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
    case features, map, rows, seconds, seed, source, target, termination, threads, version
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try TranslationOutcome(fit, quality: quality).encode(to: encoder)
    try container.encode([features.source, features.target], forKey: .features)
    try container.encode(map, forKey: .map)
    try container.encode([rows.source, rows.target], forKey: .rows)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(seed, forKey: .seed)
    try container.encode(source, forKey: .source)
    try container.encode(target, forKey: .target)
    try container.encode(fit == nil ? nil : termination.rawValue, forKey: .termination)
    try container.encode(threads, forKey: .threads)
    try container.encode(version, forKey: .version)
  }

  /// The answer as lines.
  var text: String {
    var lines: [(String, String)] = []
    if let fit {
      lines.append(("agreement", percent(fit.agreement)))
      if let verdict = verdict(fit) { lines.append(("verdict", verdict)) }
      if let score = fit.epochs.last?.score { lines.append(("score", figure(score))) }
      lines += proofs(fit).map { ("centers", $0) }
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

  /// The distance from the best of the assignments of few centers.
  private func proofs(_ fit: Translation) -> [String] {
    let bounded = fit.candidates.filter { $0.bound != nil && $0.value != nil }
    return Dictionary(grouping: bounded, by: \.clusters).sorted { $0.key < $1.key }.map {
      clusters, members in
      let gaps = members.map {
        (($0.bound ?? 0) - ($0.value ?? 0)) / max(1e-300, abs($0.value ?? 0))
      }
      let worst = max(0, gaps.max() ?? 0)
      return "\(members.count) assignments of \(clusters), "
        + (worst < 1e-6
          ? "each proven to be the best"
          : "proven to be within \(figure(100 * worst)) % of the best")
    }
  }

  private func verdict(_ fit: Translation) -> String? {
    let agreed = "refinements agree (no proof)"
    guard fit.isComplete else {
      let cause = termination == .time ? "the time limit" : "an interruption"
      return (fit.isReliable == true ? agreed + "; " : "undecided: ")
        + "\(cause) ended the fit early; the map is the best so far"
    }
    return fit.isReliable.map {
      $0
        ? agreed
        : "not reliable; try more rows, more --restarts, or known pairs (--pairs-source)"
    }
  }

  private static func shares(_ shares: TranslationQuality.RetrievalShares) -> String {
    [shares.top1, shares.top5, shares.top10].map { percent($0) }.joined(separator: ", ")
  }
}
