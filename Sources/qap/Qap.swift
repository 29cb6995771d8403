import ArgumentParser
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
      Retrieve.self, Classify.self, Align.self, Intramodal.self, Methods.self, Help.self,
      Manual.self,
    ])

  /// Parses the command line and runs the command.
  static func main() {
    RunClock.start()
    Console.turnSignalsIntoErrors()
    Console.endWithoutIdleThreads()
    main(nil)
  }
}
