// The names are those of qapkit.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CQAPKit
import QAP
import QAPInstanceIO
import QAPKit
import QAPMatching
import QAPPrimitives

/// Normalizes and stretches embeddings as options say, over all rows, those of `more` included.
private func scaled(
  _ e: Embeddings, _ more: Embeddings?, _ request: Request
) throws -> (Embeddings, Embeddings?) {
  let (normalizes, stretches) = unsafe (request.given.normalize > 0, request.given.stretch != 0)
  var all = e
  if let more {
    guard e.features == more.features else {
      throw InputError(
        more.name, found: "\(more.features) features", expected: "\(e.features)")
    }
    all = try Embeddings(
      Matrix(
        rows: e.rows + more.rows, columns: e.features,
        elements: e.values.elements.array + more.values.elements.array), name: e.name)
  }
  if normalizes { all = try all.normalized() }
  if stretches { all = try all.stretched() }
  guard let more else { return (all, nil) }
  return (
    try all.selecting(Array(0..<e.rows)),
    try all.selecting(Array(e.rows..<e.rows + more.rows))
  )
}

@c @implementation
public func qapkit_retrieve(
  _ source: UnsafePointer<qapkit_matrix>?, _ target: UnsafePointer<qapkit_matrix>?,
  _ baseSource: UnsafePointer<qapkit_matrix>?, _ baseTarget: UnsafePointer<qapkit_matrix>?,
  _ options: UnsafePointer<qapkit_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    let request = unsafe try Request(options)
    let name = request.method ?? "local-cka"
    guard let method = RetrievalMethod(rawValue: name) else {
      let all = RetrievalMethod.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure.argument("no retrieval method is called \(name); expected one of \(all)")
    }
    guard unsafe (baseSource == nil) == (baseTarget == nil) else {
      throw Failure.argument("base_source and base_target: expected both or neither")
    }
    let isElsewhere = unsafe baseSource != nil
    let (x, baseX) = unsafe try scaled(
      try embeddings(source, "source"),
      isElsewhere ? try embeddings(baseSource, "base_source") : nil, request)
    let (y, baseY) = unsafe try scaled(
      try embeddings(target, "target"),
      isElsewhere ? try embeddings(baseTarget, "base_target") : nil, request)
    let answer = try Retrieval(
      request, method, source: x, target: y, elsewhere: baseX.flatMap { b in baseY.map { (b, $0) } }
    )
    return try ResultBox(answer, arrays: ["scores": answer.scores.elements.array])
  }
}

/// Queries, candidates and their scores.
private struct Retrieval: Encodable {
  let method: String
  let base: Int
  let queries: Int
  let candidates: Int
  let top1, top5, top10: Double
  let matching: Double?
  let assignment: [Int]?
  let version: String
  let scores: Matrix<Double>

  private enum CodingKeys: String, CodingKey {
    case method, base, queries, candidates, top1, top5, top10, matching, assignment, version
  }

  init(
    _ request: Request, _ method: RetrievalMethod, source: Embeddings, target: Embeddings,
    elsewhere: (Embeddings, Embeddings)?
  ) throws {
    let known = request.rowPairs
    if elsewhere != nil, !known.isEmpty {
      throw Failure.argument("known pairs are either pairs or base matrices, not both")
    }
    if elsewhere == nil, known.isEmpty, method.needsBase {
      throw Failure.argument("the method \(method.rawValue) needs known pairs")
    }
    let asked = try Retrieval.asked(request, source, target, isElsewhere: elsewhere != nil)
    let places = request.truth == nil ? asked.map(\.target) : Array(0..<target.rows)
    let truth = request.truth == nil ? Array(0..<asked.count) : asked.map(\.target)
    func side(_ pool: Embeddings?, _ rows: [Int], _ own: Embeddings, _ asked: [Int]) throws
      -> RetrievalSide
    {
      let base = try pool ?? (rows.isEmpty ? nil : own.selecting(rows))
      return try RetrievalSide(base: base, asked: try own.selecting(asked))
    }
    let first = try side(
      elsewhere?.0, known.map(\.source), source, asked.map(\.source))
    let second = try side(elsewhere?.1, known.map(\.target), target, places)
    let (count, width) = (asked.count, places.count)
    base = elsewhere?.0.rows ?? known.count
    // Scores, their copy for C, and the assignment problem.
    let solves = request.truth == nil && width <= 5000
    try AvailableMemory.require(
      method.bytes(base: base, queries: count, candidates: width)
        + 24 * Double(count) * Double(width), for: "retrieve", size: max(base, width),
      alternative: "fewer rows")
    let factors = try ScoreFactors(
      method, source: first, target: second, options: Retrieval.options(request, method),
      threads: request.threads)
    let quality = factors.quality(
      truth: truth, matching: solves, seed: request.seed, threads: request.threads)
    self.method = method.rawValue
    (queries, candidates, version) = (count, width, PackageVersion.text)
    (top1, top5, top10) = (quality.top[0], quality.top[1], quality.top[2])
    (matching, assignment) = (quality.matching, quality.assignment)
    scores = factors.scores(threads: request.threads)
  }

