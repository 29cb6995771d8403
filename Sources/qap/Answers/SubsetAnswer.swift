import QAPReporting

/// The JSON of `qap subset`: a run, and with `--truth` the match of its best subset. All keys are
/// present, null where unknown.
struct SubsetAnswer: Encodable {
  let report: SubsetJSON
  /// The rows of the other file that belong to the best subset; nil where they have the same
  /// numbers.
  let targets: [Int]?
  let outcome: SubsetTruth.Outcome?

  private enum Key: String, CodingKey {
    case accuracy, limit, targets
    case matchObjective = "match_objective"
    case truthObjective = "truth_objective"
  }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(outcome?.accuracy, forKey: .accuracy)
    try container.encode(outcome?.limit, forKey: .limit)
    try container.encode(outcome?.objective, forKey: .matchObjective)
    try container.encode(targets, forKey: .targets)
    try container.encode(outcome?.truthObjective, forKey: .truthObjective)
  }
}
