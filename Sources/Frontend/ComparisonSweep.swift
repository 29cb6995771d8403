import ArgumentParser
import Catalogue
import Foundation
import InstanceIO
import QAP
import Reporting

/// What a comparison is to be made of: the options of every `compare` command.
public struct SweepOptions: ParsableArguments, Sendable {
  @Argument(help: "The instances, and finished runs (.json).")
  public var files: [String]

  @Option(
    name: .long, help: ArgumentHelp("The methods, with commas between.", valueName: "a,b,c"))
  public var methods = "gilmore-lawler,projection,hahn-grant,rlt1,auto"

  @Option(name: .long, help: ArgumentHelp("Seconds a run.", valueName: "seconds"))
  public var timeLimit = 10.0

  @Option(name: .long, help: ArgumentHelp("Seeds, from 0.", valueName: "k"))
  public var seeds = 1

  @Option(name: .long, help: ArgumentHelp("Threads a run (default: all).", valueName: "n"))
  public var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Foreign results to set beside ours.", valueName: "name=file.csv"))
  public var external: [String] = []

  @Option(name: .long, help: ArgumentHelp("Keep finished runs here.", valueName: "file"))
  public var state: String?

  @Option(name: .long, help: ArgumentHelp("Write a report (HTML).", valueName: "file"))
  public var report: String?

  @Option(name: .long, help: ArgumentHelp("The report's heading.", valueName: "text"))
  public var title: String?

  @Option(name: .long, help: ArgumentHelp("Write all runs as CSV.", valueName: "file"))
  public var csv: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Write all runs as JSON; '-' is standard output.", valueName: "path"))
  public var json: String?

  @Flag(name: .long, help: "No progress.")
  public var quiet = false

  public init() {}

  public func validate() throws {
    try validateTimeLimit(timeLimit)
    guard seeds >= 1 else {
      throw ValidationError("--seeds: found \(seeds), expected at least 1")
    }
    try validateThreads(threads)
    for entry in external where !entry.contains("=") {
      throw ValidationError("--external: found '\(entry)', expected name=file.csv")
    }
  }

  /// Threads a run.
  public var width: Int { threads ?? RunOptions.processors }

  fileprivate func remarks(_ jobs: Int) -> [String] {
    var remarks = ["QAPKit \(version)"]
    if jobs > 0 {
      let limit = timeLimit == timeLimit.rounded() ? Wording.value(timeLimit) : "\(timeLimit)"
      remarks[0] +=
        ", \(limit) s a run at most, "
        + "\(seeds == 1 ? "one seed" : "\(seeds) seeds"), "
        + "\(width) thread\(width == 1 ? "" : "s") a run on \(RunOptions.processors) processors"
      remarks.append(
        "Every objective of these runs was recomputed from the data, and no bound contradicts one.")
    }
    return remarks
      + external.map { entry in
        let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
        return "\(parts[0]): foreign results, from "
          + (parts.last ?? "").split(separator: "/").suffix(1).joined()
      }
  }

  fileprivate func foreignRuns(_ entry: String) throws -> [ComparisonRun] {
    let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw Failure.usage("--external: found '\(entry)', expected name=file.csv")
    }
    return try ResultsFile.read(parts[1]).map {
      ComparisonRun(
        instance: $0.instance, size: $0.size,
        method: parts[0] + ($0.method.map { " \($0)" } ?? ""), seed: $0.seed,
        objective: $0.objective, bound: $0.bound, termination: $0.termination,
        seconds: $0.seconds, origin: parts[1])
    }
  }
}

/// Methods × instances × seeds: the runs of a comparison, for whoever makes them, in whatever order.
public struct ComparisonSweep: Sendable {
  /// A run that is to be made.
  public struct Job: Sendable {
    /// What is solved, by what, from which seed.
    public let instance: Instance
    public let method: CatalogueEntry
    public let seed: UInt64
    /// The best objective known.
    public let bestKnown: Double?
  }

  /// All runs, in the order of the options.
  public let jobs: [Job]
  private let options: SweepOptions
  private let foreign: [ComparisonRun]
  /// Runs that were given as files.
  private let finished: [TracedRun]

