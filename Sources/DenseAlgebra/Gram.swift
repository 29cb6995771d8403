import QAPPrimitives

/// C ← FᵀF for a k × n matrix F: both triangles of the symmetric n × n result.
///
/// The tiles of the lower triangle are computed each by one thread and copied to the upper one, so
/// the result is the same for any number of threads. OpenBLAS is set to one thread.
///
/// - Complexity: O(n²k) time.
public func gram(_ f: MatrixView, into c: MatrixView, threads: Int) {
  let n = f.columns
  precondition(c.rows == n && c.columns == n, "the result must be \(n) × \(n)")
  let tile = 192
  let tiles = (n + tile - 1) / tile
  setDenseAlgebraThreads(1)
  parallelFor(count: tiles * (tiles + 1) / 2, threads: threads) { _, index in
    let (r, s) = trianglePlace(index)
    let (top, left) = (r * tile, s * tile)
    let (rows, columns) = (min(tile, n - top), min(tile, n - left))
    gemm(
      1, f.window(0, top, f.rows, rows), .transposed, f.window(0, left, f.rows, columns), .plain,
      into: c.window(top, left, rows, columns))
    let elements = c.elements
    for row in 0..<rows {
      for column in 0..<columns {
        elements[(left &+ column) &* c.stride &+ top &+ row] =
          elements[(top &+ row) &* c.stride &+ left &+ column]
      }
    }
  }
}

/// Row and column of the `index`-th element of a lower triangle, counted row by row.
func trianglePlace(_ index: Int) -> (Int, Int) {
  var r = Int((Double(8 * index + 1).squareRoot() - 1) / 2)
  while r * (r + 1) / 2 > index { r -= 1 }
  while (r + 1) * (r + 2) / 2 <= index { r += 1 }
  return (r, index - r * (r + 1) / 2)
}
