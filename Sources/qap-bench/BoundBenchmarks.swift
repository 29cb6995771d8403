import ArgumentParser
import Foundation
import QAP
import QAPDualAscent
import QAPInstanceIO

/// Bounds against time.
struct BoundTimes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bound-times",
    abstract: "Bounds of hahn-grant and rlt1 after some times, and of the published code by then.")

  @OptionGroup var options: BenchOptions

  /// CPU milliseconds a round of the PyTorch implementation published with "It's a (Blind) Match!"
  /// (CVPR 2025), and its bounds after some rounds.
  static let published: [(instance: String, milliseconds: Double, bounds: [(Int, Double)])] = [
    ("nug12", 46.4, [(10, 500.25), (20, 506.53), (50, 508.45), (200, 508.928)]),
    ("tai12a", 50.6, [(10, 213588.42), (20, 215753.43), (50, 216443.01), (200, 216634.834)]),
    ("nug20", 192.9, [(10, 2105.68), (20, 2122.86), (50, 2126.88)]),
    ("tai20a", 192, [(10, 601649.34), (20, 604643.98), (50, 605333.59)]),
    ("nug30", 556.7, [(10, 4627.74), (20, 4659.01), (41, 4667.809)]),
  ]

  func run() throws {
    let times = [0.1, 0.3, 1, 3, 10]
    var table = MarkdownTable(
      name: "bound-times", header: ["instance", "method"] + times.map { "\(short($0)) s" },
      command: "qap bound FILE --method ID --time-limit S --threads 1 (qap-bench bound-times)")
    for row in Self.published {
      for method in ["hahn-grant", "rlt1"] {
        var cells = [row.instance, method]
        for time in times {
          let (result, _) = try runQap([
            "bound", options.path(row.instance), "--method", method, "--time-limit", "\(time)",
            "--threads", "1",
          ])
          cells.append(decimals(result.boundUnrounded ?? -.infinity, 2))
        }
        table.rows.append(cells)
        print(cells.joined(separator: "  "))
      }
      // The published code counts only rounds that are done.
      table.rows.append(
        [row.instance, "published code"]
          + times.map { time in
            let done = row.bounds.last { Double($0.0) * row.milliseconds <= 1000 * time }
            return done.map { "\(decimals($0.1, 2)) (\($0.0) rounds)" } ?? "–"
          })
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}

/// Two ways to spend time on the smoothed dual.
struct BoundSchemes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schemes",
    abstract: "Sweeps alone against Newton steps by conjugate gradients, on the smoothed dual.")

  @OptionGroup var options: BenchOptions

  func run() throws {
    var table = MarkdownTable(
      name: "schemes", header: ["instance", "scheme", "CPU s", "bound"],
      command: "AnnealedAscent on one thread, default temperatures (qap-bench schemes)")
    let schemes: [(name: String, sweeps: Int, newton: Int)] = [
      ("5,000 sweeps", 5000, 0), ("10,000 sweeps", 10_000, 0),
      ("5,000 sweeps and Newton steps", 5000, 250),
    ]
    for name in ["nug12", "tai12a", "scr15", "chr15a", "nug20", "nug30", "kra30a"] {
      let instance = try InstanceFile.read(options.path(name))
      for scheme in schemes {
        let method = AnnealedAscent(
          .init(
            sweeps: scheme.sweeps, newtonPasses: scheme.newton, estimatesCeiling: false))
        let before = processSeconds()
        let report = try instance.solve(with: method, options: SolveOptions(threads: 1))
        let seconds = processSeconds() - before
        table.rows.append([
          name, scheme.name, decimals(seconds, 2),
          decimals(report.bound?.unrounded ?? -.infinity, 4),
        ])
        print(table.rows.last!.joined(separator: "  "))
      }
    }
    try table.publish(in: options.fill)
  }

  /// CPU seconds of this process so far.
  private func processSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
}

/// Certificates: their size and the time of their check.
struct Certificates: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Size of certificates and the time to read and verify them.")

  @OptionGroup var options: BenchOptions

  func run() throws {
    var table = MarkdownTable(
      name: "certificates",
      header: ["instance", "method", "bound", "MB", "verify: wall s", "MiB"],
      command: "qap bound FILE --method ID --certificate F; qap verify FILE F "
        + "(qap-bench certificates)")
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("bench.cert").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for (name, method) in [
      ("nug12", "rlt1"), ("nug30", "rlt1"), ("tai30a", "rlt1"), ("sko42", "hahn-grant"),
      ("sko100a", "gilmore-lawler"), ("sko100a", "projection"),
    ] where FileManager.default.fileExists(atPath: options.path(name)) {
      let (result, _) = try runQap([
        "bound", options.path(name), "--method", method, "--certificate", path,
      ])
      let verified = try measure(qapExecutable(), ["verify", options.path(name), path])
      guard verified.status == 0 else {
        throw MeasurementError(description: "the certificate of \(name) does not hold")
      }
      let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      table.rows.append([
        name, method, decimals(result.boundUnrounded ?? -.infinity, 3),
        decimals(Double(bytes) / 1e6, 2), decimals(verified.wall, 2),
        mebibytes(verified.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}
