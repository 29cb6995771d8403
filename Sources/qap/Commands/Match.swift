import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPRegistry
import QAPReporting

/// `qap match`: which rows of two sets of embeddings belong together.
struct Match: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Match the rows of two sets of embeddings, with a bound on every match.",
    discussion: """
      The sets may have different features and come from different encoders: a row is matched by \
      its similarities to the other rows of its set. Without --pairs no pair is known in advance. \
      The order of TARGET's rows does not matter.

      Rows are normalized, columns stretched, kernels computed and standardized, in this order. \
      Metrics: gw (distances, Gromov-Wasserstein), cka and cka-rbf (centered kernels), \
      cka-one-sided (a published variant), knn:K (common neighbors), inner, kl (distances), \
      correlation (cosines).

      Examples:
        qap match vision.npy language.npy --standardize --truth identity --names classes.txt
        qap match captions.npy images.npy --metric cka-rbf --stretch --pairs known.npy
        qap match vision.npy language.npy --standardize --sizes 10,20,30 --best 5
      """)

  @OptionGroup var sides: SidesOptions

  @OptionGroup var comparison: ComparisonOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Rows to match in addition to the pairs (default: all others); two columns: rows of "
        + "SOURCE, rows "
        + "of TARGET.", valueName: "file"))
  var queries: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The true row of TARGET for each row of SOURCE, for the accuracy: a file or 'identity'.",
      valueName: "file"))
  var truth: String?

  @OptionGroup var search: SearchOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the assignment problem; --output, --start and --certificate refer to it.",
      valueName: "file"))
  var instance: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the best assignment as a solution file (.sln).", valueName: "file"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Match the best subsets of these sizes (10,20,30) instead of all rows, and report the "
        + "accuracy; "
        + "the truth decides which are best.", valueName: "list"))
  var sizes: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of best subsets of each size to match (default: 1).", valueName: "n"))
  var best: Int?

  @Option(
    name: .long, help: ArgumentHelp("Number of seeds for each subset (default: 1).", valueName: "n")
  )
  var seeds: Int?

  @OptionGroup var options: RunOptions

  func validate() throws {
    _ = try wantedSizes()
    for case (let name, let value?) in [("--best", best), ("--seeds", seeds)] {
      guard (1...10_000).contains(value) else {
        throw ValidationError("\(name) must be between 1 and 10000, not \(value)")
      }
      guard sizes != nil else {
        throw ValidationError("\(name) applies only with --sizes")
      }
    }
    if options.maximize {
      throw ValidationError("--maximize does not apply: the metric decides the sense")
    }
    if output == "-" { throw ValidationError("--output needs a file name, not '-'") }
  }

  func run() throws {
    try reportingFailures {
      _ = try options.registered(search.method)
      if let sizes = try wantedSizes() { return try sweep(sizes) }
      if let instance { try requireWritable(instance) }
      let sides = try sides.read()
      let truth = try truth.map {
        try EmbeddingInput.truth($0, source: sides.source, target: sides.target)
      }
      if !options.quiet, max(sides.source.rows, sides.target.rows) >= 2_000 {
        Console.error("computing kernels of \(sides.source.rows) and \(sides.target.rows) rows")
      }
      let problem = try problem(sides)
      if let instance { try InstanceFile.write(problem.instance, to: instance) }
      let report = try options.run(
        problem.instance, method: search.method, goal: search.goal, output: output,
        inputs: [self.sides.source, self.sides.target], known: problem.pairs,
        isNegated: problem.metric.isMaximized,
        json: { MatchReport(usual: $0, match: MatchAnswer($1, problem, truth), sides: sides) })
      if !options.json.ownsStandardOutput {
        try Console.print(MatchAnswer(report, problem, truth).text(sides))
      }
      try options.requireFiles(report, output: output)
    }
  }

  /// The problem that sides and options describe.
  private func problem(_ sides: SidesOptions.Sides) throws -> MatchingProblem {
    var matching = try comparison.matching(
      seed: options.seed, threads: options.threadCount)
    if let pairs = options.pairs {
      matching.pairs = try EmbeddingInput.pairs(pairs, source: sides.source, target: sides.target)
    }
    if let queries {
      let rows = try EmbeddingInput.pairs(queries, source: sides.source, target: sides.target)
      matching.sourceQueries = rows.map(\.source)
      matching.targetQueries = rows.map(\.target)
    }
    let (source, target) = matching.participants(sides.source, sides.target)
    let size = max(source, target)
    try AvailableMemory.require(
      matching.kernelBytes(rows: source) + matching.kernelBytes(rows: target)
        + options.registered(search.method).make(MethodOptions())
        .bytes(size: size, isSymmetric: true, threads: options.threadCount),
      for: "match", size: size, alternative: "--rows with fewer rows")
    try options.requireTime(
      ticks: WorkModel.matching(
        rows: size, features: max(sides.source.features, sides.target.features)),
      for: "match", size: size, alternative: "--rows with fewer rows")
    return try MatchingProblem(
      source: sides.source, target: sides.target, options: matching,
      name: [self.sides.source, self.sides.target].map {
        URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent
      }.joined(separator: " to "))
  }
}

/// The JSON of `match`: that of every run, with rows instead of facilities and locations.
private struct MatchReport: Encodable {
  let usual: JSONReport
  let match: MatchAnswer
  let sides: SidesOptions.Sides

  private enum Key: String, CodingKey {
    case accuracy, assignment, constant, metric, pairs, size, truth
    case sourceNames = "source_names"
    case targetNames = "target_names"
  }

  func encode(to encoder: any Encoder) throws {
    try usual.encode(to: encoder)
    let problem = match.problem
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(match.accuracy, forKey: .accuracy)
    try container.encode(match.targets, forKey: .assignment)
    try container.encode(problem.constant, forKey: .constant)
    try container.encode(problem.metric.name, forKey: .metric)
    try container.encode(match.problem.knownRows, forKey: .pairs)
    try container.encode(sides.sourceNames, forKey: .sourceNames)
    try container.encode(sides.targetNames, forKey: .targetNames)
    try container.encode(match.truth, forKey: .truth)
    try container.encode(min(problem.sourceRows.count, problem.targetRows.count), forKey: .size)
  }
}
