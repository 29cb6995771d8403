import ArgumentParser
import Catalogue
import Foundation
import FrankWolfe
import InstanceIO
import QAP
import Reporting
import Verification

/// What the commands that solve an assignment problem share: limits, threads, seed and where the words go.
public struct RunOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Stop after this many seconds.", valueName: "seconds"))
  public var timeLimit: Double?

  @Option(
    name: .long,
    help: ArgumentHelp("Stop after this much work; see 'qap methods' for units.", valueName: "n"))
  public var iterations: Int?

  @Option(
    name: .long, help: ArgumentHelp("The number of descents of --method faq.", valueName: "n"))
  public var starts: Int?

  @Option(name: .long, help: ArgumentHelp("Stop after this many nodes.", valueName: "n"))
  public var nodes: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Keep an exact search in this file, and take it up again when the file is there.",
      valueName: "file"))
  public var checkpoint: String?

  @OptionGroup var work: WorkOptions

  @OptionGroup public var json: JSONOption

  @Flag(name: .long, help: "Maximise the objective; the bound is then an upper bound.")
  public var maximize = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Start from this solution (.sln), or dual ascent from this certificate (.cert).",
      valueName: "file"))
  public var start: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Fix facilities at locations: lines of two numbers from 0 (one number i: i at i), or .npy.",
      valueName: "file"))
  public var pairs: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write a proof of the bound, for 'qap verify'.", valueName: "file"))
  public var certificate: String?

  @Flag(name: .long, help: "Leave times out of the log, so that runs can be compared.")
  public var timelessLog = false

  @Flag(name: .long, help: "No log.")
  public var quiet = false

  /// The processors of this machine.
  public static let processors = ProcessInfo.processInfo.activeProcessorCount

  public init() {}

  public func validate() throws {
    try validateTimeLimit(timeLimit)
    if let iterations, iterations < 1 {
      throw ValidationError("--iterations: found \(iterations), expected at least 1")
    }
    if let starts, !(1...1 << 30).contains(starts) {
      throw ValidationError("--starts: found \(starts), expected 1 to 2^30")
    }
    if let nodes, nodes < 1 {
      throw ValidationError("--nodes: found \(nodes), expected at least 1")
    }
    if checkpoint == "-" { throw ValidationError("--checkpoint: found '-', expected a file") }
    if certificate == "-" { throw ValidationError("--certificate: found '-', expected a file") }
  }

  /// Seed of the random choices.
  public var seed: UInt64 { work.seed }

  /// The number of threads to use.
  public var threadCount: Int { work.threadCount }

  /// The catalogue's entry for `id`.
  public func entry(_ id: String) throws -> CatalogueEntry {
    try catalogueEntry(id, option: "--method")
  }

  /// Runs a method with log, limits and signals, verifies what comes back, and publishes the JSON.
  ///
  /// - Parameters:
  ///   - output: where the best assignment goes, checked before the work begins.
  ///   - inputs: files that were read, which no output may replace.
  ///   - known: the pairs to fix; nil for those of `--pairs`.
  ///   - chosen: how the method is made; nil for the catalogue's way.
  ///   - interruption: what a signal requests; the caller's may have been asked for already.
  ///   - isNegated: `given` is the negative of what is maximised, whatever `--maximize` says.
  ///   - json: what is published, made of the usual JSON and the report.
  public func run(
    _ given: Instance, method id: String, entry chosen: CatalogueEntry? = nil,
    target: Double? = nil, gap: Double? = nil,
    output: String? = nil, inputs: [String], known: [FixedPair]? = nil, isNegated: Bool = false,
    interruption: Interruption = Interruption(),
    json encode: (JSONReport, SolveReport) throws -> any Encodable = { usual, _ in usual }
  ) throws -> SolveReport {
    let sense = isNegated ? .max : sense
    let entry = try chosen ?? entry(id)
    try requireOutputs(
      [
        "--output": output, "--json": json.path, "--certificate": certificate,
        "--checkpoint": checkpoint,
      ], from: inputs)
    if certificate != nil, entry.card.guarantee == .assignment {
      throw Failure.usage("--certificate: \(id) proves no bound; try auto")
    }
    try requireMeaning(entry)
    let instance = maximize && !isNegated ? given.negated : given
    let fixed = try known ?? fixedPairs(instance)
    let (first, startBound) = try readStart(given)
    var stopping: [any StoppingCriterion] = [interruption]
    if let timeLimit { stopping.append(TimeLimit(seconds: timeLimit)) }
    if let iterations { stopping.append(IterationLimit(iterations: iterations)) }
    let target = target.map { sense.value($0) }
    if let target { stopping.append(TargetValue(objective: target)) }
    if let gap { stopping.append(GapLimit(fraction: gap)) }
    if let nodes { stopping.append(NodeLimit(nodes: nodes)) }

    let log = quiet ? nil : makeLog(sense)
    let watch = SignalWatch { interruption.request() }
    log?.begin(instance, method: id, seed: seed, threads: threadCount, fixedPairs: fixed.count)
    let method = entry.make(
      MethodOptions(
        iterations: iterations, target: target, starts: starts,
        checkpoint: checkpoint.map(FileCheckpoint.init), memoryLimit: RunOptions.memoryLimit))
    let options = SolveOptions(
      stopping: stopping, seed: seed, threads: threadCount, start: first,
      startBound: startBound, pairs: fixed, keepsProof: certificate != nil,
      observer: log.map { log in { @Sendable event in log.handle(event) } })
    let report = try instance.solve(with: method, options: options)
    withExtendedLifetime(watch) {}
    log?.end(report)

    try verify(report, of: instance)
    if let output, let incumbent = report.incumbent {
      // In the unit of `given`, which is the instance that the assignment is verified against.
      let objective = isNegated ? incumbent.objective : sense.value(incumbent.objective)
      try SolutionFile.write(incumbent.assignment, objective: objective, to: output)
    }
    let proven = report.certificate
    if let proven, let certificate { try write(proven, of: instance, to: certificate) }
    let usual = JSONReport(
      report, version: version, certificate: proven == nil ? nil : certificate, sense: sense)
    try json.write(try encode(usual, report))
    return report
  }

  /// Refuses `--starts` for methods that have none.
  public func requireMeaning(_ entry: CatalogueEntry) throws {
    if starts != nil, entry.card.id != FrankWolfe.card.id {
      throw Failure.usage(
        "--starts: \(entry.card.id) has none to choose; expected --method faq with it")
    }
  }

  /// The instance that a method is shown: `given`, negated when it is to be maximised, without what
  /// `--pairs` fixes.
  public func shown(_ given: Instance) throws -> Instance {
    let instance = maximize ? given.negated : given
    let pairs = try fixedPairs(instance)
    return pairs.isEmpty ? instance : try Restriction(instance, fixing: pairs).reduced
  }

  private func fixedPairs(_ instance: Instance) throws -> [FixedPair] {
    try pairs.map { try IndexFile.readPairs($0, below: instance.size) } ?? []
  }

  /// Prints what `solve` has found, unless standard output is the JSON's.
  public func printAnswer(_ report: SolveReport, output: String?) throws {
    guard !json.ownsStandardOutput else { return try requireFiles(report, output: output) }
    var rows = [
      ("objective", Wording.value(sense.value(report.incumbent?.objective))),
      ("bound", Wording.value(sense.value(report.bound?.value))),
      ("gap", Wording.gap(report.gap)),
      ("status", report.termination.sentence),
    ]
    if let locations = report.locations {
      rows.append(("assignment", locations.map { String($0 + 1) }.joined(separator: " ")))
      rows.append(("", "(the location of each facility, numbered from 1)"))
    }
    try Console.print(aligned(rows))
    try requireFiles(report, output: output)
  }

  /// What `--start` names: an assignment or a certificate.
  private func readStart(_ instance: Instance) throws -> (Assignment?, Certificate?) {
    guard let start else { return (nil, nil) }
    let bytes = try FileAccess.read(start)
    if CertificateFile.isCertificate(bytes) {
      return (nil, try CertificateFile.parse(bytes, file: start))
    }
    let solution = try SolutionFile.parse(bytes, file: start).resolve(against: instance)[0]
    return (solution.assignment, nil)
  }

  /// Checks a certificate like any stranger's, and writes it.
  private func write(_ certificate: Certificate, of instance: Instance, to path: String) throws {
    let check = check(certificate, of: instance)
    if let fault = check.fault {
      throw Failure.verification("verification failed: the certificate does not hold: \(fault)")
    }
    try CertificateFile.write(certificate, to: path)
  }

  /// Complains, once everything else is said, of an assignment or a certificate that there is none of.
  public func requireFiles(_ report: SolveReport, output: String? = nil) throws {
    if let output, report.incumbent == nil {
      throw Failure.output("\(output): not written, the run ended before an assignment was found")
    }
    if let certificate, report.certificate == nil {
      throw Failure.output("\(certificate): not written, the run ended before a bound was proven")
    }
  }

  /// Bytes that a run may take: of what a method says that it needs it knows the large parts only.
  public static var memoryLimit: Int { AvailableMemory.bytes / 4 * 3 }

  /// Which way the objective is to go.
  public var sense: Sense { maximize ? .max : .min }

  private func makeLog(_ sense: Sense) -> LogTable {
    let live: ((String) -> Void)? = Console.isTerminal ? { Console.live($0) } : nil
    return LogTable(
      timeless: timelessLog, sense: sense, print: { Console.error($0) }, showLive: live)
  }
}

/// The catalogue's entry for `id`, which `option` names.
public func catalogueEntry(_ id: String, option: String) throws -> CatalogueEntry {
  if let entry = Catalogue.entry(id) { return entry }
  let hint = Catalogue.nearest(to: id).map { "; did you mean \($0)?" } ?? ""
  let all = Catalogue.methods.map(\.card.id).joined(separator: ", ")
  throw Failure.usage("\(option): found '\(id)', expected one of \(all)\(hint)")
}

/// Computes the objective once more, the slow obvious way, and looks whether the bound contradicts it.
public func verify(_ report: SolveReport, of instance: Instance) throws {
  guard let incumbent = report.incumbent else { return }
  let check = checkObjective(
    of: incumbent.assignment, in: instance, claimed: incumbent.objective)
  guard check.holds else {
    throw Failure.verification(
      "verification failed: the objective is \(check.recomputed), not \(check.claimed)")
  }
  if let bound = report.bound, max(bound.unrounded, bound.value) > check.recomputed + check.error {
    throw Failure.verification(
      "verification failed: the bound \(bound.value) exceeds the objective \(check.recomputed)")
  }
}
