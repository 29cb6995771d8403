import ArgumentParser
import Foundation

/// One attempt at a proof of optimality, a line of the state file.
struct ProofRun {
  /// The columns of the state file, in order.
  static let header =
    "instance,n,method,time_limit,threads,best_known,objective,bound,nodes,seconds,cpu,mib,"
    + "termination"

  var instance: String
  var size: Int
  var method: String
  var limit: Double
  var threads: Int
  var best: Double
  var objective: Double
  /// The proven bound; minus infinity when there is none.
  var bound: Double
  var nodes: Int
  var seconds: Double
  var cpu: Double
  var mebibytes: Double
  var termination: String

  /// The key that identical runs share.
  var key: String { ProofRun.key(instance, method, limit, threads) }

  static func key(_ instance: String, _ method: String, _ limit: Double, _ threads: Int) -> String {
    "\(instance),\(method),\(limit),\(threads)"
  }

  var isProven: Bool { termination == "optimal" }

  /// Percent that the bound lacks; nil for an optimum of zero that is not proven.
  var gap: Double? {
    isProven ? 0 : objective == 0 ? nil : 100 * (objective - bound) / abs(objective)
  }

  var line: String {
    [
      instance, "\(size)", method, "\(limit)", "\(threads)", "\(best)", "\(objective)", "\(bound)",
      "\(nodes)", "\(seconds)", "\(cpu)", "\(mebibytes)", termination,
    ].joined(separator: ",")
  }

  init(
    instance: String, size: Int, method: String, limit: Double, threads: Int, best: Double,
    result: RunResult, measured: Measurement
  ) {
    self.instance = instance
    self.size = size
    self.method = method
    self.limit = limit
    self.threads = threads
    self.best = best
    objective = result.objective ?? .infinity
    bound = result.bound ?? -.infinity
    nodes = result.nodes
    seconds = measured.wall
    cpu = measured.cpu
    mebibytes = Double(measured.peakMemory) / Double(1 << 20)
    termination = result.termination
  }

  /// A line of the state file; nil when it is incomplete, as after an interruption in mid-write.
  init?(_ line: Substring) {
    let fields = fields(line)
    guard fields.count == 13, let size = Int(fields[1]), let limit = Double(fields[3]),
      let threads = Int(fields[4]), let best = Double(fields[5]),
      let objective = Double(fields[6]), let bound = Double(fields[7]),
      let nodes = Int(fields[8]), let seconds = Double(fields[9]), let cpu = Double(fields[10]),
      let mebibytes = Double(fields[11])
    else { return nil }
    instance = fields[0]
    self.size = size
    method = fields[2]
    self.limit = limit
    self.threads = threads
    self.best = best
    self.objective = objective
    self.bound = bound
    self.nodes = nodes
    self.seconds = seconds
    self.cpu = cpu
    self.mebibytes = mebibytes
    termination = fields[12]
  }
}

