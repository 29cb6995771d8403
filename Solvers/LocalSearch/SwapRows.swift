import QAPPrimitives

/// The matrices of a `SwapTable` in the lanes L, n × stride each, and the swap of two facilities
/// with symmetric matrices.
final class SwapRows<L: SwapLanes>: @unchecked Sendable {
  // Unchecked because of the buffers: see `SwapTable`.

  typealias Scalar = L.Scalar

  private let size: Int
  private let stride: Int
  /// See `SwapProblem`.
  let flow, flowSum: Buffer<Scalar>
  private let groupStart, groupEnd: Buffer<Int>
  /// See `SwapTable`.
  let deltas, leaders, permuted, diagonal, scratch: Buffer<Scalar>

  init(_ problem: SwapProblem, flow: Buffer<Scalar>, flowSum: Buffer<Scalar>) {
    let (n, width) = (problem.size, problem.stride)
    (size, stride) = (n, width)
    (self.flow, self.flowSum) = (flow, flowSum)
    (groupStart, groupEnd) = (problem.groupStart, problem.groupEnd)
    deltas = Buffer(count: n * width, repeating: .infinity)
    leaders = Buffer(count: n * width, repeating: 0)
    permuted = Buffer(count: problem.hasMatrices ? n * width : 0, repeating: 0)
    diagonal = Buffer(count: width, repeating: 0)
    scratch = Buffer(count: 8 * width, repeating: 0)
  }

  /// Takes everything from the same matrices in other lanes, which must hold it exactly.
  func load(_ other: SwapRows<some SwapLanes>) {
    for (to, from) in zip(
      [deltas, leaders, permuted, diagonal],
      [other.deltas, other.leaders, other.permuted, other.diagonal])
    {
      for index in 0..<to.view.count { to.view[index] = Scalar(from.view[index]) }
    }
  }

  func copy(from other: SwapRows) {
    deltas.view.copy(from: other.deltas.view)
    leaders.view.copy(from: other.leaders.view)
    permuted.view.copy(from: other.permuted.view)
    diagonal.view.copy(from: other.diagonal.view)
  }

  /// The smallest delta and its swap, the first in the order of the facilities; +∞ without one.
  func smallestDelta() -> (u: Int, v: Int, delta: Scalar) {
    let d = deltas.view
    var least = L(repeating: .infinity)
    var index = 0
    while index < d.count {
      least = least.lesser(d.vector(index))
      index &+= L.count
    }
    let value = least.smallest
    guard value < .infinity else { return (0, 0, value) }
    index = 0
    while d[index] != value { index &+= 1 }
    return (index / stride, index % stride, value)
  }

