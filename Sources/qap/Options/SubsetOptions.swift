import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPRegistry
import QAPReporting
import QAPSubsetSelection
import QAPVerification

extension SubsetSelection.BoundMethod: ExpressibleByArgument {}

/// Options of the search and the output of `qap subset`.
struct SubsetOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Number of best subsets to find.", valueName: "k"))
  var best = 1

  @Option(
    name: .long, help: ArgumentHelp("Time limit in seconds for each size.", valueName: "seconds")
  )
  var timeLimit: Double?

  @Option(
    name: .long, help: ArgumentHelp("Maximum number of nodes of the search tree.", valueName: "n"))
  var nodes: Int?

  @Option(name: .long, help: ArgumentHelp("Number of moves of the tabu search.", valueName: "n"))
  var moves: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Bounding method: auto, dnn, rows, lp, none.", valueName: "method"))
  var bound = SubsetSelection.BoundMethod.automatic

  @OptionGroup var accuracy: ToleranceOption

  @OptionGroup var work: WorkOptions

  @Flag(name: .long, help: "Maximize the objective; the bound is then an upper bound.")
  var maximize = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the best subset as an index file.", valueName: "file"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Write a proof of the bound, for 'qap verify'.", valueName: "file"))
  var certificate: String?

  @OptionGroup var json: JSONOption

  @Flag(name: .long, help: "Log without times, for comparing runs.")
  var timelessLog = false

  @Flag(name: .long, help: "No log.")
  var quiet = false

  func validate() throws {
    try validateTimeLimit(timeLimit)
    if best < 1 { throw ValidationError("--best must be at least 1, not \(best)") }
    if let nodes, nodes < 1 {
      throw ValidationError("--nodes must be at least 1, not \(nodes)")
    }
    if let moves, moves < 0 {
      throw ValidationError("--moves must be at least 0, not \(moves)")
    }
    if certificate == "-" { throw ValidationError("--certificate needs a file name, not '-'") }
    if output == "-" { throw ValidationError("--output needs a file name, not '-'") }
    if certificate != nil, bound == .none {
      throw ValidationError("--certificate does not apply: --bound none proves no bound")
    }
  }

  /// Checks that the kernels of two sides, the losses between them and the search for subsets fit
  /// into memory.
  ///
  /// - Throws: `MethodError.tooLarge`.
  static func requireKernels(
    _ matching: MatchingOptions, rows: Int, for command: String, alternative: String
  ) throws {
    try AvailableMemory.require(
      2 * matching.kernelBytes(rows: rows)
        + SubsetSelection.bytes(items: rows), for: command, size: rows, alternative: alternative)
  }

  /// The file of the result of a size: a separate one for each when there are several.
  private func path(_ path: String?, _ size: Int, _ isOneOfMany: Bool) throws -> String? {
    guard let path else { return nil }
    var result = path
    if isOneOfMany {
      let url = URL(fileURLWithPath: path)
      let ending = url.pathExtension
      result =
        url.deletingPathExtension().path + "-\(size)" + (ending.isEmpty ? "" : ".\(ending)")
    }
    try requireWritable(result)
    return result
  }

  /// Solves, verifies, writes files, and prints the result unless standard output belongs to JSON.
  ///
  /// - Parameters:
  ///   - rows: the numbers that items have in the files; nil where they are their own.
  ///   - partners: the rows of the other file that belong to the items; nil where they are the
  ///     same.
  ///   - truth: the kernels to match the best subset with.
  func run(
    _ given: SubsetProblem, metric: Metric? = nil, rows: [Int]? = nil, partners: [Int]? = nil,
    truth: SubsetTruth? = nil, isOneOfMany: Bool, interruption: Interruption, origin: Double?
  ) throws -> SubsetAnswer {
    // The losses of a metric that is maximized are its values, negated already.
    let sense: Sense = maximize || metric?.isMaximized == true ? .max : .min
    let output = try path(output, given.size, isOneOfMany)
    let certificate = try path(certificate, given.size, isOneOfMany)
    try requireWritable([json.path])
    try AvailableMemory.require(
      SubsetSelection.bytes(items: given.items), for: "subset", size: given.items,
      alternative: "fewer items")
    let problem = maximize ? given.negated : given
    let live: ((String) -> Void)? = Console.isTerminal ? { Console.live($0) } : nil
    let log =
      quiet
      ? nil
      : LogTable(
        timeless: timelessLog, print: { Console.error($0) }, showLive: live)
    log?.begin(problem, best: best, seed: work.seed, threads: work.threadCount, sense: sense)
    let began = origin ?? RunClock.seconds()
    let method = SubsetSelection(.init(best: best, bound: bound, moves: moves))
    let minimized = try method.solve(
      problem,
      options: SolveOptions(
        limits: Limits(
          // What is left is for the match.
          time: timeLimit.map { .seconds(truth == nil ? $0 : 0.9 * $0) }, nodes: nodes),
        stop: interruption.criterion, tolerance: accuracy.tolerance, seed: work.seed,
        threads: work.threadCount, keepsProof: certificate != nil,
        observer: log.map { log in { @Sendable event in log.handle(event.inSense(sense)) } },
        clock: RunClock.seconds, origin: began))
    try verify(minimized, problem)
    let items = minimized.subsets.first?.indices
    let outcome = try items.flatMap {
      try truth?.match(
        $0,
        options: SolveOptions(
          limits: Limits(time: timeLimit.map { .seconds($0) }), stop: interruption.criterion,
          seed: work.seed, threads: work.threadCount, clock: RunClock.seconds, origin: began))
    }
    var report = minimized.inSense(sense)
    if let rows { report = report.renumbered(rows) }
    log?.end(report)
    let targets = items.flatMap { items in partners.map { partners in items.map { partners[$0] } } }
    if let output, let subset = report.subsets.first {
      try write(subset.indices, targets, to: output)
    }
    if let certificate, let proven = report.certificate {
      if let fault = check(proven, of: problem).fault {
        throw VerificationFailure(certificate: fault)
      }
      try SubsetCertificateFile.write(proven, to: certificate)
    }
    if !json.ownsStandardOutput { try Console.print(text(report, targets, outcome)) }
    return SubsetAnswer(
      report: SubsetJSON(
        report, version: version, certificate: report.certificate == nil ? nil : certificate,
        metric: metric?.name),
      targets: targets, outcome: outcome)
  }

  /// Writes items, with their partners where these have other numbers.
  private func write(_ indices: [Int], _ targets: [Int]?, to path: String) throws {
    guard let targets else { return try IndexFile.write(indices, to: path) }
    let pairs = zip(indices, targets).map { (first: $0, second: $1) }
    if path.lowercased().hasSuffix(".npy") { return try IndexFile.writeArray(pairs, to: path) }
    try FileAccess.write(
      Array(pairs.map { "\($0.first) \($0.second)\n" }.joined().utf8), to: path)
  }

  /// Reports, after everything else, a certificate that could not be made.
  func requireCertificate(_ answers: [SubsetAnswer]) throws {
    if let certificate, answers.contains(where: { $0.report.certificate == nil }) {
      throw Failure.output("\(certificate): not written; the run ended before a bound was proven")
    }
  }

  /// Recomputes objectives apart from the solver, and holds the bound against them.
  private func verify(_ report: SubsetReport, _ problem: SubsetProblem) throws {
    for subset in report.subsets {
      try VerificationFailure.require(
        checkObjective(of: subset, in: problem), bound: report.bound)
    }
  }

  private func text(
    _ report: SubsetReport, _ targets: [Int]?, _ outcome: SubsetTruth.Outcome?
  ) -> String {
    var rows = [("size", "\(report.size) of \(report.items)")]
    for (index, subset) in report.subsets.enumerated() {
      let name = report.subsets.count == 1 ? "objective" : "objective \(index + 1)"
      rows.append((name, Wording.objective(subset.objective, report.rule)))
      rows.append(("items", subset.indices.map(String.init).joined(separator: " ")))
    }
    if let targets {
      rows.append(("with rows", targets.map(String.init).joined(separator: " ")))
    }
    rows.append(("bound", Wording.value(report.bound)))
    if best > 1 {
      let others = report.boundOfOthers
      rows.append(
        ("others", others.map { Wording.value($0) } ?? "none, or not proven"))
    }
    rows.append(("gap", Wording.gap(report.gap)))
    rows.append(("status", report.termination.sentence(report.rule)))
    if let outcome { rows += outcome.rows(report.rule) }
    return aligned(rows)
  }
}
