import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPReporting

/// `qap solve`: an assignment, a bound and the gap between them.
struct Solve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find an assignment and prove a bound.",
    discussion: """
      FILE is a QAPLIB file (.dat), a .json or .npz file as written by 'qap convert' (with at most \
      as many facilities as locations), or a cost tensor: .npy of shape (n, n, n, n).

      Examples:
        qap solve Instances/qaplib/nug12.dat
        qap solve big.dat --time-limit 60 --output big.sln --json big.json
      """)

  @Argument(help: "The instance.")
  var file: String

  @OptionGroup var search: SearchOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the best assignment as a solution file (.sln).", valueName: "file"))
  var output: String?

  @OptionGroup var placements: PlacementOptions

  @OptionGroup var layers: LayerOptions

  @Flag(
    name: .long,
    help: "Minimize the largest term of the objective instead of the sum.")
  var bottleneck = false

  @OptionGroup var ranking: RankingOptions

  @OptionGroup var options: RunOptions

  func validate() throws {
    // Standard output holds the result, or the JSON: a file called "-" is nobody's wish.
    if output == "-" { throw ValidationError("--output needs a file name, not '-'") }
  }

  func run() throws {
    try reportingFailures {
      _ = try options.registered(search.method)
      var options = options
      let instance = try placements.apply(to: try options.read(file, layers: layers))
      if bottleneck {
        var command = self
        command.options = options
        return try command.runBottleneck(instance)
      }
      let report = try options.run(
        instance, method: search.method, goal: search.goal, ranking: ranking, output: output,
        inputs: [file])
      try options.printAnswer(report, output: output)
    }
  }
}
