import COpenBLAS
import QAPPrimitives

/// A row-major matrix of single precision: element (r, c) is `elements[r * stride + c]`.
public struct FloatMatrixView: Sendable {
  /// The memory; the caller keeps its buffer alive.
  public let elements: BufferView<Float>
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The distance between the starts of consecutive rows, at least `columns`.
  public let stride: Int

  /// A `rows` × `columns` matrix at the front of `elements`; rows follow each other without gaps
  /// unless `stride` says otherwise.
  public init(_ elements: BufferView<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    let stride = stride ?? columns
    precondition(rows >= 0 && columns >= 0 && stride >= columns, "impossible matrix extents")
    precondition(
      rows == 0 || elements.count >= (rows - 1) * stride + columns, "the buffer is too short")
    self.elements = elements
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }
}

/// C ← α·op(A)·op(B) + β·C in single precision, on the calling thread when OpenBLAS is set to one.
///
/// - Parameters:
///   - a: m × k as `operationA` presents it.
///   - b: k × n as `operationB` presents it.
///   - c: m × n; must not overlap `a` or `b`.
/// - Complexity: O(m·n·k).
public func gemm(
  _ alpha: Float, _ a: FloatMatrixView, _ operationA: Operation, _ b: FloatMatrixView,
  _ operationB: Operation, beta: Float = 0, into c: FloatMatrixView
) {
  let (m, k) = operationA == .plain ? (a.rows, a.columns) : (a.columns, a.rows)
  let (l, n) = operationB == .plain ? (b.rows, b.columns) : (b.columns, b.rows)
  precondition(k == l, "inner extents differ: \(k) and \(l)")
  precondition(c.rows == m && c.columns == n, "the result must be \(m) × \(n)")
  if m == 0 || n == 0 { return }
  unsafe a.elements.withUnsafeAddress { pa in
    unsafe b.elements.withUnsafeAddress { pb in
      unsafe c.elements.withUnsafeAddress { pc in
        unsafe cblas_sgemm(
          Int32(QAP_ROW_MAJOR), operationA.code, operationB.code, Int32(m), Int32(n),
          Int32(k), alpha, pa, Int32(max(1, a.stride)), pb, Int32(max(1, b.stride)), beta, pc,
          Int32(max(1, c.stride)))
      }
    }
  }
}
