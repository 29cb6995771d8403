import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Sums over all pairs of rows of two sets, for several orders of the first, tile by tile.
///
/// Each tile is the work of one thread and tiles are added up in order, so results do not depend on
/// the number of threads. Memory: a few tiles and their rows for each thread, and the sums of each
/// tile.
struct PairSweep: Sendable {
  /// A transformation of squared distances.
  enum Transform: Sendable {
    /// Their roots, less a constant.
    case distance(minus: Double)
    /// exp(−rate·square), less a constant.
    case gaussian(rate: Double, minus: Double)

    func apply(_ tile: BufferView<Double>) {
      switch self {
      case .distance(let constant):
        for index in 0..<tile.count { tile[index] = tile[index].squareRoot() - constant }
      case .gaussian(let rate, let constant):
        for index in 0..<tile.count { tile[index] = exp(-rate * tile[index]) - constant }
      }
    }
  }

  /// Sums of the transformed elements a, b over all ordered pairs of rows.
  struct Moments {
    /// Σ a·b for each order.
    let products: [Double]
    /// Σ a².
    let squareOfFirst: Double
    /// Σ b².
    let squareOfSecond: Double
    /// Σ a for each row of the first set, in its own order.
    let rowsOfFirst: [Double]
    /// Σ b for each row of the second set.
    let rowsOfSecond: [Double]
  }

  private let first: DistanceTiles
  private let second: DistanceTiles
  private let transforms: (Transform, Transform)
  private let threads: Int
  private let report: (@Sendable (_ done: Int, _ of: Int) -> Void)?

  init(
    _ first: DistanceTiles, _ ofFirst: Transform, _ second: DistanceTiles, _ ofSecond: Transform,
    threads: Int, progress report: (@Sendable (_ done: Int, _ of: Int) -> Void)? = nil
  ) {
    precondition(first.count == second.count, "different numbers of rows")
    self.first = first
    self.second = second
    transforms = (ofFirst, ofSecond)
    self.threads = max(1, threads)
    self.report = report
  }

  /// A tile of both sets for one order.
  private struct Tile {
    /// Its number.
    let index: Int
    let order: Int
    let rows: Range<Int>
    let columns: Range<Int>
    let a: BufferView<Double>
    let b: BufferView<Double>

    /// The number of elements of row `r` of the tile below the diagonal.
    func width(_ r: Int) -> Int {
      min(columns.count, max(0, rows.lowerBound + r - columns.lowerBound))
    }
  }

  private func forEachTile(_ orders: [[Int]], _ body: @Sendable (Tile) -> Void) {
    let places = DistanceTiles.places(first.count)
    let area = DistanceTiles.edge * DistanceTiles.edge
    let scratch = 2 * DistanceTiles.edge * max(first.values.columns, second.values.columns)
    let workers = max(1, min(threads, places.count))
    let memory = (0..<workers).map { _ in Buffer(count: 2 * area + scratch, repeating: 0.0) }
    let views = memory.map(\.view)
    let own = Array(0..<first.count)
    let progress = SweepProgress(total: places.count * orders.count, report)
    parallelFor(count: places.count, threads: workers) { worker, index in
      let (rows, columns) = places[index]
      let count = rows.count * columns.count
      let a = views[worker].window(0, count)
      let b = views[worker].window(area, count)
      let rest = views[worker].window(2 * area, scratch)
      second.fill(rows, columns, order: own, into: b, scratch: rest)
      transforms.1.apply(b)
      for (number, order) in orders.enumerated() {
        first.fill(rows, columns, order: order, into: a, scratch: rest)
        transforms.0.apply(a)
        body(Tile(index: index, order: number, rows: rows, columns: columns, a: a, b: b))
        progress.advance()
      }
    }
    withExtendedLifetime(memory) {}
  }

