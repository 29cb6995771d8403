import ArgumentParser
import Catalogue
import Frontend
import QAP
import Reporting

/// `qap methods`: the catalogue.
struct Methods: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the methods.",
    discussion: "Example: qap methods")

  @Option(
    name: .long,
    help: ArgumentHelp("Write the list as JSON; '-' is standard output.", valueName: "path"))
  var json: String?

  private struct Answer: Encodable {
    let method: String
    let summary: String
    let guarantee: String
    let iteration: String
    let tensors: Bool
    let paper: String
  }

  func run() throws {
    try reportingFailures {
      let cards = Catalogue.methods.map(\.card)
      try writeJSON(
        cards.map {
          Answer(
            method: $0.id, summary: $0.summary, guarantee: $0.guarantee.rawValue,
            iteration: $0.iteration, tensors: $0.supportsTensors, paper: $0.paper)
        }, to: json)
      guard json != "-" else { return }
      for card in cards {
        try Console.print(
          """
          \(card.id)
              \(card.summary)
              gives \(card.guarantee.phrase)\(card.supportsTensors ? "; takes cost tensors" : "")
              iteration: \(card.iteration)
              paper: \(card.paper)
          """)
      }
    }
  }
}
