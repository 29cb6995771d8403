import ArgumentParser
import Foundation
import QAP
import QAPInstanceIO
import QAPLinearProgramming
import QAPLinearRelaxation

/// `rlt1-lp` against GLPK on the same programs.
struct LinearPrograms: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lp",
    abstract: "Values and times of rlt1-lp, and of GLPK on the very same programs.",
    discussion: """
      GLPK's methods run as they are by default, in a separate process, each for --limit seconds \
      at most.

      Example: qap-bench lp --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "Seconds that each of GLPK's methods gets.")
  var limit = 60.0

  @Option(help: "Largest size that GLPK is given.")
  var maxGLPKSize = 12

  @Option(help: "Largest size to run.")
  var maxSize = 15

  /// Values of HiGHS 1.15.
  static let programs: [(instance: String, size: Int, value: Double)] = [
    ("tai10a", 10, 131098.1777), ("nug12", 12, 522.8944), ("chr12a", 12, 9552),
    ("had12", 12, 1621.5377), ("scr12", 12, 29827.3279), ("rou12", 12, 224302.0224),
    ("tai12a", 12, 222186.4227), ("nug15", 15, 1040.994), ("chr15a", 15, 9513.1241),
    ("nug20", 20, 2181.6033),
  ]

  private struct Figures: Decodable {
    let lpValue: Double?
    let boundUnrounded: Double?
    let lpColumnsRemovable: Double?
    let iterations: Int
  }

  func run() throws {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var table = MarkdownTable(
      name: "lp",
      header: [
        "instance", "HiGHS value", "lp_value", "bound", "GLPK primal CPU s", "GLPK dual CPU s",
        "GLPK interior CPU s", "CPU s", "best GLPK / ours", "wall s", "MiB", "steps", "removable",
      ],
      command: "qap bound FILE --method rlt1-lp (qap-bench lp)")
    for program in Self.programs where program.size <= maxSize {
      var cells: [String] = []
      var best = Double.infinity
      for algorithm: LinearAlgorithm in [.primalSimplex, .dualSimplex, .interiorPoint] {
        guard program.size <= maxGLPKSize else {
          cells.append("–")
          continue
        }
        let peer = try measure(
          own,
          [
            "lp-glpk", options.path(program.instance), "--algorithm", algorithm.rawValue, "--limit",
            "\(limit)",
          ])
        let words = String(decoding: peer.output, as: UTF8.self).split(separator: " ")
        let status = words.first.map(String.init) ?? "died"
        if status == "optimal" { best = min(best, peer.cpu) }
        cells.append(
          status == "optimal"
            ? short(peer.cpu)
            : status == "timeLimit" ? "over \(short(limit))" : "none after \(short(peer.cpu))")
      }
      let run = try measure(
        qapExecutable(),
        ["bound", options.path(program.instance), "--method", "rlt1-lp", "--quiet", "--json", "-"])
      guard run.status == 0 else { throw MeasurementError(description: "qap bound failed") }
      let figures = try decoder.decode(Figures.self, from: run.output)
      table.rows.append(
        [
          program.instance, decimals(program.value, 3),
          figures.lpValue.map { decimals($0, 3) } ?? "–",
          figures.boundUnrounded.map { decimals($0, 3) } ?? "–",
        ] + cells + [
          short(run.cpu), best.isFinite ? decimals(best / run.cpu, 1) : "–",
          decimals(run.wall, 2), mebibytes(run.peakMemory), "\(figures.iterations)",
          figures.lpColumnsRemovable.map { decimals($0, 0) } ?? "–",
        ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}

/// GLPK on one program; prints the status and the value.
struct GLPKProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lp-glpk", abstract: "GLPK on the level-1 RLT program of one instance.",
    shouldDisplay: false)

  @Argument var file: String
  @Option var algorithm = LinearAlgorithm.primalSimplex.rawValue
  @Option var limit = 60.0

  func run() throws {
    guard let algorithm = LinearAlgorithm(rawValue: algorithm) else {
      throw MeasurementError(description: "\(algorithm): no such algorithm")
    }
    let instance = try InstanceFile.read(file)
    let model = Formulation.rlt1.model(of: instance, isInteger: false)
    let solution = try model.solve(LinearOptions(algorithm: algorithm, timeLimit: limit))
    print(solution.status.rawValue, solution.objective ?? .nan)
  }
}

/// Rounds of a thousand small programs in a task group; prints the resident set after each.
struct LinearProgramMemory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lp-memory",
    abstract: "The resident set after rounds of a thousand programs solved in parallel.")

  @Option(help: "Rounds.")
  var rounds = 10

  func run() throws {
    let instance = try Instance(
      flow: .init(rows: 5, columns: 5) { Double(($0 * 7 + $1 * 3) % 10) },
      distance: .init(rows: 5, columns: 5) { Double(($0 * 5 + $1 * 9) % 10) })
    let model = Formulation.rlt1.model(of: instance, isInteger: false)
    for round in 1...rounds {
      let done = DispatchSemaphore(value: 0)
      Task.detached {
        await withTaskGroup(of: Void.self) { group in
          for index in 0..<1000 {
            group.addTask {
              let algorithms: [LinearAlgorithm] = [.primalSimplex, .dualSimplex, .interiorPoint]
              _ = try? model.solve(LinearOptions(algorithm: algorithms[index % 3]))
            }
          }
        }
        done.signal()
      }
      done.wait()
      let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        .split(separator: " ")
      print("\(round)  \((pages.count > 1 ? Int(pages[1]) ?? 0 : 0) * 4) KiB")
    }
  }
}
