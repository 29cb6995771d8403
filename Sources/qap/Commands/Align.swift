import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// `qap align`: how alike two sets of embeddings of the same things are.
struct Align: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the alignment of two sets of embeddings, and its decline with shuffling.",
    discussion: """
      Row i of one file belongs to row i of the other. Measures: those of 'qap match' (\
      \(Metric.names.joined(separator: ", ")); correlation is not centered), \
      cknna:K, cycle-knn:K and mutual-knn:K (those of platonic-rep, K = 10 by default), rsa and \
      rsa-spearman (correlations of distances), pearson (of cosines), svcca:K, procrustes, and \
      linear-predictivity: cross-validated ridge regression, scored by the mean correlation over \
      columns; its value is the mean of both directions, v2l predicting the second file from the \
      first.

      A file with three axes, k × rows × features, holds k versions of each item, such as \
      captions; they are averaged. --average 1,2,5 measures averages of the first 1, 2 and 5 \
      versions. --scores names a k × rows file: the version of each item with the highest score is \
      preferred, the one with the lowest is not, and a paired t test compares the groups. Pairs \
      are the outer folds, or with --blocks A,B all pairs of A blocks of the first file's columns \
      and B of the second's.

      Examples:
        qap align v.npy l.npy --measures cka,cka-rbf,knn:10 --shuffle 0,50,100
        qap align v.npy l.npy --measures cka-debiased,rsa --permutations 1000
        qap align v.npy c.npy --measures linear-predictivity --average 1,2,5
      """)

  @Argument(help: "Embeddings, one row per item: .npy, .npz, .safetensors or .csv.")
  var vision: String

  @Argument(help: "Embeddings of the same items.")
  var language: String

  @Option(name: .long, help: ArgumentHelp("Measures, separated by commas.", valueName: "list"))
  var measures = "cka"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Percentages of rows of the first file to shuffle, separated by commas.",
      valueName: "list"))
  var shuffle: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of random pairings to compare with: a p-value and a calibrated score.",
      valueName: "n"))
  var permutations: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Level of the threshold of the calibrated score (default: 0.05).", valueName: "fraction"))
  var level: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The outer fold of each row, from 0 (default: drawn at random).", valueName: "file")
  )
  var folds: String?

  @Option(name: .long, help: ArgumentHelp("The number of folds to draw.", valueName: "n"))
  var foldCount = 5

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Numbers of versions to average before measuring linear predictivity.", valueName: "list"))
  var average: String?

  @Option(
    name: .long, help: ArgumentHelp("A score for each version of each item.", valueName: "file"))
  var scores: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Numbers of column blocks whose pairs the t test compares.", valueName: "A,B"))
  var blocks: String?

  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help: ArgumentHelp(
      "Divide rows by their norms first (default: as in 'qap match'; not for linear-predictivity).")
  )
  var normalize: Bool?

  @Flag(name: .long, help: "Divide columns by their standard deviations.")
  var stretch = false

  @Flag(
    name: .long,
    help: "Shift and scale distances to mean 0 and standard deviation 1; gw and inner only.")
  var standardize = false

  @OptionGroup var drop: DropOptions

  @OptionGroup var options: TaskOptions

  func validate() throws {
    let measures = try measureList()
    if standardize, measures.contains(where: { !$0.canStandardize }) {
      throw ValidationError("--standardize applies only to the measures gw and inner")
    }
    if foldCount < 2 {
      throw ValidationError("--fold-count must be at least 2, not \(foldCount)")
    }
    _ = try percents()
    _ = try averages()
    _ = try blockCounts()
    if let permutations, !(1...1_000_000).contains(permutations) {
      throw ValidationError("--permutations must be between 1 and 1000000, not \(permutations)")
    }
    if let level {
      if !(level > 0 && level < 1) {
        throw ValidationError("--level must be above 0 and below 1, not \(level)")
      }
      if permutations == nil { throw ValidationError("--level applies only with --permutations") }
    }
    if blocks != nil, scores == nil {
      throw ValidationError("--blocks needs --scores")
    }
  }

  private func measureList() throws -> [AlignmentMeasure] {
    try list(
      measures, "--measures", "one of \(AlignmentMeasure.names.joined(separator: ", "))"
    ) { AlignmentMeasure(String($0)) }
  }

  private func percents() throws -> [Double] {
    guard let shuffle else { return [] }
    return try list(shuffle, "--shuffle", "percentages from 0 to 100") {
      Double($0).flatMap { (0...100).contains($0) ? $0 : nil }
    }
  }

  private func averages() throws -> [Int] {
    guard let average else { return [] }
    return try list(average, "--average", "numbers of at least 1") {
      Int($0).flatMap { $0 >= 1 ? $0 : nil }
    }
  }

  private func blockCounts() throws -> (Int, Int)? {
    guard let blocks else { return nil }
    let counts = try list(blocks, "--blocks", "two numbers of at least 1") {
      Int($0).flatMap { $0 >= 1 ? $0 : nil }
    }
    guard counts.count == 2 else {
      throw ValidationError("--blocks needs two numbers, not '\(blocks)'")
    }
    return (counts[0], counts[1])
  }

  func run() throws {
    try reportingFailures {
      try requireOutputs(["--json": options.json.path], from: [vision, language])
      let log = options.log()
      var (first, second) = (try AlignSide(vision), try AlignSide(language))
      guard first.mean.rows == second.mean.rows else {
        throw InputError(
          language, found: "\(second.mean.rows) rows",
          expected: "\(first.mean.rows), as in \(vision)")
      }
      let kept = try drop.rows(of: first.mean, second.mean)
      let given = first.mean.rows
      (first, second) = (try first.selecting(kept, drop), try second.selecting(kept, drop))
      log.step(
        "read \(first.mean.rows) rows of \(first.mean.features) and \(second.mean.features) "
          + "features"
      )
      let seeds = try options.seedList()
      let percents = try percents()
      let predictivity = AlignPredictivity(
        folds: try readFolds(kept, of: given, seed: seeds[0]), threads: options.threadCount,
        isNormalized: normalize ?? false, isStretched: stretch, log: log)
      var rows: [AlignAnswer.Measure] = []
      for measure in try measureList() {
        rows.append(
          try value(measure, first.mean, second.mean, percents, seeds, predictivity, log))
      }
      let answer = AlignAnswer(
        vision: vision, language: language, rows: first.mean.rows, measures: rows,
        averaging: try averages().map { count in
          try averaged(count, first, second, predictivity)
        },
        ttest: try scores.map {
          try AlignGroups(
            scores: $0, first, second, rows: (kept, given), blocks: try blockCounts()
          ).test(predictivity)
        }, seconds: log.seconds, version: version)
      try options.json.write(
        Originated(answer: answer, origin: RunOrigin([vision, language])))
      if !options.json.ownsStandardOutput { try Console.print(answer.text) }
    }
  }

  /// The folds of the rows `kept` of as many as the files have.
  private func readFolds(_ kept: [Int], of rows: Int, seed: UInt64) throws -> [Int] {
    guard let folds else {
      return LinearPredictivity.folds(rows: kept.count, count: foldCount, seed: seed)
    }
    let given = try IndexFile.readIndices(folds, below: rows)
    guard given.count == rows else {
      throw InputError(folds, found: "\(given.count) folds", expected: "\(rows), one for each row")
    }
    return kept.map { given[$0] }
  }

  /// One measure, at the pairs as they stand and shuffled, the latter averaged over seeds.
  private func value(
    _ measure: AlignmentMeasure, _ x: Embeddings, _ y: Embeddings, _ percents: [Double],
    _ seeds: [UInt64], _ predictivity: AlignPredictivity, _ log: StepLog
  ) throws -> AlignAnswer.Measure {
    let drawn = PermutationNull.orders(rows: x.rows, count: permutations ?? 0, seed: seeds[0])
    let orders =
      [Array(0..<x.rows)]
      + seeds.flatMap {
        shuffledOrders(rows: x.rows, percents: percents, seed: $0)
      } + drawn
    log.step("\(measure.name): \(orders.count) orders of rows")
    if case .similarity(let similarity) = measure {
      try AvailableMemory.require(
        RepresentationSimilarity.bytes(similarity, rows: x.rows), for: measure.name,
        size: x.rows, alternative: "fewer rows, cka or knn")
    }
    var values: [Double]
    var both: AlignAnswer.Both?
    if case .metric(let metric) = measure { metric.noteBias(x, y) }
    if let found = try measure.values(
      source: x, target: y, orders: orders, normalizes: normalize, stretches: stretch,
      standardizes: standardize, threads: options.threadCount,
      progress: { done, total in
        log.progress("\(measure.name): \(100 * done / total)% of a pass over all pairs")
      })
    {
      values = found
    } else {
      let result = try predictivity.both(x, y)
      both = result
      values = [(result.v2l.score + result.l2v.score) / 2]
      if orders.count > 1 {
        values += try predictivity.scores(x, y, orders: Array(orders.dropFirst()))
      }
    }
    let shuffled = percents.indices.map { level in
      let ofSeeds = seeds.indices.map { values[1 + $0 * percents.count + level] }
      return AlignAnswer.Level(
        percent: percents[level], value: mean(ofSeeds) ?? 0, values: ofSeeds)
    }
    return AlignAnswer.Measure(
      measure: measure.name, value: values[0], shuffled: shuffled,
      null: drawn.isEmpty
        ? nil
        : PermutationNull(
          value: values[0], values: Array(values.suffix(drawn.count)),
          isMaximized: measure.isMaximized, level: self.level ?? 0.05),
      v2l: both?.v2l, l2v: both?.l2v)
  }

  private func averaged(
    _ count: Int, _ first: AlignSide, _ second: AlignSide, _ predictivity: AlignPredictivity
  ) throws -> AlignAnswer.Averaged {
    let most = max(first.versions.count, second.versions.count)
    guard count <= most else {
      throw InputError(
        second.versions.count == most ? language : vision, found: "\(most) versions",
        expected: "at least \(count), to average them")
    }
    let result = try predictivity.both(try first.average(count), try second.average(count))
    return AlignAnswer.Averaged(count: count, v2l: result.v2l, l2v: result.l2v)
  }
}

extension AlignmentMeasure {
  /// Whether distances can be standardized.
  fileprivate var canStandardize: Bool {
    if case .metric(let metric) = self { metric.canStandardize } else { false }
  }
}
