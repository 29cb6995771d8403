import ArgumentParser
import Foundation
import QAPInstanceIO
import QAPPrimitives

/// The part of the JSON of `qap subset` that the tables use.
private struct SubsetResult: Decodable {
  let objective: [Double]
  let bound: Double?
  let gap: Double?
  let termination: String
  let nodes: Int
  let trace: [RunResult.Point]
}

/// Runs `qap subset` with `--json -` and decodes what it says.
private func runSubset(
  _ arguments: [String]
) throws -> (result: SubsetResult, measurement: Measurement) {
  let measurement = try measure(
    qapExecutable(), ["subset"] + arguments + ["--quiet", "--json", "-"])
  guard measurement.status == 0 else {
    throw MeasurementError(
      description: "qap subset \(arguments.joined(separator: " ")): exit \(measurement.status)")
  }
  return (try JSONDecoder().decode(SubsetResult.self, from: measurement.output), measurement)
}

/// Subsets of 100 classes, against what Gurobi proves.
struct Subsets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subset",
    abstract: "Best subsets of real embeddings, with what a commercial solver proves.",
    discussion: """
      The costs of the first table are not bundled: give them with --costs, or leave it out. The \
      others come from the bundled embeddings and from random ones.

      Example: qap-bench subset --costs Tests/Golden/s5_cost.npy --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "Costs of the first table, an .npy matrix of shape (100, 100).")
  var costs = "Tests/Golden/s5_cost.npy"

  @Option(help: "A folder of embeddings of 500 classes (v_in1k_fc_effnetlite0.npy and so on).")
  var embeddings = "../shared/embeddings"

  @Option(help: "Seconds that each of the large problems gets.")
  var limit = 60.0

  /// The results of other programs on these costs, for each size: the best value known, and the
  /// bound of Gurobi 13.0.3 on one thread, 300 seconds at most (300 wall, 52 to 464 CPU seconds).
  private static let known: [(size: Int, best: Double, gurobi: String)] = [
    (10, 7.061206, "2.513 after 300 s"), (15, 32.995012, "–"),
    (20, 81.298651, "6.468 after 300 s"), (30, 270.545112, "73.221 after 300 s"),
    (40, 594.450279, "426.628 after 300 s"), (50, 1075.591302, "963.194 after 300 s"),
    (60, 1732.174718, "1690.404 after 300 s"), (70, 2636.030357, "optimal, 9.9 CPU s"),
    (80, 3868.925326, "optimal, 3.6 CPU s"), (90, 5439.376862, "optimal, 0.04 CPU s"),
  ]

  func run() throws {
    if FileManager.default.fileExists(atPath: costs) { try hundred() }
    try bundled()
    try large()
  }

  private static let header = [
    "N", "objective", "found at s", "bound", "gap %", "ended", "nodes", "wall s", "CPU s", "MiB",
  ]

  private func columns(_ result: SubsetResult, _ measured: Measurement) -> [String] {
    let best = result.objective[0]
    let reached = result.trace.first { point in
      point.objective.map { abs($0 - best) <= 1e-9 * abs(best) } ?? false
    }
    return [
      decimals(best, 6), reached.map { decimals($0.seconds, 2) } ?? "–",
      result.bound.map { decimals($0, 6) } ?? "–",
      result.gap.map { decimals(100 * $0, 4) } ?? "–", result.termination, "\(result.nodes)",
      decimals(measured.wall, 2), decimals(measured.cpu, 2), mebibytes(measured.peakMemory),
    ]
  }

  /// The sizes of the golden costs.
  private func hundred() throws {
    var table = MarkdownTable(
      name: "subset",
      header: Self.header + ["certificate MB", "check CPU s", "best known", "Gurobi's bound"],
      command: "qap subset s5_cost.npy --size N --time-limit 600 --certificate F.cert; "
        + "qap verify s5_cost.npy F.cert (qap-bench subset)")
    let claim = FileManager.default.temporaryDirectory.appendingPathComponent("subset.cert").path
    defer { try? FileManager.default.removeItem(atPath: claim) }
    for row in Self.known {
      let (result, measured) = try runSubset([
        costs, "--size", "\(row.size)", "--time-limit", "600", "--certificate", claim,
      ])
      let check = try measure(qapExecutable(), ["verify", costs, claim])
      guard check.status == 0 else {
        throw MeasurementError(description: "size \(row.size): the certificate does not hold")
      }
      let bytes = try FileManager.default.attributesOfItem(atPath: claim)[.size] as? Int ?? 0
      table.rows.append(
        ["\(row.size)"] + columns(result, measured) + [
          decimals(Double(bytes) / 1e6, 1), short(check.cpu), decimals(row.best, 6), row.gurobi,
        ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }

  /// The bundled embeddings of a hundred classes, and the five best subsets.
  private func bundled() throws {
    let folder = "Instances/embeddings"
    var table = MarkdownTable(
      name: "subset-bundled", header: ["embeddings"] + Self.header,
      command: "qap subset VISION LANGUAGE --metric gw --standardize --size N --best 5 "
        + "--time-limit \(Int(limit)) (qap-bench subset)")
    for vision in ["effnetlite0", "squeezenet11"] {
      for size in [10, 20, 40] {
        let (result, measured) = try runSubset([
          "\(folder)/vision-\(vision).npy", "\(folder)/language-prompts.npy", "--standardize",
          "--size", "\(size)", "--best", "5", "--time-limit", "\(limit)",
        ])
        table.rows.append(["\(vision), prompts", "\(size)"] + columns(result, measured))
        print(table.rows.last!.joined(separator: "  "))
      }
    }
    try table.publish(in: options.fill)
  }

  /// 500 classes, and 2,000 random points seen twice.
  private func large() throws {
    var table = MarkdownTable(
      name: "subset-large", header: ["embeddings", "L"] + Self.header,
      command: "qap subset A B --metric gw --standardize --size N --time-limit \(Int(limit)) "
        + "(qap-bench subset)")
    let folder = FileManager.default.temporaryDirectory.path
    let random = (folder + "/subset-source.npy", folder + "/subset-target.npy")
    defer {
      for path in [random.0, random.1] { try? FileManager.default.removeItem(atPath: path) }
    }
    try Self.writeRandom(random, rows: 2000, features: 32)
    var runs = [("random", 2000, 500, random)]
    let real = (
      embeddings + "/v_in1k_fc_effnetlite0.npy", embeddings + "/t_in1k_prompts_minilm.npy"
    )
    if FileManager.default.fileExists(atPath: real.0) {
      runs.insert(("ImageNet, effnetlite0, prompts", 500, 100, real), at: 0)
    }
    for (name, items, size, files) in runs {
      let (result, measured) = try runSubset([
        files.0, files.1, "--standardize", "--size", "\(size)", "--time-limit", "\(limit)",
      ])
      table.rows.append([name, "\(items)", "\(size)"] + columns(result, measured))
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }

  /// Points, and the same points with noise.
  private static func writeRandom(
    _ paths: (String, String), rows: Int, features: Int
  ) throws {
    var generator = SeededGenerator(seed: 1)
    let points = (0..<rows * features).map { _ in generator.approximateNormal() }
    let moved = points.map { $0 + 0.7 * generator.approximateNormal() }
    for (path, elements) in [(paths.0, points), (paths.1, moved)] {
      try NPY.write(NumericArray(shape: [rows, features], elements: elements), to: path)
    }
  }
}
