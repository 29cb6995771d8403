import QAP
import QAPBranchAndBound
import QAPFrontend
import QAPInstanceIO
import QAPRegistry
import QAPReporting
import QAPVerification

extension Solve {
  /// Finds the assignment whose largest term is least, with a bound.
  func runBottleneck(_ given: Instance) throws {
    for (name, isGiven) in [
      ("--best or --unique", ranking.wanted > 1), ("--gap", search.goal.gap != nil),
      ("--target", search.goal.target != nil), ("--starts", options.starts != nil),
      ("--start", options.start != nil),
      ("--checkpoint", options.checkpoint != nil), ("--output", output != nil),
      ("--outliers", layers.outliers != nil),
    ] where isGiven {
      throw Failure.usage("\(name) does not apply with --bottleneck")
    }
    let registered = try options.registered(search.method)
    try requireOutputs(
      ["--json": options.json.path, "--certificate": options.certificate], from: [file])
    try options.requireMeaning(registered)
    if options.certificate != nil, registered.info.output == .assignment {
      throw Failure.usage("--certificate does not apply: \(search.method) proves no bound")
    }
    // Tensors of zeros and ones are searched at once.
    let method: any Method =
      search.method == "auto"
      ? BranchAndBound() : registered.make(options.methodOptions)
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    var solving = options.solveOptions(stop: interruption)
    solving.pairs = try options.fixedPairs(given)
    solving.keepsProof = options.certificate != nil
    let sense = options.sense
    let instance = sense == .max ? given.negated : given
    if !options.quiet {
      Console.error("bottleneck: deciding thresholds of \(given.name) by \(method.info.id)")
    }
    let outcome = try BottleneckSearch(method).solve(instance, options: solving)
    withExtendedLifetime(watch) {}
    if let path = options.certificate, let certificate = outcome.certificate {
      if let fault = check(certificate, of: instance).fault {
        throw VerificationFailure(certificate: fault)
      }
      try CertificateFile.write(certificate, to: path)
    }
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
