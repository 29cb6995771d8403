import ArgumentParser
import Foundation
import QAPLinearAssignment
import QAPPrimitives

/// The matrices on which linear assignment codes are compared.
enum MatrixFamily: String, CaseIterable, ExpressibleByArgument {
  /// Uniform in [0, 1).
  case uniform
  /// Integers from 1 to 100.
  case integer
  /// Products a·bᵀ of digits: many ties, and what the first round of a dual ascent meets.
  case product

  func matrix(_ n: Int, seed: UInt64) -> Matrix<Double> {
    var g = SeededGenerator(seed: seed)
    let a = (0..<n).map { _ in Double(g.below(10)) }
    let b = (0..<n).map { _ in Double(g.below(10)) }
    return Matrix(rows: n, columns: n) { r, c in
      switch self {
      case .uniform: g.unit()
      case .integer: Double(1 + g.below(100))
      case .product: a[r] * b[c]
      }
    }
  }
}

/// One family and size, timed inside the process after a warm-up; prints milliseconds.
struct AssignmentTimes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assignment-times",
    abstract: "Median and minimum time of linear assignment on one family and size.",
    shouldDisplay: false)

  @Argument var family: MatrixFamily
  @Argument var size: Int
  @Option(help: "Matrices to solve.") var matrices = 10
  @Option(help: "Solves of each.") var repeats = 3
  @Option(help: "Only write the matrices to this file, as 64-bit floats.") var write: String?

  func run() throws {
    if let write {
      var bytes = Data()
      for seed in 0..<matrices {
        for element in family.matrix(size, seed: UInt64(seed)).elements {
          unsafe withUnsafeBytes(of: element.bitPattern.littleEndian) {
            unsafe bytes.append(contentsOf: $0)
          }
        }
      }
      try bytes.write(to: URL(fileURLWithPath: write))
      return
    }
    let solver = LinearAssignmentSolver(capacity: size)
    var times: [Double] = []
    for seed in 0..<matrices {
      let matrix = family.matrix(size, seed: UInt64(seed))
      for _ in 0..<repeats {
        let began = ContinuousClock.now
        let solution = solver.solve(matrix)
        let elapsed = (ContinuousClock.now - began).components
        guard solution.value.isFinite else { throw MeasurementError(description: "no solution") }
        times.append(Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) * 1e-15)
      }
    }
    print(median(times), times.min() ?? 0)
  }
}

/// Linear assignment against SciPy and lapjv, on the same matrices in the same run.
struct AssignmentRuns: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assignment",
    abstract: "Linear assignment against SciPy and lapjv (Python with both installed).",
    discussion: """
      The peers are timed by Scripts/peers/assignment.py on the very same matrices, handed over as
      files of 64-bit floats.

      Example: pip install scipy lapjv && qap-bench assignment --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "The Python interpreter.")
  var python = "python3"

  func run() throws {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    var table = MarkdownTable(
      name: "assignment",
      header: [
        "matrix", "n", "SciPy ms", "lapjv ms", "QAPKit ms", "best peer / QAPKit", "MiB",
      ],
      command: "qap-bench assignment")
    for family in MatrixFamily.allCases {
      for (size, matrices, repeats) in [(30, 50, 40), (100, 20, 10), (500, 5, 3), (1000, 3, 2)] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
          "assignment-\(family.rawValue)-\(size).f64")
        defer { try? FileManager.default.removeItem(at: file) }
        // A child writes the file: what this process has held would count as its children's memory.
        let written = try measure(
          program,
          [
            "assignment-times", family.rawValue, "\(size)", "--matrices", "\(matrices)", "--write",
            file.path,
          ])
        guard written.status == 0 else {
          throw MeasurementError(description: "\(file.path): cannot be written")
        }
        let peers = try numbers(
          python, ["Scripts/peers/assignment.py", file.path, "\(size)", "\(repeats)"])
        let ours = try measure(
          program,
          [
            "assignment-times", family.rawValue, "\(size)", "--matrices", "\(matrices)",
            "--repeats", "\(repeats)",
          ])
        let own = try parse(ours)
        let best = min(peers[0], peers[1].isNaN ? .infinity : peers[1])
        table.rows.append([
          family.rawValue, "\(size)", short(peers[0]), peers[1].isNaN ? "–" : short(peers[1]),
          short(own[0]), decimals(best / own[0], 1), mebibytes(ours.peakMemory),
        ])
        print(table.rows.last!.joined(separator: "  "))
      }
    }
    try table.publish(in: options.fill)
  }

  private func numbers(_ program: String, _ arguments: [String]) throws -> [Double] {
    let measured = try measure(program, arguments)
    guard measured.status == 0 else {
      throw MeasurementError(
        description:
          "\(program) \(arguments[0]): exit \(measured.status); are SciPy and lapjv there?")
    }
    return try parse(measured)
  }

  private func parse(_ measured: Measurement) throws -> [Double] {
    let values = String(decoding: measured.output, as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard measured.status == 0, values.count >= 2 else {
      throw MeasurementError(description: "the timing program printed no times")
    }
    return values
  }
}
