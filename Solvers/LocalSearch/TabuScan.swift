import QAPPrimitives

/// Which swaps of a table are tabu, in iterations since a round began, and the best of those that
/// are not.
final class TabuScan<L: SwapLanes>: @unchecked Sendable {
  // Unchecked because of the buffers: used by one walk.

  typealias Scalar = L.Scalar

  private let problem: SwapProblem
  private let places: BufferView<Int>
  private let rows: SwapRows<L>
  /// A facility of group g may not return to location j before until[g·n + j].
  let until: Buffer<Scalar>
  /// The group of each facility, times n: where its row of `until` begins.
  let untilRow: Buffer<Int>
  /// The earlier of the two facilities' entries for a swap, laid out like the deltas, +∞
  /// outside the upper triangle. Empty with sparse flows, where they are looked up.
  private let closed: Buffer<Scalar>
  /// The smallest allowed delta of each row of the table.
  let rowSmallest: Buffer<Scalar>

  /// For a table, whose matrices in the lanes L are `rows`.
  init(_ table: SwapTable, _ rows: SwapRows<L>) {
    problem = table.problem
    places = table.places.view
    self.rows = rows
    let (n, width) = (problem.size, problem.stride)
    until = Buffer(count: n * n, repeating: 0)
    untilRow = Buffer(count: n, repeating: 0)
    untilRow.view.copy(from: problem.grouping.group.map { $0 * n })
    closed = Buffer(count: problem.isSparse ? 0 : n * width, repeating: .infinity)
    rowSmallest = Buffer(count: n, repeating: .infinity)
  }

  /// Allows everything.
  func clear() {
    until.view.fill(0)
    guard !problem.isSparse else { return }
    let (n, width, c, groupEnd) = (problem.size, problem.stride, closed.view, problem.groupEnd.view)
    for r in 0..<n {
      for s in groupEnd[r]..<n { c[r &* width &+ s] = 0 }
    }
  }

  /// Facility `u` may not return to location `place` before `moment`.
  @inline(__always)
  func close(_ u: Int, _ place: Int, until moment: Double) {
    until.view[untilRow.view[u] &+ place] = Scalar(moment)
  }

  /// Rewrites the tabu state of all swaps of facility `u`.
  @inline(__always)
  func update(_ u: Int) {
    let (n, width) = (problem.size, problem.stride)
    let (t, c, p, rows) = (until.view, closed.view, places, untilRow.view)
    let (row, place) = (rows[u], p[u])
    let (start, end) = (problem.groupStart.view[u], problem.groupEnd.view[u])
    var s = 0
    while s < start {
      let (x, y) = (t[row &+ p[s]], t[rows[s] &+ place])
      c[s &* width &+ u] = x < y ? x : y
      s &+= 1
    }
    s = end
    while s < n {
      let (x, y) = (t[row &+ p[s]], t[rows[s] &+ place])
      c[u &* width &+ s] = x < y ? x : y
      s &+= 1
    }
  }

  /// The smallest delta, the first moment until which a swap is tabu, and the smallest delta that
  /// is allowed at `now`.
  func smallest(at now: Double) -> (delta: Double, moment: Double, allowed: Double) {
    let (n, width) = (problem.size, problem.stride)
    let (d, c, smallest) = (rows.deltas.view, closed.view, rowSmallest.view)
    let groupEnd = problem.groupEnd.view
    let limit = Scalar(now)
    var least = L(repeating: .infinity)
    var oldest = least
    var allowed = Scalar.infinity
    for r in 0..<(n &- 1) {
      let row = r &* width
      var mine = L(repeating: .infinity)
      var s = groupEnd[r] & ~(L.count &- 1)
      while s < width {
        let (delta, close): (L, L) = (d.vector(row &+ s), c.vector(row &+ s))
        least = least.lesser(delta)
        oldest = oldest.lesser(close)
        mine = mine.lesser(delta.open(close, atMost: limit))
        s &+= L.count
      }
      let best = mine.smallest
      smallest[r] = best
      allowed = best < allowed ? best : allowed
    }
    return (Double(least.smallest), Double(oldest.smallest), Double(allowed))
  }

  /// The first swap of delta `value`.
  func swap(of value: Double) -> (Int, Int) {
    let (n, width, value) = (problem.size, problem.stride, Scalar(value))
    let (d, ends) = (rows.deltas.view, problem.groupEnd.view)
    for r in 0..<n {
      for s in ends[r]..<n where d[r &* width &+ s] == value { return (r, s) }
    }
    return (0, n - 1)
  }

  /// The best of the swaps whose tabu state ended before `moment`.
  func forcedSwap(before moment: Double) -> (Int, Int) {
    let (n, width, moment) = (problem.size, problem.stride, Scalar(moment))
    let (d, c, ends) = (rows.deltas.view, closed.view, problem.groupEnd.view)
    var result = (0, n - 1)
    var best = Scalar.infinity
    for r in 0..<n {
      for s in ends[r]..<n {
        let index = r &* width &+ s
        if c[index] < moment, d[index] < best {
          best = d[index]
          result = (r, s)
        }
      }
    }
    return result
  }

  /// One of the swaps of delta `value` allowed at `now`, the smallest: a random row that has one,
  /// then a random one of that row.
  @inline(__always)
  func allowedSwap(
    of value: Double, at now: Double, using generator: inout SeededGenerator
  ) -> (Int, Int) {
    let (n, width) = (problem.size, problem.stride)
    let (value, now) = (Scalar(value), Scalar(now))
    let (d, c, smallest) = (rows.deltas.view, closed.view, rowSmallest.view)
    var ties = 0
    var r = 0
    for row in 0..<(n &- 1) where smallest[row] == value {
      ties &+= 1
      if ties == 1 || generator.below(ties) == 0 { r = row }
    }
    ties = 0
    var choice = problem.groupEnd.view[r]
    for s in choice..<n {
      let index = r &* width &+ s
      if d[index] == value && c[index] <= now {
        ties &+= 1
        if ties == 1 || generator.below(ties) == 0 { choice = s }
      }
    }
    return (r, choice)
  }
}
