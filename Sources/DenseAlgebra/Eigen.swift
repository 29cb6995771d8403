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
  let work = Buffer(count: 1 + 6 * n + 2 * n * n, repeating: 0.0)
  let integers = Buffer(count: 3 + 5 * n, repeating: Int32(0))
  return withExtendedLifetime((work, integers)) {
    callDsyevd(
      elements, values, size: n, work: work.view, integers: integers.view, wantsVectors: true)
  }
}

private func callDsyevd(
  _ elements: BufferView<Double>, _ values: BufferView<Double>, size n: Int,
  work: BufferView<Double>, integers: BufferView<Int32>, wantsVectors: Bool
) -> Bool {
  // In LAPACK's columns a symmetric matrix is itself, its upper triangle our lower one, and the
  // eigenvectors come out as our rows.
  var order = Int32(n)
  var lengthOfWork = Int32(work.count)
  var lengthOfIntegers = Int32(integers.count)
  var status: Int32 = 0
  var wantsVectors = CChar(UInt8(ascii: wantsVectors ? "V" : "N"))
  var triangle = CChar(UInt8(ascii: "U"))
  unsafe elements.withUnsafeAddress { a in
    unsafe values.withUnsafeAddress { w in
      unsafe work.withUnsafeAddress { scratch in
        unsafe integers.withUnsafeAddress { whole in
          unsafe dsyevd_(
            &wantsVectors, &triangle, &order, a, &order, w, scratch, &lengthOfWork, whole,
            &lengthOfIntegers, &status)
        }
      }
    }
  }
  return status == 0
}

/// Decomposes symmetric matrices of one size again and again, in memory that is allocated once.
public final class SymmetricEigenSolver {
  /// The number of rows.
  public let size: Int
  /// The eigenvalues, ascending.
  public let values: BufferView<Double>
  private let ownedValues: Buffer<Double>
  private let work: Buffer<Double>
  private let integers: Buffer<Int32>

  /// The bytes that a solver takes: twice the matrix.
  public static func bytes(size n: Int) -> Int { (2 + 7 * n + 2 * n * n) * 8 }

  /// A solver of n × n matrices.
  public init(size n: Int) {
    size = n
    ownedValues = Buffer(count: n, repeating: 0)
    values = ownedValues.view
    work = Buffer(count: 1 + 6 * n + 2 * n * n, repeating: 0)
    integers = Buffer(count: 3 + 5 * n, repeating: 0)
  }

  /// Overwrites `matrix`, of which the lower triangle is read, with its eigenvectors, one a row in the
  /// order of the eigenvalues; or destroys it when only values are wanted. False when LAPACK does not
  /// converge, or for numbers that are not finite. O(n³), by dsyevd on one thread.
  public func decompose(_ matrix: BufferView<Double>, wantsVectors: Bool = true) -> Bool {
    precondition(matrix.count == size * size, "a matrix of another size")
    if size == 0 { return true }
    // Infinite numbers can send LAPACK round in circles.
    for r in 0..<size {
      var sum = 0.0
      for c in 0...r { sum += abs(matrix[r &* size &+ c]) }
      guard sum.isFinite else { return false }
    }
    setDenseAlgebraThreads(1)
    return callDsyevd(
      matrix, values, size: size, work: work.view, integers: integers.view,
      wantsVectors: wantsVectors)
  }
}
