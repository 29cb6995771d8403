/// A matrix held as its entries other than zero, row after row (CSR), with 0-based indices.
///
/// A value type like `Matrix`. Entries of a row are in the order of their columns, each place at
/// most once, so that equal matrices have equal storage.
public struct SparseMatrix: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Row r has the entries `starts[r]..<starts[r + 1]`; `rows + 1` numbers.
  public let starts: [Int]
  /// The column of each entry.
  public let columnIndices: [Int]
  /// The value of each entry.
  public let values: [Double]

  private init(rows: Int, columns: Int, starts: [Int], columnIndices: [Int], values: [Double]) {
    self.rows = rows
    self.columns = columns
    self.starts = starts
    self.columnIndices = columnIndices
    self.values = values
  }

  /// The matrix with these entries: `values[e]` at `rowIndices[e]`, `columnIndices[e]`. Entries at
  /// one place are added up in their order, and sums of zero left out.
  ///
  /// The arrays must have one length, and indices must be within the matrix.
  ///
  /// - Complexity: O(entries · log(entries of a row) + rows).
  public init(
    rows: Int, columns: Int, rowIndices: [Int], columnIndices: [Int], values: [Double]
  ) {
    precondition(
      rowIndices.count == values.count && columnIndices.count == values.count,
      "an entry needs a row, a column and a value")
    var ends = [Int](repeating: 0, count: rows + 1)
    for r in rowIndices { ends[r + 1] += 1 }
    for r in 0..<rows { ends[r + 1] += ends[r] }
    let bounds = ends
    var order = [Int](repeating: 0, count: values.count)
    for entry in rowIndices.indices {
      order[ends[rowIndices[entry]]] = entry
      ends[rowIndices[entry]] += 1
    }
    var (starts, kept, sums) = ([0], [Int](), [Double]())
    starts.reserveCapacity(rows + 1)
    kept.reserveCapacity(values.count)
    sums.reserveCapacity(values.count)
    for r in 0..<rows {
      // By column, and within one by number.
      order[bounds[r]..<bounds[r + 1]].sort {
        (columnIndices[$0], $0) < (columnIndices[$1], $1)
      }
      var at = bounds[r]
      while at < bounds[r + 1] {
        let column = columnIndices[order[at]]
        precondition(column >= 0 && column < columns, "matrix index out of range")
        var sum = 0.0
        while at < bounds[r + 1], columnIndices[order[at]] == column {
          sum += values[order[at]]
          at += 1
        }
        if sum != 0 {
          kept.append(column)
          sums.append(sum)
        }
      }
      starts.append(kept.count)
    }
    self.init(rows: rows, columns: columns, starts: starts, columnIndices: kept, values: sums)
  }

  /// The entries of `matrix` other than zero.
  ///
  /// - Complexity: O(rows · columns).
  public init(_ matrix: Matrix<Double>) {
    var (starts, kept, values) = ([0], [Int](), [Double]())
    for r in 0..<matrix.rows {
      for (column, value) in matrix.row(r).enumerated() where value != 0 {
        kept.append(column)
        values.append(value)
      }
      starts.append(kept.count)
    }
    self.init(
      rows: matrix.rows, columns: matrix.columns, starts: starts, columnIndices: kept,
      values: values)
  }

  /// The matrix with its zeros.
  ///
  /// - Complexity: O(rows · columns).
  public var dense: Matrix<Double> {
    Matrix(rows: rows, columns: columns, startingFrom: 0) { out in
      for r in 0..<rows {
        for entry in starts[r]..<starts[r + 1] {
          out[r &* columns &+ columnIndices[entry]] = values[entry]
        }
      }
    }
  }

  /// The element in row `r` and column `c`; both are checked.
  ///
  /// - Complexity: O(log(entries of the row)).
  public subscript(r: Int, c: Int) -> Double {
    precondition(r >= 0 && r < rows && c >= 0 && c < columns, "matrix index out of range")
    var (low, high) = (starts[r], starts[r + 1])
    while low < high {
      let middle = (low + high) / 2
      if columnIndices[middle] < c { low = middle + 1 } else { high = middle }
    }
    return low < starts[r + 1] && columnIndices[low] == c ? values[low] : 0
  }

  /// The matrix with rows and columns swapped.
  ///
  /// - Complexity: O(entries + rows + columns).
  public var transposed: SparseMatrix {
    var ends = [Int](repeating: 0, count: columns + 1)
    for c in columnIndices { ends[c + 1] += 1 }
    for c in 0..<columns { ends[c + 1] += ends[c] }
    let bounds = ends
    var kept = [Int](repeating: 0, count: values.count)
    var moved = [Double](repeating: 0, count: values.count)
    for r in 0..<rows {
      for entry in starts[r]..<starts[r + 1] {
        let place = ends[columnIndices[entry]]
        kept[place] = r
        moved[place] = values[entry]
        ends[columnIndices[entry]] += 1
      }
    }
    return SparseMatrix(
      rows: columns, columns: rows, starts: bounds, columnIndices: kept, values: moved)
  }

  /// True for a square matrix equal to its transpose.
  public var isSymmetric: Bool { rows == columns && self == transposed }

  /// The matrix with `transform`, which keeps zeros, applied to every entry.
  public func map(_ transform: (Double) -> Double) -> SparseMatrix {
    let mapped = values.map(transform)
    guard mapped.contains(0) else {
      return SparseMatrix(
        rows: rows, columns: columns, starts: starts, columnIndices: columnIndices, values: mapped)
    }
    return SparseMatrix(
      rows: rows, columns: columns, rowIndices: rowIndices, columnIndices: columnIndices,
      values: mapped)
  }

  /// `self + transpose`, elementwise; the matrix must be square.
  public var plusTranspose: SparseMatrix {
    precondition(rows == columns, "only a square matrix can be added to its transpose")
    let other = transposed
    return SparseMatrix(
      rows: rows, columns: columns, rowIndices: rowIndices + other.rowIndices,
      columnIndices: columnIndices + other.columnIndices, values: values + other.values)
  }

  /// The rows and columns `kept`, in that order, of a square matrix.
  ///
  /// - Complexity: O(entries + rows).
  public func selecting(_ kept: [Int]) -> SparseMatrix {
    var places = [Int](repeating: -1, count: columns)
    for (place, index) in kept.enumerated() { places[index] = place }
    var (lines, others, left) = ([Int](), [Int](), [Double]())
    for (place, index) in kept.enumerated() {
      for entry in starts[index]..<starts[index + 1] where places[columnIndices[entry]] >= 0 {
        lines.append(place)
        others.append(places[columnIndices[entry]])
        left.append(values[entry])
      }
    }
    return SparseMatrix(
      rows: kept.count, columns: kept.count, rowIndices: lines, columnIndices: others, values: left)
  }

  /// The matrix in the top left corner of a larger one of zeros.
  public func padded(to size: Int) -> SparseMatrix {
    precondition(size >= rows && size >= columns, "padding makes a matrix larger")
    return SparseMatrix(
      rows: size, columns: size,
      starts: starts + Array(repeating: values.count, count: size - rows),
      columnIndices: columnIndices, values: values)
  }

  /// The row of each entry.
  public var rowIndices: [Int] {
    var result: [Int] = []
    result.reserveCapacity(values.count)
    for r in 0..<rows {
      for _ in starts[r]..<starts[r + 1] { result.append(r) }
    }
    return result
  }
}
