import ArgumentParser
import Foundation

/// One run of the sweep, a line of its state file.
struct PrimalRun {
  /// The columns of the state file, in order.
  static let header =
    "instance,n,method,time_limit,threads,seed,best_known,objective,seconds_to_best,seconds,"
    + "iterations,termination"

  var instance: String
  var size: Int
  var method: String
  var limit: Double
  var threads: Int
  var seed: Int
  var best: Double
  var objective: Double
  /// Seconds until the best known value was reached; nil when it was not.
  var reached: Double?
  var seconds: Double
  var iterations: Int
  var termination: String

  /// Percent above the best known value; 0 when both are zero.
  var gap: Double {
    objective == best ? 0 : best == 0 ? .infinity : 100 * (objective - best) / abs(best)
  }

  /// The key that identical runs share.
  var key: String { "\(instance),\(method),\(limit),\(threads),\(seed)" }

  var line: String {
    [
      instance, "\(size)", method, "\(limit)", "\(threads)", "\(seed)", "\(best)", "\(objective)",
      reached.map { "\($0)" } ?? "", "\(seconds)", "\(iterations)", termination,
    ].joined(separator: ",")
  }

  init(
    instance: String, size: Int, method: String, limit: Double, threads: Int, seed: Int,
    best: Double, result: RunResult
  ) {
    self.instance = instance
    self.size = size
    self.method = method
    self.limit = limit
    self.threads = threads
    self.seed = seed
    self.best = best
    objective = result.objective ?? .infinity
    reached = result.trace.first { ($0.objective ?? .infinity) <= best }?.seconds
    seconds = result.seconds
    iterations = result.iterations
    termination = result.termination
  }

  /// A line of the state file; nil when it is incomplete, as after an interruption in mid-write.
  init?(_ line: Substring) {
    let fields = fields(line)
    guard fields.count == 12, let size = Int(fields[1]), let limit = Double(fields[3]),
      let threads = Int(fields[4]), let seed = Int(fields[5]), let best = Double(fields[6]),
      let objective = Double(fields[7]), let seconds = Double(fields[9]),
      let iterations = Int(fields[10])
    else { return nil }
    instance = fields[0]
    self.size = size
    method = fields[2]
    self.limit = limit
    self.threads = threads
    self.seed = seed
    self.best = best
    self.objective = objective
    reached = Double(fields[8])
    self.seconds = seconds
    self.iterations = iterations
    termination = fields[11]
  }
}

