import QAPDenseAlgebra
import QAPLinearAssignment
import QAPPrimitives

/// Epochs of linear assignments between random blocks of both sides.
///
/// In an epoch the rows of both sides are shuffled and cut into blocks; in each pair of blocks
/// source rows are assigned to target rows so that the sum of similarities under the current map is
/// largest. The cross-covariance of the assigned rows is summed over all blocks: blocks of fewer
/// rows than features would not determine a map each. Assignments start from the column duals that
/// each target row had in the epoch before.
final class BlockMatcher {
  /// The result of an epoch.
  struct Epoch {
    /// Σ x·yᵀ over assigned rows in the leading coordinates, source × target.
    let crossCovariance: Matrix<Double>
    /// The mean similarity of assigned rows.
    let score: Double
    /// The rows that were assigned.
    let count: Int
  }

  private let source: UnpairedSpace
  private let target: UnpairedSpace
  private let size: Int
  private let workers: [BlockWorker]
  private let duals: Buffer<Double>
  private var hasDuals: Bool

  /// Blocks of `block` rows, or of all where there are fewer; `duals` are the `columnDuals` of
  /// another matcher.
  init(
    _ source: UnpairedSpace, _ target: UnpairedSpace, block: Int, threads: Int,
    duals held: [Double]? = nil
  ) {
    self.source = source
    self.target = target
    let least = min(source.rows, target.rows)
    // Blocks of one size that leave few rows over.
    let count = (least + block - 1) / block
    size = least / count
    hasDuals = held != nil
    duals = Buffer(count: target.rows, repeating: 0)
    for (row, value) in (held ?? []).enumerated() { duals.view[row] = value }
    let (size, width) = (self.size, max(source.features, target.features))
    workers = (0..<min(threads, count)).map { _ in BlockWorker(capacity: size, width: width) }
  }

  /// The dual that each row of the target had last.
  var columnDuals: [Double] { duals.view.array }

  /// The bytes that it takes.
  static func bytes(block: Int, width: Int, threads: Int) -> Double {
    let (size, width) = (Double(block), Double(width))
    return Double(threads) * (12 * size * size + 16 * size * width)
      + 4 * Double(groupSize) * width * width
  }

  private static let groupSize = 8

  /// One epoch under `map`, with the cross-covariance of the leading `width` coordinates.
  ///
  /// - Parameter blocks: the number of blocks; nil for all rows.
  /// - Returns: nil when `shouldStop` stopped it.
  func epoch(
    _ map: RankedMap, width: Int, blocks limit: Int? = nil, generator: inout SeededGenerator,
    shouldStop: () -> Bool
  ) -> Epoch? {
    let all = min(source.rows, target.rows) / size
    let blocks = min(limit ?? all, all)
    let from = Permutation(randomOf: source.rows, using: &generator).images
    let to = Permutation(randomOf: target.rows, using: &generator).images
    let (p, q) = (min(width, source.features), min(width, target.features))
    let (left, right) = (floats(map.left), map.right.map(floats))
    let group = BlockMatcher.groupSize
    let parts = Buffer(count: group * p * q, repeating: Float(0))
    let scores = Buffer(count: blocks, repeating: 0.0)
    var sums = [Double](repeating: 0, count: p * q)
    let (size, source, target, workers) = (size, source, target, Workers(workers))
    let (duals, isWarm) = (duals.view, hasDuals)
    let (parted, scored) = (parts.view, scores.view)
    let (leftView, rightView) = (left.view, right?.view)
    setDenseAlgebraThreads(1)
    for first in stride(from: 0, to: blocks, by: group) {
      if shouldStop() { return nil }
      let count = min(group, blocks - first)
      parallelFor(count: count, threads: workers.list.count) { worker, index in
        let rows = (first + index) * size..<(first + index + 1) * size
        scored[first + index] = workers.list[worker].match(
          (source, from[rows], leftView, map.left.rows),
          (target, to[rows], rightView, map.right?.rows ?? map.rank), rank: map.rank, duals: duals,
          isWarm: isWarm, widths: (p, q), into: parted.window(index * p * q, p * q))
      }
      for index in 0..<count {
        for place in 0..<p * q { sums[place] += Double(parted[index * p * q + place]) }
      }
    }
    hasDuals = true
    return withExtendedLifetime((left, right, parts, scores)) {
      Epoch(
        crossCovariance: Matrix(rows: p, columns: q, elements: sums),
        score: scores.view.array.reduce(0, +) / Double(blocks * size), count: blocks * size)
    }
  }
}

/// Lets workers into a parallel loop, each of which is used by one thread at a time.
private struct Workers: @unchecked Sendable {
  let list: [BlockWorker]
  init(_ list: [BlockWorker]) { self.list = list }
}
