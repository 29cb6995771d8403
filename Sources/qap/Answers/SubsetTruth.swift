import QAP
import QAPFrontend
import QAPLocalSearch
import QAPMatching
import QAPPrimitives
import QAPReporting

/// The kernels behind the costs of a subset, with which the items chosen are matched blind: the
/// cost of the true pairs beside that of the best match that a search finds.
struct SubsetTruth {
  let source: Matrix<Double>
  let target: Matrix<Double>
  let metric: Metric

  /// The blind match of `items`.
  struct Outcome {
    let objective: Double
    let truthObjective: Double
    let accuracy: Double
    let limit: MatchLimit

    /// Its lines for people.
    func rows(_ rule: OptimalityRule) -> [(String, String)] {
      [
        (
          "match",
          Wording.objective(objective, rule) + " without the truth, "
            + "\(Wording.fixed(100 * accuracy, 1))% of the items right"
        ),
        ("truth", Wording.objective(truthObjective, rule) + " (\(limit.sentence))"),
      ]
    }
  }

  /// Matches `items` by tabu search; nil when `options` end it before the first assignment.
  ///
  /// - Throws: `InputError` for kernels beyond all bounds, `MethodError` of the search.
  func match(_ items: [Int], options: SolveOptions) throws -> Outcome? {
    let problem = try MatchingProblem(
      source: source.selecting(rowsAndColumns: items),
      target: target.selecting(rowsAndColumns: items), metric: metric, seed: options.seed)
    let report = try problem.instance.solve(with: RobustTabu(), options: options)
    let outcome = MatchOutcome(
      report.incumbent?.assignment, problem: problem, truth: Array(items.indices),
      hasMargins: false)
    guard let found = report.incumbent?.objective, let truth = outcome.truthObjective,
      let accuracy = outcome.accuracy, let limit = outcome.limit
    else { return nil }
    return Outcome(
      objective: problem.value(found), truthObjective: truth, accuracy: accuracy, limit: limit)
  }
}
