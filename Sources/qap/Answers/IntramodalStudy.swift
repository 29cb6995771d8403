import Foundation
import QAP
import QAPDenseAlgebra
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// The files of a `qap intramodal`, normalized, and derived data.
struct IntramodalStudy {
  private let command: Intramodal
  private let log: StepLog
  private let vision: Embeddings
  private let labels: [Int]
  private let classes: Int
  private let texts: Embeddings?
  private let names: Embeddings?
  private let paired: Embeddings?

  /// The maximum number of rows for recovery: the matrices are n × n.
  private static let maxRecovered = 2000

  init(_ command: Intramodal, log: StepLog) throws {
    self.command = command
    self.log = log
    let given = try EmbeddingInput.read(command.vision)
    let together = try command.paired.map { try EmbeddingInput.read($0) }
    if let together, together.rows != given.rows {
      throw InputError(
        together.name, found: "\(together.rows) rows",
        expected: "\(given.rows), as in \(given.name)")
    }
    // Images, and the texts that belong to them, stay or go together.
    let kept =
      try together.map { try command.drop.rows(of: given, $0) } ?? command.drop.rows(of: given)
    func selected(_ side: Embeddings) throws -> Embeddings {
      kept.count < side.rows ? try side.selecting(kept) : side
    }
    let left = try selected(given)
    let living = try command.drop.columns(of: left)
    // One space: all files lose the same columns.
    let columns = living.features < left.features ? left.varyingColumns : nil
    let vision = try living.normalized()
    func normalized(_ rows: Embeddings) throws -> Embeddings {
      guard rows.features == given.features else {
        throw InputError(
          rows.name, found: "\(rows.features) features",
          expected: "\(given.features), as in \(command.vision)")
      }
      return try (columns.map { try rows.selecting(columns: $0) } ?? rows).normalized()
    }
    func other(_ path: String?) throws -> Embeddings? {
      try path.map { try normalized(try EmbeddingInput.read($0)) }
    }
    texts = try other(command.text)
    names = try other(command.names)
    paired = try together.map { try normalized(try selected($0)) }
    let classesOfRows = try EmbeddingInput.labels(command.labels)
    guard classesOfRows.count == given.rows else {
      throw InputError(
        command.labels, found: "\(classesOfRows.count) labels",
        expected: "\(given.rows), one for each row of \(command.vision)")
    }
    let labels = kept.map { classesOfRows[$0] }
    self.labels = labels
    classes = texts?.rows ?? (labels.max() ?? 0) + 1
    if texts == nil, classes > labels.count {
      throw InputError(
        command.labels, found: "class \(classes - 1)",
        expected: "a class below \(labels.count), the number of rows")
    }
    if let fault = labels.firstIndex(where: { [count = classes] in $0 >= count }) {
      throw InputError(
        command.labels, found: "class \(labels[fault]) of row \(kept[fault])",
        expected: "a class below \(classes), the number of rows of \(command.text ?? "")")
    }
    if let dimensions = command.dimensions, dimensions > vision.features {
      throw Failure.usage(
        "--dimensions must be at most \(vision.features), the number of features, not \(dimensions)"
      )
    }
    self.vision = vision
    // Views of all rows and as many copies, the similarities that are recovered, and their linear
    // system.
    let (rows, features) = (Double(vision.rows), Double(vision.features))
    let recovered = paired == nil ? 0 : min(rows, Double(Self.maxRecovered))
    let system = paired == nil ? 0 : Double(Recovery.maxSystemSize)
    let numbers = 8 * rows * features + 4 * features * features + 6 * recovered * recovered
    try AvailableMemory.require(
      8 * (numbers + system),
      for: "intramodal", size: vision.rows, alternative: "fewer rows")
    log.step("read \(vision.rows) rows of \(vision.features) features, \(classes) classes")
  }

  private var threads: Int { command.options.threadCount }

  func answer() throws -> IntramodalAnswer {
    var views: [(String, Embeddings)] = [("original", vision)]
    if let names {
      log.step("directions of \(names.rows) names")
      let dimensions = command.dimensions ?? max(1, vision.features / 2)
      let centered = try PrincipalComponents(names, dimensions: dimensions)
      let uncentered = try PrincipalComponents(names, dimensions: dimensions, centered: false)
      views += [
        ("pca_centred", try centered(vision)), ("pca_uncentred", try uncentered(vision)),
        ("pca_centred_meanadj", try centered.throughMean(vision)),
      ]
    }
    var results: [String: IntramodalAnswer.View] = [:]
    var fewShot: [String: [String: IntramodalAnswer.Shots]] = [:]
    for (name, rows) in views {
      log.step("\(name): histograms and retrieval")
      results[name] = view(try rows.normalized())
      let shots = try command.shotList()
      if !shots.isEmpty {
        log.step("\(name): few-shot classification")
        if let figures = try self.shots(shots, rows) { fewShot[name] = figures }
      }
    }
    return IntramodalAnswer(
      vision: command.vision, rows: vision.rows, classes: classes, views: results,
      textImage: texts.map(textImage), fewShot: fewShot,
      modalityGap: try paired.map { IntramodalAnswer.Gap(try ModalityGap(vision, $0)) },
      histByModality: paired.map(byModality), recoverAnchors: try paired.map(recoverAnchors),
      recover: paired.flatMap(recover), seconds: log.seconds, version: version)
  }

