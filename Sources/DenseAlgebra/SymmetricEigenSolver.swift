import COpenBLAS
import QAPPrimitives

/// Spectral decompositions of many symmetric matrices, none larger than the first, without
/// allocations.
///
/// Used by one thread at a time. The work is LAPACK's divide and conquer (dsyevd), and on one
/// OpenBLAS thread the same for the same numbers.
public final class SymmetricEigenSolver {
  private let work: Buffer<Double>
  private let integers: Buffer<Int32>
  /// The largest size that fits.
  public let capacity: Int

  /// The bytes that a solver takes.
  public static func bytes(capacity n: Int) -> Int { 8 * (1 + 6 * n + 2 * n * n) + 4 * (3 + 5 * n) }

  /// A solver for matrices of up to `capacity` rows.
  ///
  /// - Complexity: O(capacity²) memory.
  public init(capacity: Int) {
    precondition(capacity >= 0, "no matrix has fewer than 0 rows")
    self.capacity = capacity
    work = Buffer(count: 1 + 6 * capacity + 2 * capacity * capacity, repeating: 0.0)
    integers = Buffer(count: 3 + 5 * capacity, repeating: Int32(0))
  }

  /// Overwrites the symmetric `size` × `size` matrix at the front of `matrix`, of which the lower
  /// triangle is read, with its eigenvectors, one a row, and the front of `values` with the
  /// eigenvalues, ascending; false when LAPACK does not converge.
  ///
  /// - Complexity: O(n³).
  public func decompose(
    _ matrix: BufferView<Double>, _ values: BufferView<Double>, size: Int
  ) -> Bool {
    run("V", matrix, values, size)
  }

  /// Writes the eigenvalues, ascending, to the front of `values`; the matrix is lost. A few times
  /// as fast as with eigenvectors.
  ///
  /// - Returns: false when LAPACK does not converge.
  public func eigenvalues(
    _ matrix: BufferView<Double>, _ values: BufferView<Double>, size: Int
  ) -> Bool {
    run("N", matrix, values, size)
  }

  private func run(
    _ job: Unicode.Scalar, _ matrix: BufferView<Double>, _ values: BufferView<Double>, _ size: Int
  ) -> Bool {
    precondition(size <= capacity, "the matrix is larger than the solver's capacity")
    precondition(matrix.count >= size * size && values.count >= size, "the buffers are too short")
    if size == 0 { return true }
    // In LAPACK's columns a symmetric matrix is itself, its upper triangle our lower one, and the
    // eigenvectors come out as our rows.
    var order = Int32(size)
    var lengthOfWork = Int32(work.view.count)
    var lengthOfIntegers = Int32(integers.view.count)
    var status: Int32 = 0
    var wantsVectors = CChar(UInt8(ascii: job))
    var triangle = CChar(UInt8(ascii: "U"))
    unsafe matrix.withUnsafeAddress { a in
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
}
