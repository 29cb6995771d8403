import ArgumentParser
import QAPFrontend
import QAPRegistry

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
