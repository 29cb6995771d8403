import ArgumentParser
import Foundation

/// Retrieval and alignment: local CKA against its definition, and ten thousand rows.
struct TaskRuns: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks",
    abstract: "Retrieval and alignment of embeddings: time, memory, and local CKA's definition.",
    discussion: """
      Scripts/peers/tasks.py makes the embeddings, and computes a sample of the local CKA scores \
      by their definition in NumPy: its time is that of one pair times the number of pairs.

      Example: qap-bench tasks --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "The Python interpreter, with NumPy.")
  var python = "python3"

  @Option(help: "Pairs computed by definition.")
  var sample = 200

  @Option(help: "Threads to use.")
  var threads = 2

  func run() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "qap-bench-tasks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var table = MarkdownTable(
      name: "tasks",
      header: [
        "task", "rows", "definition CPU s", "QAPKit CPU s", "wall s", "MiB", "largest difference",
      ],
      command: "qap-bench tasks")
    func add(_ row: [String]) {
      table.rows.append(row)
      print(row.joined(separator: "  "))
    }
    let queries = 500
    let small = try makeData(folder, "small", rows: 320 + queries)
    for (method, shape) in [("local-cka", "linear"), ("local-cka-rbf", "rbf")] {
      let scores = "\(small)/scores.npy"
      let base = ["--base", "\(small)/known.txt", "--method", method]
      // The time is that without writing the scores, matching included.
      let ours = try qap(["retrieve", "\(small)/language.npy", "\(small)/vision.npy"] + base)
      _ = try qap(
        ["retrieve", "\(small)/language.npy", "\(small)/vision.npy"] + base + ["--scores", scores])
      let peer = try numbers(["local-cka", small, shape, scores, "\(sample)"])
      add([
        "retrieve \(method), 320 known", "\(queries)",
        short(peer[0] * Double(queries * queries)), short(ours.cpu), short(ours.wall),
        mebibytes(ours.peakMemory), String(format: "%.0e", peer[1]),
      ])
    }
    let rows = 10_000
    let large = try makeData(folder, "large", rows: rows)
    let sides = ["\(large)/language.npy", "\(large)/vision.npy"]
    for (name, arguments) in [
      (
        "retrieve local-cka, 320 known",
        ["retrieve"] + sides + ["--base", "\(large)/known.txt", "--no-matching"]
      ),
      (
        "retrieve local-cka-rbf, 320 known",
        ["retrieve"] + sides
          + ["--base", "\(large)/known.txt", "--method", "local-cka-rbf", "--no-matching"]
      ),
      (
        "the same, with matching",
        ["retrieve"] + sides
          + ["--base", "\(large)/known.txt", "--method", "local-cka-rbf", "--matching"]
      ),
      ("align cka", ["align"] + sides + ["--measures", "cka"]),
      ("align cka-rbf", ["align"] + sides + ["--measures", "cka-rbf"]),
      ("align knn:10", ["align"] + sides + ["--measures", "knn:10"]),
      ("align gw", ["align"] + sides + ["--measures", "gw"]),
      (
        "align cka-rbf at six levels of shuffling",
        ["align"] + sides + ["--measures", "cka-rbf", "--shuffle", "0,20,40,60,80,100"]
      ),
    ] {
      let ours = try qap(arguments)
      add([
        name, "\(rows)", "–", short(ours.cpu), short(ours.wall), mebibytes(ours.peakMemory), "–",
      ])
    }
    try table.publish(in: options.fill)
  }

  private func makeData(_ folder: URL, _ name: String, rows: Int) throws -> String {
    let path = folder.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    _ = try numbers(["data", path, "\(rows)"])
    return path
  }

  private func qap(_ arguments: [String]) throws -> Measurement {
    let measured = try measure(
      qapExecutable(), arguments + ["--threads", "\(threads)", "--quiet"])
    guard measured.status == 0 else {
      throw MeasurementError(description: "qap \(arguments[0]): exit \(measured.status)")
    }
    return measured
  }

  private func numbers(_ arguments: [String]) throws -> [Double] {
    let measured = try measure(python, ["Scripts/peers/tasks.py"] + arguments)
    guard measured.status == 0 else {
      throw MeasurementError(
        description: "\(python) Scripts/peers/tasks.py: exit \(measured.status); is NumPy there?")
    }
    return String(decoding: measured.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .compactMap { Double($0) }
  }
}
