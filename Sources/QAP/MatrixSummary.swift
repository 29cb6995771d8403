import QAPPrimitives

/// One look at a square matrix: O(n²), eight numbers at a time, as large ones are examined under a
/// time limit.
struct MatrixSummary {
  /// The largest magnitude, and the sum of all magnitudes.
  let largest: Double
  let magnitude: Double
  /// The sums of the elements off the diagonal and on it.
  let offDiagonal: Double
  let trace: Double

  init(_ matrix: CostMatrix) {
    switch matrix {
    case .dense(let matrix): self.init(matrix)
    case .sparse(let matrix): self.init(matrix)
    }
  }

  /// O(entries).
  init(_ matrix: SparseMatrix) {
    var (rest, diagonal) = (CompensatedSum(), CompensatedSum())
    for r in 0..<matrix.rows {
      for entry in matrix.starts[r]..<matrix.starts[r + 1] {
        if matrix.columnIndices[entry] == r {
          diagonal.add(matrix.values[entry])
        } else {
          rest.add(matrix.values[entry])
        }
      }
    }
    largest = matrix.values.reduce(0) { max($0, abs($1)) }
    magnitude = matrix.values.reduce(0) { $0 + abs($1) }
    trace = diagonal.value
    offDiagonal = rest.value
  }

  init(_ matrix: Matrix<Double>) {
    let n = matrix.rows
    var (sum, diagonal) = (WideCompensatedSum(), CompensatedSum())
    var (most, total) = (Wide(repeating: 0), Wide(repeating: 0))
    var rest = CompensatedSum()
    var (restMost, restTotal) = (0.0, 0.0)
    matrix.withView { view in
      let whole = view.count & ~7
      var at = 0
      while at < whole {
        let x = view.wide(at)
        let size = x.replacing(with: 0 - x, where: x .< 0)
        sum.add(x)
        total += size
        most = most.replacing(with: size, where: most .< size)
        at &+= 8
      }
      while at < view.count {
        rest.add(view[at])
        restMost = max(restMost, abs(view[at]))
        restTotal += abs(view[at])
        at &+= 1
      }
      for r in 0..<n { diagonal.add(view[r &* n &+ r]) }
    }
    largest = (0..<8).reduce(restMost) { max($0, most[$1]) }
    magnitude = total.total + restTotal
    trace = diagonal.value
    var all = sum.total
    all.add(rest.value)
    // Exactly what the diagonal added, so that nothing is left of it.
    matrix.withView { view in
      for r in 0..<n { all.add(0 - view[r &* n &+ r]) }
    }
    offDiagonal = n > 1 ? all.value : 0
  }

  /// True when every element is a finite number.
  static func isFinite(_ matrix: Matrix<Double>) -> Bool {
    matrix.withView { view in
      // x − x is 0 for finite numbers alone.
      var zero = Wide(repeating: 0)
      let whole = view.count & ~7
      var at = 0
      while at < whole {
        let x = view.wide(at)
        zero += x - x
        at &+= 8
      }
      return zero == Wide(repeating: 0) && (whole..<view.count).allSatisfy { view[$0].isFinite }
    }
  }
}