  /// Σ loss(a, b) over all ordered pairs of rows, those of a row with itself included, for each
  /// order.
  func losses(_ loss: Loss, orders: [[Int]]) -> [Double] {
    let tiles = DistanceTiles.places(first.count).count
    let partial = Buffer(count: tiles * orders.count, repeating: 0.0)
    let sums = partial.view
    let count = orders.count
    forEachTile(orders) { tile in
      var sum = CompensatedSum()
      for r in 0..<tile.rows.count {
        let from = r &* tile.columns.count
        var line = 0.0
        switch loss {
        case .squared:
          for c in from..<from &+ tile.width(r) {
            let difference = tile.a[c] - tile.b[c]
            line += difference * difference
          }
        case .innerProduct:
          for c in from..<from &+ tile.width(r) { line -= tile.a[c] * tile.b[c] }
        case .kullbackLeibler:
          for c in from..<from &+ tile.width(r) { line += loss(tile.a[c], tile.b[c]) }
        }
        sum.add(2 * line)
      }
      sums[tile.index &* count &+ tile.order] = sum.value
    }
    let diagonal = Double(first.count) * loss(0, 0)
    return withExtendedLifetime(partial) {
      orders.indices.map { order in
        var sum = CompensatedSum()
        for tile in 0..<tiles { sum.add(sums[tile * count + order]) }
        return sum.value + diagonal
      }
    }
  }

  /// The moments; `diagonal` is the transformed element of a row with itself, nil to leave those
  /// out.
  func moments(orders: [[Int]], diagonal: Double? = nil) -> Moments {
    let (tiles, count) = (DistanceTiles.places(first.count).count, orders.count)
    let edge = DistanceTiles.edge
    let partial = Buffer(count: tiles * (count + 2), repeating: 0.0)
    // Sums of rows of a and b, then of columns.
    let lines = Buffer(count: tiles * 4 * edge, repeating: 0.0)
    let (sums, line) = (partial.view, lines.view)
    forEachTile(orders) { tile in
      var (product, squareA, squareB) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
      let mine = line.window(tile.index &* 4 &* edge, 4 &* edge)
      for r in 0..<tile.rows.count {
        let (from, width) = (r &* tile.columns.count, tile.width(r))
        var (ab, aa, bb, a, b) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for c in 0..<width {
          let (x, y) = (tile.a[from &+ c], tile.b[from &+ c])
          ab += x * y
          if tile.order > 0 { continue }
          aa += x * x
          bb += y * y
          a += x
          b += y
          mine[2 &* edge &+ c] += x
          mine[3 &* edge &+ c] += y
        }
        product.add(2 * ab)
        squareA.add(2 * aa)
        squareB.add(2 * bb)
        if tile.order == 0 {
          mine[r] = a
          mine[edge &+ r] = b
        }
      }
      let base = tile.index &* (count &+ 2)
      sums[base &+ tile.order] = product.value
      if tile.order == 0 {
        sums[base &+ count] = squareA.value
        sums[base &+ count &+ 1] = squareB.value
      }
    }
    let n = first.count
    var totals = [CompensatedSum](repeating: CompensatedSum(), count: count + 2)
    var rows = [[CompensatedSum]](
      repeating: [CompensatedSum](repeating: CompensatedSum(), count: n), count: 2)
    for (tile, place) in DistanceTiles.places(n).enumerated() {
      for index in 0..<count + 2 { totals[index].add(sums[tile * (count + 2) + index]) }
      for side in 0..<2 {
        let start = (4 * tile + side) * edge
        for (r, row) in place.rows.enumerated() { rows[side][row].add(line[start + r]) }
        for (c, column) in place.columns.enumerated() {
          rows[side][column].add(line[start + 2 * edge + c])
        }
      }
    }
    withExtendedLifetime((partial, lines)) {}
    if let diagonal {
      for index in totals.indices { totals[index].add(Double(n) * diagonal * diagonal) }
      for side in 0..<2 {
        for row in 0..<n { rows[side][row].add(diagonal) }
      }
    }
    var ofFirst = [Double](repeating: 0, count: n)
    for (i, row) in orders[0].enumerated() { ofFirst[row] = rows[0][i].value }
    return Moments(
      products: (0..<count).map { totals[$0].value }, squareOfFirst: totals[count].value,
      squareOfSecond: totals[count + 1].value, rowsOfFirst: ofFirst,
      rowsOfSecond: rows[1].map(\.value))
  }
}
