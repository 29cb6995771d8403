import QAPPrimitives

/// A symmetric matrix over 1 and the placements (i, j), as the lifted variable Y ≈ (1; x)(1; x)ᵀ.
///
/// Three separate parts: the corner Y[0,0], the border Y[0,ij], and the block Y[ij,kl], which for
/// all n² placements stands at `(i·n + j)·n² + (k·n + l)`. Threads of one loop write to disjoint
/// rows.
final class LiftedMatrix: @unchecked Sendable {
  /// The placements of the rows.
  private(set) var placements: PlacementSet
  /// The number of facilities, and of locations: n.
  var size: Int { placements.size }
  /// The number of placements: n², unless some are left out.
  private(set) var places: Int
  var corner = 0.0
  private(set) var border: BufferView<Double>
  private(set) var block: BufferView<Double>
  private let owned: [Buffer<Double>]

  /// A matrix of zeros over all placements.
  convenience init(size n: Int) { self.init(PlacementSet(size: n)) }

  /// A matrix of zeros over the placements of `set`.
  init(_ set: PlacementSet) {
    placements = set
    places = set.count
    owned = [places, places * places].map { Buffer(count: $0, repeating: 0.0) }
    border = owned[0].view
    block = owned[1].view
  }

  /// Row `place` of the block.
  func row(_ place: Int) -> BufferView<Double> { block.window(place &* places, places) }

  /// Keeps the rows and columns of `part` alone, all of whose placements must be here, in the same
  /// memory.
  ///
  /// - Complexity: O(m²) for its m placements.
  func restrict(to part: PlacementSet) {
    let rows = placements.indices(of: part)
    for (index, row) in rows.enumerated() { border[index] = border[row] }
    var to = 0
    // Nothing is overwritten before it has moved.
    for row in rows {
      let from = row * places
      for column in rows {
        block[to] = block[from + column]
        to += 1
      }
    }
    border = border.window(0, rows.count)
    block = block.window(0, to)
    (placements, places) = (part, rows.count)
  }
}
