import COpenBLAS
import QAPPrimitives

/// The thin singular value decomposition A = U·diag(s)·Vᵀ of an m × n matrix; r = min(m, n).
public struct SingularValues: Sendable {
  /// The left singular vectors, one a column: m × r.
  public let left: Matrix<Double>
  /// The singular values, descending: r of them.
  public let values: [Double]
  /// The right singular vectors, one a row: r × n.
  public let right: Matrix<Double>

  /// The number of singular values above `tolerance` times the largest; nil for the machine
  /// precision times max(m, n), as usual for data that are exact up to rounding.
  public func rank(tolerance: Double? = nil) -> Int {
    let relative = tolerance ?? Double.ulpOfOne * Double(max(left.rows, right.columns))
    guard let largest = values.first, largest > 0 else { return 0 }
    return values.count { $0 > relative * largest }
  }

  /// The solution X of least norm among those that minimize ‖A·X − B‖: n × k for B of m × k.
  ///
  /// - Parameter tolerance: singular values below this share of the largest count as zero, as in
  ///   `rank`.
  /// - Complexity: O((m + n)·r·k).
  public func solve(_ b: Matrix<Double>, tolerance: Double? = nil) -> Matrix<Double> {
    precondition(b.rows == left.rows, "the right-hand side has \(b.rows) rows, not \(left.rows)")
    let kept = rank(tolerance: tolerance)
    let projected = gemm(1, left, .transposed, b, .plain)
    let scaled = Matrix<Double>(rows: values.count, columns: b.columns) { row, column in
      row < kept ? projected[row, column] / values[row] : 0
    }
    return gemm(1, right, .transposed, scaled, .plain)
  }
}

/// Singular values and vectors of `matrix` by LAPACK's divide and conquer (dgesdd). Nil when LAPACK
/// does not converge, or for numbers that are not finite.
///
/// - Complexity: O(m·n·min(m, n)).
public func singularValues(_ matrix: Matrix<Double>) -> SingularValues? {
  let (m, n) = (matrix.rows, matrix.columns)
  let rank = min(m, n)
  guard matrix.elements.allSatisfy(\.isFinite) else { return nil }
  guard rank > 0 else {
    return SingularValues(
      left: Matrix(rows: m, columns: 0, elements: []), values: [],
      right: Matrix(rows: 0, columns: n, elements: []))
  }
  let elements = Buffer(count: m * n, repeating: 0.0)
  elements.view.copy(from: matrix.elements)
  let values = Buffer(count: rank, repeating: 0.0)
  let (left, right) = (
    Buffer(count: m * rank, repeating: 0.0), Buffer(count: rank * n, repeating: 0.0)
  )
  let integers = Buffer(count: 8 * rank, repeating: Int32(0))
  var job = CChar(UInt8(ascii: "S"))
  var (rows, columns, common) = (Int32(n), Int32(m), Int32(rank))
  var status: Int32 = 0
  // A row-major matrix is LAPACK's transpose: its left vectors are our right ones, and both come
  // out in our order.
  func call(_ work: BufferView<Double>, length: Int) {
    var length = Int32(length)
    unsafe elements.view.withUnsafeAddress { a in
      unsafe values.view.withUnsafeAddress { s in
        unsafe right.view.withUnsafeAddress { u in
          unsafe left.view.withUnsafeAddress { vt in
            unsafe work.withUnsafeAddress { w in
              unsafe integers.view.withUnsafeAddress { whole in
                unsafe dgesdd_(
                  &job, &rows, &columns, a, &rows, s, u, &rows, vt, &common, w, &length, whole,
                  &status)
              }
            }
          }
        }
      }
    }
  }
  let query = Buffer(count: 1, repeating: 0.0)
  call(query.view, length: -1)
  guard status == 0 else { return nil }
  let length = Int(query.view[0])
  let work = Buffer(count: length, repeating: 0.0)
  call(work.view, length: length)
  guard status == 0 else { return nil }
  return withExtendedLifetime((elements, values, left, right, integers, query, work)) {
    SingularValues(
      left: Matrix(rows: m, columns: rank, elements: left.view.array), values: values.view.array,
      right: Matrix(rows: rank, columns: n, elements: right.view.array))
  }
}
