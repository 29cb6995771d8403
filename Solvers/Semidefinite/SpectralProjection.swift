import DenseAlgebra
import Primitives

/// The nearest point of {R ⪰ 0, trace R = t} to a symmetric matrix W, in factored form: R = GᵀG.
///
/// With the eigenvalues λ of W, R has the same vectors and the values max(0, λ − θ), θ such that they add
/// up to t.
final class SpectralProjection: @unchecked Sendable {
  /// The order of W.
  let order: Int
  /// W, of which the lower triangle is read; overwritten by the eigenvectors, one a row.
  let matrix: BufferView<Double>
  /// The number of positive eigenvalues of R. They belong to the last `rank` rows of `matrix`.
  private(set) var rank = 0
  private(set) var threshold = 0.0
  private let solver: SymmetricEigenSolver
  private let owned: Buffer<Double>

  init(order: Int) {
    self.order = order
    owned = Buffer(count: order * order, repeating: 0)
    matrix = owned.view
    solver = SymmetricEigenSolver(size: order)
  }

  /// The bytes that a projection takes.
  static func bytes(order: Int) -> Int { 8 * order * order + SymmetricEigenSolver.bytes(size: order) }

  /// Decomposes the matrix and finds the threshold; false when LAPACK fails. O(order³).
  func project(trace: Double) -> Bool {
    guard solver.decompose(matrix) else { return false }
    var sum = -trace
    rank = 0
    threshold = 0
    for index in 0..<order {
      let value = solver.values[order - 1 - index]
      let candidate = (sum + value) / Double(index + 1)
      if index > 0, value <= candidate { break }
      sum += value
      rank = index + 1
      threshold = candidate
    }
    return true
  }

  /// Row `index` of G, 0 for the largest eigenvalue: a unit vector and its factor.
  func row(_ index: Int) -> (vector: BufferView<Double>, factor: Double) {
    let at = order - 1 - index
    return (
      matrix.window(at * order, order), max(0, solver.values[at] - threshold).squareRoot()
    )
  }

  /// The largest eigenvalue of the matrix, which is destroyed; nil when LAPACK fails. O(order³).
  func largestEigenvalue() -> Double? {
    solver.decompose(matrix, wantsVectors: false) ? solver.values[order - 1] : nil
  }
}
