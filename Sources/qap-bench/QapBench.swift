import ArgumentParser
import Foundation

/// Runs the benchmarks of BENCHMARKS.md and fills its tables.
@main
struct QapBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qap-bench",
    abstract: "Measures QAPKit and fills the tables of BENCHMARKS.md.",
    discussion: """
      Every figure is taken from outside the measured process: wall-clock time, CPU time of all its
      threads and the largest resident set. Machines are noisy: compare ratios within one run.

      Example: qap-bench hahn-grant --fill BENCHMARKS.md
      """,
    subcommands: [
      Bundled.self, Portfolio.self, Primal.self, Proofs.self, Deltas.self, Relaxation.self,
      RelaxationTimes.self,
      HahnGrantRounds.self, RelaxationValues.self, BoundTimes.self, BoundSchemes.self,
      Certificates.self, TreeCertificates.self, Scaling.self, Reading.self, AssignmentRuns.self,
      AssignmentTimes.self, LinearPrograms.self, GLPKProgram.self,
      LinearProgramMemory.self, DoublyNonnegativeBounds.self, LargeBounds.self,
      UnfilledLocations.self, MatchSubsets.self, MatchSeeded.self,
      Kernels.self, KernelProgram.self, Subsets.self, TaskRuns.self,
      MessagePassing.self, Resumption.self, TimeLimits.self, Calibrate.self,
    ])
}

/// Where the tables go and where the instances are.
struct BenchOptions: ParsableArguments {
  @Option(help: "The page whose table to replace, usually BENCHMARKS.md.")
  var fill: String?

  @Option(help: "The folder of QAPLIB files.")
  var instances = "Instances/qaplib"

  /// The path of an instance's file.
  func path(_ instance: String) -> String { "\(instances)/\(instance).dat" }
}