  /// The steps around the method.
  private static func options(
    _ request: Request, _ method: RetrievalMethod
  ) throws -> RetrievalOptions {
    let given = unsafe request.given
    var options = RetrievalOptions(centers: unsafe given.center != 0)
    let (csls, anchors, exponent) = unsafe (given.csls, given.anchors, given.exponent)
    if csls > 0 { options.csls = Int(csls) }
    if anchors > 0 { options.anchors = Int(anchors) }
    if !exponent.isNaN { options.exponent = exponent }
    guard options.exponent > 0, options.exponent.isFinite else {
      throw Failure.argument("exponent is \(exponent); expected a number above 0")
    }
    if options.centers, !method.needsBase {
      throw Failure.argument("center needs known pairs, which the method cosine does not use")
    }
    return options
  }

  /// The queries with their partners.
  private static func asked(
    _ request: Request, _ source: Embeddings, _ target: Embeddings, isElsewhere: Bool
  ) throws -> [RowPair] {
    let (m, n) = (source.rows, target.rows)
    for pair in request.rowPairs
    where !(0..<m).contains(pair.source) || !(0..<n).contains(pair.target) {
      throw Failure.argument(
        "pairs: row \(pair.source) with row \(pair.target); expected numbers below \(m) and "
          + "\(n)"
      )
    }
    if let labels = request.truth,
      labels.count != m || !labels.allSatisfy({ (0..<n).contains($0) })
    {
      throw Failure.argument("truth: expected \(m) rows of the target, each below \(n)")
    }
    let known = isElsewhere ? [] : Set(request.rowPairs.map(\.source))
    let rows = request.sourceQueries ?? (0..<m).filter { !known.contains($0) }
    guard !rows.isEmpty else { throw Failure.argument("queries: expected at least one row") }
    guard rows.allSatisfy({ (0..<m).contains($0) && !known.contains($0) }) else {
      throw Failure.argument("source_queries: expected rows below \(m) that are in no known pair")
    }
    if let labels = request.truth {
      return rows.map { RowPair(source: $0, target: labels[$0]) }
    }
    if request.targetQueries == nil, request.sourceQueries == nil, m != n {
      throw Failure.argument(
        "the target has \(n) rows, the source \(m); expected as many, or queries")
    }
    let partners = request.targetQueries ?? rows
    guard partners.count == rows.count, partners.allSatisfy({ (0..<n).contains($0) }) else {
      throw Failure.argument("target_queries: expected \(rows.count) rows below \(n)")
    }
    return zip(rows, partners).map { RowPair(source: $0, target: $1) }
  }
}

@c @implementation
public func qapkit_align(
  _ source: UnsafePointer<qapkit_matrix>?, _ target: UnsafePointer<qapkit_matrix>?,
  _ percents: UnsafePointer<Double>?, _ count: Int64, _ options: UnsafePointer<qapkit_options>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    let request = unsafe try Request(options)
    let (x, y) = unsafe (try embeddings(source, "source"), try embeddings(target, "target"))
    let levels = unsafe Array(try numbers(percents, count, "percents"))
    guard levels.allSatisfy({ (0...100).contains($0) }) else {
      throw Failure.argument("percents: expected numbers from 0 to 100")
    }
    return try ResultBox(AlignAnswer(request, x, y, levels))
  }
}

/// A measure at the pairs as they stand and shuffled.
private struct AlignAnswer: Encodable {
  struct Level: Encodable {
    let percent, value: Double
    let values: [Double]
  }

  struct Direction: Encodable {
    let score: Double
    let folds, alpha: [Double]
  }

  let measure: String
  let value: Double
  let shuffled: [Level]
  private(set) var v2l: Direction?
  private(set) var l2v: Direction?
  let null: PermutationNull?

