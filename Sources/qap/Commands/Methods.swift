import ArgumentParser
import QAP
import QAPFrontend
import QAPRegistry
import QAPReporting

/// `qap methods`: the catalog.
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
      let infos = MethodRegistry.methods.map(\.info)
      try writeJSON(
        infos.map {
          Answer(
            method: $0.id, summary: $0.summary, guarantee: $0.output.rawValue,
            iteration: $0.iteration, tensors: $0.supportsTensors, paper: $0.paper)
        }, to: json)
      guard json != "-" else { return }
      for info in infos {
        try Console.print(
          """
          \(info.id)
              \(info.summary)
              gives \(info.output.phrase)\(info.supportsTensors ? "; takes cost tensors" : "")
              iteration: \(info.iteration)
              paper: \(info.paper)
          """)
      }
    }
  }
}
