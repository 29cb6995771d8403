import Foundation
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// One file of `qap align`, in all its versions.
struct AlignSide {
  let name: String
  let versions: [Embeddings]
  /// The mean of all versions.
  let mean: Embeddings

  init(_ path: String) throws {
    name = path
    versions = try EmbeddingFile.read(path).map { try Embeddings($0, name: path) }
    mean = versions.count == 1 ? versions[0] : try Embeddings.average(versions)
  }

  /// The mean of the first `count` versions, or of all there are.
  func average(_ count: Int) throws -> Embeddings {
    try Embeddings.average(Array(versions.prefix(count)))
  }
}

/// The linear predictivity of `qap align`.
struct AlignPredictivity {
  let folds: [Int]
  let threads: Int
  let isNormalized: Bool
  let isStretched: Bool
  let log: StepLog

  /// Both directions.
  func both(_ vision: Embeddings, _ language: Embeddings) throws -> AlignAnswer.Both {
    AlignAnswer.Both(
      v2l: AlignAnswer.Predictivity(try score(of: language, from: vision)),
      l2v: AlignAnswer.Predictivity(try score(of: vision, from: language)))
  }

  func score(of target: Embeddings, from source: Embeddings) throws -> LinearPredictivity {
    let count = (folds.max() ?? 0) + 1
    let log = log
    return try LinearPredictivity(
      of: try scaled(target), from: try scaled(source), folds: folds, threads: threads,
      progress: { log.step("fold \($0 + 1) of \(count) done") })
  }

  private func scaled(_ e: Embeddings) throws -> Embeddings {
    let rows = isNormalized ? try e.normalized() : e
    return isStretched ? try rows.stretched() : rows
  }
}

/// Preferred versions against those that are not.
struct AlignGroups {
  private let preferred: (vision: Embeddings, language: Embeddings)
  private let other: (vision: Embeddings, language: Embeddings)
  private let blocks: (Int, Int)?

  /// Picks versions by the file `scores`, versions × rows, on the side that has as many versions;
  /// of equal scores the first counts as the highest and the last as the lowest.
  init(
    scores path: String, _ first: AlignSide, _ second: AlignSide, blocks: (Int, Int)?
  ) throws {
    let layers = try EmbeddingFile.read(path)
    let scores = layers[0]
    let ofLanguage = second.versions.count > 1
    let side = ofLanguage ? second : first
    guard side.versions.count > 1 else {
      throw EmbeddingError(
        side.name, found: "one version", expected: "several (three axes), to form groups")
    }
    guard layers.count == 1, scores.rows == side.versions.count, scores.columns == side.mean.rows
    else {
      throw DataError(
        file: path, found: "\(scores.rows) × \(scores.columns) scores",
        expected: "\(side.versions.count) × \(side.mean.rows), versions × rows of \(side.name)")
    }
    func pick(_ isBetter: (Double, Double) -> Bool) throws -> Embeddings {
      let rows = (0..<scores.columns).map { row in
        var best = 0
        for version in 1..<scores.rows where isBetter(scores[version, row], scores[best, row]) {
          best = version
        }
        return side.versions[best].values.row(row)
      }
      return try Embeddings(
        Matrix(
          rows: rows.count, columns: side.mean.features, elements: rows.flatMap(Array.init)),
        name: side.name)
    }
    let (high, low) = (try pick { $0 > $1 }, try pick { $0 <= $1 })
    preferred = ofLanguage ? (first.mean, high) : (high, second.mean)
    other = ofLanguage ? (first.mean, low) : (low, second.mean)
    self.blocks = blocks
    if let blocks {
      for (count, side) in [(blocks.0, first), (blocks.1, second)]
      where count > side.mean.features {
        throw EmbeddingError(
          side.name, found: "\(side.mean.features) features",
          expected: "at least \(count), for that number of blocks")
      }
    }
  }

  /// The t test of both directions.
  func test(_ predictivity: AlignPredictivity) throws -> AlignAnswer.Tests {
    AlignAnswer.Tests(
      v2l: try test(predictivity) { try predictivity.score(of: $1, from: $0) },
      l2v: try test(predictivity) { try predictivity.score(of: $0, from: $1) })
  }

