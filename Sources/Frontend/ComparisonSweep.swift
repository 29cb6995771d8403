import Foundation
import QAP
import QAPInstanceIO
import QAPRegistry
import QAPReporting

/// Methods × instances × seeds: the runs of a comparison, for any caller, in any
/// order.
public struct ComparisonSweep: Sendable {
  /// A run that is to be made.
  public struct Job: Sendable {
    /// The instance, the method and the seed of a run.
    public let instance: Instance
    /// The sense of its objective.
    public let sense: Sense
    public let method: RegisteredMethod
    public let seed: UInt64
    /// The best objective known.
    public let bestKnown: Double?
    /// The instance's name, with a number where two have the same, and its fingerprint.
    fileprivate let name: String
    fileprivate let data: String
  }

  /// All runs, in the order of the options.
  public let jobs: [Job]
  private let options: SweepOptions
  private let foreign: [ComparisonRun]
  /// Runs that were given as files.
  private let finished: [ComparisonRun]
  /// Remarks on the files for the reader of the result.
  private let notes: [String]

  /// Reads the instances and foreign results, and makes sure that the answers can be written.
  ///
  /// - Throws: an error that names the option or the file at fault.
  public init(_ options: SweepOptions) throws {
    self.options = options
    let ids = options.methods.split(separator: ",", omittingEmptySubsequences: false)
    var methods: [RegisteredMethod] = []
    for id in ids {
      let registered = try registeredMethod(
        id.trimmingCharacters(in: .whitespaces), option: "--methods")
      if methods.allSatisfy({ $0.info.id != registered.info.id }) { methods.append(registered) }
    }
    try requireOutputs(
      [
        "--report": options.report, "--csv": options.csv, "--json": options.json,
        "--state": options.state,
      ], from: options.files + options.external.map { options.foreign($0).path })
    foreign = try options.external.flatMap { try options.foreignRuns($0) }
    var (jobs, notes): ([Job], [String]) = ([], [])
    var finished: [(run: TracedRun, file: String)] = []
    var prints: [String: [String]] = [:]
    for file in ComparisonSweep.distinct(options.files) {
      if let runs = ComparisonSweep.finishedRuns(file) {
        finished += runs.map { ($0, file) }
        continue
      }
      let stated = try readInstance(file)
      let instance = stated.instance
      // The largest objective of the same data is another problem.
      let print = String(instance.fingerprint, radix: 16) + (stated.sense == .max ? "-max" : "")
      let others = prints[instance.name, default: []]
      guard !others.contains(print) else {
        notes.append("\(file): \(instance.name) occurs twice; skipping it")
        continue
      }
      prints[instance.name] = others + [print]
      let name = instance.name + (others.isEmpty ? "" : " (\(others.count + 1))")
      if !others.isEmpty { notes.append("\(name): another instance of this name, from \(file)") }
      let best = BestKnown.entries(near: file).last {
        $0.instance == instance.name && $0.size ?? instance.facilities == instance.facilities
      }?.value
      for method in methods {
        for seed in 0..<(method.info.output == .bound ? 1 : options.seeds) {
          jobs.append(
            Job(
              instance: instance, sense: stated.sense, method: method, seed: UInt64(seed),
              bestKnown: best, name: name, data: print))
        }
      }
    }
    (self.jobs, self.notes) = (jobs, notes)
    self.finished = zip(finished, TracedRun.comparable(finished.map(\.run))).map { given, run in
      var run = run
      run.origin = run.origin ?? given.file
      return run
    }
  }

  /// `files` without those that were named before.
  private static func distinct(_ files: [String]) -> [String] {
    var seen: Set<String> = []
    return files.filter { seen.insert(place(of: $0)).inserted }
  }

  /// The JSON that `publish` wrote.
  private struct Earlier: Decodable {
    let runs: [TracedRun]
  }

