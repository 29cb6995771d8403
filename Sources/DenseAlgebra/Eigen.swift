import QAPPrimitives

/// Eigenvalues and eigenvectors of `matrix`, of which the lower triangle is read. Nil when LAPACK
/// does not converge, or for numbers that are not finite.
///
/// - Complexity: O(n³), by LAPACK's divide and conquer (dsyevd).
public func symmetricEigen(_ matrix: Matrix<Double>) -> SymmetricEigen? {
  precondition(matrix.isSquare, "only square matrices have eigenvalues")
  let n = matrix.rows
  guard matrix.elements.allSatisfy(\.isFinite) else { return nil }
  guard n > 0 else { return SymmetricEigen(values: [], vectors: matrix) }
  let elements = Buffer(count: n * n, repeating: 0.0)
  elements.view.copy(from: matrix.elements)
  let values = Buffer(count: n, repeating: 0.0)
  let solver = SymmetricEigenSolver(capacity: n)
  guard solver.decompose(elements.view, values.view, size: n) else { return nil }
  return withExtendedLifetime((elements, values)) {
    SymmetricEigen(
      values: values.view.array,
      vectors: Matrix(rows: n, columns: n, elements: elements.view.array))
  }
}