  init(_ request: Request, _ x: Embeddings, _ y: Embeddings, _ percents: [Double]) throws {
    guard let measure = AlignmentMeasure(request.metricName ?? "cka") else {
      throw Failure.argument(
        "measure: expected one of \(AlignmentMeasure.names.joined(separator: ", "))")
    }
    let standardizes = unsafe request.given.standardize != 0
    if standardizes {
      guard case .metric(let metric) = measure, metric.canStandardize else {
        throw Failure.argument("standardize applies to the measures gw and inner")
      }
    }
    guard x.rows == y.rows, x.rows > 2 else {
      throw InputError(
        y.name, found: "\(y.rows) rows", expected: "\(x.rows), as in \(x.name), and at least 3")
    }
    let seeds = try unsafe Array(
      numbers(request.given.seeds, request.given.seed_count, "seeds"))
    let seedList = seeds.isEmpty ? [request.seed] : seeds
    let (permutations, level) = unsafe (Int(request.given.permutations), request.given.level)
    guard permutations <= 1_000_000, level.isNaN || (level > 0 && level < 1) else {
      throw Failure.argument(
        "permutations is \(permutations), level \(level); expected at most 1000000, and a level "
          + "above 0 and below 1")
    }
    let count = seedList.count * percents.count + permutations
    try AvailableMemory.require(
      16 * Double(count) * Double(x.rows), for: "shuffled rows", size: x.rows,
      alternative: "fewer seeds, percentages or permutations")
    if case .similarity(let similarity) = measure {
      try AvailableMemory.require(
        RepresentationSimilarity.bytes(similarity, rows: x.rows), for: measure.name, size: x.rows,
        alternative: "fewer rows, cka or knn")
    }
    let orders =
      [Array(0..<x.rows)]
      + seedList.flatMap { shuffledOrders(rows: x.rows, percents: percents, seed: $0) }
      + PermutationNull.orders(rows: x.rows, count: permutations, seed: seedList[0])
    let normalize = unsafe request.given.normalize
    let stretches = unsafe request.given.stretch != 0
    var values: [Double] = []
    if let found = try measure.values(
      source: x, target: y, orders: orders, normalizes: normalize < 0 ? nil : normalize > 0,
      stretches: stretches, standardizes: standardizes, threads: request.threads)
    {
      values = found
    } else {
      guard x.rows >= 10 else {
        throw InputError(x.name, found: "\(x.rows) rows", expected: "at least 10, for folds")
      }
      let (first, second) = (try scaled(x, nil, request).0, try scaled(y, nil, request).0)
      let folds = LinearPredictivity.folds(rows: x.rows, count: 5, seed: seedList[0])
      let forth = try LinearPredictivity(
        of: second, from: first, folds: folds, threads: request.threads)
      let back = try LinearPredictivity(
        of: first, from: second, folds: folds, threads: request.threads)
      v2l = Direction(score: forth.score, folds: forth.folds, alpha: forth.alpha)
      l2v = Direction(score: back.score, folds: back.folds, alpha: back.alpha)
      values = [(forth.score + back.score) / 2]
      if orders.count > 1 {
        values += try LinearPredictivity.meanScores(
          first, second, folds: folds, orders: Array(orders.dropFirst()),
          threads: request.threads)
      }
    }
    self.measure = measure.name
    value = values[0]
    shuffled = percents.indices.map { level in
      let ofSeeds = seedList.indices.map { values[1 + $0 * percents.count + level] }
      return Level(
        percent: percents[level], value: ofSeeds.reduce(0, +) / Double(ofSeeds.count),
        values: ofSeeds)
    }
    null =
      permutations == 0
      ? nil
      : PermutationNull(
        value: values[0], values: Array(values.suffix(permutations)),
        isMaximized: measure.isMaximized, level: level.isNaN ? 0.05 : level)
  }
}

@c @implementation
public func qapkit_intramodal(
  _ vision: UnsafePointer<qapkit_matrix>?, _ text: UnsafePointer<qapkit_matrix>?,
  _ names: UnsafePointer<qapkit_matrix>?, _ paired: UnsafePointer<qapkit_matrix>?,
  _ dimensions: Int64, _ options: UnsafePointer<qapkit_options>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    let request = unsafe try Request(options)
    let rows = unsafe try embeddings(vision, "vision").normalized()
    func other(_ pointer: UnsafePointer<qapkit_matrix>?, _ name: String) throws -> Embeddings? {
      if unsafe pointer == nil { return nil }
      let rest = unsafe try embeddings(pointer, name).normalized()
      guard rest.features == rows.features else {
        throw InputError(
          name, found: "\(rest.features) features", expected: "\(rows.features), as in vision")
      }
      return rest
    }
    return try ResultBox(
      unsafe IntramodalAnswer(
        request, rows, text: other(text, "text"), names: other(names, "names"),
        paired: other(paired, "paired"), dimensions: dimensions))
  }
}

/// Similarities within one modality, and how well classes come back from them.
private struct IntramodalAnswer: Encodable {
  struct View: Encodable {
    let hist: Histogram
    let mAP: Double?
  }

  struct Histogram: Encodable {
    let same, diff: [Int]
    let overlap, mean_same, mean_diff: Double?
  }

  struct Shots: Encodable {
    let prototype, lda: Double
  }

  struct TextImage: Encodable {
    let mAP: Double?
    let zero_shot_acc: Double
  }

