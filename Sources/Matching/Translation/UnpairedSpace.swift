import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// One side of a translation: its rows centered, normalized, and turned into the basis of their
/// principal directions, the strongest first, in single precision. Of a match by blocks the rows
/// as they are, divided by their mean norm.
///
/// The first q columns are then the best q-dimensional picture of the rows, so that work at low
/// rank costs little. Immutable and shared by threads.
final class UnpairedSpace: @unchecked Sendable {
  // Unchecked because of the buffer, which only `init` writes.

  let rows: Int
  let features: Int
  let mean: [Double]
  /// The mean distance of rows from their mean.
  let scale: Double
  /// Row k is the k-th principal direction, features × features.
  let basis: Matrix<Double>
  private let points: Buffer<Float>

  /// Rows × features, row-major, in principal coordinates.
  var view: BufferView<Float> { points.view }

  /// O(rows · features² + features³).
  ///
  /// - Parameter isStandardized: center and normalize rows.
  /// - Throws: `InputError` when all rows are equal.
  init(_ x: Embeddings, isStandardized: Bool = true, threads: Int) throws(InputError) {
    (rows, features) = (x.rows, x.features)
    mean = isStandardized ? x.columnMeans : Array(repeating: 0, count: x.features)
    let (unit, scale) = UnpairedSpace.unitRows(x, mean: mean, isStandardized: isStandardized)
    guard scale > 0 else { throw InputError(allAlike: x.name) }
    self.scale = scale
    let moments = UnpairedSpace.moments(
      unit.view, rows: rows, features: features, threads: threads)
    guard let eigen = symmetricEigen(moments) else {
      throw InputError(
        x.name, found: "a covariance without eigenvalues", expected: "numbers of usual size")
    }
    let last = features - 1
    basis = Matrix(rows: features, columns: features) { eigen.vectors[last - $0, $1] }
    points = Buffer(count: rows * features, repeating: 0)
    UnpairedSpace.turn(
      unit.view, rows: rows, basis: basis, into: points.view, threads: threads)
    withExtendedLifetime(unit) {}
  }

  /// The rows of `x` in the coordinates of this space.
  ///
  /// - Throws: `InputError` when they have another number of features.
  func coordinates(of x: Embeddings) throws(InputError) -> Matrix<Double> {
    let unit = try x.standardized(mean: mean, as: "the other rows of this side")
    return gemm(1, unit.values, .plain, basis, .transposed)
  }

  private static func unitRows(
    _ x: Embeddings, mean: [Double], isStandardized: Bool
  ) -> (rows: Buffer<Float>, scale: Double) {
    let (rows, features) = (x.rows, x.features)
    let unit =
      isStandardized
      ? nil : (0..<rows).reduce(0) { $0 + Embeddings.norm(x.values.row($1)) } / Double(rows)
    let result = Buffer(count: rows * features, repeating: Float(0))
    let (out, center) = (result.view, Buffer(count: features, repeating: 0.0))
    center.view.copy(from: mean)
    var scale = 0.0
    x.values.withView { view in
      for r in 0..<rows {
        let first = r &* features
        var square = 0.0
        for c in 0..<features {
          let shifted = view[first &+ c] - center.view[c]
          square += shifted * shifted
        }
        let norm = square.squareRoot()
        scale += norm
        guard norm > 0 else { continue }
        let divisor = unit ?? norm
        for c in 0..<features {
          out[first &+ c] = Float((view[first &+ c] - center.view[c]) / divisor)
        }
      }
    }
    return (result, scale / Double(rows))
  }

  private static let chunk = 1024

  /// XᵀX in panels of columns, so that the result does not depend on the number of threads.
  private static func moments(
    _ x: BufferView<Float>, rows: Int, features: Int, threads: Int
  ) -> Matrix<Double> {
    let sums = Buffer(count: features * features, repeating: Float(0))
    let (out, panel) = (sums.view, 128)
    setDenseAlgebraThreads(1)
    parallelFor(count: (features + panel - 1) / panel, threads: threads) { _, index in
      let first = index * panel
      let count = min(panel, features - first)
      for start in stride(from: 0, to: rows, by: chunk) {
        let length = min(chunk, rows - start)
        let window = x.window(start * features, length * features)
        gemm(
          1,
          FloatMatrixView(
            window.window(first, window.count - first), rows: length, columns: count,
            stride: features), .transposed,
          FloatMatrixView(window, rows: length, columns: features), .plain, beta: 1,
          into: FloatMatrixView(
            out.window(first * features, count * features), rows: count, columns: features))
      }
    }
    return withExtendedLifetime(sums) {
      Matrix(rows: features, columns: features) { Double(out[$0 * features + $1]) }
    }
  }

