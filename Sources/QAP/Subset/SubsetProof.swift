/// A search tree that proves a lower bound for a subset problem.
///
/// Twice the objective is counted in whole units: with d[i,i] = ⌊2·C[i,i]⌋ and d[i,j] = ⌊C[i,j] +
/// C[j,i]⌋ in units, 2·f(S) ≥ Σ_{i,j ∈ S} d[i,j]. At every node some items are chosen, some left
/// out, and n more are to be chosen of the others, the free ones; what the chosen ones cost among
/// each other is a constant there, and what they cost with a free item i is part of d[i,i]. A leaf
/// is bounded by its rows: each free item i costs at least
///
///     r[i] = d[i,i] + the sum of the n − 1 smallest d[i,j] over the other free items j,
///
/// so that n of them cost at least the sum of the n smallest r, and the constant.
public indirect enum SubsetProof: Equatable, Sendable {
  /// A leaf, bounded by the rows of the costs at hand: the original ones, or those of the dual
  /// point above it that is nearest.
  case rows
  /// A leaf, bounded by the rows of the original costs.
  case originalRows
  /// Without item `item`, and with it.
  case split(item: Int, without: SubsetProof, with: SubsetProof)
  /// Without any item of an orbit, and with `item`, one of it. The orbit is what the generators,
  /// renumberings that leave d, the chosen items and the free items as they are, make of the item:
  /// a subset with another item of it costs the same as one with this item.
  case orbit(item: Int, generators: [[Int]], without: SubsetProof, with: SubsetProof)
  /// Below, the original costs of this node's free items are replaced with those of a dual point.
  case dual(SubsetDual, SubsetProof)
}

extension SubsetProof {
  /// The items that `generators`, renumberings of all items, make of `item`, ascending.
  public static func orbit(of item: Int, under generators: [[Int]]) -> [Int] {
    var (orbit, seen, next) = ([item], Set([item]), 0)
    while next < orbit.count {
      for images in generators where seen.insert(images[orbit[next]]).inserted {
        orbit.append(images[orbit[next]])
      }
      next += 1
    }
    return orbit.sorted()
  }
}
