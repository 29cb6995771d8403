import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// The projection onto the directions in which a set of embeddings varies most, such as those of
/// class names: the part of an embedding that has to do with classes.
public struct PrincipalComponents: Sendable {
  /// P = U·Uᵀ for the leading eigenvectors U: features × features.
  public let projector: Matrix<Double>
  /// All eigenvalues, from the largest on.
  public let eigenvalues: [Double]
  /// The mean of the embeddings that gave the directions; zero when they were not centered.
  public let mean: [Double]

  /// The `dimensions` leading eigenvectors of the covariance (divisor rows − 1) of `names`, or,
  /// when not `centered`, of their second moments (divisor rows).
  ///
  /// - Throws: `InputError` when there are too few directions or rows.
  /// - Complexity: O(features³).
  public init(
    _ names: Embeddings, dimensions: Int, centered: Bool = true
  ) throws(InputError) {
    let (count, features) = (names.rows, names.features)
    guard (1...features).contains(dimensions) else {
      throw InputError(
        names.name, found: "\(dimensions) directions asked for", expected: "1 to \(features)")
    }
    guard count > (centered ? 1 : 0) else {
      throw InputError(names.name, found: "1 row", expected: "at least 2, to center them")
    }
    var mean = [Double](repeating: 0, count: features)
    if centered {
      for r in 0..<count {
        for (c, value) in names.values.row(r).enumerated() { mean[c] += value / Double(count) }
      }
    }
    let shifted = names.mapped { _, column, value in value - mean[column] }.values
    let moments = gemm(
      1 / Double(centered ? count - 1 : count), shifted, .transposed, shifted, .plain)
    guard let eigen = symmetricEigen(moments) else {
      throw InputError(
        names.name, found: "a covariance without eigenvalues", expected: "numbers of usual size")
    }
    // Eigenvectors are rows, in the order of ascending eigenvalues.
    let leading = Matrix<Double>(rows: dimensions, columns: features) {
      eigen.vectors[features - 1 - $0, $1]
    }
    projector = gemm(1, leading, .transposed, leading, .plain)
    eigenvalues = eigen.values.reversed()
    self.mean = mean
  }

  /// x·P for each row x; with `meanAdjusted`, x·P + (μ − μ·P), the projection onto the affine space
  /// through the mean.
  ///
  /// - Throws: `InputError` when the rows have another number of features.
  public func callAsFunction(
    _ embeddings: Embeddings, meanAdjusted: Bool = false
  ) throws(InputError) -> Embeddings {
    guard embeddings.features == projector.rows else {
      throw InputError(
        embeddings.name, found: "\(embeddings.features) features",
        expected: "\(projector.rows), as in the directions")
    }
    let projected = Embeddings(
      unchecked: gemm(1, embeddings.values, .plain, projector, .plain), name: embeddings.name)
    guard meanAdjusted else { return projected }
    let center = Matrix(rows: 1, columns: mean.count, elements: mean)
    let image = gemm(1, center, .plain, projector, .plain)
    return projected.mapped { _, column, value in value + (mean[column] - image[0, column]) }
  }
}
