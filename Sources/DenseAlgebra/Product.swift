import COpenBLAS
import QAPPrimitives

/// C ← α·op(A)·op(B) + β·C.
///
/// - Parameters:
///   - a: m × k as `operationA` presents it.
///   - b: k × n as `operationB` presents it.
///   - c: m × n; overwritten. Must not overlap `a` or `b`. With `beta` 0 its old contents, NaN
///     included, do not matter.
/// - Complexity: O(m·n·k), by OpenBLAS, on as many threads as `setDenseAlgebraThreads` allows.
public func gemm(
  _ alpha: Double, _ a: MatrixView, _ operationA: Operation, _ b: MatrixView,
  _ operationB: Operation, beta: Double = 0, into c: MatrixView
) {
  unsafe multiply(a, operationA, b, operationB, c) { m, n, k, pa, pb, pc in
    unsafe cblas_dgemm(
      Int32(QAP_ROW_MAJOR), operationA.code, operationB.code, m, n, k, alpha, pa, a.leading, pb,
      b.leading, beta, pc, c.leading)
  }
}

/// C ← α·op(A)·op(B) + β·C in single precision, as above.
public func gemm(
  _ alpha: Float, _ a: FloatMatrixView, _ operationA: Operation, _ b: FloatMatrixView,
  _ operationB: Operation, beta: Float = 0, into c: FloatMatrixView
) {
  unsafe multiply(a, operationA, b, operationB, c) { m, n, k, pa, pb, pc in
    unsafe cblas_sgemm(
      Int32(QAP_ROW_MAJOR), operationA.code, operationB.code, m, n, k, alpha, pa, a.leading, pb,
      b.leading, beta, pc, c.leading)
  }
}

/// Checks the extents of a product and calls `product` with them and the addresses, unless the
/// result is empty.
@inline(__always)
private func multiply<Element>(
  _ a: DenseView<Element>, _ operationA: Operation, _ b: DenseView<Element>,
  _ operationB: Operation, _ c: DenseView<Element>,
  _ product: (
    _ m: Int32, _ n: Int32, _ k: Int32, UnsafeMutablePointer<Element>,
    UnsafeMutablePointer<Element>, UnsafeMutablePointer<Element>
  ) -> Void
) {
  let (m, k) = operationA == .plain ? (a.rows, a.columns) : (a.columns, a.rows)
  let (l, n) = operationB == .plain ? (b.rows, b.columns) : (b.columns, b.rows)
  precondition(k == l, "inner extents differ: \(k) and \(l)")
  precondition(c.rows == m && c.columns == n, "the result must be \(m) × \(n)")
  if m == 0 || n == 0 { return }
  unsafe a.elements.withUnsafeAddress { pa in
    unsafe b.elements.withUnsafeAddress { pb in
      unsafe c.elements.withUnsafeAddress { pc in
        unsafe product(Int32(m), Int32(n), Int32(k), pa, pb, pc)
      }
    }
  }
}

extension DenseView {
  /// The leading dimension for BLAS; that of an empty matrix must still be positive.
  fileprivate var leading: Int32 { Int32(max(1, stride)) }
}

/// α·op(A)·op(B), plus β·C when C is given: m × k times k × n gives m × n.
public func gemm(
  _ alpha: Double, _ a: Matrix<Double>, _ operationA: Operation, _ b: Matrix<Double>,
  _ operationB: Operation, beta: Double = 0, adding c: Matrix<Double>? = nil
) -> Matrix<Double> {
  func buffer(_ matrix: Matrix<Double>) -> Buffer<Double> {
    let buffer = Buffer<Double>(count: matrix.elements.count, repeating: 0)
    buffer.view.copy(from: matrix.elements)
    return buffer
  }
  let m = operationA == .plain ? a.rows : a.columns
  let n = operationB == .plain ? b.columns : b.rows
  precondition(c == nil || (c?.rows == m && c?.columns == n), "the sum must be \(m) × \(n)")
  let (left, right) = (buffer(a), buffer(b))
  let result = c.map(buffer) ?? Buffer<Double>(count: m * n, repeating: 0)
  gemm(
    alpha, MatrixView(left.view, rows: a.rows, columns: a.columns), operationA,
    MatrixView(right.view, rows: b.rows, columns: b.columns), operationB,
    beta: c == nil ? 0 : beta, into: MatrixView(result.view, rows: m, columns: n))
  // The views do not keep their buffers alive.
  return withExtendedLifetime((left, right)) {
    Matrix(rows: m, columns: n, elements: result.view.array)
  }
}

/// Sets the number of threads that OpenBLAS uses, for the whole process.
///
/// One inside parallel loops: its threads come on top of theirs. Results may differ in the last
/// bits between numbers of threads, so methods that promise the same answer for any number use one.
public func setDenseAlgebraThreads(_ threads: Int) {
  openblas_set_num_threads(Int32(clamping: max(1, threads)))
}

/// The number of threads that OpenBLAS uses.
public var denseAlgebraThreads: Int { Int(openblas_get_num_threads()) }

/// C ← α·op(A)·op(B) + β·C, in strips of columns of C that are shared out among `threads`: the
/// result is the same for any number of them. OpenBLAS is set to one thread.
public func gemm(
  _ alpha: Double, _ a: MatrixView, _ operationA: Operation, _ b: MatrixView,
  _ operationB: Operation, beta: Double = 0, into c: MatrixView, threads: Int
) {
  inStrips(b, operationB, c, threads: threads) { part, result in
    gemm(alpha, a, operationA, part, operationB, beta: beta, into: result)
  }
}

/// C ← α·A·B + β·C in single precision, in strips of columns of C that are shared out among
/// `threads`: the result is the same for any number of them. OpenBLAS is set to one thread.
///
/// - Parameters:
///   - a: rows × order, row by row.
///   - b: order × order.
///   - c: rows × order; must not overlap `a` or `b`.
public func gemm(
  _ alpha: Float, _ a: BufferView<Float>, _ b: BufferView<Float>, beta: Float = 0,
  into c: BufferView<Float>, rows: Int, order: Int, threads: Int
) {
  let a = FloatMatrixView(a, rows: rows, columns: order)
  inStrips(
    FloatMatrixView(b, rows: order, columns: order), .plain,
    FloatMatrixView(c, rows: rows, columns: order), threads: threads
  ) { part, result in
    gemm(alpha, a, .plain, part, .plain, beta: beta, into: result)
  }
}

/// Calls `multiply` with strips of the columns of op(B) and of C, side by side.
@inline(__always)
private func inStrips<Element>(
  _ b: DenseView<Element>, _ operationB: Operation, _ c: DenseView<Element>, threads: Int,
  _ multiply: @Sendable (_ part: DenseView<Element>, _ result: DenseView<Element>) -> Void
) {
  let strip = 256
  setDenseAlgebraThreads(1)
  parallelFor(count: (c.columns + strip - 1) / strip, threads: threads) { _, index in
    let first = index * strip
    let count = min(strip, c.columns - first)
    multiply(
      operationB == .plain
        ? b.window(0, first, b.rows, count) : b.window(first, 0, count, b.columns),
      c.window(0, first, c.rows, count))
  }
}
