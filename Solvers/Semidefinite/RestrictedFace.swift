import QAPDenseAlgebra
import QAPPrimitives

/// The face of lifted assignments over some placements only: the vectors (s; w) in which the w of
/// every facility, and those of every location, add up to s.
///
/// They are the complement of the rows of C = [−e, incidence], one for each facility and location.
/// Householder reflections take these rows to the first coordinates, Q = I − UᵀTU with the unit
/// reflectors as rows of U, and the other columns of Q are the orthonormal basis V. With r
/// reflections and m placements VᵀMV takes 6·m²·r operations in products of matrices.
final class RestrictedFace: @unchecked Sendable {
  /// The order of VᵀMV: m + 1 − r.
  let order: Int
  /// An upper estimate, without the unit roundoff, of how far rounding leaves a lifted assignment
  /// from the span of V, and VᵀMV from what it should be, both relative.
  let conditioning: Double
  private let rank: Int
  /// m + 1.
  let width: Int
  /// U and its product with the transpose of T: r × (m + 1).
  private let reflectors: MatrixView
  private let scaled: MatrixView
  private let owned: [Buffer<Double>]

  init(_ set: PlacementSet) {
    let (n, width) = (set.size, set.count + 1)
    self.width = width
    // The rows of C, and one reflector for each that is independent of those before it.
    let rows = Buffer(count: 2 * n * width, repeating: 0.0)
    let found = Buffer(count: 2 * n * width, repeating: 0.0)
    for line in 0..<2 * n {
      let row = rows.view.window(line * width, width)
      row[0] = -1
      if line < n {
        for index in set.ofFacility[line] { row[index + 1] = 1 }
      } else {
        for index in set.ofLocation[line - n] { row[index + 1] = 1 }
      }
    }
    var rank = 0
    // The columns of the triangular factor of Cᵀ that belong to independent rows.
    var triangle: [[Double]] = []
    for line in 0..<2 * n where rank < width {
      let row = rows.view.window(line * width, width)
      let whole = squaredNorm(row, from: 0).squareRoot()
      let rest = squaredNorm(row, from: rank).squareRoot()
      // Incidence vectors are either dependent or far from it.
      guard rest > 1e-7 * whole else { continue }
      let reflector = found.view.window(rank * width, width)
      let head = row[rank] < 0 ? -rest : rest
      for at in rank..<width { reflector[at] = row[at] }
      reflector[rank] += head
      let length = squaredNorm(reflector, from: rank).squareRoot()
      for at in rank..<width { reflector[at] /= length }
      triangle.append((0..<rank).map { row[$0] } + [-head])
      for other in line + 1..<max(line + 1, 2 * n) {
        let target = rows.view.window(other * width, width)
        var product = 0.0
        for at in rank..<width { product += reflector[at] * target[at] }
        for at in rank..<width { target[at] -= 2 * product * reflector[at] }
      }
      rank += 1
    }
    self.rank = rank
    order = width - rank
    conditioning =
      4 * Double(width + 8) * Double(rank + 25) * RestrictedFace.condition(of: triangle)
    // T by columns, and its transpose times U.
    var t = [[Double]](repeating: [], count: rank)
    let product = Buffer(count: rank * rank, repeating: 0.0)
    let u = MatrixView(found.view, rows: rank, columns: width)
    gemm(
      1, u, .plain, u, .transposed,
      into: MatrixView(product.view, rows: rank, columns: rank))
    let transposed = Buffer(count: rank * rank, repeating: 0.0)
    for k in 0..<rank {
      var column = [Double](repeating: 0, count: k + 1)
      column[k] = 2
      for r in 0..<k {
        var sum = 0.0
        for c in r..<k { sum += t[c][r] * product.view[c * rank + k] }
        column[r] = -2 * sum
      }
      t[k] = column
      for r in 0...k { transposed.view[k * rank + r] = column[r] }
    }
    let scaledRows = Buffer(count: rank * width, repeating: 0.0)
    reflectors = u
    scaled = MatrixView(scaledRows.view, rows: rank, columns: width)
    gemm(
      1, MatrixView(transposed.view, rows: rank, columns: rank), .plain, u, .plain, into: scaled)
    owned = [found, scaledRows]
    withExtendedLifetime((rows, product, transposed)) {}
  }