  private static func turn(
    _ x: BufferView<Float>, rows: Int, basis: Matrix<Double>, into out: BufferView<Float>,
    threads: Int
  ) {
    let features = basis.rows
    let directions = floats(basis)
    let turning = directions.view
    setDenseAlgebraThreads(1)
    parallelFor(count: (rows + chunk - 1) / chunk, threads: threads) { _, index in
      let start = index * chunk
      let length = min(chunk, rows - start)
      gemm(
        1,
        FloatMatrixView(
          x.window(start * features, length * features), rows: length, columns: features), .plain,
        FloatMatrixView(turning, rows: features, columns: features), .transposed,
        into: FloatMatrixView(
          out.window(start * features, length * features), rows: length, columns: features))
    }
    withExtendedLifetime(directions) {}
  }
}

/// The elements of `matrix`, rounded.
func floats(_ matrix: Matrix<Double>) -> Buffer<Float> {
  let result = Buffer(count: matrix.elements.count, repeating: Float(0))
  for (index, value) in matrix.elements.enumerated() { result.view[index] = Float(value) }
  return result
}

extension UnpairedSpace {
  /// The leading `width` coordinates of all rows.
  func leading(_ width: Int, name: String) -> Embeddings {
    let columns = min(width, features)
    let (view, features) = (view, features)
    return Embeddings(
      unchecked: Matrix(rows: rows, columns: columns, startingFrom: 0) { out in
        for r in 0..<rows {
          for c in 0..<columns { out[r &* columns &+ c] = Double(view[r &* features &+ c]) }
        }
      }, name: name)
  }

  /// The nearest row of `target`, the first among equals, of each of the first `count` rows.
  ///
  /// - Parameters:
  ///   - bonus: added to the similarities of each row of the target.
  ///   - partners: the rows of the target that rows have in a map Σ x·yᵀ; each row leaves out its
  ///     share.
  /// - Complexity: O(count · target rows · rank).
  func nearest(
    in target: UnpairedSpace, under map: RankedMap, count: Int, bonus: [Double]? = nil,
    partners: [Int]? = nil, threads: Int
  ) -> [Int] {
    let tile = 256
    let extra = Buffer(count: target.rows, repeating: Float(0))
    for (row, value) in (bonus ?? []).enumerated() { extra.view[row] = Float(value) }
    let extras = extra.view
    let weight = floats(map.weight(rows: features, columns: target.features))
    let result = Buffer(count: count, repeating: 0)
    let (view, features, out, turning) = (view, features, result.view, weight.view)
    setDenseAlgebraThreads(1)
    parallelFor(count: (count + tile - 1) / tile, threads: threads) { _, index in
      let first = index * tile
      let rows = min(tile, count - first)
      let moved = Buffer(count: rows * target.features, repeating: Float(0))
      let movedView = FloatMatrixView(moved.view, rows: rows, columns: target.features)
      gemm(
        1,
        FloatMatrixView(
          view.window(first * features, rows * features), rows: rows, columns: features), .plain,
        FloatMatrixView(turning, rows: features, columns: target.features), .plain,
        into: movedView)
      for r in 0..<(partners == nil ? 0 : rows) {
        let own = view.window((first + r) * features, features)
        let other = target.view.window(
          (partners?[first + r] ?? 0) * target.features, target.features)
        var square: Float = 0
        for c in 0..<own.count { square += own[c] * own[c] }
        for c in 0..<other.count { moved.view[r &* other.count &+ c] -= square * other[c] }
      }
      let chunk = min(4096, target.rows)
      let scores = Buffer(count: rows * chunk, repeating: Float(0))
      var best = [(score: Float, row: Int)](repeating: (-.infinity, 0), count: rows)
      for start in stride(from: 0, to: target.rows, by: chunk) {
        let columns = min(chunk, target.rows - start)
        gemm(
          1, movedView, .plain,
          FloatMatrixView(
            target.view.window(start * target.features, columns * target.features),
            rows: columns, columns: target.features), .transposed,
          into: FloatMatrixView(scores.view, rows: rows, columns: columns))
        for r in 0..<rows {
          var (score, row) = best[r]
          for c in 0..<columns {
            let value = scores.view[r &* columns &+ c] + extras[start &+ c]
            if value > score { (score, row) = (value, start &+ c) }
          }
          best[r] = (score, row)
        }
      }
      for r in 0..<rows { out[first + r] = best[r].row }
      withExtendedLifetime((moved, scores)) {}
    }
    return withExtendedLifetime((weight, result, extra)) { result.view.array }
  }
}
