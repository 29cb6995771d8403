import QAPPrimitives
import Synchronization

/// The frequencies of cosines in 100 equal bins from −1 to 1.
public struct CosineHistogram: Equatable, Sendable {
  /// The number of bins.
  public static let bins = 100
  /// The cosines in each bin; the last bin includes 1.
  public private(set) var counts = [Int](repeating: 0, count: bins)
  /// The sum of all cosines.
  private var sum = CompensatedSum()

  /// An empty histogram.
  public init() {}

  /// The number of cosines.
  public var count: Int { counts.reduce(0, +) }
  /// Their mean; nil when there are none.
  public var mean: Double? { count > 0 ? sum.value / Double(count) : nil }

  /// Adds a cosine; what rounding has carried beyond ±1 goes to the outermost bins.
  mutating func add(_ cosine: Double) {
    counts[Self.bin(cosine)] += 1
    sum.add(cosine)
  }

  private mutating func add(_ other: CosineHistogram) {
    for bin in counts.indices { counts[bin] += other.counts[bin] }
    sum.add(other.sum.value)
  }

  /// Edges are −1 + 2·i/100; a cosine on an edge belongs to the bin above.
  private static func bin(_ cosine: Double) -> Int {
    let step = 2 / Double(bins)
    var bin = min(bins - 1, max(0, Int((cosine + 1) / step)))
    if bin > 0, cosine < -1 + Double(bin) * step { bin -= 1 }
    if bin < bins - 1, cosine >= -1 + Double(bin + 1) * step { bin += 1 }
    return bin
  }

  /// The overlap of two histograms scaled to sum 1: Σ min, from 0 to 1; nil when one is empty.
  public func overlap(_ other: CosineHistogram) -> Double? {
    let (a, b) = (Double(count), Double(other.count))
    guard a > 0, b > 0 else { return nil }
    return zip(counts, other.counts).reduce(0) { $0 + min(Double($1.0) / a, Double($1.1) / b) }
  }

  public static func == (a: CosineHistogram, b: CosineHistogram) -> Bool {
    a.counts == b.counts && a.sum.value == b.sum.value
  }

  /// The cosines of all pairs of different rows of `x`, whose rows are normalized, by class: pairs
  /// of one class, and of two.
  ///
  /// - Complexity: O(rows² · features) time, a few rows of memory.
  public static func byClass(
    _ x: Embeddings, labels: [Int], threads: Int = 1
  ) -> (same: CosineHistogram, different: CosineHistogram) {
    precondition(labels.count == x.rows, "one label per row")
    let parts = blocks(x, x, kinds: 2, threads: threads) { row, column in
      column >= row ? nil : labels[row] == labels[column] ? 0 : 1
    }
    return (parts[0], parts[1])
  }

  /// The cosines of all rows of `x` with all rows of `y`, all normalized.
  public static func between(
    _ x: Embeddings, _ y: Embeddings, threads: Int = 1
  ) -> CosineHistogram {
    blocks(x, y, kinds: 1, threads: threads) { _, _ in 0 }[0]
  }

  /// The cosines of all pairs of different rows of `x`, which are normalized.
  public static func within(_ x: Embeddings, threads: Int = 1) -> CosineHistogram {
    blocks(x, x, kinds: 1, threads: threads) { row, column in column < row ? 0 : nil }[0]
  }

  /// Histograms of several kinds of pairs; those of blocks of rows are added in order.
  private static func blocks(
    _ x: Embeddings, _ y: Embeddings, kinds: Int, threads: Int,
    _ kind: @Sendable (Int, Int) -> Int?
  ) -> [CosineHistogram] {
    let height = 64
    let empty = [CosineHistogram](repeating: CosineHistogram(), count: kinds)
    let columns = y.rows
    let parts = Mutex(
      [[CosineHistogram]](repeating: empty, count: (x.rows + height - 1) / height))
    ScoreFactors(source: x.values, target: y.values).forEachBlock(
      height: height, threads: threads
    ) { rows, block in
      var part = empty
      for (offset, row) in rows.enumerated() {
        for column in 0..<columns {
          if let kind = kind(row, column) { part[kind].add(block[offset &* columns &+ column]) }
        }
      }
      parts.withLock { $0[rows.lowerBound / height] = part }
    }
    return parts.withLock { all in
      var sum = empty
      for part in all {
        for kind in 0..<kinds { sum[kind].add(part[kind]) }
      }
      return sum
    }
  }
}
