import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// The similarity of two sets of embeddings of the same things, by measures that are no metric of
/// `qap match`, for several pairings of their rows.
///
/// Rows of both sides are numbered alike; an order pairs row i of the target with row `order[i]` of
/// the source.
public struct RepresentationSimilarity: Sendable {
  private let source: Embeddings
  private let target: Embeddings
  private let threads: Int

  /// Prepares two sets with equally many rows, at least 4.
  ///
  /// - Parameters:
  ///   - normalizes: divide rows by their norms.
  ///   - stretches: divide columns by their deviations.
  /// - Throws: `InputError` when the row counts differ or a step cannot be done.
  public init(
    source: Embeddings, target: Embeddings, normalizes: Bool, stretches: Bool = false,
    threads: Int = 1
  ) throws(InputError) {
    (self.source, self.target) = try Embeddings.compared(
      source, target, normalizes: normalizes, stretches: stretches, atLeast: 4)
    self.threads = max(1, threads)
  }

  /// The bytes that `measure` takes for `rows` rows.
  public static func bytes(_ measure: SimilarityMeasure, rows: Int) -> Double {
    switch measure {
    case .debiasedCKA, .rsa, .rankedRSA, .pearson: 32 * Double(rows) * Double(rows)
    case .neighborCKA(let count), .neighborCycles(let count):
      32 * Double(rows) * Double(count)
    case .canonical, .procrustes: 0
    }
  }

  /// The value of `measure` for each of `orders`.
  ///
  /// - Throws: `InputError` when rows are all alike, or fewer than the neighbors or directions
  ///   asked for.
  /// - Complexity: O(n²·d) once and O(n²) an order for kernels and distances; O(n·k²) an order for
  ///   k neighbors or directions; for Procrustes a singular value decomposition an order.
  public func values(
    _ measure: SimilarityMeasure, orders: [[Int]]
  ) throws(InputError) -> [Double] {
    precondition(
      orders.allSatisfy { $0.count == source.rows && Set($0) == Set(0..<source.rows) },
      "an order has every row once")
    switch measure {
    case .debiasedCKA, .rsa, .rankedRSA, .pearson:
      let (x, y) = (try table(measure, source), try table(measure, target))
      return parallelMap(count: orders.count, threads: threads) { index in
        PairedTables.product(x, y, order: orders[index])
      }
    case .neighborCKA(let count), .neighborCycles(let count):
      guard count >= 1, count < source.rows else {
        throw InputError(
          source.name, found: "\(source.rows) rows",
          expected: "more than \(count) rows, for that number of neighbors")
      }
      let x = NeighborTable(source.values, count, stream: 1, threads: threads)
      let y = NeighborTable(target.values, count, stream: 2, threads: threads)
      return parallelMap(count: orders.count, threads: threads) { index in
        if case .neighborCKA = measure { return x.alignment(y, order: orders[index]) }
        return x.cycles(y, order: orders[index])
      }
    case .canonical(let count):
      let (x, y) = (try directions(source, count), try directions(target, count))
      return try nuclear(x, y, orders).map { $0 / Double(count) }
    case .procrustes:
      return try nuclear(try unitColumns(source), try unitColumns(target), orders)
    }
  }

  // MARK: Kernels and distances

  /// Similarities or distances, centered so that the measure is a cosine of two tables: n × n, 0 on
  /// the diagonal, norm 1.
  private func table(
    _ measure: SimilarityMeasure, _ e: Embeddings
  ) throws(InputError) -> Matrix<Double> {
    var table: Matrix<Double>
    switch measure {
    case .rsa, .rankedRSA: table = Kernel.distances(e.values, threads: threads)
    case .pearson: table = try Kernel.cosine(e, threads: threads)
    default:
      // Shifting all rows changes no centered kernel, and keeps its sums from canceling.
      let mean = RidgeDesign.means(e.values, Array(0..<e.rows))
      table = Kernel.linear(e.mapped { $2 - mean[$1] }.values, threads: threads)
    }
    if measure == .rankedRSA { table = PairedTables.ranks(table) }
    table =
      measure == .debiasedCKA ? PairedTables.uCentered(table) : PairedTables.centered(table)
    let norm = PairedTables.product(table, table, order: Array(0..<e.rows)).squareRoot()
    guard norm > 0, norm.isFinite else {
      throw InputError(
        e.name, found: "the same similarity everywhere", expected: "rows that differ")
    }
    return table.map { $0 / norm }
  }

  // MARK: Directions

  /// The `count` leading left singular vectors of the columns, shifted to mean 0 and scaled to
  /// deviation 1: n × count.
  private func directions(
    _ e: Embeddings, _ count: Int
  ) throws(InputError) -> Matrix<Double> {
    let mean = RidgeDesign.means(e.values, Array(0..<e.rows))
    let deviation = (0..<e.features).map { column -> Double in
      let squares = (0..<e.rows).reduce(0.0) {
        let difference = e.values[$1, column] - mean[column]
        return $0 + difference * difference
      }
      return (squares / Double(e.rows - 1)).squareRoot()
    }
    setDenseAlgebraThreads(1)
    let scaled = e.mapped { deviation[$1] > 0 ? ($2 - mean[$1]) / deviation[$1] : 0 }.values
    guard let svd = singularValues(scaled), svd.rank() >= count, count > 0 else {
      throw InputError(
        e.name, found: "fewer than \(count) independent directions",
        expected: "at least that many, for svcca:\(count)")
    }
    return Matrix(rows: e.rows, columns: count) { svd.left[$0, $1] }
  }

  /// The rows minus their mean, all divided by the Frobenius norm.
  private func unitColumns(_ e: Embeddings) throws(InputError) -> Matrix<Double> {
    let mean = RidgeDesign.means(e.values, Array(0..<e.rows))
    let shifted = e.mapped { $2 - mean[$1] }.values
    let norm = shifted.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 0 else { throw InputError(allAlike: e.name) }
    return shifted.map { $0 / norm }
  }

  /// The sum of the singular values of X[order]ᵀ·Y for each order.
  private func nuclear(
    _ x: Matrix<Double>, _ y: Matrix<Double>, _ orders: [[Int]]
  ) throws(InputError) -> [Double] {
    setDenseAlgebraThreads(1)
    let sums = parallelMap(count: orders.count, threads: threads) { index in
      var elements: [Double] = []
      elements.reserveCapacity(x.elements.count)
      for row in orders[index] { elements.append(contentsOf: x.row(row)) }
      let paired = Matrix(rows: x.rows, columns: x.columns, elements: elements)
      return singularValues(gemm(1, paired, .transposed, y, .plain))
        .map { $0.values.reduce(0, +) }
    }
    return try sums.map { sum throws(InputError) in
      guard let sum else { throw LinearPredictivity.noDecomposition(source) }
      return sum
    }
  }
}
