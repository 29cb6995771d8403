import QAPPrimitives

// The inner loops of `SwapTable`; those for symmetric matrices are in `SwapRows`. Paper symbols:
// A flow, E the distances as the facilities see them (E[r,s] = B[p(r),p(s)]), W the leaders, D the
// deltas.
//
// Swapping u and v changes W[r,s] for s ∉ {u,v} by h[r,s], and swaps columns u and v up to a
// correction for the pair (u,v) itself:
//
//     symmetric    h[r,s] = a[r]·e[s]               a[i] = A[i,u] − A[i,v], e[i] = E[i,v] − E[i,u]
//     asymmetric   h[r,s] = a[r]·e[s] + a′[r]·e′[s]  with the rows in place of the columns
//     tensor       h[r,s] = Σ over the four moves of u and v, from the table
//
// A delta that involves neither u nor v changes by h[r,s] + h[s,r] − h[r,r] − h[s,s], which for
// products is (a[r] − a[s])·(e[s] − e[r]). Rows u and v are then written anew from W.
extension SwapTable {
  /// W and E from the assignment; false when `isStopped` said so on the way.
  func rebuildFromMatrices(_ isStopped: () -> Bool) -> Bool {
    let (n, width) = (problem.size, problem.stride)
    let (p, b, w, e) = (places.view, problem.distance.view, leaders.view, permuted.view)
    for r in 0..<n {
      for s in 0..<n { e[r * width + s] = b[p[r] * n + p[s]] }
    }
    if problem.form == .asymmetric {
      let et = permutedTransposed.view
      for r in 0..<n {
        for s in 0..<n { et[s * width + r] = e[r * width + s] }
      }
    }
    let linear = problem.linear.view
    for r in 0..<n {
      for s in 0..<n { w[r * width + s] = linear[r * n + p[s]] }
    }
    // W[r,·] += Σ_k A[r,k]·E[k,·] (E symmetric), or Σ_k A[r,k]·E[·,k] + A[k,r]·E[k,·]. The
    // diagonals of A and E are zero, so k = r and k = s add nothing.
    let a = problem.flow.view
    if problem.form == .symmetric {
      return SwapTable.accumulate(a, e, into: w, n, width, isStopped)
    }
    let et = permutedTransposed.view
    return SwapTable.accumulate(a, et, into: w, n, width, isStopped)
      && SwapTable.accumulate(problem.flowTransposed.view, e, into: w, n, width, isStopped)
  }

  /// f without the constant, from A and E. Exact when the instance is integral.
  ///
  /// - Complexity: O(n²).
  func valueFromMatrices() -> Double {
    let (n, width) = (problem.size, problem.stride)
    let (a, e, p, linear) = (problem.flow.view, permuted.view, places.view, problem.linear.view)
    var sum = CompensatedSum()
    for r in 0..<n { sum.add(linear[r &* n &+ p[r]]) }
    if problem.form == .symmetric {
      for r in 0..<n {
        for s in 0..<r { sum.add(a[r &* width &+ s] * e[r &* width &+ s]) }
      }
    } else {
      for r in 0..<n {
        for s in 0..<n { sum.add(a[r &* width &+ s] * e[r &* width &+ s]) }
      }
    }
    return sum.value
  }

  /// Every delta from W.
  ///
  /// - Complexity: O(n²).
  func rebuildDeltas() {
    let (n, width, form) = (problem.size, problem.stride, problem.form)
    let (w, d, p, own) = (leaders.view, deltas.view, places.view, diagonal.view)
    let (groupEnd, flowSum) = (problem.groupEnd.view, problem.flowSum.view)
    let (e, et) = (permuted.view, permutedTransposed.view)
    for r in 0..<n {
      for s in groupEnd[r]..<n {
        let index = r &* width &+ s
        // pair(r,p(s), s,p(r)) + pair(r,p(r), s,p(s)).
        let meet: Double
        switch form {
        case .symmetric: meet = flowSum[index] * e[index]
        case .asymmetric: meet = flowSum[index] * (e[index] + et[index])
        case .table, .entries: meet = pairCost(r, p[s], s, p[r]) + pairCost(r, p[r], s, p[s])
        }
        d[index] = w[index] + w[s &* width &+ r] - own[r] - own[s] + meet
      }
      if problem.isSparse { refreshLeast(r) }
    }
  }

