import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// A match whose kernels are inner products of rows: for many rows, as no kernel is formed.
///
/// With X the rows of the facilities and Y those of their locations the objective is ‖XᵀY‖², the
/// Frobenius norm of a matrix of features × features, over ‖XᵀX‖·‖YᵀY‖ of all rows.
public struct FactoredProblem: Sendable {
  /// The rows that take part.
  public let rows: MatchRows
  /// No assignment has a larger objective: Σ λ_k·μ_k over the eigenvalues of both kernels in
  /// descending order (G. Finke, R. E. Burkard and F. Rendl, "Quadratic assignment problems",
  /// Annals of Discrete Mathematics 31, 1987), with a margin for rounding.
  public let bound: Double
  /// The mean objective over all assignments.
  public let meanObjective: Double
  /// Facilities × features; centered where the metric centers.
  let facilities: Embeddings
  /// Locations × features.
  let locations: Embeddings
  let threads: Int
  /// ‖XᵀX‖·‖YᵀY‖.
  private let norm: Double

  /// The number of locations.
  public var size: Int { locations.rows }

  /// True for linear kernels without anything beside them.
  public static func applies(_ options: MatchingOptions) -> Bool {
    [.cka, .correlation].contains(options.metric) && !options.isPrecomputed
      && !options.standardizes && options.linear == nil && options.outlierCost == nil
      && options.forbidden.isEmpty
  }

  /// Compares `source` and `target` as `options` say, which `applies` has to accept.
  ///
  /// - Throws: `InputError` for rows that cannot be compared, and `MethodError` for pairs or
  ///   queries that contradict each other.
  /// - Complexity: O(rows · features²) time, O(rows · features) memory.
  public init(source: Embeddings, target: Embeddings, options: MatchingOptions) throws {
    precondition(FactoredProblem.applies(options), "the kernels are no inner products")
    let rows = try MatchRows(source: source, target: target, options: options)
    let centers = options.metric == .cka
    func side(_ x: Embeddings, _ selected: [Int]) throws -> Embeddings {
      let prepared = try options.prepared(x, rows: selected)
      guard centers else { return try prepared.normalized() }
      let mean = prepared.columnMeans
      let centered = prepared.mapped { $2 - mean[$1] }
      // What centering leaves of equal rows is rounding.
      let (before, after) = (prepared.values.frobeniusNorm, centered.values.frobeniusNorm)
      guard after > 1e-13 * before, after.isFinite else { throw InputError(allAlike: x.name) }
      return centered
    }
    let (x, y) = (try side(source, rows.sourceRows), try side(target, rows.targetRows))
    self.rows = rows
    (facilities, locations) = rows.isTransposed ? (y, x) : (x, y)
    threads = options.threads
    let grams = [facilities, locations].map {
      parallelProduct($0.values, .transposed, $0.values, .plain, threads: options.threads)
    }
    norm = grams[0].frobeniusNorm * grams[1].frobeniusNorm
    let spectra = grams.map { symmetricEigen($0)?.values.reversed().map { max(0, $0) } ?? [] }
    let least = zip(spectra[0], spectra[1]).reduce(0) { $0 + $1.0 * $1.1 } / norm
    bound = (spectra.contains([]) ? 1 : min(1, least)) + 1e-9
    let sums = [facilities, locations].map { side in
      let total = side.columnMeans.reduce(0) { $0 + $1 * $1 }
      return total * Double(side.rows) * Double(side.rows)
    }
    let traces = grams.map { gram in (0..<gram.rows).reduce(0) { $0 + gram[$1, $1] } }
    let n = Double(locations.rows)
    let others = (sums[0] - traces[0]) * (sums[1] - traces[1]) / max(1, n * (n - 1))
    meanObjective = (traces[0] * traces[1] / n + others) / norm
  }

  /// XᵀY of assigned rows.
  private func product(_ partners: Matrix<Double>) -> Matrix<Double> {
    parallelProduct(facilities.values, .transposed, partners, .plain, threads: threads)
  }

  private func partners(_ assignment: Assignment) -> Matrix<Double> {
    locations.values.selecting(rows: (0..<facilities.rows).map { assignment[$0] })
  }

  /// The metric's value of `assignment`, of `size` facilities; those that are no rows come last.
  ///
  /// - Complexity: O(rows · features²).
  public func objective(of assignment: Assignment) -> Double {
    let norm = product(partners(assignment)).frobeniusNorm
    return norm * norm / self.norm
  }

  /// The pairs of a match with their shares of its objective, in ascending order of the source's
  /// rows.
  ///
  /// - Complexity: O(rows · features²).
  public func shares(of assignment: Assignment) -> [PairMargin] {
    let y = partners(assignment)
    let x = parallelProduct(facilities.values, .plain, product(y), .plain, threads: threads)
    return (0..<facilities.rows).map { row in
      let share = zip(x.row(row), y.row(row)).reduce(0) { $0 + $1.0 * $1.1 } / norm
      let place = assignment[row]
      return PairMargin(
        source: rows.isTransposed ? rows.sourceRows[place] : rows.sourceRows[row],
        target: rows.isTransposed ? rows.targetRows[row] : rows.targetRows[place],
        value: share, margin: nil, rival: nil, rank: nil, confidence: nil)
    }.sorted { $0.source < $1.source }
  }
}
