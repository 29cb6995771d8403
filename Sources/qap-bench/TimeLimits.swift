import ArgumentParser
import Foundation
import QAPInstanceIO
import QAPPrimitives

/// The delay of every method after a time limit, and its bound and assignment then.
struct TimeLimits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limits",
    abstract: "Seconds over a time limit, and the result then, for every method.",
    discussion: """
      Wall-clock time of the whole program: reading, kernels and verification count. An asterisk \
      marks more than 0.3 s and 5 % over the limit.
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "Sizes of the generated instances, with commas between them.")
  var sizes = "60,200,600"

  @Option(help: "Rows of the matches.")
  var rows = "3000,10000"

  @Option(help: "Time limits in seconds.")
  var limits = "1,3,10"

  @Option(help: "Methods (default: all).")
  var methods: String?

  /// The entry of a method in a table.
  private struct Method: Decodable {
    let method: String
    let guarantee: String
  }

  func run() throws {
    let limits = try numbers(limits)
    var table = MarkdownTable(
      name: "limits",
      header: ["instance", "n", "method"] + limits.map { "over \($0) s by" } + [
        "bound", "assignment",
      ],
      command: "qap solve FILE, or match X.npy Y.npy, --method ID --time-limit S (qap-bench limits)"
    )
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("qap-limits-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String) -> String { folder.appendingPathComponent(name).path }
    let listed = try JSONDecoder().decode(
      [Method].self, from: try measure(qapExecutable(), ["methods", "--json", "-"]).output)
    let chosen = methods.map { Set($0.split(separator: ",").map(String.init)) }
    let wanted = listed.filter { chosen?.contains($0.method) ?? true }

    func add(_ name: String, _ size: Int, _ method: Method, _ command: [String]) throws {
      var cells: [String] = []
      var held: [RunResult] = []
      for limit in limits {
        let measured = try measure(
          qapExecutable(),
          command + [
            "--method", method.method, "--time-limit", "\(limit)", "--quiet", "--json", "-",
          ])
        let over = measured.wall - Double(limit)
        let isLate = over > 0.3 + 0.05 * Double(limit)
        switch measured.status {
        case 0:
          let decoder = JSONDecoder()
          decoder.keyDecodingStrategy = .convertFromSnakeCase
          held.append(try decoder.decode(RunResult.self, from: measured.output))
          cells.append(over < 0 ? "ended" : decimals(over, 2) + (isLate ? " \\*" : ""))
        case 69: cells.append("refused")
        default: cells.append("exit \(measured.status)")
        }
      }
      func says(_ isPromised: Bool, _ has: (RunResult) -> Bool) -> String {
        held.isEmpty ? "–" : held.allSatisfy(has) ? "yes" : isPromised ? "**no**" : "no"
      }
      table.rows.append(
        [name, "\(size)", method.method] + cells + [
          says(method.guarantee != "assignment") { $0.bound != nil },
          says(method.guarantee != "bound") { $0.objective != nil },
        ])
      print(table.rows.last!.joined(separator: "  "))
    }

    for size in try numbers(sizes) {
      for family in ["taillard-uniform", "grid"] {
        let path = file("\(family)-\(size).dat")
        _ = try measure(
          qapExecutable(),
          ["generate", family, "--size", "\(size)", "--seed", "1", "--output", path])
        for method in wanted { try add(family, size, method, ["solve", path]) }
      }
    }
    for count in try numbers(rows) {
      let paths = [file("x\(count).npy"), file("y\(count).npy")]
      for (index, path) in paths.enumerated() {
        var generator = SeededGenerator(seed: UInt64(index))
        let values = Matrix(rows: count, columns: 64) { _, _ in generator.approximateNormal() }
        try NPY.write(NumericArray(values), to: path)
      }
      for method in wanted { try add("match", count, method, ["match"] + paths) }
    }
    try table.publish(in: options.fill)
  }

  private func numbers(_ list: String) throws -> [Int] {
    try list.split(separator: ",").map {
      guard let number = Int($0), number > 0 else {
        throw ValidationError("found '\($0)', expected positive numbers with commas between them")
      }
      return number
    }
  }
}
