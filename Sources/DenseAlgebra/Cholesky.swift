import COpenBLAS
import QAPPrimitives

/// The Cholesky factor of a symmetric positive definite matrix, in place.
///
/// A tiled right-looking factorization: the tiles of a step are independent, each is treated by one
/// thread, and so the factor is the same for any number of threads. Between steps the caller may
/// end it, which one call of LAPACK's for the whole matrix would not allow.
public enum Cholesky {
  /// The result of a factorization.
  public enum Outcome: Sendable, Equatable {
    /// The lower triangle holds the factor.
    case factored
    /// The matrix is not positive definite, as far as rounding can tell; its contents are lost.
    case notPositiveDefinite
    /// The caller asked for an end; the contents are lost.
    case interrupted
  }

  private static let tile = 192

  /// Replaces the lower triangle of `a` by L with L·Lᵀ = A. Only the lower triangle is read; of the
  /// upper one, only the tiles on the diagonal are looked at and left as they are.
  ///
  /// OpenBLAS is set to one thread: the tiles are the parallel work.
  ///
  /// - Complexity: O(n³/3) time.
  public static func factor(
    _ a: MatrixView, threads: Int = 1, shouldStop: () -> Bool = { false }
  ) -> Outcome {
    precondition(a.rows == a.columns, "the matrix must be square")
    let n = a.rows
    let tiles = (n + tile - 1) / tile
    setDenseAlgebraThreads(1)
    for k in 0..<tiles {
      if shouldStop() { return .interrupted }
      guard factorTile(window(a, k, k)) else { return .notPositiveDefinite }
      let rest = tiles - k - 1
      parallelFor(count: rest, threads: threads) { _, index in
        solveRight(window(a, k, k), window(a, k + 1 + index, k))
      }
      // The tiles (r, c) with k < c ≤ r, one number each.
      parallelFor(count: rest * (rest + 1) / 2, threads: threads) { _, index in
        let (r, c) = trianglePlace(index)
        gemm(
          -1, window(a, k + 1 + r, k), .plain, window(a, k + 1 + c, k), .transposed, beta: 1,
          into: window(a, k + 1 + r, k + 1 + c))
      }
    }
    return .factored
  }

  /// B ← B·L⁻ᵀ for the factor L and a matrix B of as many columns: each row b becomes the solution
  /// of L·x = b.
  ///
  /// - Complexity: O(n²) time a row.
  public static func solveForward(_ l: MatrixView, rows b: MatrixView, threads: Int = 1) {
    precondition(b.columns == l.rows, "extents differ")
    setDenseAlgebraThreads(1)
    let step = 32
    parallelFor(count: (b.rows + step - 1) / step, threads: threads) { _, index in
      let first = index * step
      solveRight(l, rowWindow(b, first, min(step, b.rows - first)))
    }
  }

  /// B ← B·L⁻¹: each row b becomes the solution of Lᵀ·x = b.
  ///
  /// - Complexity: O(n²) time a row.
  public static func solveBackward(_ l: MatrixView, rows b: MatrixView) {
    precondition(b.columns == l.rows, "extents differ")
    setDenseAlgebraThreads(1)
    solveRight(l, b, transposed: false)
  }

  private static func rowWindow(_ a: MatrixView, _ first: Int, _ count: Int) -> MatrixView {
    a.window(first, 0, count, a.columns)
  }

  /// A tile, or what there is of it.
  private static func window(_ a: MatrixView, _ r: Int, _ c: Int) -> MatrixView {
    let (top, left) = (r * tile, c * tile)
    return a.window(top, left, min(tile, a.rows - top), min(tile, a.columns - left))
  }

  /// The factor of one tile. A row-major lower triangle is a column-major upper one.
  private static func factorTile(_ a: MatrixView) -> Bool {
    var (size, stride, info) = (Int32(a.rows), Int32(a.stride), Int32(0))
    unsafe a.elements.withUnsafeAddress { pa in
      unsafe dpotrf_("U", &size, pa, &stride, &info)
    }
    return info == 0
  }

  /// B ← B·L⁻ᵀ, or B·L⁻¹.
  private static func solveRight(_ l: MatrixView, _ b: MatrixView, transposed: Bool = true) {
    if b.rows == 0 || b.columns == 0 { return }
    unsafe l.elements.withUnsafeAddress { pl in
      unsafe b.elements.withUnsafeAddress { pb in
        unsafe cblas_dtrsm(
          Int32(QAP_ROW_MAJOR), Int32(QAP_RIGHT), Int32(QAP_LOWER),
          Int32(transposed ? QAP_TRANSPOSE : QAP_NO_TRANSPOSE), Int32(QAP_NON_UNIT),
          Int32(b.rows), Int32(b.columns), 1, pl, Int32(l.stride), pb, Int32(b.stride))
      }
    }
  }
}
