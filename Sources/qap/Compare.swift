import ArgumentParser
import Catalogue
import Foundation
import InstanceIO
import QAP
import Reporting
import Synchronization

/// `qap compare`: methods × instances × seeds.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare methods over instances: objectives, bounds, gaps and times.",
    discussion: """
      Runs every method on every instance, --seeds times each (methods that only prove bounds, once). \
      Best known values come from a file best-known.csv beside the instances or one folder up. With \
      --threads 1 as many runs go side by side as there are processors; by default each run has the \
      machine to itself.

      --state keeps every finished run, a line of JSON each, and runs that are there already are not \
      repeated: a comparison can be broken off (Ctrl-C) and taken up again.

      Files may also be finished runs: what 'qap solve', 'bound', 'match' or 'classify' wrote with \
      --json. The report draws what was matched. Matches in one metric of one pair of files stand side \
      by side when they have the same number of rows.

      --external name=results.csv sets foreign results beside them ('qap help results' describes the \
      file); Scripts/peers in the sources has programs that write such files.

      Examples:
        qap compare Instances/qaplib/nug*.dat --methods gilmore-lawler,hahn-grant,rlt1
        qap compare nug20.dat tai20a.dat --seeds 5 --time-limit 60 --report out.html --csv out.csv
        qap compare match-auto.json match-faq.json --report matches.html
      """)

  @Argument(help: "The instances, and finished runs (.json).")
  var files: [String]

  @Option(
    name: .long, help: ArgumentHelp("The methods, with commas between.", valueName: "a,b,c"))
  var methods = "gilmore-lawler,projection,hahn-grant,rlt1,auto"

  @Option(name: .long, help: ArgumentHelp("Seconds a run.", valueName: "seconds"))
  var timeLimit = 10.0

  @Option(name: .long, help: ArgumentHelp("Seeds, from 0.", valueName: "k"))
  var seeds = 1

  @Option(name: .long, help: ArgumentHelp("Threads a run (default: all).", valueName: "n"))
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Foreign results to set beside ours.", valueName: "name=file.csv"))
  var external: [String] = []

  @Option(name: .long, help: ArgumentHelp("Keep finished runs here.", valueName: "file"))
  var state: String?

  @Option(name: .long, help: ArgumentHelp("Write a report (HTML).", valueName: "file"))
  var report: String?

  @Option(name: .long, help: ArgumentHelp("The report's heading.", valueName: "text"))
  var title: String?

  @Option(name: .long, help: ArgumentHelp("Write all runs as CSV.", valueName: "file"))
  var csv: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Write all runs as JSON; '-' is standard output.", valueName: "path"))
  var json: String?

  @Flag(name: .long, help: "No progress.")
  var quiet = false

  func validate() throws {
    try validateTimeLimit(timeLimit)
    guard seeds >= 1 else {
      throw ValidationError("--seeds: found \(seeds), expected at least 1")
    }
    try validateThreads(threads)
    for entry in external where !entry.contains("=") {
      throw ValidationError("--external: found '\(entry)', expected name=file.csv")
    }
  }

  /// A run that is to be made.
  private struct Job: Sendable {
    let instance: Instance
    let method: CatalogueEntry
    let seed: UInt64
    let bestKnown: Double?
  }

  private struct Answer: Encodable {
    let runs: [ComparisonRun]
    let version: String
  }

  func run() throws {
    try reportingFailures {
      let entries = try methods.split(separator: ",").map {
        try catalogueEntry(String($0).trimmingCharacters(in: .whitespaces), option: "--methods")
      }
      for path in [report, csv, json, state] where path != nil && path != "-" {
        try requireWritable(path!)
      }
      let foreign = try external.flatMap { try foreignRuns($0) }
      let finished = files.map { ($0, finishedRun($0)) }
      var jobs: [Job] = []
      for (file, run) in finished where run == nil {
        let instance = try InstanceFile.read(file)
        let best = BestKnown.values(near: file)[instance.name]
        for entry in entries {
          for seed in 0..<(entry.card.guarantee == .bound ? 1 : seeds) {
            jobs.append(
              Job(instance: instance, method: entry, seed: UInt64(seed), bestKnown: best))
          }
        }
      }
      let comparison = Comparison(
        TracedRun.comparable(finished.compactMap(\.1)) + (try make(jobs)) + foreign)
      if let csv { try FileAccess.write([UInt8](comparison.csv.utf8), to: csv) }
      if let report {
        let page = ComparisonPage(
          comparison, title: title ?? "QAPKit: methods compared", remarks: remarks(jobs.count))
        try FileAccess.write([UInt8](page.html.utf8), to: report)
      }
      try writeJSON(Answer(runs: comparison.runs, version: version), to: json)
      if json != "-" { try Console.print(comparison.text) }
    }
  }

  private func remarks(_ jobs: Int) -> [String] {
    var remarks = ["QAPKit \(version)"]
    if jobs > 0 {
      let width = threads ?? RunOptions.processors
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

  // MARK: Runs

  /// Makes all runs, those of the state file excepted; after an interruption what there is.
  private func make(_ jobs: [Job]) throws -> [ComparisonRun] {
    let width = threads ?? RunOptions.processors
    let known = try finishedRuns()
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    let table = Mutex(
      (runs: [ComparisonRun?](repeating: nil, count: jobs.count), done: 0, failure: Failure?.none))
    let next = Atomic<Int>(0)
    let lanes = max(1, min(RunOptions.processors / width, jobs.count))
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < jobs.count, !interruption.isRequested else { return }
        let job = jobs[index]
        var planned = ComparisonRun(
          instance: job.instance.name, size: job.instance.facilities, method: job.method.card.id,
          seed: job.seed, threads: width, timeLimit: timeLimit, bestKnown: job.bestKnown,
          version: version)
        let held = known[planned.key]
        var failure: Failure?
        do {
          if let held {
            planned = held
            planned.bestKnown = job.bestKnown
          } else {
            planned = try perform(job, width: width, planned, interruption)
          }
        } catch let error as Failure {
          failure = error
        } catch {
          failure = .verification("internal error: \(error)")
        }
        let finished = planned
        let wasCut = interruption.isRequested
        table.withLock { table in
          if let failure {
            table.failure = table.failure ?? failure
            return interruption.request()
          }
          table.runs[index] = finished
          table.done += 1
          if held == nil {
            if !wasCut {
              do { try keep(finished) } catch let error as Failure { table.failure = error } catch {
              }
            }
            tell(finished, table.done, jobs.count)
          }
        }
      }
    }
    withExtendedLifetime(watch) {}
    return try table.withLock { table in
      if let failure = table.failure { throw failure }
      return table.runs.compactMap { $0 }
    }
  }

  private func perform(
    _ job: Job, width: Int, _ planned: ComparisonRun, _ interruption: Interruption
  ) throws -> ComparisonRun {
    let options = SolveOptions(
      stopping: [interruption, TimeLimit(seconds: timeLimit)], seed: job.seed, threads: width)
    do {
      let report = try job.instance.solve(with: job.method.make(MethodOptions()), options: options)
      try verify(report, of: job.instance)
      return ComparisonRun(
        report, timeLimit: timeLimit, bestKnown: job.bestKnown, version: version)
    } catch is MethodError {
      var declined = planned
      declined.termination = ComparisonRun.declined
      return declined
    }
  }

  private func tell(_ run: ComparisonRun, _ done: Int, _ all: Int) {
    guard !quiet else { return }
    let result =
      run.isDeclined
      ? "declined"
      : "objective \(Wording.value(run.objective)), bound \(Wording.value(run.bound)), "
        + "gap \(Wording.gap(run.gap)), \(Wording.fixed(run.seconds ?? 0, 2)) s"
    Console.error("[\(done)/\(all)] \(run.instance) \(run.method) seed \(run.seed): \(result)")
  }

  // MARK: State, finished runs and foreign results

  /// The run in `file`; nil when it is something else, such as an instance.
  private func finishedRun(_ file: String) -> TracedRun? {
    guard file.hasSuffix(".json"), let bytes = try? FileAccess.read(file) else { return nil }
    return try? JSONDecoder().decode(TracedRun.self, from: Data(bytes))
  }

  private func finishedRuns() throws -> [String: ComparisonRun] {
    guard let state, FileManager.default.fileExists(atPath: state) else { return [:] }
    let lines = try FileAccess.read(state).split(separator: UInt8(ascii: "\n"))
    let decoder = JSONDecoder()
    var runs: [String: ComparisonRun] = [:]
    for (number, line) in lines.enumerated() {
      guard let run = try? decoder.decode(ComparisonRun.self, from: Data(line)) else {
        // The last line may be torn.
        if number == lines.count - 1 { break }
        throw DataError(
          file: state, line: number + 1, column: 1, found: "something else",
          expected: "a run as 'qap compare --state' keeps it")
      }
      runs[run.key] = run
    }
    return runs
  }

  private func keep(_ run: ComparisonRun) throws {
    guard let state else { return }
    let manager = FileManager.default
    if !manager.fileExists(atPath: state) { try FileAccess.write([], to: state) }
    do {
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: state))
      defer { try? file.close() }
      let end = try file.seekToEnd()
      var text = try jsonText(run)
      if end > 0 {
        // A torn line is ended before the next begins.
        try file.seek(toOffset: end - 1)
        if try file.read(upToCount: 1) != Data("\n".utf8) { text = Data("\n".utf8) + text }
      }
      try file.write(contentsOf: text)
    } catch {
      throw Failure.output("\(state): cannot be written")
    }
  }

  private func foreignRuns(_ entry: String) throws -> [ComparisonRun] {
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
