import QAPDenseAlgebra
import QAPPrimitives

/// A rotation of low rank between two spaces in principal coordinates: source rows times `left` and
/// target rows times `right` are compared by inner products.
struct RankedMap: Sendable {
  /// Leading source coordinates × rank.
  let left: Matrix<Double>
  /// Leading target coordinates × rank; nil for the identity.
  let right: Matrix<Double>?

  var rank: Int { left.columns }

  /// The orthogonal polar factor of the best approximation of `crossCovariance` of rank `rank`, or
  /// of less where it has less: source coordinates × target coordinates. Nil for zeros, and where
  /// LAPACK does not converge.
  init?(_ crossCovariance: Matrix<Double>, rank: Int) {
    guard let values = singularValues(crossCovariance) else { return nil }
    let kept = min(rank, values.rank(tolerance: 1e-7))
    guard kept > 0 else { return nil }
    self.init(
      left: Matrix(rows: crossCovariance.rows, columns: kept) { values.left[$0, $1] },
      right: Matrix(rows: crossCovariance.columns, columns: kept) { values.right[$1, $0] })
  }

  /// The orthogonal polar factor of `crossCovariance` by Newton–Schulz steps in single precision:
  /// several times as fast as singular values. Directions that have less than a thousandth of the
  /// strongest one's weight, which are noise, keep a part of it only. Nil for zeros.
  init?(ofFullRank crossCovariance: Matrix<Double>) {
    if let factor = newtonSchulz(crossCovariance),
      factor.elements.allSatisfy({ $0.isFinite && abs($0) < 2 })
    {
      self.init(left: factor, right: nil)
    } else {
      self.init(crossCovariance, rank: min(crossCovariance.rows, crossCovariance.columns))
    }
  }

  /// The map left·rightᵀ, which need not be a rotation.
  init(left: Matrix<Double>, right: Matrix<Double>? = nil) {
    self.left = left
    self.right = right
  }

  /// left·rightᵀ, padded by zeros: rows × columns.
  func weight(rows: Int, columns: Int) -> Matrix<Double> {
    let product = right.map { gemm(1, left, .plain, $0, .transposed) } ?? left
    return product.extended(rows: rows, columns: columns)
  }
}

extension Matrix where Element == Double {
  /// The top left part of the matrix, or the matrix with zeros below and to the right.
  func extended(rows: Int, columns: Int) -> Matrix<Double> {
    if rows == self.rows, columns == self.columns { return self }
    return Matrix(rows: rows, columns: columns) {
      $0 < self.rows && $1 < self.columns ? self[$0, $1] : 0
    }
  }

  /// The sum of two matrices of one shape.
  func adding(_ other: Matrix<Double>, times factor: Double = 1) -> Matrix<Double> {
    precondition(rows == other.rows && columns == other.columns, "the shapes differ")
    var sums = elements.array
    for index in sums.indices { sums[index] += factor * other.elements[index] }
    return Matrix(rows: rows, columns: columns, elements: sums)
  }

  /// The square root of the sum of squares.
  var frobeniusNorm: Double { elements.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