  private func test(
    _ predictivity: AlignPredictivity,
    _ score: (Embeddings, Embeddings) throws -> LinearPredictivity
  ) throws -> AlignAnswer.Test {
    func figures(_ group: (vision: Embeddings, language: Embeddings)) throws -> [Double] {
      guard let blocks else { return try score(group.vision, group.language).folds }
      return try parts(group.vision, blocks.0).flatMap { vision in
        try parts(group.language, blocks.1).map { try score(vision, $0).score }
      }
    }
    let (a, b) = (try figures(preferred), try figures(other))
    let test = PairedTTest(a, b)
    return AlignAnswer.Test(
      groupPreferred: a, groupNonpreferred: b, t: test?.t, p: test?.p, df: test?.df)
  }

  /// The columns in `count` blocks of equal width, up to one.
  private func parts(_ e: Embeddings, _ count: Int) throws -> [Embeddings] {
    try (0..<count).map { block in
      let from = block * e.features / count
      let width = (block + 1) * e.features / count - from
      return try Embeddings(
        Matrix<Double>(rows: e.rows, columns: width) { e.values[$0, from + $1] }, name: e.name)
    }
  }
}

/// The result of `qap align`.
struct AlignAnswer: Encodable {
  struct Level: Encodable {
    let percent: Double
    let value: Double
  }

  /// One direction of linear predictivity, in the words of the reference values.
  struct Predictivity: Encodable {
    struct Nonnested: Encodable {
      let score: Double
      let alpha: Double
      let curve: [Double]
    }

    let score: Double
    let folds: [Double]
    let alpha: [Double]
    let nonnested: Nonnested

    init(_ result: LinearPredictivity) {
      score = result.score
      folds = result.folds
      alpha = result.alpha
      nonnested = Nonnested(
        score: result.nonnested.score, alpha: result.nonnested.alpha, curve: result.curve)
    }
  }

  struct Both {
    let v2l: Predictivity
    let l2v: Predictivity
  }

  struct Measure: Encodable {
    let measure: String
    let value: Double
    let shuffled: [Level]
    let v2l: Predictivity?
    let l2v: Predictivity?
  }

  struct Averaged: Encodable {
    let count: Int
    let v2l: Predictivity
    let l2v: Predictivity
  }

  struct Test: Encodable {
    let groupPreferred: [Double]
    let groupNonpreferred: [Double]
    let t: Double?
    let p: Double?
    let df: Int?

    enum CodingKeys: String, CodingKey {
      case groupPreferred = "group_preferred"
      case groupNonpreferred = "group_nonpreferred"
      case t, p, df
    }
  }

  struct Tests: Encodable {
    let v2l: Test
    let l2v: Test
  }

  let vision: String
  let language: String
  let rows: Int
  let measures: [Measure]
  let averaging: [Averaged]
  let ttest: Tests?
  let seconds: Double
  let version: String

  /// The result for people, in lines.
  var text: String {
    var lines: [(String, String)] = []
    for measure in measures {
      lines.append((measure.measure, figure(measure.value)))
      for (name, part) in [("v2l", measure.v2l), ("l2v", measure.l2v)] {
        guard let part else { continue }
        lines.append(
          (
            "  \(name)",
            "\(figure(part.score)); not nested \(figure(part.nonnested.score))"
              + " at alpha \(figure(part.nonnested.alpha))"
          ))
      }
      for level in measure.shuffled {
        lines.append(("  \(figure(level.percent))% shuffled", figure(level.value)))
      }
    }
    for row in averaging {
      lines.append(
        (
          "mean of \(row.count)", "v2l \(figure(row.v2l.score)), l2v \(figure(row.l2v.score))"
        ))
    }
    if let ttest {
      for (name, test) in [("v2l", ttest.v2l), ("l2v", ttest.l2v)] {
        let means = (mean(test.groupPreferred), mean(test.groupNonpreferred))
        lines.append(
          (
            "preferred, \(name)",
            "\(figure(means.0)) against \(figure(means.1)): t = \(figure(test.t)), "
              + "p = \(figure(test.p)), df = \(test.df.map(String.init) ?? "-")"
          ))
      }
    }
    return aligned(lines)
  }
}
