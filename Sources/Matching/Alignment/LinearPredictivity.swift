import QAP
import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Linear predictivity of one set of embeddings from another: cross-validated ridge regression,
/// scored by the correlation of predicted and actual values.
///
/// For each outer fold the regression (with an intercept that is not penalized) is fitted on the
/// other folds, and the score of the fold is the mean, over the columns predicted, of the Pearson
/// correlation on its rows. The penalty is chosen on the training rows alone by their leave-one-out
/// error (nested), or as the one that is best on the mean over the outer folds (not nested;
/// optimistic, and what some published code does).
public struct LinearPredictivity: Equatable, Sendable {
  /// The mean of `folds`.
  public let score: Double
  /// The score of each outer fold, the penalty chosen on its training rows.
  public let folds: [Double]
  /// The penalty chosen for each outer fold.
  public let alpha: [Double]
  /// The mean score over folds of each penalty.
  public let curve: [Double]
  /// The penalties tried.
  public let alphas: [Double]

  /// The best of `curve`, the first of equals: the score that is not nested.
  public var nonnested: (score: Double, alpha: Double) {
    var best = 0
    for index in curve.indices where curve[index] > curve[best] { best = index }
    return (curve[best], alphas[best])
  }

  /// 1e-8, 1e-7, … 1e8.
  public static let usualAlphas = (-8...8).map { pow(10, Double($0)) }

  /// Folds 0..<`count` of equal size, up to one, drawn at random: the fold of each of `rows` rows.
  public static func folds(rows: Int, count: Int, seed: UInt64) -> [Int] {
    precondition(count > 0, "a positive number of folds")
    var generator = SeededGenerator(seed: seed)
    return (0..<rows).map { $0 % count }.shuffled(using: &generator)
  }

  /// Predicts the rows of `target` from those of `source`.
  ///
  /// Columns that are constant on a fold, in truth or in prediction, count as correlation 0.
  ///
  /// - Parameters:
  ///   - source: n × p.
  ///   - target: n × q, in the same order.
  ///   - folds: the outer fold of each row, from 0 on; every fold has at least 2 rows, and its
  ///     complement at least 3.
  ///   - alphas: the penalties to try, positive.
  ///   - progress: called after each fold, from any thread, with its number.
  /// - Complexity: for each fold a singular value decomposition of n × p and, for each penalty,
  ///   O(n·p·q).
  /// - Throws: `InputError` when the shapes or the folds do not fit.
  public init(
    of target: Embeddings, from source: Embeddings, folds: [Int],
    alphas: [Double] = LinearPredictivity.usualAlphas, threads: Int = 1,
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws(InputError) {
    precondition(!alphas.isEmpty && alphas.allSatisfy { $0 > 0 }, "penalties are positive")
    try Self.requireFit(source, target, folds)
    let count = (folds.max() ?? 0) + 1
    setDenseAlgebraThreads(1)
    let results = parallelMap(count: count, threads: threads) { fold in
      let result = RidgeFold(
        source: source.values, target: target.values, test: folds.map { $0 == fold }
      ).scores(alphas)
      progress?(fold)
      return result
    }
    var (scores, chosen): ([Double], [Double]) = ([], [])
    var curve = [Double](repeating: 0, count: alphas.count)
    for result in results {
      guard let result else {
        throw LinearPredictivity.noDecomposition(source)
      }
      scores.append(result.test[result.best])
      chosen.append(alphas[result.best])
      for index in alphas.indices { curve[index] += result.test[index] / Double(count) }
    }
    self.folds = scores
    self.alpha = chosen
    self.curve = curve
    self.alphas = alphas
    score = scores.reduce(0, +) / Double(count)
  }

  static func requireFit(
    _ source: Embeddings, _ target: Embeddings, _ folds: [Int]
  ) throws(InputError) {
    let n = source.rows
    guard target.rows == n else {
      throw InputError(
        target.name, found: "\(target.rows) rows", expected: "\(n), as in \(source.name)")
    }
    guard folds.count == n else {
      throw InputError("folds", found: "\(folds.count) rows", expected: "\(n), one a row")
    }
    var sizes: [Int: Int] = [:]
    for fold in folds { sizes[fold, default: 0] += 1 }
    let count = (folds.max() ?? 0) + 1
    guard folds.allSatisfy({ $0 >= 0 }), sizes.count == count, count >= 2 else {
      throw InputError(
        "folds", found: "\(sizes.count) different numbers up to \(count - 1)",
        expected: "numbers from 0 on without a gap, at least 2 of them")
    }
    guard sizes.values.allSatisfy({ $0 >= 2 && n - $0 >= 3 }) else {
      throw InputError(
        "folds", found: "a fold of \(sizes.values.min() ?? 0) of \(n) rows",
        expected: "at least 2 rows in a fold and 3 outside it")
    }
  }
}

/// One outer fold: a ridge regression on the rows outside it, for many penalties together.
private struct RidgeFold {
  let source: Matrix<Double>
  let target: Matrix<Double>
  /// Which rows are predicted.
  let test: [Bool]

  struct Scores {
    /// The mean correlation on the test rows for each penalty.
    let test: [Double]
    /// The penalty with the least leave-one-out error, the first of equals.
    let best: Int
  }

  func scores(_ alphas: [Double]) -> Scores? {
    let training = test.indices.filter { !test[$0] }
    let held = test.indices.filter { test[$0] }
    guard let design = RidgeDesign(source, rows: training) else { return nil }
    let fit = RidgeFit(design, target: target, rows: training)
    let coordinates = design.coordinates(source, rows: held)
    let truth = RidgeDesign.centered(target, held, fit.mean)
    return Scores(
      test: alphas.map {
        meanCorrelation(gemm(1, coordinates, .plain, fit.coefficients($0), .plain), truth)
      }, best: fit.best(of: alphas))
  }
}

/// The mean over columns of the Pearson correlation of two matrices of one shape; 0 for a column
/// that is constant in either.
///
/// - Complexity: O(elements).
func meanCorrelation(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
  precondition(a.rows == b.rows && a.columns == b.columns, "matrices of different shapes")
  let (n, columns) = (a.rows, a.columns)
  var meanA = [Double](repeating: 0, count: columns)
  var meanB = meanA
  for row in 0..<n {
    for c in 0..<columns {
      meanA[c] += a.elements[row &* columns &+ c] / Double(n)
      meanB[c] += b.elements[row &* columns &+ c] / Double(n)
    }
  }
  var (squareA, squareB, product) = (
    [Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns),
    [Double](repeating: 0, count: columns)
  )
  for row in 0..<n {
    for c in 0..<columns {
      let x = a.elements[row &* columns &+ c] - meanA[c]
      let y = b.elements[row &* columns &+ c] - meanB[c]
      squareA[c] += x * x
      squareB[c] += y * y
      product[c] += x * y
    }
  }
  var sum = CompensatedSum()
  for c in 0..<columns {
    let norm = squareA[c].squareRoot() * squareB[c].squareRoot()
    if norm > 0 { sum.add(product[c] / norm) }
  }
  return sum.value / Double(max(1, columns))
}
