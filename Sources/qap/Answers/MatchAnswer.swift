import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPReporting

/// The answer of `qap match` about the rows.
struct MatchAnswer {
  let report: SolveReport
  let outcome: MatchOutcome
  let sides: SidesOptions.Sides
  /// The share of pairs to keep; nil for all.
  let keep: Double?

  /// The most certain pairs, best first; nil without `--keep` or before the first assignment.
  var kept: [PairMargin]? {
    guard let keep, outcome.targets != nil else { return nil }
    return outcome.mostCertain(keep)
  }

  /// The share of the kept pairs, as far as their truth is known, that are right.
  var keptAccuracy: Double? { kept.flatMap { accuracy(of: $0.map { ($0.source, $0.target) }) } }

  /// The pairs, known ones apart, that all other matches have.
  private var shared: (count: Int, right: Double?)? {
    guard let agreement = outcome.agreement, let targets = outcome.targets else { return nil }
    let known = Set(outcome.rows.knownRows.map { $0[0] })
    let pairs = targets.enumerated().compactMap { row, target in
      target.flatMap { agreement[row] == 1 && !known.contains(row) ? (row, $0) : nil }
    }
    return (pairs.count, accuracy(of: pairs))
  }

  private func accuracy(of pairs: [(Int, Int)]) -> Double? {
    guard let truth = outcome.truth else { return nil }
    let judged = pairs.filter { truth[$0.0] != nil }
    if judged.isEmpty { return nil }
    return Double(judged.count { truth[$0.0] == $0.1 }) / Double(judged.count)
  }

  /// Writes the pairs, known ones apart, in the files' row numbers: the kept ones from the most
  /// certain on, or all in the order of SOURCE. Nothing is written before the first assignment.
  func writePairs(to path: String) throws {
    guard outcome.targets != nil else { return }
    let pairs = kept ?? outcome.mostCertain().sorted { $0.source < $1.source }
    if path.lowercased().hasSuffix(".npy") {
      return try IndexFile.writeArray(
        pairs.map { (sides.sourceRow($0.source), sides.targetRow($0.target)) }, to: path)
    }
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let agreement = outcome.agreement
    let lines = pairs.map { pair in
      "\(sides.sourceRow(pair.source)),\(sides.targetRow(pair.target)),\(pair.value),"
        + "\(text(pair.margin)),\(text(pair.confidence))"
        + (agreement.map { ",\(text($0[pair.source]))" } ?? "") + "\n"
    }
    let header = "source,target,value,margin,confidence" + (agreement == nil ? "" : ",agreement")
    try FileAccess.write(Array((header + "\n" + lines.joined()).utf8), to: path)
  }

  /// The rows that take part and have no partner, where that has a price.
  var unmatched: (source: Int, target: Int)? {
    guard let targets = outcome.targets, outcome.rows.hasOutliers else { return nil }
    let matched = targets.count { $0 != nil }
    return (
      outcome.rows.sourceRows.count - matched, outcome.rows.targetRows.count - matched
    )
  }

  /// The result for people, in lines.
  var text: String {
    var rows = [
      ("objective", Wording.objective(report.incumbent?.objective, report.rule)),
      ("bound", Wording.value(report.bound?.value)),
      ("gap", Wording.gap(report.gap)),
      ("status", report.termination.sentence(report.rule)),
    ]
    if let accuracy = outcome.accuracy {
      rows.append(("accuracy", Wording.fixed(100 * accuracy, 1) + "%"))
    }
    if let value = outcome.truthObjective {
      let sentence = outcome.limit.map { " (\($0.sentence))" } ?? ""
      rows.append(("truth", Wording.objective(value, report.rule) + sentence))
    }
    if let shared {
      let right = shared.right.map { ", \(Wording.fixed(100 * $0, 1))% right" } ?? ""
      rows.append(("agreement", "\(shared.count) pairs are in all other matches\(right)"))
    }
    if let kept {
      let right = keptAccuracy.map { ", \(Wording.fixed(100 * $0, 1))% right" } ?? ""
      rows.append(("kept", "\(kept.count) of \(outcome.mostCertain().count) pairs\(right)"))
    }
    guard let targets = outcome.targets else { return aligned(rows) }
    if let unmatched {
      rows.append(
        (
          "unmatched",
          "\(unmatched.source) rows of SOURCE, \(unmatched.target) of TARGET; part of the "
            + "objective, wrong for the accuracy"
        ))
    }
    if sides.sourceNames == nil, sides.targetNames == nil {
      if let kept {
        rows.append(("pairs", kept.map { "\($0.source):\($0.target)" }.joined(separator: " ")))
        rows.append(("", "(row of SOURCE:row of TARGET, numbered from 0, largest margin first)"))
      } else {
        rows.append(
          ("assignment", targets.map { $0.map(String.init) ?? "-" }.joined(separator: " ")))
        rows.append(("", "(the row of TARGET of each row of SOURCE, numbered from 0)"))
      }
      return aligned(rows + rankingRows)
    }
    let known = Set(outcome.rows.knownRows.map { $0[0] })
    let pairs: [(row: Int, place: Int, confidence: Double?)] =
      kept.map { $0.map { ($0.source, $0.target, $0.confidence) } }
      ?? targets.enumerated().compactMap { row, place in
        known.contains(row) ? nil : place.map { (row, $0, nil) }
      }
    return aligned(rows) + "\n\n"
      + aligned(
        pairs.map { row, place, confidence in
          let isWrong = outcome.truth.flatMap { $0[row] }.map { $0 != place } ?? false
          return (
            sides.sourceNames?[row] ?? "\(row)",
            (sides.targetNames?[place] ?? "\(place)")
              + (confidence.map { "   \(Wording.fixed(100 * $0, 0))%" } ?? "")
              + (isWrong ? "   (wrong)" : "")
          )
        })
      + (rankingRows.isEmpty ? "" : "\n\n" + aligned(rankingRows))
  }

  /// The list of the best matches: of all but the best the rows that are matched otherwise.
  private var rankingRows: [(String, String)] {
    guard let ranking = report.ranking, let targets = outcome.targets else { return [] }
    func name(_ names: [String]?, _ row: Int?) -> String {
      row.map { names?[$0] ?? "\($0)" } ?? "-"
    }
    return RankingReport(ranking) { outcome.rows.targets(of: $0) }.rows { places in
      let changed = places.indices.filter { places[$0] != targets[$0] }.map {
        "\(name(sides.sourceNames, $0)) → \(name(sides.targetNames, places[$0]))"
      }
      return changed.isEmpty ? "as above" : changed.joined(separator: ", ")
    }
  }
}
