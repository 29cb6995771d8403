import Catalogue
import QAP

/// What is told of one method, for a terminal and for the documentation, from its card and its guide.
struct MethodPage {
  let card: MethodCard
  let guide: MethodGuide?

  init(_ entry: CatalogueEntry) {
    card = entry.card
    guide = entry.guide
  }

  /// The page of the method called `id`, if there is one.
  init?(_ id: String) {
    guard let entry = Catalogue.entry(id) else { return nil }
    self.init(entry)
  }

  /// The card as pairs of a word and what it says.
  private var facts: [(String, String)] {
    let size = card.largestSize.map { "n up to \($0)" } ?? "any n that memory allows"
    let kinds = [
      "flow and distance matrices" + (card.supportsAsymmetry ? "" : ", one of them symmetric"),
      card.supportsTensors ? "cost tensors" : nil,
    ].compactMap(\.self)
    return [
      ("gives", card.guarantee.phrase),
      ("takes", kinds.joined(separator: "; ") + "; \(size)"),
      ("iteration", card.iteration),
      ("paper", card.paper),
    ]
  }

  /// `qap help ID`.
  var text: String {
    let head = "\(card.id): \(card.summary)".wrapped()
    let table = facts.map { $1.wrapped(indent: 13, first: "  " + $0.padded(to: 11)) }
    let parts = (guide?.parts ?? []).map { "\($0.heading.uppercased())\n\($0.text.wrapped())" }
    let example = guide.map { ["EXAMPLE\n\($0.example)"] } ?? []
    return ([head, table.joined(separator: "\n")] + parts + example).joined(separator: "\n\n")
  }

  /// What the list of all methods says of it.
  var entry: String {
    "\(card.id): \(card.summary)".wrapped() + "\n"
      + (guide?.use ?? "").wrapped(indent: 4)
  }

  /// The frame of the method's article, in Markdown.
  var frame: String {
    let rows = facts.map { "| \($0) | \($1) |" }
    let parts = (guide?.parts ?? []).map { "**\($0.heading).** \($0.text)".wrapped(width: 100) }
    let table = ["| `\(card.id)` | \(card.summary) |", "| --- | --- |"] + rows
    let example = guide.map { ["```console\n$ \($0.example)\n```"] } ?? []
    return ([table.joined(separator: "\n")] + parts + example).joined(separator: "\n\n")
  }
}

extension Guarantee {
  /// What a method gives, in words.
  var phrase: String {
    switch self {
    case .assignment: "an assignment"
    case .bound: "a bound"
    case .assignmentAndBound: "an assignment and a bound"
    }
  }
}