  /// The run, or the comparison, in `file`; nil when it is something else, such as an instance.
  private static func finishedRuns(_ file: String) -> [TracedRun]? {
    guard file.hasSuffix(".json"), let bytes = try? FileAccess.read(file) else { return nil }
    let (decoder, data) = (JSONDecoder(), Data(bytes))
    if let run = try? decoder.decode(TracedRun.self, from: data) { return [run] }
    return try? decoder.decode(Earlier.self, from: data).runs
  }

  /// The run of a job before it is made.
  public func planned(_ job: Job) -> ComparisonRun {
    var run = ComparisonRun(
      instance: job.name, size: job.instance.facilities, method: job.method.info.id,
      seed: job.seed, threads: options.width, timeLimit: options.timeLimit,
      bestKnown: job.bestKnown, version: version)
    run.data = job.data
    if job.sense == .max { run.sense = Sense.max.rawValue }
    return run
  }

  /// Makes one run, and verifies it.
  ///
  /// - Returns: the run with its verified report.
  public func perform(_ job: Job, _ interruption: Interruption) throws -> ComparisonRun {
    do {
      let report = try session(job, job.method, stop: interruption).solve()
      var run = ComparisonRun(
        report, timeLimit: options.timeLimit, bestKnown: job.bestKnown, version: version)
      (run.instance, run.data) = (job.name, job.data)
      return run
    } catch let error as MethodError {
      var declined = planned(job)
      declined.termination = ComparisonRun.declined
      declined.reason = error.description
      return declined
    }
  }

  /// Says on standard error what a run, the `done`-th, has come to.
  public func tell(_ run: ComparisonRun, _ done: Int) {
    guard !options.quiet else { return }
    let result =
      run.isDeclined
      ? "declined: \(run.reason ?? "no reason given")"
      : "objective \(Wording.value(run.objective)), bound \(Wording.value(run.bound)), "
        + "gap \(Wording.gap(run.gap)), \(Wording.fixed(run.seconds ?? 0, 2)) s"
    Console.error(
      "[\(done)/\(jobs.count)] \(run.instance) \(run.method) seed \(run.seed): \(result)")
  }

  private struct Answer: Encodable {
    let runs: [ComparisonRun]
    let version: String
  }