/// Every bundled instance with default options: time to the best known value, bound, memory.
struct Bundled: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bundled instances with default options against their best known values.")

  @OptionGroup var options: BenchOptions

  @Option(help: "Largest size to run.")
  var maxSize = 30

  @Option(help: "Seed of the runs.")
  var seed = 0

  @Option(help: "Seconds a run: an exact search does not always end of itself.")
  var timeLimit = 10

  func run() throws {
    var table = MarkdownTable(
      name: "bundled",
      header: [
        "instance", "n", "best known", "found", "at s", "bound", "gap %", "ended", "wall s",
        "CPU s",
        "MiB",
      ],
      command: "qap solve FILE --seed \(seed) --time-limit \(timeLimit) (qap-bench bundled)")
    var missed: [String] = []
    for (name, size, best) in try listedInstances(options.instances) where size <= maxSize {
      let (result, measured) = try runQap([
        "solve", options.path(name), "--seed", "\(seed)", "--time-limit", "\(timeLimit)",
      ])
      let found = result.objective ?? .infinity
      let reached = result.trace.first { ($0.objective ?? .infinity) <= best }?.seconds
      if found > best { missed.append(name) }
      let gap = result.bound.map { found == 0 ? 0 : 100 * (found - $0) / abs(found) }
      table.rows.append([
        name, "\(size)", decimals(best, 0), decimals(found, 0),
        reached.map { decimals($0, 2) } ?? "missed", result.bound.map { decimals($0, 0) } ?? "–",
        gap.map { decimals($0, 2) } ?? "–", result.termination, decimals(measured.wall, 2),
        decimals(measured.cpu, 2), mebibytes(measured.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
    print(
      missed.isEmpty
        ? "all \(table.rows.count) reached their best known value"
        : "missed: \(missed.joined(separator: ", "))")
  }
}

/// Rounds of `hahn-grant` against the published implementation.
struct HahnGrantRounds: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hahn-grant",
    abstract: "CPU time a round, and the bound after 50 rounds, against the published code.")

  @OptionGroup var options: BenchOptions

  /// CPU milliseconds a round and the bound after 50 rounds of the PyTorch implementation published
  /// with "It's a (Blind) Match!" (CVPR 2025), float64, one thread of an AMD EPYC.
  static let published: [(instance: String, milliseconds: Double, bound: Double?)] = [
    ("nug12", 46.4, 508.45), ("tai12a", 50.6, 216443.01), ("nug15", 99.9, 997.24),
    ("nug20", 192.9, 2126.88), ("tai20a", 192.0, 605333.59), ("had20", 292.9, 6509.6),
    ("rou20", 224.7, 629520.71), ("chr20a", 287.2, nil), ("nug30", 556.7, nil),
    ("tai30a", 1047.8, nil), ("kra30a", 2683, nil), ("ste36a", 9806.8, nil), ("sko42", 1598.3, nil),
    ("real N = 40", 5021.9, nil),
  ]

  func run() throws {
    var table = MarkdownTable(
      name: "hahn-grant",
      header: [
        "instance", "published CPU ms/round", "QAPKit CPU ms/round", "ratio",
        "published bound, 50 rounds", "QAPKit bound, 50 rounds", "wall s", "MiB",
      ],
      command:
        "qap bound FILE --method hahn-grant --iterations 50 --threads 1 (qap-bench hahn-grant)")
    let rounds = 50
    // A real-valued pair of distance matrices, the kind of instance that paper is about.
    let pair = FileManager.default.temporaryDirectory.appendingPathComponent("pair-40.npz").path
    defer { try? FileManager.default.removeItem(atPath: pair) }
    let made = try measure(
      qapExecutable(), ["generate", "planted-gw", "--size", "40", "--output", pair])
    guard made.status == 0 else { throw MeasurementError(description: "qap generate failed") }
    for row in Self.published {
      func bound(_ iterations: Int) throws -> (RunResult, Measurement) {
        try runQap([
          "bound", row.instance == "real N = 40" ? pair : options.path(row.instance), "--method",
          "hahn-grant", "--iterations",
          "\(iterations)", "--threads", "1",
        ])
      }
      let (result, measured) = try bound(rounds)
      // Starting the program and reading the file is no part of a round: take a short run off. At
      // small sizes that is most of the time, and varies more than the rounds take: hence medians.
      let (first, firstMeasured) = try bound(1)
      let done = max(1, result.iterations - first.iterations)
      var differences = [measured.cpu - firstMeasured.cpu]
      while differences.count < 25, Double(differences.count) * measured.cpu < 2 {
        differences.append(try bound(rounds).1.cpu - bound(1).1.cpu)
      }
      let milliseconds =
        1000 * median(differences) / Double(done)
      table.rows.append([
        row.instance, short(row.milliseconds), short(milliseconds),
        decimals(row.milliseconds / milliseconds, 0), row.bound.map { decimals($0, 2) } ?? "–",
        result.boundUnrounded.map { decimals($0, 2) } ?? "–", decimals(measured.wall, 2),
        mebibytes(measured.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}

/// The growth of a round with the size.
struct Scaling: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time and memory of hahn-grant rounds at n = 20, 40, 60, 80, 100.")

  @OptionGroup var options: BenchOptions

  @Option(help: "Rounds a run.")
  var rounds = 6

  func run() throws {
    var table = MarkdownTable(
      name: "scaling",
      header: ["n", "CPU ms/round", "growth exponent", "wall s", "MiB"],
      command:
        "qap generate taillard-uniform --size N; qap bound FILE --method hahn-grant "
        + "--iterations \(rounds) (qap-bench scaling)")
    var previous: (size: Double, milliseconds: Double)?
    for size in [20, 40, 60, 80, 100] {
      let file = FileManager.default.temporaryDirectory.appendingPathComponent(
        "scaling-\(size).dat")
      defer { try? FileManager.default.removeItem(at: file) }
      let made = try measure(
        qapExecutable(),
        ["generate", "taillard-uniform", "--size", "\(size)", "--seed", "1", "--output", file.path])
      guard made.status == 0 else { throw MeasurementError(description: "qap generate failed") }
      let arguments = ["bound", file.path, "--method", "hahn-grant", "--iterations"]
      let (result, measured) = try runQap(arguments + ["\(rounds)"])
      // Starting the program and reading the file is no part of a round: take a short run off.
      let (first, firstMeasured) = try runQap(arguments + ["1"])
      let milliseconds =
        1000 * (measured.cpu - firstMeasured.cpu)
        / Double(max(1, result.iterations - first.iterations))
      let exponent = previous.map {
        log(milliseconds / $0.milliseconds) / log(Double(size) / $0.size)
      }
      previous = (Double(size), milliseconds)
      table.rows.append([
        "\(size)", short(milliseconds), exponent.map { decimals($0, 2) } ?? "–",
        decimals(measured.wall, 2), mebibytes(measured.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    if FileManager.default.fileExists(atPath: options.path("sko100a")) {
      let (result, measured) = try runQap([
        "bound", options.path("sko100a"), "--method", "hahn-grant", "--iterations", "\(rounds)",
      ])
      table.rows.append([
        "100 (sko100a)", short(1000 * measured.cpu / Double(max(1, result.iterations))), "–",
        decimals(measured.wall, 2), mebibytes(measured.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}

/// The speed of reading files.
struct Reading: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time to read and examine a QAPLIB file of ten million entries.")

  @OptionGroup var options: BenchOptions

  @Option(help: "Facilities; the file has twice the square of it in entries.")
  var size = 2236

  func run() throws {
    var table = MarkdownTable(
      name: "reading", header: ["format", "entries", "MB", "wall s", "CPU s", "MiB"],
      command: "qap generate taillard-uniform --size \(size); qap info FILE (qap-bench reading)")
    let folder = FileManager.default.temporaryDirectory
    let text = folder.appendingPathComponent("reading.dat").path
    let archive = folder.appendingPathComponent("reading.npz").path
    defer { for path in [text, archive] { try? FileManager.default.removeItem(atPath: path) } }
    let qap = qapExecutable()
    let steps = [
      ["generate", "taillard-uniform", "--size", "\(size)", "--output", text],
      ["convert", text, archive],
    ]
    for step in steps where try measure(qap, step).status != 0 {
      throw MeasurementError(description: "qap \(step[0]) failed")
    }
    for path in [text, archive] {
      let measured = try measure(qap, ["info", path])
      guard measured.status == 0 else { throw MeasurementError(description: "qap info failed") }
      let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      table.rows.append([
        path.hasSuffix("npz") ? ".npz" : ".dat", "\(2 * size * size)",
        decimals(Double(bytes) / 1e6, 1), decimals(measured.wall, 2), decimals(measured.cpu, 2),
        mebibytes(measured.peakMemory),
      ])
    }
    try table.publish(in: options.fill)
  }
}

/// `rlt1` against the linear program that it bounds.
struct RelaxationValues: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rlt1",
    abstract: "Distance of rlt1 to the value of the level-1 RLT linear program, and the time.",
    discussion: """
      With --python, HiGHS's interior point method solves the same programs in the same run
      (Scripts/peers/rlt1.py; pip install highspy numpy).
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "The Python interpreter that runs HiGHS.")
  var python: String?

  @Option(help: "Largest size that HiGHS is given.")
  var maxProgramSize = 15

  /// Values of the level-1 RLT linear programs, solved by HiGHS 1.15.
  static let programs: [(instance: String, size: Int, value: Double?)] = [
    ("tai10a", 10, 131098.1777), ("nug12", 12, 522.8944), ("had12", 12, 1621.5377),
    ("scr12", 12, 29827.3279), ("rou12", 12, 224302.0224), ("tai12a", 12, 222186.4227),
    ("chr12a", 12, 9552), ("nug14", 14, 922.8661), ("had14", 14, 2666.1152),
    ("nug15", 15, 1040.994), ("rou15", 15, 324901.6113), ("scr15", 15, 49264.7305),
    ("chr15a", 15, 9513.1241), ("nug20", 20, 2181.6033), ("nug30", 30, nil), ("tai30a", 30, nil),
    ("kra30a", 30, nil), ("tho40", 40, nil), ("sko42", 42, nil),
  ]

  func run() throws {
    var table = MarkdownTable(
      name: "rlt1",
      header: [
        "instance", "LP value", "HiGHS s", "rlt1 bound", "below LP %", "LP is at most",
        "below that %", "hahn-grant, same time",
        "wall s", "CPU s", "MiB",
      ],
      command: "qap bound FILE --method rlt1 (qap-bench rlt1 --python python3)")
    for program in Self.programs
    where FileManager.default.fileExists(atPath: options.path(program.instance)) {
      var value = program.value
      var seconds: Double?
      if let python, program.size <= maxProgramSize {
        let peer = try measure(python, ["Scripts/peers/rlt1.py", options.path(program.instance)])
        let numbers = String(decoding: peer.output, as: UTF8.self)
          .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard peer.status == 0, numbers.count == 2 else {
          throw MeasurementError(description: "Scripts/peers/rlt1.py failed; is highspy there?")
        }
        value = numbers[0]
        seconds = numbers[1]
      }
      let (result, measured) = try runQap([
        "bound", options.path(program.instance), "--method", "rlt1",
      ])
      let (coordinate, _) = try runQap([
        "bound", options.path(program.instance), "--time-limit", "\(max(0.1, measured.wall))",
      ])
      let bound = result.boundUnrounded ?? -.infinity
      table.rows.append([
        program.instance, value.map { decimals($0, 3) } ?? "–", seconds.map(short) ?? "–",
        decimals(bound, 3), value.map { decimals(100 * ($0 - bound) / abs($0), 4) } ?? "–",
        result.relaxationCeiling.map { decimals($0, 3) } ?? "–",
        result.relaxationCeiling.map { decimals(100 * ($0 - bound) / abs($0), 3) } ?? "–",
        decimals(coordinate.boundUnrounded ?? -.infinity, 3), decimals(measured.wall, 2),
        decimals(measured.cpu, 2), mebibytes(measured.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}
