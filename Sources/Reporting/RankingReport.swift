import QAP
import QAPPrimitives

/// The list of the best assignments, for people and as JSON. `Places` are the locations of an
/// assignment as the command counts them.
public struct RankingReport<Places: Encodable>: Encodable {
  private let ranking: RankedAssignments
  private let places: (Assignment) -> Places

  /// A report on `ranking`, whose assignments `places` describes.
  public init(_ ranking: RankedAssignments, places: @escaping (Assignment) -> Places) {
    self.ranking = ranking
    self.places = places
  }

  private enum Key: String, CodingKey {
    case best, distinct, margin, proven, unique
    case boundOfOthers = "bound_of_others"
  }

  private struct Entry: Encodable {
    let objective: Double
    let assignment: Places
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(
      ranking.assignments.map {
        Entry(objective: $0.objective, assignment: places($0.assignment))
      }, forKey: .best)
    try container.encode(ranking.proven, forKey: .proven)
    try container.encode(
      ranking.boundOfOthers.isFinite ? ranking.boundOfOthers : nil, forKey: .boundOfOthers)
    try container.encode(ranking.isDistinct, forKey: .distinct)
    try container.encode(ranking.margin, forKey: .margin)
    try container.encode(ranking.isUnique, forKey: .unique)
  }

  /// Names and values for the answer that people read; `text` shows the places.
  public func rows(_ text: (Places) -> String) -> [(String, String)] {
    let symmetry = ranking.isDistinct ? " up to symmetry" : ""
    let unique = ranking.isUnique.map { ($0 ? "yes" : "no") + symmetry } ?? "not decided"
    var rows = [("unique", unique)]
    rows.append(("margin", ranking.margin.map { Wording.value($0) } ?? "not proven"))
    let width = ranking.assignments.map { Wording.value($0.objective).count }.max() ?? 0
    for (index, one) in ranking.assignments.enumerated() {
      let value = Wording.value(one.objective)
      rows.append(
        (
          index == 0 ? "best" : "",
          value.rightAligned(width) + "  " + text(places(one.assignment))
        ))
    }
    let (count, proven) = (ranking.assignments.count, ranking.proven)
    let list =
      proven == count
      ? "proven" : proven == 0 ? "found, none of them proven" : "the first \(proven) proven"
    let others =
      ranking.boundOfOthers.isFinite
      ? "no other is better than \(Wording.value(ranking.boundOfOthers))"
      : count < ranking.wanted ? "there are no others" : "no bound for the others"
    let noun = count == 1 ? "assignment" : "assignments"
    rows.append(("", "(\(count) \(noun)\(symmetry), \(list); \(others))"))
    return rows
  }
}
