import QAPDenseAlgebra
import QAPPrimitives

/// Calls `body` for the tiles of the lower triangle of an n × n matrix, in parallel: rows and
/// columns of a tile are ranges, and together the tiles hold every element (r, c) with c ≤ r.
///
/// The tiles do not depend on the number of threads, and each is the work of one, so neither does
/// the results computed from them.
func forEachLowerTile(
  size n: Int, threads: Int, _ body: @Sendable (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
) {
  let edge = 256
  let tiles = (n + edge - 1) / edge
  setDenseAlgebraThreads(1)
  parallelFor(count: tiles * tiles, threads: threads) { _, index in
    let (r, c) = (index / tiles, index % tiles)
    if c > r { return }
    body(r * edge..<min(n, (r + 1) * edge), c * edge..<min(n, (c + 1) * edge))
  }
}

/// The rows `range` of a row-major matrix with `columns` columns.
func rowsOf(_ view: BufferView<Double>, _ range: Range<Int>, columns: Int) -> MatrixView {
  MatrixView(
    view.window(range.lowerBound * columns, range.count * columns), rows: range.count,
    columns: columns)
}

/// Σ over the rows r of `term(r)`, the terms in parallel and summed in order.
func sumOverRows(
  _ rows: Int, threads: Int, _ term: @Sendable (Int) -> Double
) -> Double {
  let terms = Buffer(count: rows, repeating: 0.0)
  let view = terms.view
  parallelFor(count: rows, threads: threads) { _, row in view[row] = term(row) }
  return withExtendedLifetime(terms) {
    var sum = CompensatedSum()
    for row in 0..<rows { sum.add(view[row]) }
    return sum.value
  }
}
