import QAPPrimitives

/// A symmetric matrix over 1 and the n² placements (i, j), as the lifted variable Y ≈ (1; x)(1;
/// x)ᵀ.
///
/// Three separate parts: the corner Y[0,0], the border Y[0,ij], and the block
/// Y[ij,kl] at `(i·n + j)·n² + (k·n + l)`. Threads of one loop write to disjoint rows.
final class LiftedMatrix: @unchecked Sendable {
  /// The number of facilities, and of locations: n.
  let size: Int
  /// The number of placements, n².
  let places: Int
  var corner = 0.0
  let border: BufferView<Double>
  let block: BufferView<Double>
  private let owned: [Buffer<Double>]

  /// A matrix of zeros.
  init(size n: Int) {
    size = n
    places = n * n
    owned = [n * n, n * n * n * n].map { Buffer(count: $0, repeating: 0.0) }
    border = owned[0].view
    block = owned[1].view
  }

  /// Row (i, j) of the block.
  func row(_ place: Int) -> BufferView<Double> { block.window(place &* places, places) }
}
