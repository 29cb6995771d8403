import ArgumentParser
import Foundation
import QAP
import QAPFrankWolfe
import QAPInstanceIO
import QAPRegistry
import QAPReporting

/// Options of all commands that solve an assignment problem: limits, threads, seed and outputs.
public struct RunOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Time limit in seconds.", valueName: "seconds"))
  public var timeLimit: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Maximum number of iterations, in the unit that 'qap methods' names.", valueName: "n"))
  public var iterations: Int?

  @Option(
    name: .long, help: ArgumentHelp("Number of descents of --method faq.", valueName: "n"))
  public var starts: Int?

  @Option(name: .long, help: ArgumentHelp("Maximum number of nodes.", valueName: "n"))
  public var nodes: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Checkpoint: save an exact search in this file every 15 seconds and at the end, and resume "
        + "from it if it exists.",
      valueName: "file"))
  public var checkpoint: String?

  @OptionGroup var accuracy: ToleranceOption

  @OptionGroup var work: WorkOptions

  @OptionGroup public var json: JSONOption

  @Flag(
    name: .long,
    help: "Maximize the objective; the bound is then an upper bound. Metrics have their own sense.")
  public var maximize = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Start from this solution (.sln, where 0 leaves a facility open, the JSON of a run, or the "
        + "solution of a program of 'qap relax'), or dual ascent from this certificate (.cert).",
      valueName: "file"))
  public var start: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Facilities fixed at locations, or known pairs of rows: lines of two numbers from 0 (a "
        + "single i: i at i), .npy, or a solution (.sln), which counts from 1; 0 leaves a facility "
        + "free.",
      valueName: "file"))
  public var pairs: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write a proof of the bound, for 'qap verify'.", valueName: "file"))
  public var certificate: String?

  @Flag(name: .long, help: "Log without times, for comparing runs.")
  public var timelessLog = false

  @Flag(name: .long, help: "No log.")
  public var quiet = false

  /// The processors of this machine.
  public static let processors = ProcessInfo.processInfo.activeProcessorCount

  public init() {}

  public func validate() throws {
    try validateTimeLimit(timeLimit)
    if let iterations, iterations < 1 {
      throw ValidationError("--iterations must be at least 1, not \(iterations)")
    }
    if let starts, !(1...1 << 30).contains(starts) {
      throw ValidationError("--starts must be between 1 and 2^30, not \(starts)")
    }
    if let nodes, nodes < 1 {
      throw ValidationError("--nodes must be at least 1, not \(nodes)")
    }
    if checkpoint == "-" { throw ValidationError("--checkpoint needs a file name, not '-'") }
    if certificate == "-" { throw ValidationError("--certificate needs a file name, not '-'") }
  }

  /// Random seed.
  public var seed: UInt64 { work.seed }

  /// The number of threads to use.
  public var threadCount: Int { work.threadCount }

  /// The catalog's entry for `id`.
  public func registered(_ id: String) throws -> RegisteredMethod {
    try registeredMethod(id, option: "--method")
  }

  /// The limits that the options set; `goal` is in the caller's sense.
  public func limits(_ goal: GoalOptions? = nil) -> Limits {
    Limits(
      time: timeLimit.map { .seconds($0) }, iterations: iterations, nodes: nodes, gap: goal?.gap,
      target: goal?.target)
  }

  /// The options of a run, whose time counts from the start of the program.
  public func solveOptions(_ goal: GoalOptions? = nil, stop: Interruption) -> SolveOptions {
    SolveOptions(
      limits: limits(goal), stop: stop.criterion, tolerance: accuracy.tolerance, seed: seed,
      threads: threadCount, memoryLimit: RunOptions.memoryLimit, clock: RunClock.seconds,
      origin: 0)
  }

  /// Checks that the work before a run leaves time for it.
  ///
  /// - Parameters:
  ///   - ticks: work that cannot be interrupted.
  ///   - what: the command.
  ///   - size: the number of rows that the work comes from.
  ///   - alternative: an option that needs less time.
  /// - Throws: `MethodError.tooLarge` when the time limit would be over before.
  public func requireTime(
    ticks: Double, for what: String, size: Int, alternative: String
  ) throws(MethodError) {
    let seconds = WorkModel.seconds(ticks: ticks, threads: threadCount)
    // Less than this is no reason to refuse: whatever can be found is.
    guard let timeLimit, seconds > 0.1, RunClock.seconds() + seconds > timeLimit else { return }
    throw .tooLarge(
      method: what, size: size,
      needs: "about \(Int(seconds.rounded(.up))) s before a search can begin, more than the "
        + "--time-limit leaves", alternative: "a longer one, or \(alternative)")
  }

  /// True for options that only the assignment problem itself has a use for.
  public var needsInstance: Bool {
    iterations != nil || starts != nil || nodes != nil || checkpoint != nil || start != nil
      || certificate != nil
  }

  /// The options of a method.
  public var methodOptions: MethodOptions {
    MethodOptions(starts: starts, checkpoint: checkpoint.map(FileCheckpoint.init))
  }

  /// Runs a method with log, limits and signals, verifies the result, and publishes the JSON.
  ///
  /// - Parameters:
  ///   - goal: how good is good enough.
  ///   - ranking: how many answers are wanted.
  ///   - output: where the best assignment goes, checked before the work begins.
  ///   - inputs: files that were read, which no output may replace.
  ///   - known: the pairs to fix; nil for those of `--pairs`.
  ///   - chosenStart: an assignment of `given` to start from; nil for that of `--start`.
  ///   - chosen: how the method is made; nil for the catalog's way.
  ///   - interruption: what a signal requests; the caller's may have been asked for already.
  ///   - isNegated: `given` is the negative of the maximized objective, whatever `--maximize` says.
  ///   - seeksAssignments: false when bounds alone are wanted.
  ///   - json: the published value, made of the usual JSON and the report.
  public func run(
    _ given: Instance, method id: String, registered chosen: RegisteredMethod? = nil,
    goal: GoalOptions? = nil, ranking: RankingOptions? = nil, output: String? = nil,
    inputs: [String],
    known: [FixedPair]? = nil, start chosenStart: Assignment? = nil, isNegated: Bool = false,
    seeksAssignments: Bool = true,
    interruption: Interruption = Interruption(),
    json encode: (JSONReport, SolveReport) throws -> any Encodable = { usual, _ in usual }
  ) throws -> SolveReport {
    let registered = try chosen ?? registered(id)
    try requireOutputs(
      [
        "--output": output, "--json": json.path, "--certificate": certificate,
        "--checkpoint": checkpoint,
      ], from: inputs)
    if certificate != nil, registered.info.output == .assignment {
      throw Failure.usage("--certificate does not apply: \(id) proves no bound; try auto")
    }
    try requireMeaning(registered, goal: goal)
    var session = try SolveSession(
      given, sense: isNegated ? .max : sense, isNegated: isNegated, registered: registered,
      options: solveOptions(goal, stop: interruption), methodOptions: methodOptions)
    session.methodOptions.seeksAssignments = seeksAssignments
    try ranking?.apply(to: &session.methodOptions, goal: goal, checkpoint: checkpoint)
    session.options.pairs = try known ?? fixedPairs(given)
    session.options.keepsProof = certificate != nil
    (session.options.start, session.options.startBound) =
      try chosenStart.map { ($0, nil) } ?? readStart(given)
    let log = quiet ? nil : makeLog()
    session.options.observer = log.map { log in { @Sendable event in log.handle(event) } }

    let watch = SignalWatch { interruption.request() }
    log?.begin(
      session.instance, method: id, seed: seed, threads: threadCount,
      fixedPairs: session.options.pairs.count, sense: session.sense)
    let report = try session.solve()
    withExtendedLifetime(watch) {}
    log?.end(report)
    if let output { try session.writeSolution(report, to: output) }
    if let certificate { try session.writeCertificate(report, to: certificate) }
    let usual = JSONReport(
      report, version: version, certificate: report.certificate == nil ? nil : certificate)
    try json.write(try encode(usual, report))
    return report
  }

  /// Reads the instance of a run; one that is to be maximized sets `--maximize`.
  ///
  /// - Throws: `InputError` or `FileError`.
  public mutating func read(
    _ path: String, layers: LayerOptions = LayerOptions()
  ) throws -> Instance {
    let stated = try layers.read(path, isMaximized: maximize)
    if stated.sense == .max { maximize = true }
    return stated.instance
  }

  /// Refuses options that have no effect with a method.
  ///
  /// - Throws: `Failure`.
  public func requireMeaning(_ registered: RegisteredMethod, goal: GoalOptions? = nil) throws {
    let info = registered.info
    if starts != nil, info.id != FrankWolfe.info.id {
      throw Failure.usage(
        "--starts: \(info.id) does not use it; --starts applies only to --method faq")
    }
    for (option, isGiven) in [("--nodes", nodes != nil), ("--checkpoint", checkpoint != nil)]
    where isGiven && !info.searchesTree {
      throw Failure.usage(
        "\(option): \(info.id) searches no tree; it applies to "
          + MethodRegistry.methods.filter(\.info.searchesTree).map(\.info.id)
          .joined(separator: " and "))
    }
    if goal?.gap != nil, info.output == .assignment {
      throw Failure.usage(
        "--gap: \(info.id) proves no bound, so its gap is unknown; use --target, or --method auto")
    }
    if goal?.target != nil, info.output == .bound {
      throw Failure.usage(
        "--target: \(info.id) finds no assignment, so it has no objective; use --gap, or --method "
          + "auto")
    }
  }

  /// The instance that a method is shown: `given`, negated when it is to be maximized, without what
  /// `--pairs` fixes.
  public func shown(_ given: Instance) throws -> Instance {
    let instance = maximize ? given.negated : given
    let pairs = try fixedPairs(instance)
    return
      try (pairs.isEmpty ? instance : ReducedInstance(instance, fixing: pairs).instance)
      .withoutForbidden().instance
  }

  /// The pairs that `--pairs` fixes.
  public func fixedPairs(_ instance: Instance) throws -> [FixedPair] {
    guard let pairs else { return [] }
    var isTaken = [Bool](repeating: false, count: instance.size)
    return try IndexFile.readPairs(pairs, below: instance.size, note: Console.note).map { pair in
      let given = FixedPair(facility: pair.first, location: pair.second)
      guard let placement = instance.placement(given, isTaken: &isTaken) else {
        throw InputError(
          pairs, found: "facility \(pair.first) at location \(pair.second), which is full",
          expected: "at most as many facilities as its capacity")
      }
      return placement
    }
  }

  /// Prints what `solve` has found, unless standard output is the JSON's.
  ///
  /// - Throws: `Failure` when standard output cannot be written.
  public func printAnswer(
    _ report: SolveReport, output: String?, further: [(String, String)] = []
  ) throws {
    guard !json.ownsStandardOutput else { return try requireFiles(report, output: output) }
    var rows = [
      ("objective", Wording.objective(report.incumbent?.objective, report.rule)),
      ("bound", Wording.value(report.bound?.value)),
      ("gap", Wording.gap(report.gap)),
      ("status", report.termination.sentence(report.rule)),
    ]
    rows += further
    if let locations = report.locations {
      rows.append(("assignment", locations.map { String($0 + 1) }.joined(separator: " ")))
      let none = locations.contains(-1) ? "; 0 for none" : ""
      rows.append(("", "(the location of each facility, numbered from 1\(none))"))
    }
    if let ranking = report.ranking {
      rows += RankingReport(ranking) { report.locations(of: $0).map { $0 + 1 } }
        .rows { $0.map(String.init).joined(separator: " ") }
    }
    try Console.print(aligned(rows))
    try requireFiles(report, output: output)
  }

  /// The assignment or certificate that `--start` names.
  private func readStart(_ instance: Instance) throws -> (Assignment?, Certificate?) {
    guard let start else { return (nil, nil) }
    let bytes = try FileAccess.read(start)
    if CertificateFile.isCertificate(bytes) {
      return (nil, try CertificateFile.parse(bytes, file: start))
    }
    return (try startAssignment(bytes, file: start, instance), nil)
  }

  /// The assignment that the contents of a start file state; open facilities are placed where they
  /// cost least beside the others.
  private func startAssignment(
    _ bytes: [UInt8], file: String, _ given: Instance
  ) throws -> Assignment {
    let instance = maximize ? given.negated : given
    let stated = try StatedAssignment.parse(bytes, file: file, instance: instance)?.locations
    do {
      guard let stated else {
        return try SolutionFile.parse(bytes, file: file).resolve(against: given)[0].assignment
      }
      if let assignment = stated.completed(for: instance) { return assignment }
    } catch {
      // Zeros are open facilities where they make no permutation that counts from 0.
      guard
        let partial = try? PartialAssignment.parse(bytes, file: file, size: instance.size),
        partial.locations.contains(nil), let assignment = partial.completed(for: instance)
      else { throw error }
      return assignment
    }
    throw InputError(file, found: "a location twice", expected: "each once")
  }

  /// Checks, after the result is printed, that the run had the assignment and the certificate to
  /// write.
  ///
  /// - Throws: `Failure`.
  public func requireFiles(_ report: SolveReport, output: String? = nil) throws {
    if report.termination == .infeasible { return }
    if let output, report.incumbent == nil {
      throw Failure.output("\(output): not written; the run ended before an assignment was found")
    }
    if let certificate, report.certificate == nil {
      throw Failure.output("\(certificate): not written; the run ended before a bound was proven")
    }
  }

  /// Bytes that a run may take: of what a method says that it needs it knows the large parts only.
  public static var memoryLimit: Int { AvailableMemory.bytes / 4 * 3 }

  /// Which way the objective is to go.
  public var sense: Sense { maximize ? .max : .min }

  private func makeLog() -> LogTable {
    let live: ((String) -> Void)? = Console.isTerminal ? { Console.live($0) } : nil
    return LogTable(
      timeless: timelessLog, print: { Console.error($0) }, showLive: live)
  }
}

/// The catalog's entry for `id`, which `option` names.
public func registeredMethod(_ id: String, option: String) throws -> RegisteredMethod {
  if let registered = MethodRegistry.method(id) { return registered }
  throw Failure.usage(
    "\(option): unknown method '\(id)'; choose one of \(MethodRegistry.choices(insteadOf: id))")
}
