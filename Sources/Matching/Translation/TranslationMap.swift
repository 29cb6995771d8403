import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// A map between two embedding spaces: each row is centered by the mean of the source, normalized,
/// and rotated into the target's space.
///
/// Rows of the target are compared in `standardized(target:)`, centered by their own mean and
/// normalized, by cosine.
public struct TranslationMap: Equatable, Sendable {
  /// The mean of the source's rows: one number a feature.
  public let sourceMean: [Double]
  /// The mean of the target's rows.
  public let targetMean: [Double]
  /// The mean distance of the target's rows from their mean.
  public let targetScale: Double
  /// Source features × target features; orthonormal in its rows or its columns, up to its rank.
  public let weight: Matrix<Double>

  /// A map from its parts.
  ///
  /// - Throws: `InputError` when their extents do not fit or a number is not finite; `name`
  ///   says where they come from.
  public init(
    sourceMean: [Double], targetMean: [Double], targetScale: Double, weight: Matrix<Double>,
    name: String = "map"
  ) throws(InputError) {
    guard weight.rows == sourceMean.count, weight.columns == targetMean.count,
      weight.rows > 0, weight.columns > 0
    else {
      throw InputError(
        name,
        found: "a weight of \(weight.rows) × \(weight.columns) with means of \(sourceMean.count) "
          + "and \(targetMean.count)", expected: "one row and one column for each number of a mean")
    }
    guard sourceMean.allSatisfy(\.isFinite), targetMean.allSatisfy(\.isFinite),
      targetScale.isFinite, weight.elements.allSatisfy(\.isFinite)
    else { throw InputError(name, found: "NaN or infinity", expected: "finite numbers") }
    self.init(
      unchecked: weight, sourceMean: sourceMean, targetMean: targetMean, targetScale: targetScale)
  }

  init(
    unchecked weight: Matrix<Double>, sourceMean: [Double], targetMean: [Double],
    targetScale: Double
  ) {
    self.weight = weight
    self.sourceMean = sourceMean
    self.targetMean = targetMean
    self.targetScale = targetScale
  }

  /// The rows of `source` in the target's space, in its units: rows × target features.
  ///
  /// O(rows · source features · target features).
  ///
  /// - Throws: `InputError` when the rows have another number of features.
  public func callAsFunction(
    _ source: Embeddings, threads: Int = 1
  ) throws(InputError) -> Embeddings {
    let directions = try directions(of: source, threads: threads)
    let (mean, scale) = (targetMean, targetScale)
    return directions.mapped { _, column, value in scale * value + mean[column] }
  }

  /// The directions of the rows of `source` seen from the target's mean: rows of norm 1, or of
  /// zeros where a row equals the source's mean. Their inner products with
  /// `standardized(target:)` are cosines.
  ///
  /// - Throws: `InputError` when the rows have another number of features.
  public func directions(
    of source: Embeddings, threads: Int = 1
  ) throws(InputError) -> Embeddings {
    let rows = try source.standardized(mean: sourceMean, as: "the map's source")
    return Embeddings(
      unchecked: parallelProduct(rows.values, .plain, weight, .plain, threads: threads),
      name: source.name
    ).withUnitRows
  }

  /// The rows of the target centered by its mean and normalized; rows equal to it stay zero.
  ///
  /// - Throws: `InputError` when the rows have another number of features.
  public func standardized(target: Embeddings) throws(InputError) -> Embeddings {
    try target.standardized(mean: targetMean, as: "the map's target")
  }
}

extension Embeddings {
  /// The mean of the rows: one number a feature.
  var columnMeans: [Double] {
    var sums = [Double](repeating: 0, count: features)
    let columns = features
    values.withView { view in
      for r in 0..<rows {
        for c in 0..<columns { sums[c] += view[r &* columns &+ c] }
      }
    }
    return sums.map { $0 / Double(rows) }
  }

  /// Each row less `mean`, divided by its norm; a row equal to `mean` becomes zero.
  func standardized(mean: [Double], as what: String) throws(InputError) -> Embeddings {
    guard mean.count == features else {
      throw InputError(
        name, found: "\(features) features", expected: "\(mean.count), as in \(what)")
    }
    return mapped { _, column, value in value - mean[column] }.withUnitRows
  }

  /// Each row divided by its norm; rows of zeros stay.
  var withUnitRows: Embeddings {
    let norms = (0..<rows).map { Embeddings.norm(values.row($0)) }
    return mapped { row, _, value in norms[row] > 0 ? value / norms[row] : 0 }
  }
}
