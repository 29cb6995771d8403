import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

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

  /// The mean score of both directions when row i of the second file is paired with row `order[i]`
  /// of the first, for each of `orders`.
  func scores(_ vision: Embeddings, _ language: Embeddings, orders: [[Int]]) throws -> [Double] {
    let log = log
    return try LinearPredictivity.meanScores(
      try scaled(vision), try scaled(language), folds: folds, orders: orders, threads: threads,
      progress: { log.step("shuffled rows: a fold is done") })
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
