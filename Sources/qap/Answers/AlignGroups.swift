import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// Preferred versions against those that are not.
struct AlignGroups {
  private let preferred: (vision: Embeddings, language: Embeddings)
  private let other: (vision: Embeddings, language: Embeddings)
  private let blocks: (Int, Int)?

  /// Picks versions by the file `scores`, versions × rows, on the side that has as many versions;
  /// of equal scores the first counts as the highest and the last as the lowest.
  init(
    scores path: String, _ first: AlignSide, _ second: AlignSide, rows: (kept: [Int], of: Int),
    blocks: (Int, Int)?
  ) throws {
    let layers = try EmbeddingFile.read(path)
    let scores = layers[0]
    let ofLanguage = second.versions.count > 1
    let side = ofLanguage ? second : first
    guard side.versions.count > 1 else {
      throw InputError(
        side.name, found: "one version", expected: "several (three axes), to form groups")
    }
    guard layers.count == 1, scores.rows == side.versions.count, scores.columns == rows.of
    else {
      throw InputError(
        path, found: "\(scores.rows) × \(scores.columns) scores",
        expected: "\(side.versions.count) × \(rows.of), versions × rows of \(side.name)")
    }
    func pick(_ isBetter: (Double, Double) -> Bool) throws -> Embeddings {
      let picked = rows.kept.enumerated().map { place, row in
        var best = 0
        for version in 1..<scores.rows where isBetter(scores[version, row], scores[best, row]) {
          best = version
        }
        return side.versions[best].values.row(place)
      }
      return try Embeddings(
        Matrix(
          rows: picked.count, columns: side.mean.features, elements: picked.flatMap(Array.init)),
        name: side.name)
    }
    let (high, low) = (try pick { $0 > $1 }, try pick { $0 <= $1 })
    preferred = ofLanguage ? (first.mean, high) : (high, second.mean)
    other = ofLanguage ? (first.mean, low) : (low, second.mean)
    self.blocks = blocks
    if let blocks {
      for (count, side) in [(blocks.0, first), (blocks.1, second)]
      where count > side.mean.features {
        throw InputError(
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
