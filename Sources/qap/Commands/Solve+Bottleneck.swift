import QAP
import QAPBranchAndBound
import QAPFrontend
import QAPReporting

extension Solve {
  /// The JSON of a bottleneck problem: keys as for every run, as far as they apply.
  private struct Answer: Encodable {
    let instance: String
    let size: Int
    let method: String
    let seed: UInt64
    let threads: Int
    let sense: String
    let objective: Double?
    let bound: Double?
    let termination: String
    let assignment: [Int]?
    let thresholds: Int
    let nodes: Int
    let seconds: Double
    let version: String
  }

  /// Finds the assignment whose largest term is least, with a bound.
  func runBottleneck(_ given: Instance) throws {
    for (name, isGiven) in [
      ("--method", search.method != "auto" && search.method != BranchAndBound.info.id),
      ("--best or --unique", ranking.wanted > 1), ("--gap", search.goal.gap != nil),
      ("--target", search.goal.target != nil), ("--iterations", options.iterations != nil),
      ("--starts", options.starts != nil), ("--start", options.start != nil),
      ("--checkpoint", options.checkpoint != nil), ("--certificate", options.certificate != nil),
      ("--output", output != nil),
    ] where isGiven {
      throw Failure.usage("\(name) does not apply with --bottleneck")
    }
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    var solving = options.solveOptions(stop: interruption)
    solving.pairs = try options.fixedPairs(given)
    let sense = options.sense
    if !options.quiet {
      Console.error("bottleneck: deciding thresholds of \(given.name) by exact search")
    }
    let outcome = try BottleneckSearch().solve(
      sense == .max ? given.negated : given, options: solving)
    withExtendedLifetime(watch) {}
    let locations = outcome.assignment.map { found in
      found.locations.prefix(given.facilities).map {
        given.sites.isEmpty ? $0 : given.sites[$0]
      }
    }
    try options.json.write(
      Answer(
        instance: given.name, size: given.facilities, method: "bottleneck", seed: options.seed,
        threads: options.threadCount, sense: sense.rawValue,
        objective: sense.value(outcome.objective), bound: sense.value(outcome.bound),
        termination: outcome.termination.rawValue, assignment: locations,
        thresholds: outcome.thresholds, nodes: outcome.nodes, seconds: RunClock.seconds(),
        version: version))
    guard !options.json.ownsStandardOutput else { return }
    var rows = [
      ("largest term", Wording.value(sense.value(outcome.objective))),
      ("bound", Wording.value(sense.value(outcome.bound))),
      ("status", outcome.termination.sentence(.exact)),
    ]
    if sense == .max { rows[0].0 = "smallest term" }
    if let locations {
      rows.append(("assignment", locations.map { String($0 + 1) }.joined(separator: " ")))
      rows.append(("", "(the location of each facility, numbered from 1)"))
    }
    try Console.print(aligned(rows))
  }
}
