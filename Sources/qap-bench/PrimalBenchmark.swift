import ArgumentParser
import Foundation
import QAP
import QAPFrankWolfe
import QAPLocalSearch
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The speed at which tabu search updates the costs of all swaps.
struct Deltas: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Swap costs updated and looked through a second, on one thread.",
    discussion: """
      One walk of tabu search on random instances, measured from outside: every iteration updates \
      the costs of all n(n−1)/2 swaps and looks through them.
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "CPU seconds a measurement, about.")
  var seconds = 3.0

  func run() throws {
    var table = MarkdownTable(
      name: "deltas",
      header: ["n", "costs", "thousand swaps/s", "million deltas/s"],
      command: "qap solve FILE --method tabu --threads 1 (qap-bench deltas)")
    let kinds = ["symmetric integer", "asymmetric integer", "symmetric real", "asymmetric real"]
    for size in [30, 100, 256] {
      for kind in kinds {
        let file = FileManager.default.temporaryDirectory
          .appendingPathComponent("deltas-\(size).dat").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try text(size, kind).write(toFile: file, atomically: true, encoding: .utf8)
        func cost(_ iterations: Int) throws -> (iterations: Double, cpu: Double) {
          let (result, measured) = try runQap([
            "solve", file, "--method", "tabu", "--threads", "1", "--iterations", "\(iterations)",
          ])
          return (Double(result.iterations), measured.cpu)
        }
        // Reading the file, and the first evaluations, are no part of it: take a short run off.
        let first = try cost(100)
        let probe = try cost(20_000_000 / (size * size))
        let rate = (probe.iterations - first.iterations) / max(0.01, probe.cpu - first.cpu)
        let long = try cost(max(1000, Int(rate * seconds)))
        let swaps = (long.iterations - first.iterations) / (long.cpu - first.cpu)
        table.rows.append([
          "\(size)", kind, decimals(swaps / 1e3, 1),
          decimals(swaps * Double(size * (size - 1) / 2) / 1e6, 0),
        ])
        print(table.rows.last!.joined(separator: "  "))
      }
    }
    try table.publish(in: options.fill)
  }

  /// A QAPLIB file of random numbers.
  private func text(_ n: Int, _ kind: String) -> String {
    var generator = SeededGenerator(seed: UInt64(n))
    let isReal = kind.hasSuffix("real")
    let isSymmetric = kind.hasPrefix("symmetric")
    var rows = ["\(n)"]
    for _ in 0..<2 {
      let plain = Matrix<Double>(rows: n, columns: n) { r, c in
        r == c ? 0 : isReal ? generator.unit() : Double(generator.below(100))
      }
      for r in 0..<n {
        let row = (0..<n).map { plain[isSymmetric ? min(r, $0) : r, isSymmetric ? max(r, $0) : $0] }
        rows.append(row.map { isReal ? "\($0)" : "\(Int($0))" }.joined(separator: " "))
      }
    }
    return rows.joined(separator: "\n")
  }
}

/// Two matrices of Euclidean distances between random points, real and without ties.
private func distancePair(_ n: Int) -> (flow: Matrix<Double>, distance: Matrix<Double>) {
  var generator = SeededGenerator(seed: UInt64(n))
  func matrix() -> Matrix<Double> {
    let points = (0..<n).map { _ in (0..<3).map { _ in generator.unit() } }
    return Matrix(rows: n, columns: n) { r, c in
      zip(points[r], points[c]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
  }
  return (matrix(), matrix())
}

/// One size, timed inside the process; prints objective and median CPU milliseconds of `faq`, and
/// (`--descends`) of a 2-opt descent.
struct RelaxationTimes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faq-times", abstract: "Objective and CPU time of faq and 2-opt on one size.",
    shouldDisplay: false)

  @Argument var size: Int
  @Option(help: "Runs of each; the median counts.") var repeats = 5
  @Option(help: "Facilities fixed at the locations of their numbers.") var fixed = 0
  @Flag(help: "Time 2-opt too.") var descends = false

  func run() throws {
    let (flow, distance) = distancePair(size)
    let instance = try Instance(flow: flow, distance: distance)
    var methods: [any Method] = [FrankWolfe(.init(starts: 1, shufflesTies: false))]
    if descends { methods.append(TwoOpt(.init(rule: .firstImprovement, starts: 1))) }
    for method in methods {
      var times: [Double] = []
      var objective = 0.0
      for _ in 0..<repeats {
        let began = clock()
        let pairs = (0..<fixed).map { FixedPair(facility: $0, location: $0) }
        let report = try instance.solve(
          with: method, options: SolveOptions(threads: 1, pairs: pairs))
        times.append(Double(clock() - began) / Double(CLOCKS_PER_SEC))
        objective = report.incumbent?.objective ?? .nan
      }
      print(objective, 1000 * median(times))
    }
  }
}

/// `faq` and `2-opt` against SciPy's on the same matrices in the same run.
struct Relaxation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faq",
    abstract: "One start of faq, and a descent of 2-opt, against SciPy (Python with SciPy).",
    discussion: """
      One thread each, CPU time, faq from the barycenter with the same stopping rule. The peer is \
      timed by Scripts/peers/faq.py.

      Example: pip install scipy && qap-bench faq --python python3 --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "The Python interpreter.")
  var python = "python3"

  @Option(help: "Largest size of a descent that SciPy is given: half a minute at n = 100.")
  var maxDescentSize = 100

  func run() throws {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    var table = MarkdownTable(
      name: "faq",
      header: [
        "method", "n", "SciPy objective", "QAPKit objective", "SciPy CPU ms", "QAPKit CPU ms",
        "ratio",
      ],
      command: "qap-bench faq --python python3")
    for (size, repeats, fixed) in [
      (30, 41, 0), (100, 21, 0), (256, 5, 0), (800, 1, 0), (820, 5, 320),
    ] {
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("faq-\(size).f64")
      defer { try? FileManager.default.removeItem(at: file) }
      let (flow, distance) = distancePair(size)
      var bytes = Data()
      for element in flow.elements.array + distance.elements.array {
        unsafe withUnsafeBytes(of: element.bitPattern.littleEndian) {
          unsafe bytes.append(contentsOf: $0)
        }
      }
      try bytes.write(to: file)
      let descends = size <= maxDescentSize
      let peer = try numbers(
        python,
        [
          "Scripts/peers/faq.py", file.path, "\(size)", "\(repeats)", descends ? "1" : "0",
          "\(fixed)",
        ])
      let own = try numbers(
        program,
        ["faq-times", "\(size)", "--repeats", "\(repeats)", "--fixed", "\(fixed)"]
          + (descends ? ["--descends"] : []))
      for (index, name) in ["faq", "2-opt"].enumerated() where index == 0 || descends {
        let (theirs, ours) = (peer[2 * index + 1], own[2 * index + 1])
        table.rows.append([
          name + (fixed > 0 ? ", \(fixed) fixed" : ""), "\(size)", decimals(peer[2 * index], 6),
          decimals(own[2 * index], 6),
          short(theirs), short(ours), decimals(theirs / ours, 1),
        ])
        print(table.rows.last!.joined(separator: "  "))
      }
    }
    try table.publish(in: options.fill)
  }

  private func numbers(_ program: String, _ arguments: [String]) throws -> [Double] {
    let measured = try measure(program, arguments)
    let values = String(decoding: measured.output, as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard measured.status == 0, values.count >= 2 else {
      throw MeasurementError(
        description: "\(program) \(arguments[0]): exit \(measured.status); is SciPy there?")
    }
    return values
  }
}
