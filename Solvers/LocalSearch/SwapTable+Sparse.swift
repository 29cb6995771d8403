import QAPPrimitives

// Swaps with sparse flows. A swap of u and v changes the row W[r,·], and the deltas of r, only
// where a[r] = A[r,u] − A[r,v] is not zero: as many rows and columns as the two degrees add up to.
// Beside that it takes O(n) (G. Paul, "An efficient implementation of the robust tabu search
// heuristic for sparse quadratic assignment problems", EJOR 209, 2011, does so with a list of
// deltas by value). The least delta of each row is kept, and the best swap found by rows.
extension SwapTable {
  /// As `SwapRows.swap`.
  ///
  /// - Complexity: O(n · (degree of u + degree of v)).
  func swapSparse(_ u: Int, _ v: Int) {
    let (n, width) = (problem.size, problem.stride)
    let (w, d, e) = (leaders.view, deltas.view, permuted.view)
    let (diagonal, groupEnd) = (diagonal.view, problem.groupEnd.view)
    let a = scratch.view.window(0, width)
    let x = scratch.view.window(width, width)
    let columnU = scratch.view.window(2 &* width, width)
    let columnV = scratch.view.window(3 &* width, width)
    let newU = scratch.view.window(4 &* width, width)
    let newV = scratch.view.window(5 &* width, width)
    let (rowU, rowV) = (u &* width, v &* width)
    let between = e[rowU &+ v]
    let list = touched.view
    let count = gatherDifferences(u, v, into: a)

    var s = 0
    while s < width {
      x.store(e.wide(rowV &+ s) - e.wide(rowU &+ s), s)
      s &+= 8
    }
    x[u] = 0
    x[v] = 0
    for index in 0..<count {
      let r = list[index]
      let (row, factor) = (r &* width, Wide(repeating: a[r]))
      s = 0
      while s < width {
        w.store(w.wide(row &+ s) + factor * x.wide(s), row &+ s)
        s &+= 8
      }
      diagonal[r] += a[r] * x[r]
    }
    for r in 0..<n {
      let row = r &* width
      let (wu, wv) = (w[row &+ u], w[row &+ v])
      columnU[r] = wv - a[r] * between
      columnV[r] = wu + a[r] * between
      w[row &+ u] = columnU[r]
      w[row &+ v] = columnV[r]
      let (eu, ev) = (e[row &+ u], e[row &+ v])
      e[row &+ u] = ev
      e[row &+ v] = eu
    }
    rows.swapRows(e, rowU, rowV)
    rows.completeSwap(u, v, places.view, columns: (columnU, columnV), deltas: (newU, newV))

    let least = rowLeast.view
    var begin = 0
    for r in 0..<n {
      let first = groupEnd[r]
      if first >= n { break }
      let row = r &* width
      while begin < count, list[begin] < first { begin &+= 1 }
      if r == u || r == v {
        let values = r == u ? newU : newV
        for s in first..<n { d[row &+ s] = values[s] }
        refreshLeast(r)
        continue
      }
      let (ar, xr) = (a[r], x[r])
      if ar != 0 {
        let (wideA, wideX) = (Wide(repeating: ar), Wide(repeating: xr))
        s = first & ~7
        while s < width {
          d.store(d.wide(row &+ s) + (wideA - a.wide(s)) * (x.wide(s) - wideX), row &+ s)
          s &+= 8
        }
        if u >= first { d[row &+ u] = newU[r] }
        if v >= first { d[row &+ v] = newV[r] }
        refreshLeast(r)
        continue
      }
      let before = least[r]
      var fresh = Double.infinity
      var isLost = false
      for index in begin..<count {
        let s = list[index]
        if s == u || s == v { continue }
        let old = d[row &+ s]
        let new = old - a[s] * (x[s] - xr)
        d[row &+ s] = new
        if old == before { isLost = true }
        if new < fresh { fresh = new }
      }
      if u >= first {
        if d[row &+ u] == before { isLost = true }
        d[row &+ u] = newU[r]
        if newU[r] < fresh { fresh = newU[r] }
      }
      if v >= first {
        if d[row &+ v] == before { isLost = true }
        d[row &+ v] = newV[r]
        if newV[r] < fresh { fresh = newV[r] }
      }
      if fresh <= before { least[r] = fresh } else if isLost { refreshLeast(r) }
    }
    for index in 0..<count { a[list[index]] = 0 }
  }

  /// Writes A[u,s] − A[v,s] to `a` where it is not zero, and these s in their order to `touched`;
  /// returns their number.
  private func gatherDifferences(_ u: Int, _ v: Int, into a: BufferView<Double>) -> Int {
    let (starts, ends, flow) = (
      problem.neighborStart.view, problem.neighbors.view, problem.flow.view
    )
    let (rowU, rowV) = (u &* problem.stride, v &* problem.stride)
    let list = touched.view
    var count = 0
    var (i, j) = (starts[u], starts[v])
    let (iEnd, jEnd) = (starts[u &+ 1], starts[v &+ 1])
    while i < iEnd || j < jEnd {
      let (x, y) = (i < iEnd ? ends[i] : Int.max, j < jEnd ? ends[j] : Int.max)
      let s = min(x, y)
      if x == s { i &+= 1 }
      if y == s { j &+= 1 }
      let value = flow[rowU &+ s] - flow[rowV &+ s]
      guard value != 0 else { continue }
      a[s] = value
      list[count] = s
      count &+= 1
    }
    return count
  }

  /// Finds the least delta of a row.
  func refreshLeast(_ r: Int) {
    let (width, d) = (problem.stride, deltas.view)
    let row = r &* width
    var least = Wide(repeating: .infinity)
    var s = problem.groupEnd.view[r] & ~7
    while s < width {
      least = lanewiseMinimum(least, d.wide(row &+ s))
      s &+= 8
    }
    rowLeast.view[r] = least.smallest
  }

  /// The least delta, and the first row that has it.
  func leastRow() -> (row: Int, delta: Double) {
    let (n, least) = (problem.size, rowLeast.view)
    var (row, value) = (0, Double.infinity)
    for r in 0..<n where least[r] < value { (row, value) = (r, least[r]) }
    return (row, value)
  }
}
