import QAP
import QAPPrimitives

extension AlignmentMeasure {
  /// The value for each of `orders`, where row i of the target is paired with row `order[i]` of the
  /// source; nil for linear predictivity, which needs folds.
  ///
  /// - Parameters:
  ///   - normalizes: divide rows by their norms; nil for the measure's own habit.
  ///   - stretches: divide columns by their deviations.
  ///   - standardizes: shift and scale distances, for measures that `canStandardize`.
  ///   - progress: called, from any thread, with the number of done and of all parts of a pass.
  /// - Throws: `InputError` when the rows have no such value.
  public func values(
    source: Embeddings, target: Embeddings, orders: [[Int]], normalizes: Bool? = nil,
    stretches: Bool = false, standardizes: Bool = false, threads: Int = 1,
    progress: (@Sendable (_ done: Int, _ of: Int) -> Void)? = nil
  ) throws(InputError) -> [Double]? {
    switch self {
    case .linearPredictivity: return nil
    case .similarity(let measure):
      return try RepresentationSimilarity(
        source: source, target: target, normalizes: normalizes ?? measure.normalizesByDefault,
        stretches: stretches, threads: threads
      ).values(measure, orders: orders)
    case .metric(let metric):
      if orders.count > 8, source.rows <= Self.maxTableRows, source.rows == target.rows {
        return try tableValues(
          MatchingOptions(
            metric: metric, normalizes: normalizes, stretches: stretches,
            standardizes: standardizes, threads: threads), source, target, orders)
      }
      return try Alignment(
        source: source, target: target, normalizes: normalizes ?? metric.normalizesByDefault,
        stretches: stretches, threads: threads, progress: progress
      ).values(metric, orders: orders, standardizes: standardizes)
    }
  }

  /// The largest number of rows for which kernels are stored to evaluate many orders.
  static let maxTableRows = 4000

  /// The metric's values from stored kernels.
  ///
  /// - Complexity: O(n²) an order.
  private func tableValues(
    _ options: MatchingOptions, _ source: Embeddings, _ target: Embeddings, _ orders: [[Int]]
  ) throws(InputError) -> [Double] {
    let loss = options.metric.loss
    let (x, y) = (try options.kernel(of: source), try options.kernel(of: target))
    let constant = loss.constant(x, y)
    let (h1, h2) = (x.map(loss.h1), y.map(loss.h2))
    return parallelMap(count: orders.count, threads: options.threads) { index in
      let order = orders[index]
      var sum = CompensatedSum()
      for row in order.indices { sum.add(h1[order[row], order[row]] * h2[row, row]) }
      sum.add(PairedTables.product(h1, h2, order: order))
      return options.metric.isMaximized ? sum.value : constant - sum.value
    }
  }

  /// True when the greatest value is the best.
  public var isMaximized: Bool {
    if case .metric(let metric) = self { metric.isMaximized } else { true }
  }
}