/// The quality of assignments over a folder of QAPLIB files; can be interrupted and resumed.
struct Primal: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Gap to the best known value and time to reach it, over a folder of instances.",
    discussion: """
      Every run stops at the best known value of best-known.csv, which lies in the folder or \
      beside it. Each finished run becomes a line of the state file immediately; runs that are \
      there already are skipped, so the sweep can be interrupted and resumed. Delete the file to \
      start over. Runs of more than a minute have a separate table, primal-long.

      Examples:
        qap-bench primal --folder ~/qaplib --budget 3600 --fill BENCHMARKS.md
        qap-bench primal --folder ~/qaplib --time-limit 600 --seeds 1 --only tai60a
        qap-bench primal --folder ~/drezner --best-known Instances/best-known-families.csv
      """)

  @Option(help: "The page whose table to replace, usually BENCHMARKS.md.")
  var fill: String?

  @Option(help: "The folder of QAPLIB files.")
  var folder = "Instances/qaplib"

  @Option(
    help: """
      The list of best known values (default: best-known.csv in the folder or beside it). \
      Instances/best-known-families.csv has those of instances that are not bundled.
      """)
  var bestKnown: String?

  @Option(help: "The state file.")
  var state = ".build/primal.csv"

  @Option(help: "Only these instances, separated by commas.")
  var only: String?

  @Option(help: "Seconds a run.")
  var timeLimit = 60.0

  @Option(help: "The method.")
  var method = "auto"

  @Option(help: "Seeds up to n = 64.")
  var seeds = 10

  @Option(help: "Seeds beyond n = 64.")
  var seedsOfLarge = 3

  @Option(help: "Threads of a run.")
  var threads = 2

  @Option(help: "Begin no run after this many seconds; the table then holds the finished runs.")
  var budget: Double?

  func run() throws {
    let wanted = only.map { Set($0.split(separator: ",").map(String.init)) }
    let instances = try listedInstances(folder, list: bestKnown).filter {
      wanted?.contains($0.instance) ?? true
    }
    var runs: [String: PrimalRun] = [:]
    let file = StateFile(path: state)
    for run in try file.open(header: PrimalRun.header).compactMap({ PrimalRun($0) }) {
      runs[run.key] = run
    }

    let began = ContinuousClock.now
    // Seed by seed, so that a sweep that was broken off says something of every instance.
    sweep: for seed in 0..<max(seeds, seedsOfLarge) {
      for (instance, size, best) in instances where seed < count(size) {
        let key = "\(instance),\(method),\(timeLimit),\(threads),\(seed)"
        if runs[key] != nil { continue }
        if let budget, (ContinuousClock.now - began) > .seconds(budget) { break sweep }
        let (result, _) = try runQap([
          "solve", "\(folder)/\(instance).dat", "--method", method, "--time-limit", "\(timeLimit)",
          "--seed", "\(seed)", "--threads", "\(threads)", "--target", "\(best)",
        ])
        let run = PrimalRun(
          instance: instance, size: size, method: method, limit: timeLimit, threads: threads,
          seed: seed, best: best, result: result)
        runs[key] = run
        try file.append(run.line)
        print(
          "\(instance) seed \(seed): \(decimals(run.gap, 3)) %, "
            + (run.reached.map { "best known value at \(decimals($0, 2)) s" } ?? "not reached"))
      }
    }
    try publish(instances, runs)
  }

  private func count(_ size: Int) -> Int { size <= 64 ? seeds : seedsOfLarge }

  private func publish(
    _ instances: [(instance: String, size: Int, best: Double)], _ runs: [String: PrimalRun]
  ) throws {
    var table = MarkdownTable(
      name: timeLimit > 60 ? "primal-long" : "primal",
      header: [
        "instance", "n", "runs", "reached", "best gap %", "median gap %", "worst gap %",
        "median s to best known", "worst s",
      ],
      command:
        "qap solve FILE --method \(method) --time-limit \(short(timeLimit)) --threads \(threads) "
        + "--target BEST (qap-bench primal)")
    var taillard: [Double] = []
    for (instance, size, _) in instances {
      let mine = (0..<count(size)).compactMap {
        runs["\(instance),\(method),\(timeLimit),\(threads),\($0)"]
      }
      guard !mine.isEmpty else { continue }
      let gaps = mine.map(\.gap).sorted()
      let times = mine.map { $0.reached ?? .infinity }.sorted()
      func time(_ seconds: Double) -> String { seconds.isFinite ? decimals(seconds, 2) : "–" }
      table.rows.append([
        instance, "\(size)", "\(mine.count)", "\(mine.count { $0.reached != nil })",
        decimals(gaps[0], 3), decimals(median(gaps), 3), decimals(gaps[gaps.count - 1], 3),
        time(median(times)), time(times[times.count - 1]),
      ])
      if instance.hasPrefix("tai") { taillard.append(gaps.reduce(0, +) / Double(gaps.count)) }
    }
    try table.publish(in: fill)
    let planned = instances.reduce(0) { $0 + count($1.size) }
    let done = table.rows.reduce(0) { $0 + (Int($1[2]) ?? 0) }
    print("\(done) of \(planned) runs are done; state in \(state)")
    if !taillard.isEmpty {
      let mean = taillard.reduce(0, +) / Double(taillard.count)
      print("mean gap over \(taillard.count) Taillard instances: \(decimals(mean, 3)) %")
    }
  }
}
