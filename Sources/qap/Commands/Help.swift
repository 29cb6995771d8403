import ArgumentParser
import QAP
import QAPFrontend
import QAPRegistry

/// `qap help`: the page of a command or of a topic.
struct Help: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain a command, a topic, a method or a metric.",
    discussion: """
      Topics:
      \(Topic.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

      Examples:
        qap help which-method
        qap help rlt1
        qap help gw
      """)

  @Argument(help: "A command, a topic, the id of a method, a metric, or a term of the glossary.")
  var subject: [String] = []

  func run() throws {
    try reportingFailures {
      guard let name = subject.first else {
        return try Console.print(
          Qap.helpMessage() + "\nTOPICS (qap help TOPIC):\n"
            + Topic.allCases.map { "  \($0.rawValue)".padded(to: 26) + $0.summary }
            .joined(separator: "\n") + "\n\nMETHODS (qap help ID):\n"
            + MethodRegistry.methods.map { "  \($0.info.id)".padded(to: 26) + $0.info.summary }
            .joined(separator: "\n") + "\n\nMETRICS AND MEASURES (qap help NAME):\n"
            + MetricPage.names.joined(separator: ", ").wrapped(indent: 4))
      }
      if let topic = Topic(named: name) { return try Console.print(topic.text) }
      if let page = MethodPage(name) { return try Console.print(page.text) }
      if let page = MetricPage(name) { return try Console.print(page.text) }
      guard
        let command = Qap.configuration.subcommands.first(where: {
          ($0.configuration.commandName ?? $0._commandName) == name
        })
      else {
        let words = subject.joined(separator: " ").lowercased()
        if let term = Glossary.terms.first(where: { $0.word.lowercased() == words }) {
          return try Console.print("\(term.word): \(term.meaning)".wrapped())
        }
        let topics = Topic.allCases.map { $0.rawValue }
        let names =
          topics + Qap.configuration.subcommands.map { $0._commandName }
          + MethodRegistry.methods.map { $0.info.id } + MetricPage.names
        let nearest = Spelling.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
        throw Failure.usage(
          "help: no command, method or topic '\(name)'; "
            + (nearest ?? "the topics are \(topics.joined(separator: ", "))"))
      }
      try Console.print(Qap.helpMessage(for: command))
    }
  }
}