  /// W += A·E. Four rows of W at a time, so that E passes through the cache a quarter as often.
  /// False when `isStopped` said so on the way.
  private static func accumulate(
    _ a: BufferView<Double>, _ e: BufferView<Double>, into w: BufferView<Double>, _ n: Int,
    _ width: Int, _ isStopped: () -> Bool
  ) -> Bool {
    // A tile of E stays in the cache while all rows of W go by; every element still gets its terms
    // in the order of k.
    var k = 0
    while k < n {
      if n > 1000, isStopped() { return false }
      let kEnd = min(n, k &+ 64)
      var s = 0
      while s < width {
        let sEnd = min(width, s &+ 512)
        accumulateTile(a, e, into: w, n, width, k, kEnd, s, sEnd)
        s = sEnd
      }
      k = kEnd
    }
    return true
  }

  /// W[·,s] += Σ_k A[·,k]·E[k,s] for the given ranges of k and s.
  private static func accumulateTile(
    _ a: BufferView<Double>, _ e: BufferView<Double>, into w: BufferView<Double>, _ n: Int,
    _ width: Int, _ kStart: Int, _ kEnd: Int, _ sStart: Int, _ sEnd: Int
  ) {
    var r = 0
    while r &+ 4 <= n {
      let (r0, r1, r2, r3) = (
        r &* width, (r &+ 1) &* width, (r &+ 2) &* width, (r &+ 3) &* width
      )
      var k = kStart
      while k < kEnd {
        let (x0, x1, x2, x3) = (a[r0 &+ k], a[r1 &+ k], a[r2 &+ k], a[r3 &+ k])
        let row = k &* width
        k &+= 1
        if x0 == 0, x1 == 0, x2 == 0, x3 == 0 { continue }
        let (y0, y1) = (Wide(repeating: x0), Wide(repeating: x1))
        let (y2, y3) = (Wide(repeating: x2), Wide(repeating: x3))
        var s = sStart
        while s < sEnd {
          let z = e.wide(row &+ s)
          w.store(w.wide(r0 &+ s) + y0 * z, r0 &+ s)
          w.store(w.wide(r1 &+ s) + y1 * z, r1 &+ s)
          w.store(w.wide(r2 &+ s) + y2 * z, r2 &+ s)
          w.store(w.wide(r3 &+ s) + y3 * z, r3 &+ s)
          s &+= 8
        }
      }
      r &+= 4
    }
    while r < n {
      for k in kStart..<kEnd {
        let factor = Wide(repeating: a[r &* width &+ k])
        var s = sStart
        while s < sEnd {
          w.store(w.wide(r &* width &+ s) + factor * e.wide(k &* width &+ s), r &* width &+ s)
          s &+= 8
        }
      }
      r &+= 1
    }
  }

  func swapAsymmetric(_ u: Int, _ v: Int) {
    let (n, width) = (problem.size, problem.stride)
    let (flow, flowT) = (problem.flow.view, problem.flowTransposed.view)
    let flowSum = problem.flowSum.view
    let (w, d, p) = (leaders.view, deltas.view, places.view)
    let (e, et) = (permuted.view, permutedTransposed.view)
    let (diagonal, groupEnd) = (diagonal.view, problem.groupEnd.view)
    let a = scratch.view.window(0, width)
    let x = scratch.view.window(width, width)
    let columnU = scratch.view.window(2 &* width, width)
    let columnV = scratch.view.window(3 &* width, width)
    let b = scratch.view.window(4 &* width, width)
    let y = scratch.view.window(5 &* width, width)
    let (rowU, rowV) = (u &* width, v &* width)
    let (uv, vu) = (e[rowU &+ v], e[rowV &+ u])

    var s = 0
    while s < width {
      a.store(flowT.wide(rowU &+ s) - flowT.wide(rowV &+ s), s)
      x.store(et.wide(rowV &+ s) - et.wide(rowU &+ s), s)
      b.store(flow.wide(rowU &+ s) - flow.wide(rowV &+ s), s)
      y.store(e.wide(rowV &+ s) - e.wide(rowU &+ s), s)
      s &+= 8
    }
    x[u] = 0
    x[v] = 0
    y[u] = 0
    y[v] = 0

    for r in 0..<n {
      let row = r &* width
      let (ar, br) = (a[r], b[r])
      let (wu, wv) = (w[row &+ u], w[row &+ v])
      let (wideA, wideX) = (Wide(repeating: ar), Wide(repeating: x[r]))
      let (wideB, wideY) = (Wide(repeating: br), Wide(repeating: y[r]))
      var s = 0
      let first = groupEnd[r] & ~7
      while s < first {
        w.store(w.wide(row &+ s) + wideA * x.wide(s) + wideB * y.wide(s), row &+ s)
        s &+= 8
      }
      while s < width {
        let (xs, ys) = (x.wide(s), y.wide(s))
        w.store(w.wide(row &+ s) + wideA * xs + wideB * ys, row &+ s)
        let meet = (wideA - a.wide(s)) * (xs - wideX) + (wideB - b.wide(s)) * (ys - wideY)
        d.store(d.wide(row &+ s) + meet, row &+ s)
        s &+= 8
      }
      let newU = wv - ar * vu - br * uv
      let newV = wu + ar * uv + br * vu
      w[row &+ u] = newU
      w[row &+ v] = newV
      columnU[r] = newU
      columnV[r] = newV
      let (eu, ev) = (e[row &+ u], e[row &+ v])
      e[row &+ u] = ev
      e[row &+ v] = eu
      let (tu, tv) = (et[row &+ u], et[row &+ v])
      et[row &+ u] = tv
      et[row &+ v] = tu
    }
    rows.swapRows(e, rowU, rowV)
    rows.swapRows(et, rowU, rowV)

    s = 0
    while s < width {
      diagonal.store(diagonal.wide(s) + a.wide(s) * x.wide(s) + b.wide(s) * y.wide(s), s)
      s &+= 8
    }
    diagonal[u] = w[rowU &+ u]
    diagonal[v] = w[rowV &+ v]
    let atU = p[u]
    p[u] = p[v]
    p[v] = atU

    let (ownU, ownV) = (Wide(repeating: diagonal[u]), Wide(repeating: diagonal[v]))
    s = 0
    while s < width {
      let shared = diagonal.wide(s)
      let meetU = flowSum.wide(rowU &+ s) * (e.wide(rowU &+ s) + et.wide(rowU &+ s))
      let meetV = flowSum.wide(rowV &+ s) * (e.wide(rowV &+ s) + et.wide(rowV &+ s))
      a.store(w.wide(rowU &+ s) + columnU.wide(s) - shared - ownU + meetU, s)
      x.store(w.wide(rowV &+ s) + columnV.wide(s) - shared - ownV + meetV, s)
      s &+= 8
    }
    rows.write(a, u)
    rows.write(x, v)
  }