  struct Gap: Encodable {
    let norm, vec_sum, mean_paired_cos, mean_inter_all, mean_intra_img, mean_intra_txt: Double
  }

  let rows, classes: Int
  private(set) var original: View?
  private(set) var pca_centred, pca_uncentred, pca_centred_meanadj: View?
  private(set) var fewshot: [String: [String: Shots]] = [:]
  private(set) var text_image: TextImage?
  private(set) var modality_gap: Gap?

  init(
    _ request: Request, _ vision: Embeddings, text: Embeddings?, names: Embeddings?,
    paired: Embeddings?, dimensions: Int64
  ) throws {
    guard let labels = request.truth, labels.count == vision.rows, labels.allSatisfy({ $0 >= 0 })
    else {
      throw Failure.argument("truth: expected a class from 0 on for each of \(vision.rows) rows")
    }
    rows = vision.rows
    let count = text?.rows ?? (labels.max() ?? 0) + 1
    guard labels.allSatisfy({ $0 < count }), text != nil || count <= labels.count else {
      throw Failure.argument("truth: expected classes below \(text?.rows ?? labels.count)")
    }
    classes = count
    if let paired, paired.rows != vision.rows {
      throw InputError("paired", found: "\(paired.rows) rows", expected: "\(vision.rows)")
    }
    let threads = request.threads
    var views = [("original", vision)]
    if let names {
      guard dimensions >= 0, dimensions <= vision.features else {
        throw Failure.argument(
          "dimensions is \(dimensions); expected 1 to \(vision.features), or 0 for half of them")
      }
      let kept = dimensions == 0 ? max(1, vision.features / 2) : Int(dimensions)
      let centered = try PrincipalComponents(names, dimensions: kept)
      views += [
        ("pca_centred", try centered(vision)),
        (
          "pca_uncentred",
          try PrincipalComponents(names, dimensions: kept, centered: false)(vision)
        ), ("pca_centred_meanadj", try centered.throughMean(vision)),
      ]
    }
    for (name, rows) in views {
      let view = Self.view(try rows.normalized(), labels, threads)
      switch name {
      case "original": original = view
      case "pca_centred": pca_centred = view
      case "pca_uncentred": pca_uncentred = view
      default: pca_centred_meanadj = view
      }
      fewshot[name] = try Self.shots(rows, labels, classes: count, seed: request.seed)
    }
    text_image = text.map { text in
      let precisions = ScoreFactors(source: text.values, target: vision.values).averagePrecisions(
        queryLabels: Array(0..<text.rows), candidateLabels: labels, excludesOwn: false,
        threads: threads)
      let zeroShot = ScoreFactors(source: vision.values, target: text.values).quality(
        truth: labels, top: [1], matching: false, threads: threads)
      return TextImage(mAP: meanAveragePrecision(precisions), zero_shot_acc: zeroShot.top[0])
    }
    modality_gap = try paired.map {
      let gap = try ModalityGap(vision, $0)
      return Gap(
        norm: gap.norm, vec_sum: gap.vectorSum, mean_paired_cos: gap.meanPairedCosine,
        mean_inter_all: gap.meanBetween, mean_intra_img: gap.meanWithinFirst,
        mean_intra_txt: gap.meanWithinSecond)
    }
  }

  private static func view(_ rows: Embeddings, _ labels: [Int], _ threads: Int) -> View {
    let (same, different) = CosineHistogram.byClass(rows, labels: labels, threads: threads)
    let precisions = ScoreFactors(source: rows.values, target: rows.values).averagePrecisions(
      queryLabels: labels, candidateLabels: labels, excludesOwn: true, threads: threads)
    return View(
      hist: Histogram(
        same: same.counts, diff: different.counts, overlap: same.overlap(different),
        mean_same: same.mean, mean_diff: different.mean),
      mAP: meanAveragePrecision(precisions))
  }

  /// Accuracies from 1, 2, 4, 8 and 16 rows a class; nil when a class has too few.
  private static func shots(
    _ rows: Embeddings, _ labels: [Int], classes: Int, seed: UInt64
  ) throws -> [String: Shots]? {
    var result: [String: Shots] = [:]
    for count in [1, 2, 4, 8, 16] {
      guard
        let split = fewShotSplit(
          labels: labels, classes: classes, shots: count, maxShots: 16, seed: seed)
      else { return nil }
      let (support, test) = (try rows.selecting(split.support), try rows.selecting(split.test))
      let (known, truth) = (split.support.map { labels[$0] }, split.test.map { labels[$0] })
      result["\(count)"] = Shots(
        prototype: try FewShot.prototypes(support, labels: known, classes: classes)
          .accuracy(test, labels: truth),
        lda: try FewShot.discriminant(support, labels: known, classes: classes)
          .accuracy(test, labels: truth))
    }
    return result
  }
}
