import QAP
import QAPBranchAndBound
import QAPFrontend
import QAPReporting

extension Solve {
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
    let report = BottleneckReport(
      outcome, of: given, options: solving, sense: sense, seconds: RunClock.seconds(),
      version: version)
    try options.json.write(report)
    guard !options.json.ownsStandardOutput else { return }
    var rows = [
      ("largest term", Wording.value(report.objective)),
      ("bound", Wording.value(report.bound)),
      ("status", outcome.termination.sentence(.exact)),
    ]
    if sense == .max { rows[0].0 = "smallest term" }
    if let locations = report.locations {
      rows.append(("assignment", locations.map { String($0 + 1) }.joined(separator: " ")))
      rows.append(("", "(the location of each facility, numbered from 1)"))
    }
    try Console.print(aligned(rows))
  }
}
