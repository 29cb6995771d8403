import QAPPrimitives

/// The spectral decomposition of a symmetric matrix.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, ascending.
  public let values: [Double]
  /// Row `k` is a unit eigenvector of `values[k]`; rows are orthogonal. n × n.
  public let vectors: Matrix<Double>
}