/// Which instances of a folder are proven optimal; can be interrupted and resumed.
struct Proofs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Proofs of optimality, or the gap that is left, over a folder of instances.",
    discussion: """
      No optimum is given beforehand: best-known.csv, in the folder or beside it, only lists the \
      instances and is compared with the proven value. Each finished run is a line of the state \
      file immediately, and finished runs are skipped: the sweep can be interrupted and resumed. \
      Small instances come first. Delete the file to start over.

      Example: qap-bench proofs --folder ~/qaplib --budget 3600 --fill BENCHMARKS.md
      """)

  @Option(help: "The page whose table to replace, usually BENCHMARKS.md.")
  var fill: String?

  @Option(help: "The name of the table.")
  var table = "proofs"

  @Option(help: "The folder of QAPLIB files.")
  var folder = "Instances/qaplib"

  @Option(help: "The state file.")
  var state = ".build/proofs.csv"

  @Option(help: "Only these instances, separated by commas, in this order.")
  var only: String?

  @Option(help: "Seconds a run.")
  var timeLimit = 120.0

  @Option(help: "The method.")
  var method = "branch-and-bound"

  @Option(help: "Threads of a run.")
  var threads = 2

  @Option(help: "Begin no run after this many seconds; the table then holds the finished runs.")
  var budget: Double?

  @Option(
    help: "What another program needed: a CSV file with columns name, nodes and total_time_s.")
  var peer: String?

  @Option(
    help: ArgumentHelp(
      "Another program to run after each instance: called with the instance's name, its file and "
        + "the seconds it has, it prints name,nodes,wall,cpu,status; the status is 'optimal' at "
        + "the end.",
      valueName: "program"))
  var rival: String?

  func run() throws {
    let instances = try listing()
    var runs: [String: ProofRun] = [:]
    let file = StateFile(path: state)
    for run in try file.open(header: ProofRun.header).compactMap({ ProofRun($0) }) {
      runs[run.key] = run
    }

    let began = ContinuousClock.now
    for (instance, size, best) in instances {
      if runs[ProofRun.key(instance, method, timeLimit, threads)] != nil { continue }
      if let budget, (ContinuousClock.now - began) > .seconds(budget) { break }
      let (result, measured) = try runQap([
        "solve", "\(folder)/\(instance).dat", "--method", method, "--time-limit", "\(timeLimit)",
        "--threads", "\(threads)",
      ])
      let run = ProofRun(
        instance: instance, size: size, method: method, limit: timeLimit, threads: threads,
        best: best, result: result, measured: measured)
      if run.bound > best || (run.isProven && run.objective != best) {
        throw MeasurementError(
          description: "\(instance): bound \(run.bound), found \(run.objective), known \(best)")
      }
      runs[run.key] = run
      try file.append(run.line)
      if let rival { try compete(rival, instance) }
      print(
        "\(instance): \(run.isProven ? "proven" : "gap \(gap(run))"), \(run.nodes) nodes, "
          + "\(decimals(run.seconds, 2)) s")
    }
    try publish(instances, runs)
  }

  /// The instances of the folder, the smallest first unless `only` orders them.
  private func listing() throws -> [(instance: String, size: Int, best: Double)] {
    let all = try listedInstances(folder)
    guard let only else { return all.sorted { ($0.size, $0.instance) < ($1.size, $1.instance) } }
    return only.split(separator: ",").compactMap { name in all.first { $0.instance == name } }
  }

  private func gap(_ run: ProofRun) -> String {
    run.gap.map { "\(decimals($0, 2)) %" } ?? "–"
  }

  /// The file of the rival's runs, and its columns.
  private var rivalState: String { state + ".rival" }
  private static let rivalHeader = "name,nodes,total_time_s"

  /// Runs the other program on the same instance, and keeps what it says.
  private func compete(_ rival: String, _ instance: String) throws {
    let measured = try measure(
      rival, [instance, "\(folder)/\(instance).dat", decimals(timeLimit, 0)])
    let fields =
      String(decoding: measured.output, as: UTF8.self)
      .split(separator: "\n").last.map(fields) ?? []
    guard measured.status == 0, fields.count == 5 else {
      throw MeasurementError(
        description: "\(rival) \(instance): exit \(measured.status), found \(fields.count) fields, "
          + "expected 5")
    }
    let file = StateFile(path: rivalState)
    _ = try file.open(header: Proofs.rivalHeader)
    let isDone = fields[4] == "optimal"
    try file.append(
      [instance, isDone ? String(fields[1]) : "", isDone ? String(fields[3]) : "unfinished"]
        .joined(separator: ","))
  }

  /// The file that says what another program needed, if there is one.
  private var peerFile: String? { peer ?? (rival == nil ? nil : rivalState) }

  /// Nodes and seconds of the other program, by instance.
  private func peers() throws -> [String: (nodes: String, seconds: String)] {
    guard let peer = peerFile, FileManager.default.fileExists(atPath: peer) else { return [:] }
    let lines = try String(contentsOfFile: peer, encoding: .utf8).split(
      whereSeparator: \.isNewline)
    guard let header = lines.first.map(fields), let name = header.firstIndex(of: "name"),
      let nodes = header.firstIndex(of: "nodes"),
      let seconds = header.firstIndex(of: "total_time_s")
    else {
      throw MeasurementError(description: "\(peer): no columns name, nodes and total_time_s")
    }
    var result: [String: (nodes: String, seconds: String)] = [:]
    for line in lines.dropFirst().map(fields) where line.count == header.count {
      let time = Double(line[seconds]).map { decimals($0, 2) } ?? "unfinished"
      result[line[name]] = (line[nodes].isEmpty ? "–" : line[nodes], time)
    }
    return result
  }

  private func publish(
    _ instances: [(instance: String, size: Int, best: Double)], _ runs: [String: ProofRun]
  ) throws {
    let peers = try peers()
    var page = MarkdownTable(
      name: table,
      header: [
        "instance", "n", "best known", "found", "bound", "gap %", "nodes", "wall s", "CPU s", "MiB",
      ] + (peerFile == nil ? [] : ["peer's nodes", "peer's s"]),
      command:
        "qap solve FILE --method \(method) --time-limit \(decimals(timeLimit, 0)) "
        + "--threads \(threads) (qap-bench proofs)")
    var proven = 0
    for (instance, size, best) in instances {
      guard let run = runs[ProofRun.key(instance, method, timeLimit, threads)] else { continue }
      if run.isProven { proven += 1 }
      let other = peers[instance] ?? ("–", "–")
      page.rows.append(
        [
          instance, "\(size)", decimals(best, 0), decimals(run.objective, 0),
          decimals(run.bound, 0), run.isProven ? "proven" : run.gap.map { decimals($0, 2) } ?? "–",
          "\(run.nodes)", decimals(run.seconds, 2), decimals(run.cpu, 2),
          decimals(run.mebibytes, 0),
        ] + (peerFile == nil ? [] : [other.nodes, other.seconds]))
    }
    try page.publish(in: fill)
    print(
      "\(proven) of \(page.rows.count) proven optimal, \(instances.count) listed; state in \(state)"
    )
  }
}
