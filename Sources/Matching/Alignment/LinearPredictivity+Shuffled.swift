import QAP
import QAPDenseAlgebra
import QAPPrimitives

extension LinearPredictivity {
  /// The nested score for several pairings of the same rows, which share the factorizations of the
  /// source: for each of `orders`, row i of `target` is paired with row `order[i]` of `source`.
  ///
  /// - Parameters:
  ///   - folds: the outer fold of each row of the source; a pair is in the fold of its source.
  ///   - progress: called after each fold, from any thread, with its number.
  /// - Returns: a score an order.
  /// - Throws: `InputError` as `init(of:from:folds:alphas:threads:progress:)` does.
  /// - Complexity: a singular value decomposition for each fold and O(n³) for each penalty; then
  ///   O(n·h·q) for each order and O(n²) for its penalties, n the rows, h those of the fold and q
  ///   the columns of the target. Memory O(n²) for each penalty.
  public static func scores(
    of target: Embeddings, from source: Embeddings, folds: [Int], orders: [[Int]],
    alphas: [Double] = LinearPredictivity.usualAlphas, threads: Int = 1,
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws(InputError) -> [Double] {
    precondition(!alphas.isEmpty && alphas.allSatisfy { $0 > 0 }, "penalties are positive")
    try requireFit(source, target, folds)
    // Equal orders, as of rows that are not shuffled, are computed once.
    var distinct: [[Int]] = []
    let places = orders.map { order in
      if let place = distinct.firstIndex(of: order) { return place }
      distinct.append(order)
      return distinct.count - 1
    }
    let partners = distinct.map { order in
      var partner = [Int](repeating: 0, count: order.count)
      for (row, of) in order.enumerated() { partner[of] = row }
      return partner
    }
    let count = (folds.max() ?? 0) + 1
    setDenseAlgebraThreads(1)
    let n = target.rows
    let rows = Array(0..<n)
    // Correlations and residuals do not change with the means; products lose digits to large ones.
    let centered = RidgeDesign.centered(
      target.values, rows, RidgeDesign.means(target.values, rows))
    let gram = gemm(1, centered, .plain, centered, .transposed)
    let results = parallelMap(count: count, threads: threads) { fold -> [Double]? in
      let training = folds.indices.filter { folds[$0] != fold }
      let held = folds.indices.filter { folds[$0] == fold }
      guard let design = RidgeDesign(source.values, rows: training) else { return nil }
      let sweep = RidgeSweep(
        design, alphas: alphas, predicting: design.coordinates(source.values, rows: held))
      let scores = partners.map { partner in
        let rows = training.map { partner[$0] }
        let best = sweep.best(gram: gram, rows: rows)
        return meanCorrelation(
          sweep.predictions(best, target: centered, rows: rows),
          centered.selecting(rows: held.map { partner[$0] }))
      }
      progress?(fold)
      return scores
    }
    var sums = [Double](repeating: 0, count: distinct.count)
    for result in results {
      guard let result else { throw noDecomposition(source) }
      for index in sums.indices { sums[index] += result[index] / Double(count) }
    }
    return places.map { sums[$0] }
  }

  /// The mean of the nested scores of both directions for several pairings of the same rows: for
  /// each of `orders`, row i of `second` is paired with row `order[i]` of `first`.
  ///
  /// - Parameters:
  ///   - progress: called after each fold of each direction, from any thread.
  /// - Throws: `InputError` as `init(of:from:folds:alphas:threads:progress:)` does.
  public static func meanScores(
    _ first: Embeddings, _ second: Embeddings, folds: [Int], orders: [[Int]], threads: Int = 1,
    progress: (@Sendable () -> Void)? = nil
  ) throws(InputError) -> [Double] {
    let inverse = orders.map { order in
      var result = order
      for (place, row) in order.enumerated() { result[row] = place }
      return result
    }
    let forth = try scores(
      of: second, from: first, folds: folds, orders: orders, threads: threads,
      progress: { _ in progress?() })
    let back = try scores(
      of: first, from: second, folds: folds, orders: inverse, threads: threads,
      progress: { _ in progress?() })
    return zip(forth, back).map { ($0 + $1) / 2 }
  }

  /// The failure of a singular value decomposition.
  static func noDecomposition(_ source: Embeddings) -> InputError {
    InputError(
      source.name, found: "numbers without a singular value decomposition",
      expected: "numbers of usual size")
  }
}
