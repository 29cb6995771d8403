import QAP
import QAPPrimitives

/// The options of a comparison of embeddings, and the pairs known beforehand.
///
/// The steps come in this order: normalization, stretching, kernel, standardization, loss.
public struct MatchingOptions: Sendable {
  /// Kernel and loss.
  public var metric: Metric
  /// Divide rows by their norms; nil for the metric's own habit.
  public var normalizes: Bool?
  /// Divide columns by their deviations over all rows given.
  public var stretches: Bool
  /// Leave out rows of zeros, which have no direction: they take no part, and their numbers stay.
  public var ignoresZeroRows = false
  /// Standardize kernels: mean 0 and deviation 1 off the diagonal.
  public var standardizes: Bool
  /// The sides are n × n matrices of similarities or distances already, as the metric takes them.
  public var isPrecomputed = false
  /// The cost of each row of the source with each row of the target (for a metric that is maximized
  /// the similarity), all rows × all rows; nil to compare structure alone.
  public var linear: Matrix<Double>?
  /// With `linear`, the share of the structure in the objective, from 0 to 1; the costs of pairs
  /// have the rest.
  public var alpha = 0.5
  /// Pairs that are known: `facility` is the row of the source, `location` that of the target.
  public var pairs: [RowPair]
  /// The price of each row of either side that takes part and stays unmatched, in the metric's
  /// unit; nil to match as many rows as the smaller side has.
  public var outlierCost: Double?
  /// With `outlierCost`, the rows of the smaller side that may stay unmatched; nil for all.
  public var maxOutliers: Int?
  /// Rows of the source and of the target that are not to be matched.
  public var forbidden: [RowPair] = []
  /// The rows to match in addition to the pairs; nil for all others. Rows that are neither in a
  /// pair nor a query takes no part, apart from deviations.
  public var sourceQueries: [Int]?
  /// The rows of the target that the queries may be matched to; nil for all others.
  public var targetQueries: [Int]?
  /// Seed of the order in which a solver sees the target's rows.
  public var seed: UInt64
  /// Threads to use; no result depends on them.
  public var threads: Int

  /// The defaults, each replaceable by name.
  public init(
    metric: Metric = .gromovWasserstein, normalizes: Bool? = nil, stretches: Bool = false,
    standardizes: Bool = false, pairs: [RowPair] = [], sourceQueries: [Int]? = nil,
    targetQueries: [Int]? = nil, seed: UInt64 = 0, threads: Int = 1
  ) {
    self.metric = metric
    self.normalizes = normalizes
    self.stretches = stretches
    self.standardizes = standardizes
    self.pairs = pairs
    self.sourceQueries = sourceQueries
    self.targetQueries = targetQueries
    self.seed = seed
    self.threads = max(1, threads)
  }

  /// The number of rows of either side that take part.
  public func participants(_ source: Embeddings, _ target: Embeddings) -> (Int, Int) {
    (
      sourceQueries.map { $0.count + pairs.count } ?? source.rows,
      targetQueries.map { $0.count + pairs.count } ?? target.rows
    )
  }

  /// The bytes that the kernel of `rows` rows takes while it is computed.
  public func kernelBytes(rows: Int) -> Double {
    (metric == .ckaOneSided ? 16 : 8) * Double(rows) * Double(rows)
  }

  /// The kernel of some of the rows of `x`: normalized and stretched over all of them, standardized
  /// over those selected. Selected rows × selected rows.
  ///
  /// - Throws: `InputError` when a step cannot be done: for zero rows, constant columns, or
  ///   rows that have no such kernel.
  public func kernel(
    of x: Embeddings, rows: [Int]? = nil
  ) throws(InputError) -> Matrix<Double> {
    let metric = metric
    if isPrecomputed {
      let given = if let rows { try x.selectingBoth(rows) } else { x }
      let kernel = try metric.kernel(precomputed: given, threads: threads)
      return standardizes
        ? try Kernel.standardized(kernel, name: x.name, threads: threads) : kernel
    }
    let x = try prepared(x, rows: rows)
    let kernel = try metric.kernel(of: x, threads: threads)
    return standardizes
      ? try Kernel.standardized(kernel, name: x.name, threads: threads) : kernel
  }

  /// Some of the rows of `x`, normalized and stretched over all of them.
  ///
  /// - Throws: `InputError` for zero rows and constant columns.
  func prepared(_ x: Embeddings, rows: [Int]? = nil) throws(InputError) -> Embeddings {
    var (x, rows) = (x, rows)
    if ignoresZeroRows {
      let nonzero = x.nonzeroRows
      var place = [Int?](repeating: nil, count: x.rows)
      for (index, row) in nonzero.enumerated() { place[row] = index }
      rows = (rows ?? Array(0..<x.rows)).compactMap { place[$0] }
      x = try x.selecting(nonzero)
    }
    let normalizes = self.normalizes ?? metric.normalizesByDefault
    if normalizes || stretches || [.cka, .ckaGaussian, .ckaDebiased].contains(metric) {
      x = x.inModerateUnits
    }
    if normalizes { x = try x.normalized() }
    if stretches { x = try x.stretched() }
    if let rows { x = try x.selecting(rows) }
    return x
  }
}