  private func view(_ rows: Embeddings) -> IntramodalAnswer.View {
    let (same, different) = CosineHistogram.byClass(rows, labels: labels, threads: threads)
    let precisions = ScoreFactors(source: rows.values, target: rows.values).averagePrecisions(
      queryLabels: labels, candidateLabels: labels, excludesOwn: true, threads: threads)
    return IntramodalAnswer.View(
      hist: .init(
        same: same.counts, diff: different.counts, overlap: same.overlap(different),
        meanSame: same.mean, meanDiff: different.mean),
      mAP: meanAveragePrecision(precisions))
  }

  private func textImage(_ texts: Embeddings) -> IntramodalAnswer.TextImage {
    let precisions = ScoreFactors(source: texts.values, target: vision.values).averagePrecisions(
      queryLabels: Array(0..<texts.rows), candidateLabels: labels, excludesOwn: false,
      threads: threads)
    let zeroShot = ScoreFactors(source: vision.values, target: texts.values).quality(
      truth: labels, top: [1], matching: false, threads: threads)
    return .init(mAP: meanAveragePrecision(precisions), zeroShot: zeroShot.top[0])
  }

  /// Accuracies averaged over seeds; nil when a class has too few rows.
  private func shots(
    _ counts: [Int], _ rows: Embeddings
  ) throws -> [String: IntramodalAnswer.Shots]? {
    let most = counts.max() ?? 1
    let seeds = try command.options.seedList()
    var result: [String: IntramodalAnswer.Shots] = [:]
    for count in counts {
      var (prototypes, discriminants): ([Double], [Double]) = ([], [])
      for seed in seeds {
        guard
          let split = fewShotSplit(
            labels: labels, classes: classes, shots: count, maxShots: most, seed: seed)
        else {
          log.step("skipping few-shot classification: a class has fewer than \(most + 1) rows")
          return nil
        }
        let (support, test) = (try rows.selecting(split.support), try rows.selecting(split.test))
        let known = split.support.map { labels[$0] }
        let truth = split.test.map { labels[$0] }
        prototypes.append(
          try FewShot.prototypes(support, labels: known, classes: classes)
            .accuracy(test, labels: truth))
        discriminants.append(
          try FewShot.discriminant(support, labels: known, classes: classes)
            .accuracy(test, labels: truth))
      }
      result["\(count)"] = .init(prototype: mean(prototypes), lda: mean(discriminants))
    }
    return result
  }

  private func byModality(_ paired: Embeddings) -> IntramodalAnswer.ByModality {
    log.step("histograms by modality")
    let between = CosineHistogram.between(vision, paired, threads: threads)
    let within = CosineHistogram.within(vision, threads: threads)
    return .init(
      inter: between.counts, intraImg: within.counts, overlap: between.overlap(within))
  }

  /// The first rows of both modalities, few enough for n × n matrices.
  private func firstRows(_ paired: Embeddings) throws -> (Embeddings, Embeddings) {
    let rows = Array(0..<min(vision.rows, Self.maxRecovered))
    return (try vision.selecting(rows), try paired.selecting(rows))
  }

  /// With as many texts as features as anchors.
  private func recoverAnchors(_ paired: Embeddings) throws -> IntramodalAnswer.Recovered {
    log.step("similarities from anchors")
    let (images, texts) = try firstRows(paired)
    let anchors = try texts.selecting(Array(0..<min(texts.rows, texts.features)))
    let between = gemm(1, images.values, .plain, anchors.values, .transposed)
    let (rows, condition) = try Recovery.withAnchors(between, anchors: anchors)
    let found = gemm(1, rows, .plain, rows, .transposed)
    let error = Recovery.error(of: found, for: images)
    return .init(
      rows: images.rows, relativeError: error.relative, largest: error.largest,
      condition: condition.isFinite ? condition : nil, rank: nil, expectedRank: nil)
  }

  /// Without anchors; nil where rows are too few or features too many.
  private func recover(_ paired: Embeddings) -> IntramodalAnswer.Recovered? {
    guard let (images, texts) = try? firstRows(paired) else { return nil }
    let unknowns = vision.features * (vision.features + 1) / 2
    guard images.rows * min(unknowns, images.rows * 4) <= Recovery.maxSystemSize,
      unknowns <= 2 * images.rows
    else {
      log.step(
        "skipping recovery without anchors: \(vision.features) features need about \(unknowns) rows"
      )
      return nil
    }
    log.step("similarities without anchors")
    let between = gemm(1, images.values, .plain, texts.values, .transposed)
    guard let found = Recovery.withoutAnchors(between) else { return nil }
    let error = Recovery.error(of: found.similarities, for: images)
    return .init(
      rows: images.rows, relativeError: error.relative, largest: error.largest, condition: nil,
      rank: found.rank, expectedRank: found.expectedRank)
  }
}
