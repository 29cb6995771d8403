import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives
import QAPRegistry
import QAPReporting

/// `qap classify`: classes for samples without labels and without known pairs.
struct Classify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify samples without labels: cluster them and match clusters to classes.",
    discussion: """
      SAMPLES are clustered by k-means into as many clusters as CLASSES has rows, or --clusters. \
      Where both differ, some clusters or classes have no partner. The cluster \
      centers are matched to classes by their similarities among themselves, as in 'qap match', \
      with a bound. Each sample takes the class of its cluster.

      --drop-zero-rows leaves samples of zeros out of clusters and accuracies; their class is -1 \
      in --output and null in JSON.

      --labels is used only to report the accuracy, the best accuracy that any match of these \
      clusters could have (oracle), the share of clusters matched like the oracle, and how well \
      the clusters agree with the classes whatever their names: normalized mutual information \
      (NMI) and the adjusted Rand index (ARI).

      Example:
        qap classify images.npy classes.npy --labels labels.npy --standardize
      """)

  @Argument(help: "Embeddings of samples, one row per sample: .npy, .npz, .safetensors or .csv.")
  var samples: String

  @Argument(help: "Embeddings of the classes, for example of their names.")
  var classes: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The true class of each sample, a row of CLASSES; used for the accuracy only.",
      valueName: "file"))
  var labels: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Rows of SAMPLES to use (default: all); --labels still has one for each row of the file.",
      valueName: "file"))
  var rows: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Number of clusters (default: that of the classes).", valueName: "k"))
  var clusters: Int?

  @Option(
    name: .long, help: ArgumentHelp("Names of the classes, one per line.", valueName: "file"))
  var names: String?

  @OptionGroup var comparison: ComparisonOptions

  @OptionGroup var drop: DropOptions

  @Option(
    name: .long, help: ArgumentHelp("Number of starts of k-means.", valueName: "n"))
  var clusteringStarts = 10

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Rows of SAMPLES as initial centers, instead of k-means++.",
      valueName: "file"))
  var initial: String?

  @OptionGroup var search: SearchOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write the class of each sample, one per line; -1 for none.", valueName: "file"))
  var output: String?

  @OptionGroup var options: RunOptions

  func validate() throws {
    if options.maximize {
      throw ValidationError("--maximize does not apply: the metric decides the sense")
    }
    if options.pairs != nil {
      throw ValidationError("--pairs does not apply to clusters")
    }
    if !(1...10_000).contains(clusteringStarts) {
      throw ValidationError(
        "--clustering-starts must be between 1 and 10000, not \(clusteringStarts)")
    }
    if let clusters, clusters < 1 {
      throw ValidationError("--clusters must be at least 1, not \(clusters)")
    }
    if output == "-" { throw ValidationError("--output needs a file name, not '-'") }
  }

  func run() throws {
    try reportingFailures {
      _ = try options.registered(search.method)
      if let output { try requireWritable(output) }
      let log = StepLog(isQuiet: options.quiet || options.timelessLog)
      let given = try EmbeddingInput.read(samples)
      let classes = try drop.columns(of: try EmbeddingInput.read(classes))
      let wanted = try rows.map { Set(try EmbeddingInput.rows($0, of: given.rows)) }
      let kept = try drop.rows(of: given).filter { wanted?.contains($0) ?? true }
      let samples = try drop.columns(
        of: kept.count < given.rows ? try given.selecting(kept) : given)
      let labels = try readLabels(given, classes)
      let truth = labels.map { labels in kept.map { labels[$0] } }
      let count = clusters ?? classes.rows
      let names = try names.map { try EmbeddingInput.names($0, count: classes.rows) }
      let threads = options.threadCount
      log.step("k-means: \(samples.rows) samples, \(count) clusters")
      let interruption = Interruption()
      let watch = SignalWatch { interruption.request() }
      let starts = clusteringStarts
      let clustering = KMeansParameters(starts: starts, seed: options.seed, threads: threads)
      let matching = try comparison.matching(seed: options.seed, threads: threads)
      try AvailableMemory.require(
        max(
          KMeans.bytes(rows: samples.rows, clusters: count, parameters: clustering),
          2 * matching.kernelBytes(rows: classes.rows)
            + options.registered(search.method).make(MethodOptions())
            .bytes(size: classes.rows, isSymmetric: true, threads: threads)),
        for: "classify", size: classes.rows, alternative: "fewer classes or --threads 1")
      let classification = try Classification(
        samples: samples, classes: classes, options: matching, clustering: clustering,
        clusterCount: count,
        initial: try initial.map { path in
          try EmbeddingInput.rows(path, of: given.rows).map { row in
            guard let place = kept.firstIndex(of: row) else {
              throw InputError(
                path, found: "row \(row), which is left out", expected: "rows that take part")
            }
            return place
          }
        },
        shouldStop: { [limit = options.timeLimit] in
          interruption.isRequested || limit.map { RunClock.seconds() > $0 } ?? false
        },
        progress: { log.step("k-means: start \($0) of \(starts)") },
        name: [self.samples, self.classes].map(EmbeddingInput.name).joined(separator: " to "))
      withExtendedLifetime(watch) {}
      log.step("inertia \(figure(classification.clusters.inertia))")
      let problem = classification.problem
      let origin = RunOrigin(
        EmbeddingInput.paths(self.samples) + EmbeddingInput.paths(self.classes))
      let report = try options.run(
        problem.instance, method: search.method, goal: search.goal,
        inputs: EmbeddingInput.paths(self.samples) + EmbeddingInput.paths(self.classes), known: [],
        isNegated: problem.metric.isMaximized,
        interruption: interruption,
        json: {
          Originated(
            answer: ClassifyReport(
              usual: $0,
              outcome: try ClassificationOutcome(
                $1.incumbent?.assignment, classification: classification, labels: truth,
                seed: options.seed, samples: (kept, given.rows)),
              truth: labels, names: names), origin: origin)
        })
      let outcome = try ClassificationOutcome(
        report.incumbent?.assignment, classification: classification, labels: truth,
        seed: options.seed)
      if let output {
        guard let targets = outcome.targets else {
          throw Failure.output(
            "\(output): not written; the run ended before an assignment was found")
        }
        var classes = [Int](repeating: -1, count: given.rows)
        for (row, label) in zip(kept, classification.labels(of: targets)) {
          classes[row] = label ?? -1
        }
        let lines = classes.map { "\($0)\n" }.joined()
        try FileAccess.write(Array(lines.utf8), to: output)
      }
      if !options.json.ownsStandardOutput { try Console.print(text(report, outcome, names)) }
      try options.requireFiles(report)
    }
  }

  private func readLabels(_ samples: Embeddings, _ classes: Embeddings) throws -> [Int]? {
    guard let labels else { return nil }
    let truth = try IndexFile.readIndices(labels, below: classes.rows)
    guard truth.count == samples.rows else {
      throw InputError(
        labels, found: "\(truth.count) labels",
        expected: "\(samples.rows), one for each row of \(self.samples)")
    }
    return truth
  }

  /// The answer about samples and classes for people, in lines.
  private func text(
    _ report: SolveReport, _ outcome: ClassificationOutcome, _ names: [String]?
  ) -> String {
    var rows = [
      ("objective", Wording.objective(report.incumbent?.objective, report.rule)),
      ("bound", Wording.value(report.bound?.value)),
      ("gap", Wording.gap(report.gap)),
      ("status", report.termination.sentence(report.rule)),
    ]
    if let quality = outcome.quality {
      rows += [
        ("accuracy", percent(quality.accuracy)),
        ("oracle accuracy", percent(quality.oracleAccuracy)),
        ("matching", percent(quality.matching)),
        ("NMI", Wording.fixed(quality.mutualInformation, 4)),
        ("ARI", Wording.fixed(quality.randIndex, 4)),
      ]
    }
    if let value = outcome.truthObjective {
      let sentence = outcome.limit.map { " (\($0.sentence))" } ?? ""
      rows.append(("oracle match", Wording.objective(value, report.rule) + sentence))
    }
    guard let targets = outcome.targets else { return aligned(rows) }
    var sizes = [Int](repeating: 0, count: targets.count)
    for cluster in outcome.classification.clusters.labels { sizes[cluster] += 1 }
    let clusters = targets.enumerated().map { cluster, place in
      (
        "cluster \(cluster)",
        "\(sizes[cluster]) samples: \(place.map { names?[$0] ?? "class \($0)" } ?? "no class")"
      )
    }
    return aligned(rows) + "\n\n" + aligned(clusters)
  }
}

/// The JSON of `classify`: that of every run, then what became of clusters and samples.
private struct ClassifyReport: Encodable {
  let usual: JSONReport
  let outcome: ClassificationOutcome
  let truth: [Int]?
  let names: [String]?

  private enum Key: String, CodingKey {
    case truth
    case targetNames = "target_names"
  }

  func encode(to encoder: any Encoder) throws {
    try usual.encode(to: encoder)
    try outcome.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(names, forKey: .targetNames)
    try container.encode(truth, forKey: .truth)
  }
}