  /// Reads the instances and foreign results, and makes sure that the answers can be written.
  public init(_ options: SweepOptions) throws {
    self.options = options
    let entries = try options.methods.split(separator: ",").map {
      try catalogueEntry(String($0).trimmingCharacters(in: .whitespaces), option: "--methods")
    }
    try requireWritable([options.report, options.csv, options.json, options.state])
    foreign = try options.external.flatMap { try options.foreignRuns($0) }
    var jobs: [Job] = []
    let finished = options.files.map { ($0, ComparisonSweep.finishedRun($0)) }
    self.finished = finished.compactMap(\.1)
    for (file, run) in finished where run == nil {
      let instance = try InstanceFile.read(file)
      let best = BestKnown.values(near: file)[instance.name]
      for entry in entries {
        for seed in 0..<(entry.card.guarantee == .bound ? 1 : options.seeds) {
          jobs.append(
            Job(instance: instance, method: entry, seed: UInt64(seed), bestKnown: best))
        }
      }
    }
    self.jobs = jobs
  }

  /// The run in `file`; nil when it is something else, such as an instance.
  private static func finishedRun(_ file: String) -> TracedRun? {
    guard file.hasSuffix(".json"), let bytes = try? FileAccess.read(file) else { return nil }
    return try? JSONDecoder().decode(TracedRun.self, from: Data(bytes))
  }

  /// The run of a job before it is made.
  public func planned(_ job: Job) -> ComparisonRun {
    ComparisonRun(
      instance: job.instance.name, size: job.instance.facilities, method: job.method.card.id,
      seed: job.seed, threads: options.width, timeLimit: options.timeLimit,
      bestKnown: job.bestKnown, version: version)
  }

  /// Makes one run, and verifies it.
  public func perform(_ job: Job, _ interruption: Interruption) throws -> ComparisonRun {
    let solving = SolveOptions(
      stopping: [interruption, TimeLimit(seconds: options.timeLimit)], seed: job.seed,
      threads: options.width)
    do {
      let report = try job.instance.solve(with: job.method.make(MethodOptions()), options: solving)
      try verify(report, of: job.instance)
      return ComparisonRun(
        report, timeLimit: options.timeLimit, bestKnown: job.bestKnown, version: version)
    } catch is MethodError {
      var declined = planned(job)
      declined.termination = ComparisonRun.declined
      return declined
    }
  }

  /// Says on standard error what a run, the `done`-th, has come to.
  public func tell(_ run: ComparisonRun, _ done: Int) {
    guard !options.quiet else { return }
    let result =
      run.isDeclined
      ? "declined"
      : "objective \(Wording.value(run.objective)), bound \(Wording.value(run.bound)), "
        + "gap \(Wording.gap(run.gap)), \(Wording.fixed(run.seconds ?? 0, 2)) s"
    Console.error(
      "[\(done)/\(jobs.count)] \(run.instance) \(run.method) seed \(run.seed): \(result)")
  }

  private struct Answer: Encodable {
    let runs: [ComparisonRun]
    let version: String
  }

  /// Writes and prints what the options ask for.
  public func publish(_ runs: [ComparisonRun]) throws {
    let comparison = Comparison(TracedRun.comparable(finished) + runs + foreign)
    if let csv = options.csv { try FileAccess.write([UInt8](comparison.csv.utf8), to: csv) }
    if let report = options.report {
      let page = ComparisonPage(
        comparison, title: options.title ?? "QAPKit: methods compared",
        remarks: options.remarks(jobs.count))
      try FileAccess.write([UInt8](page.html.utf8), to: report)
    }
    try writeJSON(Answer(runs: comparison.runs, version: version), to: options.json)
    if options.json != "-" { try Console.print(comparison.text) }
  }

  /// The runs that need not be made again.
  public func finishedRuns() throws -> [String: ComparisonRun] {
    guard let state = options.state else { return [:] }
    return try ComparisonState(path: state).finishedRuns()
  }

  /// Keeps a finished run, where the options say so.
  public func keep(_ run: ComparisonRun) throws {
    guard let state = options.state else { return }
    try ComparisonState(path: state).keep(run)
  }
}
