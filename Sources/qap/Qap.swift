import ArgumentParser
import QAP
import QAPFrontend

/// The `qap` command.
@main
struct Qap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qap",
    abstract: "Solves quadratic assignment problems; every answer comes with a proven bound.",
    discussion: """
      Example: qap solve Instances/qaplib/nug12.dat

      Results go to standard output, the log to standard error. The first Ctrl-C stops a run and \
      reports its best solution and bound; the second aborts the program.

      Exit status: 0 a verified answer, 1 an internal or verification failure, 64 usage, 65 bad \
      data, 66 no such file, 69 refused (too large, or not supported by the method), 74 \
      input/output, 130 after the second Ctrl-C.
      """,
    version: version,
    subcommands: [
      Solve.self, Bound.self, Compare.self, Verify.self, Estimate.self, Info.self, Convert.self,
      Generate.self, Relax.self, Plot.self, Match.self, Prepare.self, SubsetCommand.self,
      Retrieve.self, Classify.self, Align.self, Intramodal.self, Translate.self, Methods.self,
      Help.self, Manual.self,
    ])

  /// Parses the command line and runs the command.
  static func main() {
    RunClock.start()
    Console.turnSignalsIntoErrors()
    Console.endWithoutIdleThreads()
    do {
      let arguments = Qap.joiningNegativeNumbers(Array(CommandLine.arguments.dropFirst()))
      try Qap.requireCommand(arguments.first)
      main(arguments)
    } catch {
      Console.error("qap: \(Failure(of: error).message)")
      exit(withError: ExitCode(Failure(of: error).status))
    }
  }

  /// The same arguments with negative numbers as values: `--gap -1` as `--gap=-1`, which is not an
  /// option called 1.
  private static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var isOver = false
    for argument in arguments {
      isOver = isOver || argument == "--"
      if !isOver, argument.hasPrefix("-"), Double(argument) != nil, let option = result.last,
        option.hasPrefix("--"), !option.contains("=")
      {
        result[result.count - 1] = "\(option)=\(argument)"
      } else {
        result.append(argument)
      }
    }
    return result
  }

  /// Throws, with a suggestion, when `word` stands for a command that does not exist.
  private static func requireCommand(_ word: String?) throws {
    guard let word, !word.hasPrefix("-") else { return }
    let names = configuration.subcommands.map { $0._commandName }
    guard !names.contains(word) else { return }
    let nearest = Spelling.nearest(to: word, among: names).map { "did you mean '\($0)'?" }
    throw Failure.usage(
      "there is no command '\(word)'; \(nearest ?? "see 'qap --help' for the commands")")
  }
}
