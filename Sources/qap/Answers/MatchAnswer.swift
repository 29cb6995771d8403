import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPReporting

/// The answer about the rows.
struct MatchAnswer {
  let report: SolveReport
  let problem: MatchingProblem
  let truth: [Int]?
  /// The row of TARGET of each row of SOURCE; nil before the first assignment.
  let targets: [Int?]?

  init(_ report: SolveReport, _ problem: MatchingProblem, _ truth: [Int]?) {
    self.report = report
    self.problem = problem
    self.truth = truth
    targets = report.incumbent.map { problem.targets(of: $0.assignment) }
  }

  /// The share of rows, known pairs apart, that are matched as `truth` says.
  var accuracy: Double? {
    guard let targets, let truth else { return nil }
    return problem.accuracy(of: targets, truth: truth)
  }

  /// The result for people, in lines.
  func text(_ sides: SidesOptions.Sides) -> String {
    var rows = [
      ("objective", Wording.objective(report.incumbent?.objective, report.rule)),
      ("bound", Wording.value(report.bound?.value)),
      ("gap", Wording.gap(report.gap)),
      ("status", report.termination.sentence(report.rule)),
    ]
    if let accuracy { rows.append(("accuracy", Wording.fixed(100 * accuracy, 1) + "%")) }
    guard let targets else { return aligned(rows) }
    if sides.sourceNames == nil, sides.targetNames == nil {
      rows.append(("assignment", targets.map { $0.map(String.init) ?? "-" }.joined(separator: " ")))
      rows.append(("", "(the row of TARGET of each row of SOURCE, numbered from 0)"))
      return aligned(rows)
    }
    let knownRows = Set(problem.knownRows.map { $0[0] })
    let pairs = targets.enumerated().filter { $1 != nil && !knownRows.contains($0) }.map {
      row, place in
      let place = place ?? 0
      let mark = truth.map { $0[row] == place ? "" : "   (wrong)" } ?? ""
      return (
        sides.sourceNames?[row] ?? "\(row)", (sides.targetNames?[place] ?? "\(place)") + mark
      )
    }
    return aligned(rows) + "\n\n" + aligned(pairs)
  }
}
