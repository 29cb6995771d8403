import COpenBLAS
import Primitives

/// The spectral decomposition of a symmetric matrix.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, ascending.
  public let values: [Double]
  /// Row `k` is a unit eigenvector of `values[k]`; rows are orthogonal. n × n.
  public let vectors: Matrix<Double>
}

/// Eigenvalues and eigenvectors of `matrix`, of which the lower triangle is read: O(n³), by LAPACK's
/// divide and conquer (dsyevd). Nil when LAPACK does not converge, or for numbers that are not finite.
public func symmetricEigen(_ matrix: Matrix<Double>) -> SymmetricEigen? {
  precondition(matrix.isSquare, "only square matrices have eigenvalues")
  let n = matrix.rows
  guard matrix.elements.allSatisfy(\.isFinite) else { return nil }
  guard n > 0 else { return SymmetricEigen(values: [], vectors: matrix) }
  let elements = Buffer(count: n * n, repeating: 0.0)
  elements.view.copy(from: matrix.elements)
  let values = Buffer(count: n, repeating: 0.0)
  guard symmetricEigen(elements.view, values.view, size: n) else { return nil }
  return withExtendedLifetime((elements, values)) {
    SymmetricEigen(
      values: values.view.array,
      vectors: Matrix(rows: n, columns: n, elements: elements.view.array))
  }
}

/// Overwrites a symmetric n × n matrix with its eigenvectors, one a row, and `values` with the
/// eigenvalues, ascending; false when LAPACK does not converge.
func symmetricEigen(
  _ elements: BufferView<Double>, _ values: BufferView<Double>, size n: Int
) -> Bool {
  // In LAPACK's columns a symmetric matrix is itself, its upper triangle our lower one, and the
  // eigenvectors come out as our rows.
  let work = Buffer(count: 1 + 6 * n + 2 * n * n, repeating: 0.0)
  let integers = Buffer(count: 3 + 5 * n, repeating: Int32(0))
  var order = Int32(n)
  var lengthOfWork = Int32(work.view.count)
  var lengthOfIntegers = Int32(integers.view.count)
  var status: Int32 = 0
  var wantsVectors = CChar(UInt8(ascii: "V"))
  var triangle = CChar(UInt8(ascii: "U"))
  unsafe elements.withUnsafeAddress { a in
    unsafe values.withUnsafeAddress { w in
      unsafe work.view.withUnsafeAddress { scratch in
        unsafe integers.view.withUnsafeAddress { whole in
          unsafe dsyevd_(
            &wantsVectors, &triangle, &order, a, &order, w, scratch, &lengthOfWork, whole,
            &lengthOfIntegers, &status)
        }
      }
    }
  }
  return status == 0
}