  func rebuildFromTensor() {
    let (n, width) = (problem.size, problem.stride)
    let (p, w, linear) = (places.view, leaders.view, problem.linear.view)
    for r in 0..<n {
      for s in 0..<n {
        var sum = linear[r * n + p[s]]
        for k in 0..<n { sum += pairCost(k, p[k], r, p[s]) }
        w[r * width + s] = sum
      }
    }
  }

  /// One pair's cost, zero where no assignment has both.
  @inline(__always)
  private func pairCost(_ k: Int, _ l: Int, _ r: Int, _ j: Int) -> Double {
    if problem.form == .table {
      let n = problem.size
      return problem.table.view[((k &* n &+ l) &* n &+ r) &* n &+ j]
    }
    return problem.pair(k, l, r, j)
  }

  func swapTensor(_ u: Int, _ v: Int) {
    let (n, width) = (problem.size, problem.stride)
    let (p, w, d, h) = (places.view, leaders.view, deltas.view, change.view)
    let (pu, pv) = (p[u], p[v])
    // h[r,j]: what facility r at location j gains by the two moves, all r and j.
    if problem.form == .table {
      let block = n &* n
      let table = problem.table.view
      let gainU = table.window((u &* n &+ pv) &* block, block)
      let gainV = table.window((v &* n &+ pu) &* block, block)
      let lossU = table.window((u &* n &+ pu) &* block, block)
      let lossV = table.window((v &* n &+ pv) &* block, block)
      for index in 0..<block {
        h[index] = (gainU[index] + gainV[index]) - (lossU[index] + lossV[index])
      }
    } else {
      for r in 0..<n {
        for j in 0..<n {
          h[r * n + j] =
            (problem.pair(u, pv, r, j) + problem.pair(v, pu, r, j))
            - (problem.pair(u, pu, r, j) + problem.pair(v, pv, r, j))
        }
      }
    }
    p[u] = pv
    p[v] = pu
    for r in 0..<n {
      let row = r &* width
      let (wu, wv) = (w[row &+ u], w[row &+ v])
      w[row &+ u] = wv
      w[row &+ v] = wu
      for s in 0..<n { w[row &+ s] += h[r &* n &+ p[s]] }
    }
    for r in 0..<n {
      for s in r &+ 1..<max(n, r &+ 1) {
        if r == u || r == v || s == u || s == v {
          d[r &* width &+ s] =
            w[r &* width &+ s] + w[s &* width &+ r] - w[r &* width &+ r] - w[s &* width &+ s]
            + pairCost(r, p[s], s, p[r]) + pairCost(r, p[r], s, p[s])
        } else {
          d[r &* width &+ s] +=
            h[r &* n &+ p[s]] + h[s &* n &+ p[r]] - h[r &* n &+ p[r]] - h[s &* n &+ p[s]]
        }
      }
    }
    for r in 0..<n { diagonal.view[r] = w[r * width + r] }
  }
}
