import ArgumentParser
import Foundation
import QAP
import QAPInstanceIO

/// The strength of single bounds at the sizes up to which README and help recommend them.
struct LargeBounds: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sizes",
    abstract: "Single bounds at large sizes, within a time limit.",
    discussion: "tai1000 is the instance that 'qap generate taillard-uniform --size 1000' makes.")

  @OptionGroup var options: BenchOptions

  @Option(help: "Seconds a bound.")
  var seconds = 60

  /// Methods, instances and sizes; an instance that is not bundled is generated.
  static let runs = [
    ("gilmore-lawler", "tai1000", 1000), ("projection", "sko100a", 100),
    ("hahn-grant", "sko100a", 100), ("rlt1", "sko42", 42), ("rlt1", "tai64c", 64),
    ("dnn", "nug30", 30), ("dnn", "ste36a", 36), ("dnn", "sko42", 42),
    ("xia-yuan", "nug30", 30), ("kaufman-broeckx", "nug30", 30),
  ]

  func run() throws {
    var table = MarkdownTable(
      name: "sizes",
      header: [
        "instance", "n", "method", "bound", "best known", "below it %", "ended", "wall s", "CPU s",
        "MiB",
      ],
      command: "qap bound FILE --method ID --time-limit \(seconds) (qap-bench sizes)")
    let best = BestKnown.values(near: options.path("nug12"))
    for (method, name, size) in Self.runs {
      let folder = FileManager.default.temporaryDirectory
      let made = folder.appendingPathComponent("\(name).dat").path
      defer { try? FileManager.default.removeItem(atPath: made) }
      var path = options.path(name)
      if !FileManager.default.fileExists(atPath: path) {
        path = made
        let generated = try measure(
          qapExecutable(), ["generate", "taillard-uniform", "--size", "\(size)", "--output", path])
        guard generated.status == 0 else {
          throw MeasurementError(description: "qap generate failed")
        }
      }
      let (result, measured) = try runQap([
        "bound", path, "--method", method, "--time-limit", "\(seconds)",
      ])
      let value = best[name]
      let distance = value.flatMap { value in result.bound.map { 100 * (value - $0) / abs(value) } }
      table.rows.append([
        name, "\(size)", method, result.bound.map { decimals($0, 0) } ?? "–",
        value.map { decimals($0, 0) } ?? "–", distance.map { decimals($0, 2) } ?? "–",
        result.termination, decimals(measured.wall, 2), decimals(measured.cpu, 2),
        mebibytes(measured.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}

/// Fewer facilities than locations: the smaller relaxation against zero rows.
struct UnfilledLocations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unfilled",
    abstract: "Bounds with two locations more than facilities, as they are and padded.")

  @OptionGroup var options: BenchOptions

  func run() throws {
    var table = MarkdownTable(
      name: "unfilled",
      header: [
        "instance", "facilities", "locations", "bound", "padded", "lower by %", "s", "padded s",
      ],
      command:
        "qap bound FILE --method rlt1 on the instance without its last two facilities, and with "
        + "zero rows in their place (qap-bench unfilled)")
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("unfilled.json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for name in ["nug12", "rou12", "tai12a", "chr12a", "nug15", "rou15", "nug20", "tai20a"] {
      let instance = try InstanceFile.read(options.path(name))
      guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { continue }
      let (size, kept) = (instance.size, instance.size - 2)
      func rows(_ count: Int) -> [[Double]] {
        (0..<count).map { i in
          (0..<count).map { k in i < kept && k < kept ? flow[i, k] : 0 }
        }
      }
      let distances = (0..<size).map { j in (0..<size).map { distance[j, $0] } }
      func bound(_ facilities: Int) throws -> RunResult {
        let problem = ["flow": rows(facilities), "distance": distances]
        try JSONEncoder().encode(problem).write(to: URL(fileURLWithPath: path))
        return try runQap(["bound", path, "--method", "rlt1"]).result
      }
      let (own, padded) = (try bound(kept), try bound(size))
      guard let value = own.boundUnrounded, let other = padded.boundUnrounded else { continue }
      table.rows.append([
        name, "\(kept)", "\(size)", decimals(value, 2), decimals(other, 2),
        decimals(100 * (other - value) / abs(other), 1), decimals(own.seconds, 2),
        decimals(padded.seconds, 2),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}
