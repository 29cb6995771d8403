import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPReporting

/// `qap bound`: one lower bound.
struct Bound: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove a lower bound.",
    discussion: """
      The default method 'auto' runs its portfolio without searches for assignments: cheap bounds, \
      dual ascent, the doubly nonnegative relaxation and a search tree.

      Examples:
        qap bound Instances/qaplib/nug12.dat --time-limit 5
        qap bound Instances/qaplib/nug20.dat --method hahn-grant --iterations 50
      """)

  @Argument(help: "The instance.")
  var file: String

  @Option(name: .long, help: ArgumentHelp("The method; see 'qap methods'.", valueName: "id"))
  var method = "auto"

  @OptionGroup var placements: PlacementOptions

  @OptionGroup var layers: LayerOptions

  @OptionGroup var options: RunOptions

  func run() throws {
    try reportingFailures {
      guard try options.registered(method).info.output != .assignment else {
        throw Failure.usage("--method \(method) proves no bound; try auto")
      }
      var options = options
      let instance = try placements.apply(to: try options.read(file, layers: layers))
      let report = try options.run(
        instance, method: method, inputs: [file], seeksAssignments: false)
      guard !options.json.ownsStandardOutput else { return try options.requireFiles(report) }
      try Console.print(
        aligned(
          [
            ("bound", Wording.value(report.bound?.value)),
            ("unrounded", Wording.value(report.bound?.unrounded)),
            ("status", report.termination.sentence(report.rule)),
          ]
            + (layers.outliers.map {
              [
                (
                  "",
                  "(\(Wording.value($0)) counts for each facility and location without a partner)"
                )
              ]
            } ?? [])))
      try options.requireFiles(report)
    }
  }
}
