import ArgumentParser
import Foundation

/// `qap-mpi` on few ranks, and what its simulation says of them and of many.
struct MessagePassing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mpi",
    abstract:
      "Exact search on 1, 2 and 4 ranks against the simulation's prediction, to 1,000 ranks.",
    discussion: """
      Needs `make mpi` and an idle machine: ranks share its cores, one thread each. The runs of \
      different numbers of ranks take turns, and the median of each counts.

      Example: qap-bench mpi --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "The instance.")
  var instance = "nug18"

  @Option(help: "Runs of each number of ranks.")
  var repeats = 5

  @Option(help: "The qap-mpi program.")
  var program = ".build-mpi/release/qap-mpi"

  @Option(help: "How many times the recorded search stands side by side, for many ranks.")
  var copies = 300

  /// A run as `qap-mpi solve --json` writes it.
  private struct Run: Decodable {
    let objective: Double
    let termination: String
    let nodes: Int
    let seconds: Double
    let treeSeconds: Double
    let leadSeconds: Double
    let reports: Double
  }

  private struct Simulation: Decodable {
    let work: Double
    let secondsPerReport: Double
    let saturation: Double?
    let runs: [Row]

    struct Row: Decodable {
      let ranks: Int
      let seconds: Double
      let speedup: Double
      let efficiency: Double
      let leader: Double
    }
  }

  func run() throws {
    let record = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID().uuidString).subtrees"
    ).path
    defer { try? FileManager.default.removeItem(atPath: record) }
    _ = try solve(ranks: 1, ["--record", record])
    try few(record)
    // Runs as long as they are with hundreds of ranks.
    _ = try solve(ranks: 1, ["--record", record, "--run-nodes", "32000"])
    try many(record)
  }

  private func few(_ record: String) throws {
    let counts = [1, 2, 4]
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let predicted = try simulate(record, counts, ["--cores", "\(cores)"])
    var runs = [[(run: Run, peak: Int)]](repeating: [], count: counts.count)
    for _ in 0..<repeats {
      for (index, ranks) in counts.enumerated() {
        runs[index].append(try solve(ranks: ranks, []))
        if let (run, _) = runs[index].last {
          print("\(ranks) ranks: \(run.nodes) nodes, \(decimals(run.treeSeconds, 2)) s")
        }
      }
    }
    var table = MarkdownTable(
      name: "mpi",
      header: [
        "ranks", "objective", "ended", "nodes", "nodes/s", "times one rank", "search s",
        "predicted s",
        "predicted times", "rank 0, CPU s leading", "MiB a rank",
      ],
      command:
        "mpirun --oversubscribe -n R qap-mpi solve \(instance).dat --threads 1 (qap-bench mpi)")
    func rate(_ index: Int) -> Double {
      median(runs[index].map { Double($0.run.nodes) / $0.run.treeSeconds })
    }
    for (index, ranks) in counts.enumerated() {
      let mine = runs[index].map(\.run)
      let nodes = mine.map(\.nodes)
      let (least, most) = (nodes.min() ?? 0, nodes.max() ?? 0)
      table.rows.append([
        "\(ranks)", Set(mine.map { decimals($0.objective, 0) }).sorted().joined(separator: ", "),
        Set(mine.map(\.termination)).sorted().joined(separator: ", "),
        least == most ? "\(least)" : "\(least)–\(most)", decimals(rate(index), 0),
        decimals(rate(index) / rate(0), 2), decimals(median(mine.map(\.treeSeconds)), 2),
        decimals(predicted.runs[index].seconds, 2),
        decimals(predicted.runs[0].seconds / predicted.runs[index].seconds, 2),
        decimals(median(mine.map(\.leadSeconds)), 3),
        mebibytes(runs[index].map(\.peak).max() ?? 0),
      ])
    }
    try table.publish(in: options.fill)
  }

  private func many(_ record: String) throws {
    let predicted = try simulate(
      record, [1, 10, 32, 100, 320, 1000], ["--copies", "\(copies)"])
    var table = MarkdownTable(
      name: "mpi-simulated",
      header: ["ranks", "search s", "speed-up", "efficiency %", "rank 0 leads, % of the time"],
      command: "qap-mpi solve \(instance).dat --run-nodes 32000 --record \(instance).subtrees; "
        + "qap-mpi simulate \(instance).subtrees --copies \(copies) (qap-bench mpi); "
        + "\(decimals(predicted.work, 0)) s of work, "
        + "\(decimals(1e6 * predicted.secondsPerReport, 1)) µs "
        + "a report, saturated by \(decimals(predicted.saturation ?? .infinity, 0)) threads")
    for row in predicted.runs {
      table.rows.append([
        "\(row.ranks)", decimals(row.seconds, 1), decimals(row.speedup, 1),
        decimals(100 * row.efficiency, 1), decimals(100 * row.leader, 1),
      ])
    }
    try table.publish(in: options.fill)
  }

  private func solve(ranks: Int, _ more: [String]) throws -> (run: Run, peak: Int) {
    let arguments =
      ["--oversubscribe", "-n", "\(ranks)", program, "solve", options.path(instance)]
      + ["--threads", "1", "--quiet", "--json", "-"] + more
    let measured = try measure("mpirun", arguments)
    guard measured.status == 0 else {
      throw MeasurementError(
        description: "mpirun \(arguments.joined(separator: " ")): exit \(measured.status)")
    }
    return (try decoder.decode(Run.self, from: measured.output), measured.peakMemory)
  }

  private func simulate(_ record: String, _ ranks: [Int], _ more: [String]) throws -> Simulation {
    let list = ranks.map(String.init).joined(separator: ",")
    let measured = try measure(
      program, ["simulate", record, "--ranks", list, "--json", "-"] + more)
    guard measured.status == 0 else {
      throw MeasurementError(description: "\(program) simulate: exit \(measured.status)")
    }
    return try decoder.decode(Simulation.self, from: measured.output)
  }

  private var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}
