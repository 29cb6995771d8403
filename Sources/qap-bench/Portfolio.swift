import ArgumentParser
import Foundation

/// `auto` against every single method, at several time limits.
struct Portfolio: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "auto",
    abstract: "The gap that auto leaves, over the gap of the best single method.",
    discussion: """
      The gap of a method is that of its bound to the best objective that any run found, in \
      percent, and 0.01 at least; auto's is that of its objective to its bound. Finished runs are \
      lines of the state file and are not run again.

      Example: qap-bench auto --folder ~/qaplib --limits 1,10 --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "The folder of QAPLIB files.")
  var folder = "Instances/qaplib"

  @Option(help: "The instances, separated by commas; others than those of the folder are left out.")
  var only = Portfolio.instances

  @Option(help: "The folder of pairs of embeddings.")
  var embeddings: String?

  @Option(help: "Seconds a run, separated by commas.")
  var limits = "1,10,60"

  @Option(help: "The single methods, separated by commas.")
  var methods =
    "gilmore-lawler,projection,hahn-grant,rlt1,dnn,branch-and-bound,tabu,memetic,faq,2-opt"

  @Option(help: "The state file.")
  var state = ".build/portfolio.csv"

  @Option(help: "What the runs of auto are kept as: a build's name.")
  var label = "auto"

  static let instances =
    "nug15,nug20,nug25,nug30,had20,kra30a,rou20,tai20a,tai25a,tai25b,tai30b,tho30,ste36a,esc16b,"
    + "esc32a,esc32h,esc64a,bur26a,chr25a,lipa40a,scr20,els19,sko42,sko64,sko100a,tai60a,wil50"

  /// The result of one run.
  private struct Run {
    let objective: Double?
    let bound: Double?
    let isProven: Bool
    let seconds: Double
  }

  private struct Case {
    let name: String
    let arguments: [String]
  }

  func run() throws {
    let file = StateFile(path: state)
    var runs: [String: Run] = [:]
    for line in try file.open(header: "key,objective,bound,proven,seconds").dropFirst() {
      let fields = fields(line)
      guard fields.count == 5, let seconds = Double(fields[4]) else { continue }
      runs[fields[0]] = Run(
        objective: Double(fields[1]), bound: Double(fields[2]), isProven: fields[3] == "true",
        seconds: seconds)
    }
    let wanted = try limits.split(separator: ",").map {
      guard let limit = Double($0) else {
        throw MeasurementError(description: "--limits: found '\($0)', expected seconds")
      }
      return limit
    }
    let cases = try listing()
    let singles = methods.split(separator: ",").map(String.init)
    for limit in wanted {
      for one in cases {
        for method in [label] + singles where runs[key(one, method, limit)] == nil {
          let id = method == label ? "auto" : method
          let run = try perform(one, id, limit)
          runs[key(one, method, limit)] = run
          try file.append(
            [
              key(one, method, limit), run.objective.map { "\($0)" } ?? "",
              run.bound.map { "\($0)" } ?? "", "\(run.isProven)", "\(run.seconds)",
            ].joined(separator: ","))
          print(
            "\(one.name) \(method) \(limit) s: \(run.objective ?? .nan), bound "
              + "\(run.bound ?? .nan), \(decimals(run.seconds, 2)) s")
        }
      }
    }
    try publish(cases, wanted, singles, runs)
  }

  private func key(_ one: Case, _ method: String, _ limit: Double) -> String {
    "\(one.name) \(method) \(limit)"
  }

  private func listing() throws -> [Case] {
    let names = only.split(separator: ",").map(String.init)
    var cases = names.filter {
      FileManager.default.fileExists(atPath: "\(folder)/\($0).dat")
    }.map { Case(name: $0, arguments: ["solve", "\(folder)/\($0).dat"]) }
    guard let embeddings else { return cases }
    for (list, size) in [("subsets", 20), ("subsets", 40), ("subsets-large", 60)] {
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(embeddings)/\(list).json"))
      let pairs = try JSONDecoder().decode([EmbeddingPair].self, from: data).filter {
        $0.size == size
      }
      for pair in pairs.prefix(size == 20 ? 2 : 1) {
        let rows = FileManager.default.temporaryDirectory.appendingPathComponent(
          "portfolio-\(size)-\(pair.vision)-\(pair.language)")
        try pair.rows.map(String.init).joined(separator: "\n").write(
          to: rows, atomically: true, encoding: .utf8)
        let sides = [pair.vision, pair.language].map { "\(embeddings)/\($0).npy" }
        cases.append(
          Case(
            name: "\(pair.vision) × \(pair.language) \(size)",
            arguments: ["match"] + sides + ["--rows", rows.path, "--standardize"]))
      }
    }
    return cases
  }

  /// One run; a method that declines holds nothing.
  private func perform(_ one: Case, _ method: String, _ limit: Double) throws -> Run {
    do {
      let (result, measured) = try runQap(
        one.arguments + ["--method", method, "--time-limit", "\(limit)"])
      return Run(
        objective: result.objective, bound: result.bound,
        isProven: result.termination == "optimal", seconds: measured.wall)
    } catch is MeasurementError {
      return Run(objective: nil, bound: nil, isProven: false, seconds: 0)
    }
  }

  private func publish(
    _ cases: [Case], _ limits: [Double], _ singles: [String], _ runs: [String: Run]
  ) throws {
    var table = MarkdownTable(
      name: "auto",
      header: ["instance"]
        + limits.flatMap { limit in
          ["\(short(limit)) s: auto %", "best single %", "its method", "ratio"]
        }, command: "qap solve FILE --method METHOD --time-limit S (qap-bench auto)")
    var logs = [Double](repeating: 0, count: limits.count)
    var worst = [Double](repeating: 0, count: limits.count)
    for one in cases {
      let all = limits.flatMap { limit in
        ([label] + singles).compactMap { runs[key(one, $0, limit)]?.objective }
      }
      guard let reference = all.min() else { continue }
      func gap(_ run: Run, _ objective: Double) -> Double {
        if run.isProven { return 0.01 }
        guard let bound = run.bound, objective != 0 else { return .infinity }
        return max(0.01, 100 * (objective - bound) / abs(objective))
      }
      var row = [one.name]
      for (index, limit) in limits.enumerated() {
        guard let own = runs[key(one, label, limit)] else { continue }
        let mine = gap(own, own.objective ?? reference)
        let best = singles.compactMap { id in
          runs[key(one, id, limit)].map { (gap($0, reference), id) }
        }.min { $0.0 < $1.0 }
        guard let (theirs, id) = best else { continue }
        let ratio = mine == theirs ? 1 : mine / theirs
        logs[index] += log(ratio)
        worst[index] = max(worst[index], ratio)
        row += [decimals(mine, 2), decimals(theirs, 2), id, decimals(ratio, 2)]
      }
      table.rows.append(row)
    }
    let count = Double(max(1, table.rows.count))
    table.rows.append(
      ["geometric mean"] + logs.flatMap { ["", "", "", decimals(exp($0 / count), 3)] })
    table.rows.append(["worst"] + worst.flatMap { ["", "", "", decimals($0, 2)] })
    try table.publish(in: options.fill)
  }
}
