import ArgumentParser
import Foundation
import QAPInstanceIO

/// `dnn` on QAPLIB instances and on pairs of embeddings.
struct DoublyNonnegativeBounds: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dnn",
    abstract: "Bounds of the doubly nonnegative relaxation, their time, memory and certificates.",
    discussion: """
      QAPLIB instances first. Then, with --embeddings, the pairs of a folder with subsets.json: an \
      array of
      objects with "vision", "language" (names of .npy files), "N" and "rows"; subsets-large.json \
      likewise. Finished pairs are lines of a state file and are not run again.

      Example: qap-bench dnn --max-size 0 --embeddings FOLDER --max-pair-size 100 --pair-seconds \
      5400 --pair-names "squeezenet11 t_in1k_wordnet_minilm" --pair-table dnn-large --fill \
      BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "Largest QAPLIB instance to run, 0 for none; beyond 30 it takes many minutes.")
  var maxSize = 25

  @Option(help: "Steps at most, QAPLIB instances.")
  var steps = 500

  @Option(help: "The folder of pairs of embeddings.")
  var embeddings: String?

  @Option(help: "Smallest pair to run.")
  var minPairSize = 0

  @Option(help: "Largest pair to run; 40 takes half a minute a pair, 60 half an hour.")
  var maxPairSize = 20

  @Option(help: "Only pairs whose two names, with a space between them, contain this.")
  var pairNames = ""

  @Option(help: "The method for pairs.")
  var pairMethod = "dnn"

  @Option(help: "The name of the table of pairs.")
  var pairTable = "dnn-matching"

  @Option(help: "The state file of pairs.")
  var pairState = ".build/dnn-pairs.csv"

  @Option(help: "Seconds a pair at most.")
  var pairSeconds = 600

  static let instances = [
    ("nug12", 12), ("had12", 12), ("tai12a", 12), ("scr12", 12), ("rou12", 12), ("chr12a", 12),
    ("nug15", 15), ("rou15", 15), ("tai15a", 15), ("scr15", 15), ("esc16a", 16), ("had16", 16),
    ("nug18", 18), ("nug20", 20), ("had20", 20), ("tai20a", 20), ("scr20", 20), ("nug25", 25),
    ("tai25a", 25), ("nug30", 30), ("kra30a", 30), ("sko42", 42),
  ]

  func run() throws {
    if maxSize > 0 { try library() }
    if let embeddings { try pairs(in: embeddings) }
  }

  private func library() throws {
    var table = MarkdownTable(
      name: "dnn",
      header: [
        "instance", "bound", "not rounded", "best known", "gap %", "steps", "wall s", "CPU s",
        "MiB", "certificate MB", "verify s",
      ],
      command: "qap bound FILE --method dnn --iterations \(steps) --certificate F; "
        + "qap verify FILE F (qap-bench dnn)")
    let best = BestKnown.values(near: options.path("nug12"))
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("dnn.cert").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for (name, size) in Self.instances
    where size <= maxSize && FileManager.default.fileExists(atPath: options.path(name)) {
      let (result, measured) = try runQap([
        "bound", options.path(name), "--method", "dnn", "--iterations", "\(steps)",
        "--certificate", path,
      ])
      let verified = try measure(qapExecutable(), ["verify", options.path(name), path])
      guard verified.status == 0 else {
        throw MeasurementError(description: "the certificate of \(name) does not hold")
      }
      let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      let value = best[name]
      let gap = value.flatMap { value in result.bound.map { 100 * (value - $0) / abs(value) } }
      table.rows.append([
        name, result.bound.map { decimals($0, 0) } ?? "–",
        result.boundUnrounded.map { decimals($0, 3) } ?? "–", value.map { decimals($0, 0) } ?? "–",
        gap.map { decimals($0, 3) } ?? "–", "\(result.iterations)", short(measured.wall),
        short(measured.cpu), mebibytes(measured.peakMemory), decimals(Double(bytes) / 1e6, 2),
        short(verified.wall),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }

  private func pairs(in folder: String) throws {
    var table = MarkdownTable(
      name: pairTable,
      header: [
        "vision", "language", "N", "value", "bound", "gap %", "ended", "accuracy", "steps", "nodes",
        "wall s", "CPU s", "MiB",
      ],
      command: "qap match V.npy L.npy --rows F --standardize --truth identity --method "
        + "\(pairMethod) --time-limit \(pairSeconds) (qap-bench dnn --embeddings FOLDER)")
    let state = StateFile(path: pairState)
    var done: [String: [String]] = [:]
    for line in try state.open(header: "method,seconds," + table.header.joined(separator: ",")) {
      let fields = fields(line)
      guard fields.count == table.header.count + 2 else { continue }
      done[fields.prefix(5).joined(separator: ",")] = Array(fields.dropFirst(2))
    }
    let list = FileManager.default.temporaryDirectory.appendingPathComponent("dnn-rows.txt")
    defer { try? FileManager.default.removeItem(at: list) }
    for file in ["subsets.json", "subsets-large.json"] {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)") else { continue }
      for pair in try JSONDecoder().decode([EmbeddingPair].self, from: data)
      where pair.size >= minPairSize && pair.size <= maxPairSize
        && (pairNames.isEmpty || "\(pair.vision) \(pair.language)".contains(pairNames))
      {
        let key = "\(pairMethod),\(pairSeconds),\(pair.vision),\(pair.language),\(pair.size)"
        if let row = done[key] {
          table.rows.append(row)
          continue
        }
        try pair.rows.map(String.init).joined(separator: "\n").write(
          to: list, atomically: true, encoding: .utf8)
        let (result, measured) = try runQap([
          "match", "\(folder)/\(pair.vision).npy", "\(folder)/\(pair.language).npy", "--rows",
          list.path, "--standardize", "--truth", "identity", "--method", pairMethod, "--time-limit",
          "\(pairSeconds)",
        ])
        // Without the constant, which does not depend on the match.
        let constant = result.constant ?? 0
        let value = result.objective.map { $0 - constant }
        let bound = result.bound.map { $0 - constant }
        let gap = value.flatMap { value in
          bound.map { value == $0 ? 0 : 100 * (value - $0) / abs(value) }
        }
        table.rows.append([
          pair.vision, pair.language, "\(pair.size)", value.map { decimals($0, 4) } ?? "–",
          bound.map { decimals($0, 4) } ?? "–", gap.map { decimals($0, 4) } ?? "–",
          result.termination, result.accuracy.map { decimals($0, 3) } ?? "–",
          "\(result.iterations)", "\(result.nodes)", short(measured.wall), short(measured.cpu),
          mebibytes(measured.peakMemory),
        ])
        try state.append("\(pairMethod),\(pairSeconds)," + table.rows.last!.joined(separator: ","))
        print(table.rows.last!.joined(separator: "  "))
      }
    }
    try table.publish(in: options.fill)
  }
}
