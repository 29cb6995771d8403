import QAP
import QAPPrimitives

/// The costs of the free facilities and locations at one depth of the search tree, reduced by a
/// feasible point of the level-1 RLT dual and held as whole numbers of a unit that the tree shares:
///
///     cost(p) ≥ offset + unit · (bound + Σ_i leader(i,p(i)) + Σ_{i<k} r(i,p(i),k,p(k)))
///
/// for every assignment p that contains the fixed pairs and might improve on the incumbent. All
/// steps move costs between these terms in integers, so every pruning is proven.
/// (`RLTDual` recomputes r from the multipliers in O(n³) memory; at the sizes of a search the n⁴/2
/// numbers fit into a cache, and a child inherits them by copying.)
///
/// A number of at least `room`, what the bound lacks to prune the node, may as well be infinite:
/// two placements that together cost as much are in no improving assignment. Every number is
/// therefore below `room` or `infinity`.
final class ReducedProblem {
  /// The number of free facilities, and of free locations.
  let size: Int
  /// Distance between consecutive lines, a multiple of sixteen.
  let stride: Int
  /// r(i,j,k,l), i < k, at `pairs(i, k) + j · stride + l`; infinite at l = j and in the padding.
  let costs: BufferView<Int32>
  /// The leaders while a child is made, at `i · stride + j`; zero or infinite otherwise.
  let leaders: BufferView<Int32>
  /// The best bound met for each placement, `room` and more for those that are excluded.
  let placementBounds: BufferView<Int32>
  /// The original numbers of the free facilities and locations.
  var facilities: [Int] = []
  var locations: [Int] = []
  /// The proven bound, in units.
  var bound: Int32 = 0

  private let owned: [Buffer<Int32>]

  /// The value of entries that no improving assignment contains.
  let infinity: Int32

  /// The bytes that a problem of this size takes.
  static func bytes(size m: Int) -> Int { (m * (m - 1) / 2 + 3) * m * laneStride(m) * 4 }

  init(size: Int, infinity: Int32) {
    self.size = size
    self.infinity = infinity
    stride = laneStride(size)
    let lines = [size * (size - 1) / 2 * size * stride + 16, size * stride, size * stride]
    owned = lines.map { Buffer(count: $0, repeating: infinity) }
    costs = owned[0].view
    leaders = owned[1].view
    placementBounds = owned[2].view
  }

  /// Where the costs of facilities i < k begin.
  @inline(__always)
  func pairs(_ i: Int, _ k: Int) -> Int {
    (i &* (2 &* size &- i &- 1) / 2 &+ (k &- i &- 1)) &* size &* stride
  }
}

/// `count` rounded up to a multiple of sixteen.
@inline(__always)
func laneStride(_ count: Int) -> Int { (count + 15) & ~15 }
