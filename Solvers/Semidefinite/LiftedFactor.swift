import QAPDenseAlgebra
import QAPPrimitives

/// X = VRVᵀ from the factor of R that a projection holds.
final class LiftedFactor: @unchecked Sendable {
  private let threads: Int
  /// Rows V·g for the rows g of R's factor, a number more each than there are placements.
  private var memory = Buffer(count: 0, repeating: 0.0)
  private var rank = 0
  private var width = 0

  init(threads: Int) { self.threads = threads }

  /// Takes the factor of `projection`, which belongs to `face`, over `places` placements.
  func take(_ projection: SpectralProjection, _ face: FacialReduction, places: Int) {
    (rank, width) = (projection.rank, places + 1)
    if memory.view.count < rank * width {
      // Ranks swell for a while: some room to spare.
      let rows = min(face.order, rank + rank / 4 + 8)
      memory = Buffer(count: 0, repeating: 0)
      memory = Buffer(count: rows * width, repeating: 0)
    }
    let (rows, width) = (memory.view, width)
    parallelFor(count: rank, threads: threads) { _, index in
      let (vector, scale) = projection.row(index)
      face.expand(vector, times: scale, into: rows.window(index * width, width))
    }
  }

  /// Writes X to `x`.
  func multiply(into x: LiftedMatrix) {
    let rows = memory.view
    x.corner = 0
    x.border.fill(0)
    guard rank > 0 else { return x.block.fill(0) }
    for index in 0..<rank {
      let row = rows.window(index * width, width)
      let head = row[0]
      x.corner += head * head
      for place in 0..<x.places { x.border[place] += head * row[place + 1] }
    }
    let f = MatrixView(
      rows.window(1, rank * width - 1), rows: rank, columns: x.places, stride: width)
    gram(f, into: MatrixView(x.block, rows: x.places, columns: x.places), threads: threads)
  }
}
