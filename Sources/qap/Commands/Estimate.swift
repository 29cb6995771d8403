import ArgumentParser
import QAP
import QAPBranchAndBound
import QAPFrontend
import QAPInstanceIO
import QAPRegistry
import QAPReporting

/// `qap estimate`: how large the tree of an exact search would be.
struct Estimate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Estimate the size of an exact search tree.",
    discussion: """
      Finds an assignment and the root bound like 'branch-and-bound', then walks down the tree at \
      random (Knuth 1975). The estimate is unbiased; with few walks it is usually too low, because \
      the largest subtrees are rarely visited.

      Example: qap estimate Instances/qaplib/nug20.dat --walks 1000
      """)

  @Argument(help: "The instance.")
  var file: String

  @Option(name: .long, help: ArgumentHelp("Random walks.", valueName: "n"))
  var walks = 1000

  @Option(name: .long, help: ArgumentHelp("Time limit in seconds.", valueName: "seconds"))
  var timeLimit: Double?

  @OptionGroup var work: WorkOptions

  @OptionGroup var placements: PlacementOptions

  @OptionGroup var json: JSONOption

  private struct Answer: Encodable {
    let instance: String
    let size: Int
    let objective: Double?
    let bound: Double?
    let nodes: Double?
    let error: Double?
    let walks: Int
    let seconds: Double
    let secondsPerNode: Double
    let termination: String
    let version: String

    enum CodingKeys: String, CodingKey {
      case instance, size, objective, bound, nodes, error, walks, seconds, termination, version
      case secondsPerNode = "core_seconds_per_node"
    }
  }

  func validate() throws {
    guard (1...10_000_000).contains(walks) else {
      throw ValidationError("--walks must be between 1 and 10000000, not \(walks)")
    }
    try validateTimeLimit(timeLimit)
  }

  func run() throws {
    try reportingFailures {
      let stated = try readInstance(file)
      let (instance, start) = try placements.apply(
        to: stated.sense == .max ? stated.instance.negated : stated.instance
      ).withoutForbidden()
      let interruption = Interruption()
      let watch = SignalWatch { interruption.request() }
      let session = try SolveSession(
        instance, registered: try registeredMethod(BranchAndBound.info.id, option: "--method"),
        options: SolveOptions(
          limits: Limits(time: timeLimit.map { .seconds($0) }), stop: interruption.criterion,
          seed: work.seed, threads: work.threadCount, memoryLimit: RunOptions.memoryLimit,
          clock: RunClock.seconds, origin: 0))
      let context = session.context
      if let start { context.offer(start) }
      let estimate = try BranchAndBound(.init(probes: walks)).estimate(context)
      withExtendedLifetime(watch) {}
      let report = context.report(
        method: context.source, termination: context.stopReason() ?? .stalled)
      let isClosed = report.isProvenOptimal || estimate?.nodes == 0
      let nodes = isClosed ? 0 : estimate?.nodes
      let perNode = WorkModel.seconds(
        ticks: WorkModel.node(size: instance.size), threads: 1)
      try json.write(
        Answer(
          instance: instance.name, size: instance.size, objective: report.incumbent?.objective,
          bound: report.bound?.value, nodes: nodes, error: isClosed ? 0 : estimate?.error,
          walks: estimate?.probes ?? 0, seconds: report.seconds, secondsPerNode: perNode,
          termination: report.termination.rawValue, version: version))
      guard !json.ownsStandardOutput else { return }
      var rows = [
        ("objective", Wording.value(report.incumbent?.objective)),
        ("bound", Wording.value(report.bound?.value)),
      ]
      if isClosed {
        rows.append(("nodes", "0: the root bound proves the assignment optimal"))
      } else if let estimate, let nodes {
        rows.append(
          (
            "nodes",
            "\(Wording.value(nodes.rounded())) ± \(Wording.value(estimate.error.rounded())) "
              + "(standard error of \(estimate.probes) walks)"
          ))
        rows.append(
          (
            "time",
            "about \(Wording.fixed(nodes * perNode, 1)) s of one core at "
              + "\(Wording.fixed(1e6 * perNode, 0)) "
              + "µs per node"
          ))
      } else {
        rows.append(("nodes", "not estimated: a limit was reached first"))
      }
      try Console.print(aligned(rows))
    }
  }
}