  /// Writes and prints what the options ask for; `runs` are those of the jobs, of which some may be
  /// missing. What cannot be written does not keep the rest from being written, and is thrown in
  /// the end.
  ///
  /// - Throws: the first error of writing.
  public func publish(_ runs: [ComparisonRun]) throws {
    let comparison = Comparison(runs + finished + foreign, known: knownInstances(runs))
    let ending = ending(runs)
    for line in (options.quiet ? [] : notes) + comparison.contradictions + ending {
      Console.error("qap: \(line)")
    }
    var failure: (any Error)?
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { failure = failure ?? error }
    }
    if ![options.report, options.csv, options.json].contains("-") {
      attempt { try Console.print(comparison.text) }
    }
    attempt { try writeOutput(Data(comparison.csv.utf8), to: options.csv) }
    attempt { try writeJSON(Answer(runs: comparison.runs, version: version), to: options.json) }
    let page = ComparisonPage(
      comparison, title: options.title ?? "QAPKit: methods compared",
      remarks: setting(comparison) + notes + ending)
    attempt { try writeOutput(Data(page.html.utf8), to: options.report) }
    if let failure { throw failure }
  }

  /// The instances of the jobs by their names. Where claims are to be checked and no run proves a
  /// bound, a cheap one is computed.
  private func knownInstances(_ runs: [ComparisonRun]) -> [String: KnownInstance] {
    let proven = Set(runs.filter { $0.bound != nil }.map(\.instance))
    let claimed = Set(
      (runs.filter { $0.bestKnown != nil } + finished + foreign).map(\.instance))
    var result: [String: KnownInstance] = [:]
    for job in jobs where result[job.name] == nil {
      let isOpen = claimed.contains(job.name) && !proven.contains(job.name)
      result[job.name] = KnownInstance(
        job.instance, sense: job.sense, tolerance: options.accuracy.tolerance,
        bound: isOpen ? cheapBound(job) : nil)
    }
    return result
  }

  /// The better of the bounds of the cheapest methods; nil when they take no such instance.
  private func cheapBound(_ job: Job) -> LowerBound? {
    var result: LowerBound?
    for entry in ["gilmore-lawler", "projection"].compactMap(MethodRegistry.method)
    where entry.info.supports(job.instance) {
      let report = try? session(job, entry, stop: nil).solve()
      guard let bound = report?.bound else { continue }
      if job.sense.value(bound.value) > result.map({ job.sense.value($0.value) }) ?? -.infinity {
        result = bound
      }
    }
    return result
  }

  /// A run of `method` on a job's instance, as the options have it.
  private func session(
    _ job: Job, _ method: RegisteredMethod, stop: Interruption?
  ) throws(MethodError) -> SolveSession {
    try SolveSession(
      job.instance, sense: job.sense, registered: method,
      options: SolveOptions(
        limits: Limits(time: .seconds(options.timeLimit)), stop: stop?.criterion,
        tolerance: options.accuracy.tolerance, seed: job.seed, threads: options.width,
        memoryLimit: RunOptions.memoryLimit / options.lanes))
  }

  /// The number of missing runs of an interrupted comparison.
  private func ending(_ runs: [ComparisonRun]) -> [String] {
    let cut = runs.filter { $0.termination == Termination.interrupted.rawValue }
      .map { "\($0.instance) \($0.method) seed \($0.seed)" }
    return
      (runs.count < jobs.count
      ? ["Interrupted: \(jobs.count - runs.count) of \(jobs.count) runs are missing."] : [])
      + (cut.isEmpty ? [] : ["Cut short: \(cut.joined(separator: ", "))."])
  }

  /// Where the results come from.
  private func setting(_ comparison: Comparison) -> [String] {
    var remarks = ["QAPKit \(version)"]
    if !jobs.isEmpty {
      let limit = options.timeLimit
      remarks[0] +=
        ", \(limit == limit.rounded() ? Wording.value(limit) : "\(limit)") s per run, "
        + "\(options.seeds == 1 ? "one seed" : "\(options.seeds) seeds"), "
        + "\(options.width) thread\(options.width == 1 ? "" : "s") a run on "
        + "\(RunOptions.processors) processors"
      remarks.append(
        "Every objective of these runs was recomputed from the data"
          + (comparison.isSound ? ", and no bound of theirs contradicts one." : ".")
      )
    }
    func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
    let files = ComparisonSweep.distinct(finished.compactMap(\.origin)).map(name)
    if !files.isEmpty {
      remarks.append("Finished runs, taken from files: \(files.joined(separator: ", ")).")
    }
    return remarks
      + options.external.map { entry in
        let (solver, path) = options.foreign(entry)
        let count = foreign.count { $0.origin == path }
        return "\(solver): \(count == 1 ? "one foreign result" : "\(count) foreign results"), as "
          + "\(name(path)) has them."
      }
  }

  /// The runs that need not be made again, by their keys.
  public func finishedRuns() throws -> [String: ComparisonRun] {
    guard let state = options.state else { return [:] }
    let planned = Set(jobs.map { self.planned($0).key })
    let runs = try ComparisonState(path: state).finishedRuns().filter { planned.contains($0.key) }
    if !options.quiet, !runs.isEmpty {
      Console.error("\(runs.count) of \(jobs.count) runs are in \(state) already")
    }
    return runs
  }

  /// Keeps a finished run, where the options say so.
  ///
  /// - Throws: `Failure` when the state file cannot be written.
  public func keep(_ run: ComparisonRun) throws {
    guard let state = options.state else { return }
    try ComparisonState(path: state).keep(run)
  }
}
