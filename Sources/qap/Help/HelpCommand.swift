import ArgumentParser
import QAPFrontend
import QAPRegistry

/// `qap help`: the page of a command or of a topic.
struct Help: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain a command, a topic or a method.",
    discussion: """
      Topics:
      \(Topic.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

      Examples:
        qap help which-method
        qap help rlt1
      """)

  @Argument(help: "A command, a topic, or the id of a method.")
  var subject: [String] = []

  func run() throws {
    try reportingFailures {
      guard let name = subject.first else {
        return try Console.print(
          Qap.helpMessage() + "\nTOPICS (qap help TOPIC):\n"
            + Topic.allCases.map { "  \($0.rawValue)".padded(to: 26) + $0.summary }
            .joined(separator: "\n") + "\n\nMETHODS (qap help ID):\n"
            + MethodRegistry.methods.map { "  \($0.info.id)".padded(to: 26) + $0.info.summary }
            .joined(separator: "\n"))
      }
      if let topic = Topic(named: name) { return try Console.print(topic.text) }
      if let page = MethodPage(name) { return try Console.print(page.text) }
      guard
        let command = Qap.configuration.subcommands.first(where: {
          ($0.configuration.commandName ?? $0._commandName) == name
        })
      else {
        let all = Topic.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure.usage(
          "help: no command, method or topic '\(name)'; the topics are \(all)")
      }
      try Console.print(Qap.helpMessage(for: command))
    }
  }
}

/// `qap manual`: all help texts as a manual page.
struct Manual: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the manual page (roff), for installation.", shouldDisplay: false)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Fill the frames of the documentation's articles in this folder instead.",
      valueName: "folder"))
  var articles: String?

  func run() throws {
    try reportingFailures {
      if let articles {
        for name in try Articles.fill(articles) { try Console.print("\(name): filled") }
        return
      }
      var page = """
        .TH QAP 1 "" "QAPKit \(version)" "User Commands"
        .SH NAME
        qap \\- solve quadratic assignment problems, with a proven bound for every answer
        .SH SYNOPSIS
        .B qap
        .I COMMAND
        [\\fIARGUMENTS\\fR]

        """
      page += section("DESCRIPTION", Qap.configuration.discussion)
      for command in Qap.configuration.subcommands where command.configuration.shouldDisplay {
        let name = command.configuration.commandName ?? command._commandName
        page += section("QAP \(name.uppercased())", Qap.helpMessage(for: command, columns: 78))
      }
      for topic in Topic.allCases {
        page += section(topic.summary.uppercased(), topic.text)
      }
      for method in MethodRegistry.methods {
        page += section("METHOD \(method.info.id.uppercased())", MethodPage(method).text)
      }
      try Console.print(page)
    }
  }

  /// A section of lines as they are: a leading dot or quote would be a request to roff.
  private func section(_ title: String, _ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let escaped = line.split(separator: "\\", omittingEmptySubsequences: false)
        .joined(separator: "\\e").split(separator: "-", omittingEmptySubsequences: false)
        .joined(separator: "\\-")
      let start = escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" : ""
      return start
        + escaped.unicodeScalars.map {
          $0.isASCII ? String($0) : "\\[u" + Self.hexadecimal($0.value) + "]"
        }.joined()
    }
    return ".SH \"\(title)\"\n.nf\n" + lines.joined(separator: "\n") + "\n.fi\n"
  }
}

extension Manual {
  /// At least four digits.
  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
