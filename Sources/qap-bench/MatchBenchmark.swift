import ArgumentParser
import Foundation
import QAP
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// Real class embeddings of subsets on which two encoders agree, matched blind.
struct MatchSubsets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Blind matches of real embeddings: value, bound, accuracy.",
    discussion: """
      FOLDER holds subsets.json (and subsets-large.json) and the .npy files these name: for each \
      pair of encoders and each size the rows to match, the inner product of the standardized \
      kernels under the true pairing, and the best that SciPy's FAQ found from 50 starts.

      Example: qap-bench match --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "Where the embeddings are.")
  var folder = "../shared/embeddings"

  @Option(help: "Seconds for a match at most.")
  var seconds = 60.0

  @Option(help: "The largest size to match.")
  var maxSize = 100

  @Option(help: "The method.")
  var method = "auto"

  private struct Subset: Decodable {
    let vision: String
    let language: String
    let size: Int
    let rows: [Int]
    let innerTruth: Double?
    let innerFaq50: Double?
    let valueTruthWithoutConstant: Double?
    let valueFoundWithoutConstant: Double?

    enum CodingKeys: String, CodingKey {
      case vision, language, rows, innerTruth, innerFaq50
      case valueTruthWithoutConstant, valueFoundWithoutConstant
      case size = "N"
    }

    /// ⟨Kx, Ky⟩ of the true pairing, and of the best that a plain search found.
    var truth: Double { innerTruth ?? -0.5 * (valueTruthWithoutConstant ?? .nan) }
    var peer: Double { innerFaq50 ?? -0.5 * (valueFoundWithoutConstant ?? .nan) }
  }

  private struct Answer: Decodable {
    let objective: Double
    let bound: Double?
    let gap: Double?
    let accuracy: Double
    let constant: Double
    let termination: String
    let seconds: Double
  }

  func run() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var subsets: [Subset] = []
    for name in ["subsets.json", "subsets-large.json"] {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
      subsets += try decoder.decode([Subset].self, from: data)
    }
    guard !subsets.isEmpty else {
      throw MeasurementError(description: "\(folder): no subsets.json")
    }
    var table = MarkdownTable(
      name: "match",
      header: [
        "encoders", "n", "true pairing", "peer", "QAPKit", "bound", "gap %", "accuracy %",
        "ended", "wall s",
      ],
      command: "qap match V.npy L.npy --rows F --standardize --truth identity "
        + "--time-limit \(short(seconds)) (qap-bench match)")
    var worse: [String] = []
    for subset in subsets where subset.size <= maxSize {
      let rows = FileManager.default.temporaryDirectory.appendingPathComponent("match-rows.txt")
      defer { try? FileManager.default.removeItem(at: rows) }
      try subset.rows.map(String.init).joined(separator: "\n")
        .write(to: rows, atomically: true, encoding: .utf8)
      let measured = try measure(
        qapExecutable(),
        [
          "match", "\(folder)/\(subset.vision).npy", "\(folder)/\(subset.language).npy", "--rows",
          rows.path, "--standardize", "--truth", "identity", "--time-limit", "\(seconds)",
          "--method", method, "--quiet", "--json", "-",
        ])
      guard measured.status == 0 else {
        throw MeasurementError(description: "qap match: exit \(measured.status)")
      }
      let answer = try decoder.decode(Answer.self, from: measured.output)
      // Σ(X − Y)² = Σf1 + Σf2 − 2ΣX·Y.
      func inner(_ value: Double) -> Double { 0.5 * (answer.constant - value) }
      let found = inner(answer.objective)
      if found < max(subset.truth, subset.peer) - 1e-3 {
        worse.append("\(subset.vision) \(subset.language) \(subset.size)")
      }
      table.rows.append([
        "\(name(subset.vision)) – \(name(subset.language))", "\(subset.size)",
        decimals(subset.truth, 2), decimals(subset.peer, 2), decimals(found, 2),
        answer.bound.map { decimals(inner($0), 2) } ?? "–",
        answer.gap.map { decimals(100 * $0, 2) } ?? "–", decimals(100 * answer.accuracy, 0),
        answer.termination, short(measured.wall),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
    print(worse.isEmpty ? "never below the true pairing or the peer" : "BELOW: \(worse)")
  }

  /// "t_in1k_prompts_minilm" without what all names have in common.
  private func name(_ file: String) -> String {
    file.split(separator: "_").filter { !["v", "t", "in1k", "minilm"].contains($0) }
      .joined(separator: "-")
  }
}

/// Matching with known pairs: default options, and FAQ from many starts against SciPy's.
struct MatchSeeded: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seeded",
    abstract: "Matches with 320 known pairs of 820, and FAQ from many starts against SciPy's.",
    discussion: """
      FOLDER holds the embeddings in_Y.npy (source) and in_X.npy (target), whose rows belong \
      together, and in_base_idx.npy, the known pairs. The peer is timed by \
      Scripts/peers/seeded.py.

      Example: pip install scipy && qap-bench seeded --python python3 --fill BENCHMARKS.md
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: "Where the embeddings are.")
  var folder = "Tests/Golden"

  @Option(help: "The Python interpreter; none for no peer.")
  var python: String?

  @Option(help: "Starts of FAQ.")
  var starts = 500

  private struct Answer: Decodable {
    let objective: Double
    let bound: Double?
    let accuracy: Double
  }

  func run() throws {
    let source = try sides("in_Y")
    let target = try sides("in_X")
    let base = try IndexFile.readIndices("\(folder)/in_base_idx.npy", below: source.rows)
    var table = MarkdownTable(
      name: "seeded",
      header: ["run", "objective", "bound", "accuracy %", "CPU s", "wall s", "MiB"],
      command: "qap match in_Y.npy in_X.npy --metric cka-rbf --stretch --pairs in_base_idx.npy "
        + "--truth identity (qap-bench seeded --python python3)")
    let matching = MatchingOptions(metric: .ckaGaussian, stretches: true, threads: 2)
    let order = base + Set(0..<source.rows).subtracting(base).sorted()
    let (x, y) = try (
      matching.kernel(of: source, rows: order), matching.kernel(of: target, rows: order)
    )
    table.rows.append([
      "true pairing", decimals(Kernel.innerProduct(x, y), 6), "–", "100.0", "–", "–", "–",
    ])
    if let python {
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("seeded.f64")
      defer { try? FileManager.default.removeItem(at: file) }
      var bytes = Data()
      for element in x.elements.array + y.elements.array {
        unsafe withUnsafeBytes(of: element.bitPattern.littleEndian) {
          unsafe bytes.append(contentsOf: $0)
        }
      }
      try bytes.write(to: file)
      let measured = try measure(
        python,
        ["Scripts/peers/seeded.py", file.path, "\(order.count)", "\(base.count)", "\(starts)"])
      let values = String(decoding: measured.output, as: UTF8.self)
        .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
      guard measured.status == 0, values.count == 2 else {
        throw MeasurementError(description: "seeded.py: exit \(measured.status)")
      }
      table.rows.append([
        "SciPy faq, \(starts) starts", decimals(values[0], 6), "–", "–", short(values[1]),
        short(measured.wall), mebibytes(measured.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    for (name, arguments) in [
      ("faq, \(starts) starts", ["--method", "faq", "--starts", "\(starts)", "--threads", "1"]),
      ("default options", []),
    ] {
      let measured = try measure(
        qapExecutable(),
        [
          "match", "\(folder)/in_Y.npy", "\(folder)/in_X.npy", "--metric", "cka-rbf", "--stretch",
          "--pairs", "\(folder)/in_base_idx.npy", "--truth", "identity", "--quiet", "--json", "-",
        ] + arguments)
      guard measured.status == 0 else {
        throw MeasurementError(description: "qap match: exit \(measured.status)")
      }
      let answer = try JSONDecoder().decode(Answer.self, from: measured.output)
      table.rows.append([
        name, decimals(answer.objective, 6), answer.bound.map { decimals($0, 6) } ?? "–",
        decimals(100 * answer.accuracy, 1), short(measured.cpu), short(measured.wall),
        mebibytes(measured.peakMemory),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }

  private func sides(_ name: String) throws -> Embeddings {
    try Embeddings(try EmbeddingFile.read("\(folder)/\(name).npy")[0], name: name)
  }
}

/// One kernel of random embeddings, in a separate process, so that its memory can be measured.
struct KernelProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel", abstract: "Computes one kernel; for kernels.", shouldDisplay: false)

  @Argument var metric: String
  @Argument var rows: Int
  @Argument var features: Int

  func run() throws {
    guard let metric = Metric(metric) else {
      throw ValidationError("expected one of \(Metric.names)")
    }
    var generator = SeededGenerator(seed: 1)
    let x = Matrix<Double>(rows: rows, columns: features) { _, _ in generator.unit() - 0.5 }
    let kernel = try metric.kernel(
      of: try Embeddings(x).normalized(), threads: ProcessInfo.processInfo.activeProcessorCount)
    print(kernel[rows - 1, rows - 1])
  }
}

/// Kernels of ten thousand rows.
struct Kernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time and memory of kernels of 10,000 rows with 768 features.")

  @OptionGroup var options: BenchOptions

  @Option(help: "The number of rows.")
  var rows = 10_000

  @Option(help: "The number of features.")
  var features = 768

  func run() throws {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let matrix = 8 * rows * rows
    var table = MarkdownTable(
      name: "kernels",
      header: ["kernel", "rows", "features", "CPU s", "wall s", "MiB", "of it the kernel"],
      command: "qap-bench kernels")
    for metric in ["gw", "cka", "cka-rbf", "knn:10", "correlation"] {
      let measured = try measure(program, ["kernel", metric, "\(rows)", "\(features)"])
      guard measured.status == 0 else {
        throw MeasurementError(description: "kernel \(metric): exit \(measured.status)")
      }
      table.rows.append([
        metric, "\(rows)", "\(features)", short(measured.cpu), short(measured.wall),
        mebibytes(measured.peakMemory), mebibytes(matrix),
      ])
      print(table.rows.last!.joined(separator: "  "))
    }
    try table.publish(in: options.fill)
  }
}