  /// Swaps u and v in W, E and D (see `SwapTable+Kernel`), and their places in `p`.
  func swap(_ u: Int, _ v: Int, _ p: BufferView<Int>) {
    let (n, width) = (size, stride)
    let flow = flow.view
    let (w, d, e) = (leaders.view, deltas.view, permuted.view)
    let (diagonal, groupEnd) = (diagonal.view, groupEnd.view)
    let a = scratch.view.window(0, width)
    let x = scratch.view.window(width, width)
    let columnU = scratch.view.window(2 &* width, width)
    let columnV = scratch.view.window(3 &* width, width)
    let (rowU, rowV) = (u &* width, v &* width)
    let between = e[rowU &+ v]

    var s = 0
    while s < width {
      let (au, av): (L, L) = (flow.vector(rowU &+ s), flow.vector(rowV &+ s))
      let (eu, ev): (L, L) = (e.vector(rowU &+ s), e.vector(rowV &+ s))
      a.store(vector: au - av, s)
      x.store(vector: ev - eu, s)
      s &+= L.count
    }
    // Columns u and v move as a whole; the pair (u,v) is corrected apart.
    x[u] = 0
    x[v] = 0

    for r in 0..<n {
      let row = r &* width
      let (ar, xr) = (a[r], x[r])
      let (wu, wv) = (w[row &+ u], w[row &+ v])
      let (wideA, wideX) = (L(repeating: ar), L(repeating: xr))
      var s = 0
      // Left of the diagonal, and among interchangeable facilities, there are no deltas.
      let first = groupEnd[r] & ~(L.count &- 1)
      if ar == 0 {
        // Sparse flow: this row of W stays as it is.
        s = first
        while s < width {
          let (delta, change): (L, L) = (d.vector(row &+ s), x.vector(s))
          d.store(vector: delta - a.vector(s) * (change - wideX), row &+ s)
          s &+= L.count
        }
      } else {
        while s < first {
          let leader: L = w.vector(row &+ s)
          w.store(vector: leader + wideA * x.vector(s), row &+ s)
          s &+= L.count
        }
        while s < width {
          let (xs, leader, delta): (L, L, L) = (
            x.vector(s), w.vector(row &+ s), d.vector(row &+ s)
          )
          w.store(vector: leader + wideA * xs, row &+ s)
          d.store(vector: delta + (wideA - a.vector(s)) * (xs - wideX), row &+ s)
          s &+= L.count
        }
      }
      let newU = wv - ar * between
      let newV = wu + ar * between
      w[row &+ u] = newU
      w[row &+ v] = newV
      columnU[r] = newU
      columnV[r] = newV
      let (eu, ev) = (e[row &+ u], e[row &+ v])
      e[row &+ u] = ev
      e[row &+ v] = eu
    }
    swapRows(e, rowU, rowV)

    s = 0
    while s < width {
      let own: L = diagonal.vector(s)
      diagonal.store(vector: own + a.vector(s) * x.vector(s), s)
      s &+= L.count
    }
    // `a` and `x` are free again.
    completeSwap(u, v, p, columns: (columnU, columnV), deltas: (a, x))
    write(a, u)
    write(x, v)
  }

  /// Lets u and v change places once their rows of W and of the permuted distances are up to date,
  /// and writes the table's rows u and v, from their columns of W, to `deltas`.
  @inline(__always)
  func completeSwap(
    _ u: Int, _ v: Int, _ p: BufferView<Int>,
    columns: (BufferView<Scalar>, BufferView<Scalar>),
    deltas: (BufferView<Scalar>, BufferView<Scalar>)
  ) {
    let width = stride
    let (w, e, diagonal, flowSum) = (leaders.view, permuted.view, diagonal.view, flowSum.view)
    let (rowU, rowV) = (u &* width, v &* width)
    diagonal[u] = w[rowU &+ u]
    diagonal[v] = w[rowV &+ v]
    let atU = p[u]
    p[u] = p[v]
    p[v] = atU

    let (ownU, ownV) = (L(repeating: diagonal[u]), L(repeating: diagonal[v]))
    var s = 0
    while s < width {
      let shared: L = diagonal.vector(s)
      let meetU: L = flowSum.vector(rowU &+ s) * e.vector(rowU &+ s)
      let meetV: L = flowSum.vector(rowV &+ s) * e.vector(rowV &+ s)
      let sumU: L = w.vector(rowU &+ s) + columns.0.vector(s)
      let sumV: L = w.vector(rowV &+ s) + columns.1.vector(s)
      deltas.0.store(vector: sumU - shared - ownU + meetU, s)
      deltas.1.store(vector: sumV - shared - ownV + meetV, s)
      s &+= L.count
    }
  }

  /// Swaps two rows of a padded matrix.
  @inline(__always)
  func swapRows(_ e: BufferView<Scalar>, _ rowU: Int, _ rowV: Int) {
    var s = 0
    while s < stride {
      let (eu, ev): (L, L) = (e.vector(rowU &+ s), e.vector(rowV &+ s))
      e.store(vector: ev, rowU &+ s)
      e.store(vector: eu, rowV &+ s)
      s &+= L.count
    }
  }

  /// Writes Δ(u,·) into the upper triangle, interchangeable pairs left out.
  @inline(__always)
  func write(_ row: BufferView<Scalar>, _ u: Int) {
    let (n, width, d) = (size, stride, deltas.view)
    let (start, end) = (groupStart.view[u], groupEnd.view[u])
    var s = 0
    while s < start {
      d[s &* width &+ u] = row[s]
      s &+= 1
    }
    s = end
    while s < n {
      d[u &* width &+ s] = row[s]
      s &+= 1
    }
  }
}
