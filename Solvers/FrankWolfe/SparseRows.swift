import QAPPrimitives

/// The entries other than zero of a square matrix, row by row.
struct SparseRows: Sendable {
  /// The largest share of such entries with which products by entries are faster than dense ones.
  private static let maxDensity = 1.0 / 16

  private let starts: [Int]
  private let columns: [Int]
  private let values: [Double]

  /// The rows, or with `isTransposed` the columns, of an n × n matrix; nil when too many entries
  /// are not zero.
  ///
  /// - Complexity: O(n²).
  init?(_ matrix: BufferView<Double>, size n: Int, isTransposed: Bool = false) {
    var count = 0
    for index in 0..<n * n where matrix[index] != 0 { count += 1 }
    guard n >= 64, Double(count) <= Self.maxDensity * Double(n * n) else { return nil }
    var (starts, columns, values) = ([0], [Int](), [Double]())
    columns.reserveCapacity(count)
    values.reserveCapacity(count)
    for r in 0..<n {
      for c in 0..<n {
        let value = matrix[isTransposed ? c &* n &+ r : r &* n &+ c]
        if value != 0 {
          columns.append(c)
          values.append(value)
        }
      }
      starts.append(columns.count)
    }
    (self.starts, self.columns, self.values) = (starts, columns, values)
  }

  /// Writes rows `rows` of this matrix times `dense`, n × n, to `result`.
  ///
  /// - Complexity: O(n) an entry.
  func multiply(
    _ dense: BufferView<Double>, into result: BufferView<Double>, rows: Range<Int>, size n: Int
  ) {
    for r in rows {
      let row = result.window(r &* n, n)
      row.fill(0)
      for index in starts[r]..<starts[r + 1] {
        let (value, other) = (values[index], columns[index] &* n)
        for c in 0..<n { row[c] += value * dense[other &+ c] }
      }
    }
  }

  /// Adds `factor` times rows `rows` of `dense` times the transpose of this matrix to `result`.
  func multiplyTransposed(
    _ dense: BufferView<Double>, times factor: Double, into result: BufferView<Double>,
    rows: Range<Int>, size n: Int
  ) {
    for r in rows {
      let (from, to) = (dense.window(r &* n, n), result.window(r &* n, n))
      for c in 0..<n {
        var sum = 0.0
        for index in starts[c]..<starts[c + 1] { sum += values[index] * from[columns[index]] }
        to[c] += factor * sum
      }
    }
  }
}
