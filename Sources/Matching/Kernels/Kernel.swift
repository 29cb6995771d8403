import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// Similarities and distances between all rows of a set of embeddings: n × n matrices.
///
/// Those that ought to be symmetric are, to the last bit, and no result depends on `threads`. In
/// addition to the result they take memory for a few tiles only. Time is O(n² · features) unless
/// said otherwise.
public enum Kernel {
  /// X·Xᵀ: the inner products of all rows of `x`, n × features.
  public static func linear(_ x: Matrix<Double>, threads: Int = 1) -> Matrix<Double> {
    let (n, features) = (x.rows, x.columns)
    return Matrix(rows: n, columns: n, startingFrom: 0) { out in
      x.withView { x in
        forEachLowerTile(size: n, threads: threads) { rows, columns in
          products(x, features, into: out, n, rows, columns)
          mirror(out, n, rows, columns)
        }
      }
    }
  }

  /// The cosines between all rows, which must not be zero; the diagonal is exactly 1.
  ///
  /// - Throws: `InputError` for a zero row.
  public static func cosine(_ x: Embeddings, threads: Int = 1) throws(InputError)
    -> Matrix<Double>
  {
    var result = linear(try x.normalized().values, threads: threads)
    for row in 0..<result.rows { result[row, row] = 1 }
    return result
  }

  /// The Euclidean distances ‖x_i − x_k‖ between all rows of `x`; the diagonal is exactly zero.
  ///
  /// By inner products, |x|² + |y|² − 2x·y, and by differences where that would cancel: relative
  /// errors stay near 1e-12 even between near-duplicates, and equal rows have distance zero.
  public static func distances(_ x: Matrix<Double>, threads: Int = 1) -> Matrix<Double> {
    squaredDistances(x, threads: threads) { $0.squareRoot() }
  }

  /// The squares of `distances`.
  public static func squaredDistances(_ x: Matrix<Double>, threads: Int = 1) -> Matrix<Double> {
    squaredDistances(x, threads: threads) { $0 }
  }

  private static func squaredDistances(
    _ x: Matrix<Double>, threads: Int, _ transform: @Sendable (Double) -> Double
  ) -> Matrix<Double> {
    let (n, features) = (x.rows, x.columns)
    return Matrix(rows: n, columns: n, startingFrom: 0) { out in
      x.withView { x in
        let squares = Buffer(count: n, repeating: 0.0)
        let square = squares.view
        for row in 0..<n {
          var sum = 0.0
          for c in 0..<features {
            sum += x[row &* features &+ c] * x[row &* features &+ c]
          }
          square[row] = sum
        }
        forEachLowerTile(size: n, threads: threads) { rows, columns in
          products(x, features, into: out, n, rows, columns)
          for i in rows {
            for k in columns where k < i {
              let sum = square[i] + square[k]
              var value = sum - 2 * out[i &* n &+ k]
              if !(value > 1e-3 * sum) {
                value = squaredDifference(x, i, k, features)
              }
              out[i &* n &+ k] = transform(value)
            }
            if columns.contains(i) { out[i &* n &+ i] = 0 }
          }
          mirror(out, n, rows, columns)
        }
        withExtendedLifetime(squares) {}
      }
    }
  }

  private static func squaredDifference(
    _ x: BufferView<Double>, _ i: Int, _ k: Int, _ features: Int
  ) -> Double {
    var sum = 0.0
    for c in 0..<features {
      let difference = x[i &* features &+ c] - x[k &* features &+ c]
      sum += difference * difference
    }
    return sum
  }

  /// Writes the inner products of some rows of `x` with others into their tile of an n × n matrix.
  private static func products(
    _ x: BufferView<Double>, _ features: Int, into out: BufferView<Double>, _ n: Int,
    _ rows: Range<Int>, _ columns: Range<Int>
  ) {
    let corner = rows.lowerBound * n + columns.lowerBound
    let tile = MatrixView(
      out.window(corner, (rows.count - 1) * n + columns.count), rows: rows.count,
      columns: columns.count, stride: n)
    gemm(
      1, rowsOf(x, rows, columns: features), .plain, rowsOf(x, columns, columns: features),
      .transposed, into: tile)
  }

  /// Copies a tile of the lower triangle to the upper one.
  private static func mirror(
    _ out: BufferView<Double>, _ n: Int, _ rows: Range<Int>, _ columns: Range<Int>
  ) {
    for i in rows {
      for k in columns where k < i { out[k &* n &+ i] = out[i &* n &+ k] }
    }
  }
}
