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
  private let isHollow: Bool
  private let workers: [BlockWorker]
  private let duals: Buffer<Double>
  private var hasDuals: Bool

  /// Blocks of `block` rows, or of all where there are fewer.
  ///
  /// - Parameters:
  ///   - held: the `columnDuals` of another matcher.
  ///   - isHollow: `reassign` leaves out of the map what a row itself has in it.
  init(
    _ source: UnpairedSpace, _ target: UnpairedSpace, block: Int, threads: Int,
    duals held: [Double]? = nil, isHollow: Bool = false
  ) {
    self.source = source
    self.target = target
    self.isHollow = isHollow
    let least = min(source.rows, target.rows)
    // Blocks of one size that leave few rows over.
    let count = (least + block - 1) / block
    size = least / count
    hasDuals = held != nil
    duals = Buffer(count: target.rows, repeating: 0)
    for (row, value) in (held ?? []).enumerated() { duals.view[row] = value }
    let (size, width) = (self.size, max(source.features, target.features))
    workers = (0..<min(threads, count)).map { _ in
      BlockWorker(capacity: size, width: width, isHollow: isHollow)
    }
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
    let ranges = (0..<blocks).map { $0 * size..<($0 + 1) * size }
    return run(
      map, width: width, from: from, to: to, blocks: ranges, shouldStop: shouldStop)?.epoch
  }

  /// One epoch under `map` in which the rows `from` exchange the rows `to` that they have, those of
  /// a block among each other; blocks are parts of `from` as it stands. Rows beyond the last one
  /// of the source are zeros.
  ///
  /// - Returns: the row of the target that each of them has then, and the epoch; nil when
  ///   `shouldStop` stopped it.
  func reassign(
    _ from: [Int], _ to: [Int], under map: RankedMap, shouldStop: () -> Bool
  ) -> (partners: [Int], epoch: Epoch)? {
    let blocks = (from.count + size - 1) / size
    return run(
      map, width: max(source.features, target.features), from: from, to: to,
      blocks: (0..<blocks).map { $0 * from.count / blocks..<($0 + 1) * from.count / blocks },
      shouldStop: shouldStop)
  }

  private func run(
    _ map: RankedMap, width: Int, from: [Int], to: [Int], blocks: [Range<Int>],
    shouldStop: () -> Bool
  ) -> (partners: [Int], epoch: Epoch)? {
    let (p, q) = (min(width, source.features), min(width, target.features))
    let (left, right) = (floats(map.left), map.right.map(floats))
    let group = BlockMatcher.groupSize
    let parts = Buffer(count: group * p * q, repeating: Float(0))
    let scores = Buffer(count: blocks.count, repeating: 0.0)
    let partners = Buffer(count: from.count, repeating: 0)
    var sums = [Double](repeating: 0, count: p * q)
    let (source, target, workers) = (source, target, Workers(workers))
    let (duals, isWarm, isHollow) = (duals.view, hasDuals, isHollow)
    let (parted, scored, partner) = (parts.view, scores.view, partners.view)
    let (leftView, rightView) = (left.view, right?.view)
    setDenseAlgebraThreads(1)
    for first in stride(from: 0, to: blocks.count, by: group) {
      if shouldStop() { return nil }
      let count = min(group, blocks.count - first)
      parallelFor(count: count, threads: workers.list.count) { worker, index in
        let rows = blocks[first + index]
        scored[first + index] = workers.list[worker].match(
          (source, from[rows], leftView, map.left.rows),
          (target, to[rows], rightView, map.right?.rows ?? map.rank), rank: map.rank, duals: duals,
          isWarm: isWarm, isHollow: isHollow, widths: (p, q),
          into: parted.window(index * p * q, p * q),
          partners: partner.window(rows.lowerBound, rows.count))
      }
      for index in 0..<count {
        for place in 0..<p * q { sums[place] += Double(parted[index * p * q + place]) }
      }
    }
    hasDuals = true
    let count = blocks.last?.upperBound ?? 0
    return withExtendedLifetime((left, right, parts, scores, partners)) {
      (
        partners.view.array,
        Epoch(
          crossCovariance: Matrix(rows: p, columns: q, elements: sums),
          score: scores.view.array.reduce(0, +) / Double(count), count: count)
      )
    }
  }
}

/// Lets workers into a parallel loop, each of which is used by one thread at a time.
private struct Workers: @unchecked Sendable {
  let list: [BlockWorker]
  init(_ list: [BlockWorker]) { self.list = list }
}
