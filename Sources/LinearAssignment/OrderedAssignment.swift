import QAPPrimitives

/// Shortest augmenting paths in the order of rows and with the choice among ties of SciPy's
/// `linear_sum_assignment`, after D. F. Crouse, "On implementing 2D rectangular assignment
/// algorithms", IEEE Transactions on Aerospace and Electronic Systems 52(4), 2016.
///
/// Slower than `LinearAssignmentSolver`; for callers that must return the same one of several
/// optima. The arithmetic is done in the same order, so that rounding breaks ties alike. O(n³)
/// time.
public final class OrderedAssignment {
  /// The column of each row; valid after a solve.
  public let columnOfRow: BufferView<Int>
  private let integers: Buffer<Int>
  private let numbers: Buffer<Double>
  private let capacity: Int

  /// A workspace for problems of up to `capacity` rows.
  ///
  /// - Complexity: O(capacity) memory.
  public init(capacity: Int) {
    self.capacity = capacity
    integers = Buffer(count: 6 * max(1, capacity), repeating: 0)
    numbers = Buffer(count: 3 * max(1, capacity), repeating: 0.0)
    columnOfRow = integers.view.window(0, capacity)
  }

  /// Solves for the square matrix of finite `costs`, row-major with `stride`, and leaves the
  /// assignment in `columnOfRow`.
  public func solve(_ costs: BufferView<Double>, stride: Int, size n: Int) {
    precondition(n <= capacity && costs.count >= (n - 1) * stride + n, "the costs do not fit")
    let rowOfColumn = integers.view.window(capacity, n)
    let (path, remaining) = (
      integers.view.window(2 * capacity, n), integers.view.window(3 * capacity, n)
    )
    let (scannedRows, scannedColumns) = (
      integers.view.window(4 * capacity, n), integers.view.window(5 * capacity, n)
    )
    let (u, v) = (numbers.view.window(0, n), numbers.view.window(capacity, n))
    let length = numbers.view.window(2 * capacity, n)
    rowOfColumn.fill(-1)
    columnOfRow.fill(-1)
    u.fill(0)
    v.fill(0)
    for first in 0..<n {
      // The columns to look at, last one first.
      for index in 0..<n { remaining[index] = n - 1 - index }
      length.fill(.infinity)
      var (row, sink, least) = (first, -1, 0.0)
      var (left, rows, columns) = (n, 0, 0)
      while sink < 0 {
        scannedRows[rows] = row
        rows += 1
        let line = costs.window(row &* stride, n)
        let dual = u[row]
        var (place, lowest) = (-1, Double.infinity)
        for index in 0..<left {
          let column = remaining[index]
          let reduced = least + line[column] - dual - v[column]
          if reduced < length[column] {
            path[column] = row
            length[column] = reduced
          }
          let reach = length[column]
          // Among the nearest, one without a row ends the search.
          if reach < lowest || (reach == lowest && rowOfColumn[column] < 0) {
            lowest = reach
            place = index
          }
        }
        precondition(place >= 0, "costs that are not finite")
        least = lowest
        let column = remaining[place]
        if rowOfColumn[column] < 0 { sink = column } else { row = rowOfColumn[column] }
        scannedColumns[columns] = column
        columns += 1
        left -= 1
        remaining[place] = remaining[left]
      }
      u[first] += least
      for index in 0..<rows where scannedRows[index] != first {
        u[scannedRows[index]] += least - length[columnOfRow[scannedRows[index]]]
      }
      for index in 0..<columns {
        let column = scannedColumns[index]
        v[column] -= least - length[column]
      }
      var column = sink
      while true {
        let row = path[column]
        rowOfColumn[column] = row
        let before = columnOfRow[row]
        columnOfRow[row] = column
        if row == first { break }
        column = before
      }
    }
  }
}

extension LinearAssignmentSolver {
  /// True when no other assignment costs as little as the last solve's, up to rounding: no cycle
  /// leads from row to row through columns whose reduced cost is zero.
  ///
  /// - Complexity: O(n²).
  public func isUnique() -> Bool {
    let n = size
    var (ofRows, ofColumns) = (0.0, 0.0)
    for index in 0..<n {
      ofRows = max(ofRows, abs(rowDuals[index]))
      ofColumns = max(ofColumns, abs(columnDuals[index]))
    }
    // Costs as small as these are sums of two duals.
    let margin = 1e-12 * (ofRows + ofColumns)
    // Depth-first search: 0 not seen, 1 on the path, 2 without a cycle behind it.
    var state = [UInt8](repeating: 0, count: n)
    var path: [(row: Int, column: Int)] = []
    for root in 0..<n where state[root] == 0 {
      state[root] = 1
      path.append((root, 0))
      while let (row, first) = path.last {
        let (line, dual) = (row &* stride, rowDuals[row] + margin)
        var next = -1
        var column = first
        while column < n {
          if costs[line &+ column] - columnDuals[column] <= dual, rowOfColumn[column] != row {
            next = rowOfColumn[column]
            if state[next] == 1 { return false }
            if state[next] == 0 { break }
          }
          column &+= 1
        }
        if column < n {
          path[path.count - 1].column = column + 1
          state[next] = 1
          path.append((next, 0))
        } else {
          state[row] = 2
          path.removeLast()
        }
      }
    }
    return true
  }
}
