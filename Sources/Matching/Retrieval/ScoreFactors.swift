import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// Scores in factored form: the score of query s with candidate t is the inner product of row s of
/// `source` and row t of `target`.
///
/// Every method of retrieval comes down to this, local alignment included; so scores cost one
/// matrix product, are computed in blocks as they are needed, and no queries × candidates matrix is
/// kept.
public struct ScoreFactors: Sendable {
  /// One row a query.
  public let source: Matrix<Double>
  /// One row a candidate, as long as those of `source`.
  public let target: Matrix<Double>

  /// Wraps factors of equal width.
  public init(source: Matrix<Double>, target: Matrix<Double>) {
    precondition(source.columns == target.columns, "factors of different widths")
    self.source = source
    self.target = target
  }

  /// The factors of `method` for two sides with equally many base rows.
  ///
  /// - Throws: `InputError` when the sides do not fit, a row that needs a direction is zero, or
  ///   base rows are all alike.
  public init(
    _ method: RetrievalMethod, source: RetrievalSide, target: RetrievalSide,
    options: RetrievalOptions = RetrievalOptions(), threads: Int = 1
  ) throws(InputError) {
    var (source, target) = (source, target)
    if options.centers { (source, target) = (try source.centered(), try target.centered()) }
    let plain = try ScoreFactors(
      unscaled: method, source: source, target: target, options: options, threads: threads)
    self = options.csls.map { plain.scaledLocally(neighbors: $0, threads: threads) } ?? plain
  }

  private init(
    unscaled method: RetrievalMethod, source: RetrievalSide, target: RetrievalSide,
    options: RetrievalOptions, threads: Int
  ) throws(InputError) {
    guard !method.needsBase || source.base.rows == target.base.rows else {
      throw InputError(
        target.base.name, found: "\(target.base.rows) base rows",
        expected: "\(source.base.rows), the partners of those of \(source.base.name)")
    }
    switch method {
    case .localCKA, .localCKAGaussian:
      let isGaussian = method == .localCKAGaussian
      self = try LocalCKA.factors(
        try LocalCKA.Side(source, isGaussian: isGaussian, threads: threads),
        try LocalCKA.Side(target, isGaussian: isGaussian, threads: threads), threads: threads)
    case .linear:
      setDenseAlgebraThreads(1)
      guard let svd = singularValues(source.base.values) else {
        throw InputError(
          source.base.name, found: "numbers without a singular value decomposition",
          expected: "numbers of usual size")
      }
      let map = svd.solve(target.base.values)
      let predicted = Embeddings(
        unchecked: parallelProduct(
          source.asked.values, .plain, map, .plain, threads: threads),
        name: "predictions from \(source.asked.name)")
      self.init(
        source: try predicted.normalized().values, target: try target.asked.normalized().values)
    case .ridge, .procrustes, .canonical:
      setDenseAlgebraThreads(1)
      let (x, y) =
        switch method {
        case .ridge: try LinearMap.ridge(source, target)
        case .procrustes: try LinearMap.procrustes(source, target, threads: threads)
        default: try LinearMap.canonical(source, target, threads: threads)
        }
      self = ScoreFactors(source: x, target: y).unitRows
    case .relative:
      self =
        ScoreFactors(
          source: try Self.cosines(source, threads), target: try Self.cosines(target, threads)
        ).unitRows
    case .asif:
      func sparse(_ side: RetrievalSide) throws(InputError) -> Matrix<Double> {
        Self.sparseCosines(
          try Self.cosines(side, threads), kept: options.anchors, exponent: options.exponent)
      }
      self = ScoreFactors(source: try sparse(source), target: try sparse(target)).unitRows
    case .cosine:
      guard source.asked.features == target.asked.features else {
        throw InputError(
          target.asked.name, found: "\(target.asked.features) features",
          expected: "\(source.asked.features), as in \(source.asked.name), for cosines")
      }
      self.init(
        source: try source.asked.normalized().values, target: try target.asked.normalized().values)
    }
  }

  /// The cosines of the rows asked to the known ones: asked × base.
  private static func cosines(
    _ side: RetrievalSide, _ threads: Int
  ) throws(InputError) -> Matrix<Double> {
    parallelProduct(
      try side.asked.normalized().values, .plain, try side.base.normalized().values, .transposed,
      threads: threads)
  }

  /// The number of queries.
  public var queries: Int { source.rows }
  /// The number of candidates.
  public var candidates: Int { target.rows }

  /// Calls `body` with the scores of each block of at most `height` queries: a row-major block of
  /// candidates columns. Blocks run in parallel and are no longer valid after the call.
  public func forEachBlock(
    height: Int = 64, threads: Int, _ body: @Sendable (Range<Int>, BufferView<Double>) -> Void
  ) {
    let (queries, candidates, width) = (source.rows, target.rows, source.columns)
    let blocks = (queries + height - 1) / height
    let workers = max(1, min(threads, blocks))
    let memory = (0..<workers).map { _ in Buffer(count: height * candidates, repeating: 0.0) }
    let views = memory.map(\.view)
    setDenseAlgebraThreads(1)
    source.withView { source in
      target.withView { target in
        parallelFor(count: blocks, threads: workers) { worker, block in
          let rows = block * height..<min(queries, (block + 1) * height)
          let out = views[worker].window(0, rows.count * candidates)
          gemm(
            1, rowsOf(source, rows, columns: width), .plain,
            MatrixView(target, rows: candidates, columns: width), .transposed,
            into: MatrixView(out, rows: rows.count, columns: candidates))
          body(rows, out)
        }
      }
    }
    withExtendedLifetime(memory) {}
  }

  /// All scores, queries × candidates.
  ///
  /// - Complexity: O(queries · candidates) memory.
  public func scores(threads: Int = 1) -> Matrix<Double> {
    let candidates = candidates
    return Matrix(rows: queries, columns: candidates, startingFrom: 0) { out in
      forEachBlock(threads: threads) { rows, block in
        out.window(rows.lowerBound * candidates, rows.count * candidates).copy(from: block)
      }
    }
  }
}
