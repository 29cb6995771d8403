import QAPDenseAlgebra
import QAPPrimitives
import Synchronization

/// Rows whose squared distances are computed tile by tile, the n × n matrix of them never being
/// stored.
struct DistanceTiles: Sendable {
  /// The rows and columns of a tile.
  static let edge = 256

  let values: Matrix<Double>
  private let squares: [Double]

  init(_ values: Matrix<Double>) {
    self.values = values
    squares = (0..<values.rows).map { values.row($0).reduce(0) { $0 + $1 * $1 } }
  }

  /// The number of rows.
  var count: Int { values.rows }

  /// Writes the squared distances of the rows `order[rows]` to the rows `order[columns]`,
  /// row-major, into `out`; `scratch` holds 2·edge rows. Rows of equal contents have distance zero.
  func fill(
    _ rows: Range<Int>, _ columns: Range<Int>, order: [Int], into out: BufferView<Double>,
    scratch: BufferView<Double>
  ) {
    let features = values.columns
    let (height, width) = (rows.count, columns.count)
    func gather(_ range: Range<Int>, _ start: Int) -> MatrixView {
      let window = scratch.window(start, range.count * features)
      values.withView { values in
        for (offset, place) in range.enumerated() {
          window.window(offset * features, features)
            .copy(from: values.window(order[place] * features, features))
        }
      }
      return MatrixView(window, rows: range.count, columns: features)
    }
    let a = gather(rows, 0)
    let b = gather(columns, Self.edge * features)
    gemm(
      -2, a, .plain, b, .transposed,
      into: MatrixView(out.window(0, height * width), rows: height, columns: width))
    for r in 0..<height {
      let square = squares[order[rows.lowerBound + r]]
      for c in 0..<width {
        let sum = square + squares[order[columns.lowerBound &+ c]]
        var value = sum + out[r &* width &+ c]
        // As in `Kernel.distances`: by differences where the products cancel.
        if !(value > 1e-3 * sum) {
          value = 0
          for index in 0..<features {
            let difference = a.elements[r &* features &+ index] - b.elements[c &* features &+ index]
            value += difference * difference
          }
        }
        out[r &* width &+ c] = value
      }
    }
  }

  /// The tiles (rows, columns) on and below the diagonal.
  static func places(_ n: Int) -> [(rows: Range<Int>, columns: Range<Int>)] {
    let tiles = (n + edge - 1) / edge
    return (0..<tiles).flatMap { r in
      (0...r).map { c in
        (r * edge..<min(n, (r + 1) * edge), c * edge..<min(n, (c + 1) * edge))
      }
    }
  }

  /// Calls `body` with every tile of squared distances on or below the diagonal, in parallel;
  /// `worker` tells concurrent calls apart.
  func forEach(
    threads: Int, progress: SweepProgress? = nil,
    _ body: @Sendable (_ worker: Int, Range<Int>, Range<Int>, BufferView<Double>) -> Void
  ) {
    let places = Self.places(count)
    let workers = max(1, min(threads, places.count))
    let tile = Self.edge * Self.edge
    let memory = (0..<workers).map { _ in
      Buffer(count: tile + 2 * Self.edge * values.columns, repeating: 0.0)
    }
    let views = memory.map(\.view)
    let order = Array(0..<count)
    setDenseAlgebraThreads(1)
    parallelFor(count: places.count, threads: workers) { worker, index in
      let (rows, columns) = places[index]
      let view = views[worker]
      fill(
        rows, columns, order: order, into: view,
        scratch: view.window(tile, 2 * Self.edge * values.columns))
      body(worker, rows, columns, view)
      progress?.advance()
    }
    withExtendedLifetime(memory) {}
  }

  /// True when two rows have distance zero.
  func hasEqualRows(threads: Int) -> Bool {
    let found = Atomic(false)
    forEach(threads: threads) { _, rows, columns, tile in
      for (r, row) in rows.enumerated() {
        let end = min(columns.count, max(0, row - columns.lowerBound))
        for c in 0..<end where tile[r &* columns.count &+ c] == 0 {
          found.store(true, ordering: .relaxed)
        }
      }
    }
    return found.load(ordering: .relaxed)
  }

  /// The lower median of the squared distances that are not zero; nil when all are.
  ///
  /// Three passes over all distances: two count them by the leading 32 bits of their patterns,
  /// which are ordered as positive numbers are, and the third collects the few that share them with
  /// the median.
  ///
  /// - Complexity: O(n + 2¹⁶) memory.
  func lowerMedian(
    threads: Int, progress report: (@Sendable (_ done: Int, _ of: Int) -> Void)? = nil
  ) -> Double? {
    let progress = SweepProgress(total: 3 * Self.places(count).count, report)
    var (prefix, mask) = (UInt64(0), UInt64(0))
    var rank: Int?
    for shift in [UInt64(48), 32] {
      let histograms = (0..<max(1, threads)).map { _ in Buffer(count: 1 << 16, repeating: 0) }
      let views = histograms.map(\.view)
      let (wanted, known) = (prefix, mask)
      forEach(threads: threads, progress: progress) { worker, rows, columns, tile in
        let histogram = views[worker]
        for (r, row) in rows.enumerated() {
          let end = min(columns.count, max(0, row - columns.lowerBound))
          for c in 0..<end {
            let bits = tile[r &* columns.count &+ c].bitPattern
            if bits == 0 || bits & known != wanted { continue }
            let digit = Int(truncatingIfNeeded: bits &>> shift & 0xFFFF)
            histogram[digit] = histogram[digit] &+ 1
          }
        }
      }
      var counts = [Int](repeating: 0, count: 1 << 16)
      for view in views {
        for digit in 0..<counts.count { counts[digit] += view[digit] }
      }
      withExtendedLifetime(histograms) {}
      let total = counts.reduce(0, +)
      guard total > 0 else { return nil }
      var left = rank ?? (total - 1) / 2
      var digit = 0
      while left >= counts[digit] {
        left -= counts[digit]
        digit += 1
      }
      rank = left
      prefix |= UInt64(digit) << shift
      mask |= 0xFFFF << shift
    }
    let lists = Self.places(count).map { _ in Found() }
    let (wanted, known) = (prefix, mask)
    forEach(threads: threads, progress: progress) { _, rows, columns, tile in
      var list: [Double] = []
      for (r, row) in rows.enumerated() {
        let end = min(columns.count, max(0, row - columns.lowerBound))
        for c in 0..<end {
          let value = tile[r &* columns.count &+ c]
          if value.bitPattern != 0, value.bitPattern & known == wanted { list.append(value) }
        }
      }
      let r = rows.lowerBound / Self.edge
      lists[r * (r + 1) / 2 + columns.lowerBound / Self.edge].values = list
    }
    let all = lists.flatMap(\.values).sorted()
    return all[rank ?? 0]
  }

  /// The result of one tile; each is written by one thread.
  private final class Found: @unchecked Sendable {
    var values: [Double] = []
  }
}
