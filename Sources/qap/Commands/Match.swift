import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives
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

      Rows are normalized, columns stretched, kernels computed and standardized, in this order, \
      over the selected rows ('qap subset' standardizes over all rows, so the same pairs may cost \
      something else here). \
      More than 3000 rows are matched by blocks with cka or correlation, without kernels and \
      margins.

      Metrics: gw (distances, Gromov-Wasserstein), cka and cka-rbf (centered kernels), \
      cka-debiased (for few rows), cka-one-sided (a published variant), knn:K (common \
      neighbors), inner, kl (distances), correlation (cosines).

      Examples:
        qap match v.npy l.npy --standardize --truth identity --names classes.txt
        qap match captions.npy images.npy --metric cka-rbf --stretch --pairs f.npy
        qap match v.npy l.npy --standardize --unique
        qap match d.npy e.npy --precomputed --linear costs.npy --alpha 0.7
        qap match v.npy l.npy --standardize --sizes 10,20,30 --best 5
        qap match v1.npy,v2.npy l1.npy,l2.npy --standardize --keep 0.5
      """)

  @OptionGroup var sides: SidesOptions

  @OptionGroup var comparison: ComparisonOptions

  @OptionGroup var fused: FusedOptions

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
      "The true pairs, for the accuracy: 'identity', a file with the row of TARGET for each row of "
        + "SOURCE, or a file of pairs.", valueName: "file"))
  var truth: String?

  @OptionGroup var search: SearchOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the assignment problem; --start, --certificate and --output F.sln refer to it.",
      valueName: "file"))
  var instance: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write the pairs in the files' row numbers, from 0: .npy, or CSV with the value, margin and "
        + "confidence of each; .sln writes the solution of --instance.", valueName: "file"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the similarities (or distances) of both sides in matched order: .npz with source and "
        + "target, for 'qap plot'.", valueName: "file"))
  var similarities: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Keep only this share of the pairs, those with the largest margins (0.5: the better half).",
      valueName: "fraction"))
  var keep: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Other matches of these rows, by other seeds, metrics or encoders: files of --output or "
        + "--json, separated by commas. Each pair gets the share of them that have it.",
      valueName: "files"))
  var agreement: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Match the best subsets of these sizes (10,20,30) instead of all rows, and report the "
        + "accuracy; "
        + "the truth decides which are best, and --best how many of each size.", valueName: "list"))
  var sizes: String?

  @OptionGroup var retrieval: NeighborOptions

  @OptionGroup var placements: PlacementOptions

  @OptionGroup var ranking: RankingOptions

  @Option(
    name: .long, help: ArgumentHelp("Number of seeds for each subset (default: 1).", valueName: "n")
  )
  var seeds: Int?

  @OptionGroup var options: RunOptions

  func validate() throws {
    _ = try wantedSizes()
    if let seeds {
      guard (1...10_000).contains(seeds) else {
        throw ValidationError("--seeds must be between 1 and 10000, not \(seeds)")
      }
      guard sizes != nil else {
        throw ValidationError("--seeds applies only with --sizes")
      }
    }
    if fused.precomputed {
      for (name, isGiven) in [
        ("--normalize", comparison.normalize == true), ("--stretch", comparison.stretch),
      ] where isGiven {
        throw ValidationError("\(name) does not apply with --precomputed")
      }
    }
    if sides.drop.dropZeroRows, sizes != nil {
      throw ValidationError("--drop-zero-rows does not apply with --sizes; select rows by --rows")
    }
    if options.maximize {
      throw ValidationError("--maximize does not apply: the metric decides the sense")
    }
    if agreement != nil, sizes != nil {
      throw ValidationError("--agreement does not apply with --sizes")
    }
    if output == "-" { throw ValidationError("--output needs a file name, not '-'") }
    if retrieval.neighborsOutput != nil, fused.precomputed || sizes != nil {
      throw ValidationError("--neighbors-output needs embeddings, and does not apply with --sizes")
    }
    if writesSolution, instance == nil {
      throw ValidationError(
        "--output: a .sln file is the solution of --instance; give --instance too, or a .csv or "
          + ".npy file for the pairs of rows")
    }
    if let keep, !(keep > 0 && keep <= 1) {
      throw ValidationError("--keep must be above 0 and at most 1, not \(keep)")
    }
  }

  /// True when --output is the solution of the assignment problem instead of pairs of rows.
  private var writesSolution: Bool { output?.lowercased().hasSuffix(".sln") == true }

  func run() throws {
    try reportingFailures {
      _ = try options.registered(search.method)
      if let sizes = try wantedSizes() { return try sweep(sizes) }
      if let instance { try requireWritable(instance) }
      let sides = try sides.read(isPrecomputed: fused.precomputed)
      if !options.quiet { for warning in fused.warnings(sides) { Console.error(warning) } }
      let truth = try truth.map { try sides.truth($0) }
      let others = try others(sides)
      try requireSeparate(
        [
          "--output": output, "--similarities": similarities,
          "--neighbors-output": retrieval.neighborsOutput,
        ], from: problemFiles)
      for path in [output, similarities, retrieval.neighborsOutput].compactMap(\.self) {
        try requireWritable(path)
      }
      let matching = try matching(sides)
      let interruption = Interruption()
      let answer: MatchAnswer
      if matchesByBlocks(sides, matching) {
        try requireOutputs(["--json": options.json.path], from: self.sides.paths)
        answer = try answerByBlocks(
          sides, matching, truth: truth, others: others, interruption)
        try options.json.write(
          json(JSONReport(answer.report, version: version), answer, matching))
      } else {
        answer = try answerByKernels(
          sides, matching, truth: truth, others: others, interruption)
      }
      if writesPairs, let output { try answer.writePairs(to: output) }
      if let similarities, let targets = answer.outcome.targets {
        try write(similarities, of: answer.outcome.rows, sides, matching: matching, targets)
      }
      try writeNeighbors(answer.outcome.targets, sides)
      if !options.json.ownsStandardOutput { try Console.print(answer.text) }
      try options.requireFiles(answer.report, output: output)
    }
  }

  /// Solves the assignment problem of the kernels.
  private func answerByKernels(
    _ sides: SidesOptions.Sides, _ matching: MatchingOptions, truth: [Int?]?, others: [[Int?]],
    _ interruption: Interruption
  ) throws -> MatchAnswer {
    if !options.quiet, max(sides.source.rows, sides.target.rows) >= 2_000 {
      Console.error("computing kernels of \(sides.source.rows) and \(sides.target.rows) rows")
    }
    let problem = try problem(sides, matching)
    if let instance { try InstanceFile.write(problem.instance, to: instance) }
    func answer(_ report: SolveReport) -> MatchAnswer {
      MatchAnswer(
        report: report,
        outcome: MatchOutcome(
          report.incumbent?.assignment, problem: problem, truth: truth,
          others: others, hasMargins: writesPairs || keep != nil ? true : nil,
          threads: options.threadCount),
        sides: sides, keep: keep)
    }
    let watch = SignalWatch { interruption.request() }
    let start = try start(of: problem, sides, matching, interruption)
    withExtendedLifetime(watch) {}
    var found: MatchAnswer?
    let report = try options.run(
      problem.instance, method: search.method, goal: search.goal, ranking: ranking,
      output: writesSolution ? output : nil,
      inputs: self.sides.paths, known: problem.pairs, start: start,
      isNegated: problem.metric.isMaximized, interruption: interruption,
      json: {
        let answer = answer($1)
        found = answer
        return json($0, answer, matching)
      })
    return found ?? answer(report)
  }

  /// The published answer.
  private func json(
    _ usual: JSONReport, _ answer: MatchAnswer, _ matching: MatchingOptions
  ) -> some Encodable {
    Originated(
      answer: MatchReport(usual: usual, answer: answer, matching: matching),
      origin: RunOrigin(sides.paths))
  }

  /// Writes the kernels of the matched rows in their order.
  private func write(
    _ path: String, of problem: MatchRows, _ sides: SidesOptions.Sides,
    matching: MatchingOptions, _ targets: [Int?]
  ) throws {
    let rows = problem.sourceRows.filter { targets[$0] != nil }
    func ordered(_ side: Embeddings, _ all: [Int], _ kept: [Int]) throws -> NumericArray {
      let kernel = try matching.kernel(of: side, rows: all)
      let place = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
      let order = kept.compactMap { place[$0] }
      return NumericArray(
        Matrix(rows: order.count, columns: order.count) { kernel[order[$0], order[$1]] })
    }
    try NPZ.writeArrays(
      [
        ("source", try ordered(sides.source, problem.sourceRows, rows)),
        ("target", try ordered(sides.target, problem.targetRows, rows.compactMap { targets[$0] })),
      ], to: path)
  }

  /// True when --output takes pairs of rows.
  private var writesPairs: Bool { output != nil && !writesSolution }

  /// The files that are read or written and may not be overwritten by --output.
  private var problemFiles: [String] {
    sides.paths
      + [instance, options.json.path, options.certificate].compactMap {
        $0 == "-" ? nil : $0
      }
  }

  /// The comparison that sides and options describe.
  private func matching(_ sides: SidesOptions.Sides) throws -> MatchingOptions {
    var matching = try comparison.matching(
      seed: options.seed, threads: options.threadCount)
    try fused.apply(to: &matching, sides)
    matching.forbidden = try sides.forbidden(placements)
    if let pairs = options.pairs { matching.pairs = try sides.pairs(pairs, notes: true) }
    if let queries {
      let rows = try sides.pairs(queries)
      matching.sourceQueries = rows.map(\.source)
      matching.targetQueries = rows.map(\.target)
    }
    if self.sides.drop.dropZeroRows {
      matching.ignoresZeroRows = true
      func living(_ side: Embeddings, _ queries: [Int]?, known: [Int]) throws -> [Int] {
        let kept = Set(try side.rowsWithoutZeros())
        if let row = known.first(where: { !kept.contains($0) }) {
          throw InputError(
            side.name, found: "only zeros in row \(row), which is in a pair",
            expected: "pairs of nonzero rows")
        }
        return (queries ?? (0..<side.rows).filter { !known.contains($0) }).filter(kept.contains)
      }
      matching.sourceQueries = try living(
        sides.source, matching.sourceQueries, known: matching.pairs.map(\.source))
      matching.targetQueries = try living(
        sides.target, matching.targetQueries, known: matching.pairs.map(\.target))
    }
    if !options.quiet {
      if search.method == "faq", matching.metric.isConvex {
        Console.error(
          "warning: --method faq: the maximized objective of \(matching.metric.name) is convex, so "
            + "a descent stops at the first assignment it meets, often 10 to 20 % below the best; "
            + "use --method auto")
      }
      matching.metric.noteBias(sides.source, sides.target)
      if matching.stretches { for side in [sides.source, sides.target] { side.noteNoise() } }
    }
    return matching
  }

  /// A short name of the problem.
  var name: String {
    "\(EmbeddingInput.name(sides.source)) to " + EmbeddingInput.name(sides.target)
  }

  /// The problem of the kernels.
  private func problem(
    _ sides: SidesOptions.Sides, _ matching: MatchingOptions
  ) throws -> MatchingProblem {
    let (source, target) = matching.participants(sides.source, sides.target)
    let size = max(source, target)
    try AvailableMemory.require(
      matching.kernelBytes(rows: source) + matching.kernelBytes(rows: target)
        + options.registered(search.method).make(MethodOptions())
        .bytes(size: size, isSymmetric: true, threads: options.threadCount),
      for: "match", size: size,
      alternative: size < FactoredProblem.minSize
        ? "--rows with fewer rows"
        : "--rows with fewer rows, or --metric cka without an option that needs kernels "
          + "(--method, --certificate, --instance, --start, --keep, --best), which matches by "
          + "blocks")
    try options.requireTime(
      ticks: WorkModel.matching(
        rows: size, features: max(sides.source.features, sides.target.features)),
      for: "match", size: size, alternative: "--rows with fewer rows")
    return try MatchingProblem(
      source: sides.source, target: sides.target, options: matching, name: name)
  }
}

/// The JSON of `match`: that of every run, with rows instead of facilities and locations.
private struct MatchReport: Encodable {
  let usual: JSONReport
  let answer: MatchAnswer
  let matching: MatchingOptions

  private enum Key: String, CodingKey {
    case kept, normalize, standardize, stretch
    case keptAccuracy = "kept_accuracy"
    case sourceNames = "source_names"
    case sourceRows = "source_rows"
    case targetNames = "target_names"
    case targetRows = "target_rows"
  }

  func encode(to encoder: any Encoder) throws {
    try usual.encode(to: encoder)
    try answer.outcome.encode(to: encoder)
    if let ranking = answer.report.ranking {
      try RankingReport(ranking) { answer.outcome.rows.targets(of: $0) }.encode(to: encoder)
    }
    let sides = answer.sides
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(answer.kept?.map { [$0.source, $0.target] }, forKey: .kept)
    try container.encode(answer.keptAccuracy, forKey: .keptAccuracy)
    try container.encode(
      matching.normalizes ?? matching.metric.normalizesByDefault, forKey: .normalize)
    try container.encode(matching.standardizes, forKey: .standardize)
    try container.encode(matching.stretches, forKey: .stretch)
    try container.encode(sides.sourceNames, forKey: .sourceNames)
    try container.encode(sides.selected?.map(\.source), forKey: .sourceRows)
    try container.encode(sides.targetNames, forKey: .targetNames)
    try container.encode(sides.selected?.map(\.target), forKey: .targetRows)
  }
}
