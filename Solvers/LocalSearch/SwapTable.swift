import QAPPrimitives

/// An assignment together with the cost of each of its n(n−1)/2 swaps, kept up to date.
///
/// Carrying out a swap costs O(n²) in all, O(1) for every swap of the table, whether it
/// shares a facility with the one carried out or not. (Taillard 1991, eq. 2, does so only for
/// those that share none; the others take him O(n).) The trick is one more matrix, in the frame of
/// the facilities,
///
///     W[r,s] = linear[r,p(s)] + Σ_{k≠r, k≠s} pair(r,p(s), k,p(k))
///
/// the cost that `r` would have at the place of `s`, with everybody else where they are. Then
///
///     Δ(r,s) = W[r,s] + W[s,r] − W[r,r] − W[s,s] + pair(r,p(s), s,p(r)) + pair(r,p(r), s,p(s))
///
/// and swapping `u` and `v` changes W by a rank-one (symmetric) or rank-two matrix and swaps
/// two of its columns. One table belongs to one search: it is not safe to share.
final class SwapTable: @unchecked Sendable {
  // Unchecked because of the buffers: a table is used by one thread at a time.

  let problem: SwapProblem
  /// Facility → location.
  let places: Buffer<Int>
  /// The matrices below.
  let rows: SwapRows<Wide>
  /// The same in floats, which swaps then change in place of `rows`; nil where floats are too
  /// short.
  let narrow: SwapRows<Narrow>?
  /// Δ(r,s) at r·stride + s for r < s < n; +∞ elsewhere, twins included, so that scans need no
  /// bounds.
  var deltas: Buffer<Double> { rows.deltas }
  /// W above, n × stride, with zero padding.
  var leaders: Buffer<Double> { rows.leaders }
  /// E[r,s] = B[p(r),p(s)], n × stride, with zero padding; and its transpose when asymmetric.
  var permuted: Buffer<Double> { rows.permuted }
  let permutedTransposed: Buffer<Double>
  /// The diagonal of W, and scratch vectors.
  var diagonal: Buffer<Double> { rows.diagonal }
  var scratch: Buffer<Double> { rows.scratch }
  /// Tensors: the change of W by a swap, and the linear frame (see `SwapTable+Kernel`).
  let change: Buffer<Double>
  /// Sparse flows: the least delta of each row, and scratch for the facilities that a swap touches.
  let rowLeast: Buffer<Double>
  let touched: Buffer<Int>
  /// f without the constant. Exact for integral instances.
  private(set) var value = 0.0

  init(_ problem: SwapProblem) {
    let (n, width) = (problem.size, problem.stride)
    self.problem = problem
    places = Buffer(count: n, repeating: 0)
    rows = SwapRows(problem, flow: problem.flow, flowSum: problem.flowSum)
    narrow = problem.narrowFlow.map { SwapRows(problem, flow: $0.flow, flowSum: $0.sum) }
    permutedTransposed = Buffer(
      count: problem.form == .asymmetric ? n * width : 0, repeating: 0)
    change = Buffer(count: problem.hasMatrices ? 0 : n * n, repeating: 0)
    rowLeast = Buffer(count: problem.isSparse ? n : 0, repeating: .infinity)
    touched = Buffer(count: problem.isSparse ? n : 0, repeating: 0)
    for i in 0..<n { places.view[i] = i }
  }

  /// The assignment as an array: facility → location.
  var locations: [Int] { places.view.array }

  /// Moves to another assignment. False when `isStopped` said so on the way: then the table holds
  /// the assignment and nothing else of use.
  ///
  /// - Complexity: O(n³).
  @discardableResult
  func reset(to locations: [Int], unless isStopped: () -> Bool = { false }) -> Bool {
    places.view.copy(from: locations)
    return rebuild(unless: isStopped)
  }

  /// Computes everything from the assignment. Removes the rounding errors that updates leave on
  /// real data. False when `isStopped` said so on the way.
  ///
  /// - Complexity: O(n³).
  @discardableResult
  func rebuild(unless isStopped: () -> Bool = { false }) -> Bool {
    switch problem.form {
    case .symmetric, .asymmetric:
      guard rebuildFromMatrices(isStopped) else { return false }
      value = valueFromMatrices()
    case .table, .entries:
      rebuildFromTensor()
      value = problem.value(places.view)
    }
    let (n, width) = (problem.size, problem.stride)
    for r in 0..<n { diagonal.view[r] = leaders.view[r * width + r] }
    rebuildDeltas()
    narrow?.load(rows)
    return true
  }

  /// The change of the objective by a swap of `u` and `v`.
  @inline(__always)
  func delta(_ u: Int, _ v: Int) -> Double {
    let index = min(u, v) &* problem.stride &+ max(u, v)
    if let narrow { return Double(narrow.deltas.view[index]) }
    return rows.deltas.view[index]
  }

  /// Swaps the locations of `u` and `v` and updates every delta.
  ///
  /// - Complexity: O(n²); with sparse flows O(n) for each flow of the two.
  func swap(_ u: Int, _ v: Int) {
    value += delta(u, v)
    if let narrow { return narrow.swap(u, v, places.view) }
    switch problem.form {
    case .symmetric: if problem.isSparse { swapSparse(u, v) } else { rows.swap(u, v, places.view) }
    case .asymmetric: swapAsymmetric(u, v)
    case .table, .entries: swapTensor(u, v)
    }
  }

  /// Moves to the assignment of another table of the same problem.
  ///
  /// - Complexity: O(n²).
  func copy(from other: SwapTable) {
    value = other.value
    places.view.copy(from: other.places.view)
    if let narrow, let others = other.narrow { return narrow.copy(from: others) }
    rows.copy(from: other.rows)
    permutedTransposed.view.copy(from: other.permutedTransposed.view)
    rowLeast.view.copy(from: other.rowLeast.view)
  }

  /// The smallest delta and its swap, the first in the order of the facilities; +∞ without one.
  func smallestDelta() -> (u: Int, v: Int, delta: Double) {
    if let narrow {
      let (u, v, delta) = narrow.smallestDelta()
      return (u, v, Double(delta))
    }
    guard problem.isSparse else { return rows.smallestDelta() }
    let (width, d) = (problem.stride, deltas.view)
    let (row, value) = leastRow()
    guard value < .infinity else { return (0, 0, value) }
    var s = problem.groupEnd.view[row]
    while d[row &* width &+ s] != value { s &+= 1 }
    return (row, s, value)
  }
}