  /// ‖R‖·‖R⁻¹‖ in the Frobenius norm for the upper triangular R with these columns.
  private static func condition(of columns: [[Double]]) -> Double {
    let size = columns.count
    var (norm, inverse) = (0.0, 0.0)
    for column in columns { for x in column { norm += x * x } }
    for k in 0..<size {
      // R·x = eₖ
      var x = [Double](repeating: 0, count: k + 1)
      x[k] = 1
      for r in (0...k).reversed() {
        x[r] /= columns[r][r]
        for s in 0..<r { x[s] -= columns[r][s] * x[r] }
        inverse += x[r] * x[r]
      }
    }
    return max(1, (norm * inverse).squareRoot())
  }

  /// W ← VᵀMV, both triangles.
  func compress(_ m: LiftedMatrix, into w: BufferView<Double>, threads: Int) {
    let places = width - 1
    let images = Buffer(count: 2 * rank * width, repeating: 0.0)
    let image = MatrixView(images.view, rows: rank, columns: width)
    let half = MatrixView(
      images.view.window(rank * width, rank * width), rows: rank, columns: width)
    // B = (TᵀU)·M, and from it G = B − ½·(BUᵀT)ᵀ… with S = BUᵀT symmetric: VᵀMV is the part of
    // M − GᵀU − UᵀG without the first coordinates.
    gemm(
      1, scaled.window(0, 1, rank, places), .plain,
      MatrixView(m.block, rows: places, columns: places), .plain,
      into: image.window(0, 1, rank, places), threads: threads)
    for line in 0..<rank {
      let (from, to) = (scaled.elements.window(line * width, width), image.elements)
      let head = from[0]
      var first = head * m.corner
      for at in 0..<places {
        first += from[at + 1] * m.border[at]
        to[line * width + at + 1] += head * m.border[at]
      }
      to[line * width] = first
    }
    let small = Buffer(count: rank * rank, repeating: 0.0)
    let s = MatrixView(small.view, rows: rank, columns: rank)
    gemm(1, image, .plain, scaled, .transposed, into: s, threads: threads)
    half.elements.copy(from: image.elements.window(0, rank * width))
    gemm(-0.5, s, .plain, reflectors, .plain, beta: 1, into: half, threads: threads)
    let (rank, order) = (rank, order)
    parallelFor(count: order, threads: threads) { _, index in
      let line = m.row(index &+ rank &- 1)
      let target = w.window(index &* order, order)
      for at in 0..<order { target[at] = line[at &+ rank &- 1] }
    }
    let target = MatrixView(w, rows: order, columns: order)
    let (g, u) = (half.window(0, rank, rank, order), reflectors.window(0, rank, rank, order))
    gemm(-1, g, .transposed, u, .plain, beta: 1, into: target, threads: threads)
    gemm(-1, u, .transposed, g, .plain, beta: 1, into: target, threads: threads)
    withExtendedLifetime((images, small)) {}
  }

  /// Writes scale·V·f to `row`, m + 1 numbers.
  func expand(_ f: BufferView<Double>, times scale: Double, into row: BufferView<Double>) {
    for at in 0..<rank { row[at] = 0 }
    for at in 0..<order { row[rank &+ at] = scale * f[at] }
    // The last reflection first.
    for line in (0..<rank).reversed() { reflect(row, line) }
  }

  /// Writes Vᵀ·row to `f`; `row` is overwritten.
  func compress(_ row: BufferView<Double>, into f: BufferView<Double>) {
    for line in 0..<rank { reflect(row, line) }
    for at in 0..<order { f[at] = row[rank &+ at] }
  }

  private func reflect(_ row: BufferView<Double>, _ line: Int) {
    let u = reflectors.elements.window(line &* width, width)
    // Several sums, so that none waits for the other.
    var sums = Wide(repeating: 0)
    var at = line & ~7
    while at &+ 8 <= width {
      sums += u.wide(at) * row.wide(at)
      at &+= 8
    }
    var product = sums.total
    while at < width {
      product += u[at] * row[at]
      at &+= 1
    }
    product *= 2
    for at in line..<width { row[at] -= product * u[at] }
  }
}

/// Σ rowₖ² over k ≥ `first`.
private func squaredNorm(_ row: BufferView<Double>, from first: Int) -> Double {
  var sum = 0.0
  for at in first..<row.count { sum += row[at] * row[at] }
  return sum
}
