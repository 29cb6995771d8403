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
        qap solve plan.json --outliers 40 --max-outliers 2
        qap solve plan.json --layer risk.npy distance.npy --pareto 20
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

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Sweep the weights of two layers by at most this many runs, and list the assignments that no "
        + "other beats in both.", valueName: "runs"))
  var pareto: Int?

  @OptionGroup var ranking: RankingOptions

  @OptionGroup var options: RunOptions

  func validate() throws {
    // Standard output holds the result, or the JSON: a file called "-" is nobody's wish.
    if let pareto, pareto < 2 {
      throw ValidationError("--pareto must be at least 2, not \(pareto)")
    }
    if output == "-" { throw ValidationError("--output needs a file name, not '-'") }
  }

  func run() throws {
    try reportingFailures {
      _ = try options.registered(search.method)
      if let pareto { return try runPareto(pareto) }
      var options = options
      let instance = try placements.apply(to: try options.read(file, layers: layers))
      if bottleneck {
        var command = self
        command.options = options
        return try command.runBottleneck(instance)
      }
      func outliers(_ usual: JSONReport, _ report: SolveReport) -> OutlierReport<JSONReport>? {
        layers.price(options.sense).map { OutlierReport(usual, report, cost: $0) }
      }
      var further: [(String, String)] = []
      let report = try options.run(
        instance, method: search.method, goal: search.goal, ranking: ranking, output: output,
        inputs: [file]
      ) { usual, report in
        guard let outliers = outliers(usual, report) else { return usual }
        further = outliers.rows
        return outliers
      }
      try options.printAnswer(report, output: output, further: further)
    }
  }
}
