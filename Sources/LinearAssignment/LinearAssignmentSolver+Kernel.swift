import QAPPrimitives

// Positions of lanes are held as doubles, exact far beyond any size: the smallest of them is then
// found by the same instructions as the smallest cost.
// (Computed, because a stored global costs a check at every use.)
private var firstPositions: Wide {
  @inline(__always) get { Wide(0, 1, 2, 3, 4, 5, 6, 7) }
}

/// The loops of the solver. Symbols follow the paper: `v` column duals, `d` tentative distances.
struct AssignmentAlgorithm {
  let costs: BufferView<Double>
  let rowDuals: BufferView<Double>
  let columnDuals: BufferView<Double>
  let columnOfRow: BufferView<Int>
  let rowOfColumn: BufferView<Int>
  /// Tentative distances of open columns, NaN at scanned ones: no comparison with NaN is true, so a
  /// scanned column is neither improved nor found again.
  let distances: BufferView<Double>
  /// 0 at unassigned columns, +∞ at assigned ones and in the padding.
  let freeOffsets: BufferView<Double>
  let predecessors: BufferView<Int64>
  let scanned: BufferView<Int>
  let pending: BufferView<Int>
  let claims: BufferView<Int>

  /// Solves for `n` rows and the columns `0..<columns` without `excluded`, whose costs must be
  /// infinite like the padding's; by default as many columns as rows are left. With more columns
  /// than rows a start must be warm, from column duals of zero. `isStopped` is asked before every
  /// shortest path; returns the sum of the duals, feasible in any case, and whether every row has
  /// its column.
  func solve(
    size n: Int, stride: Int, start: LinearAssignmentStart, excluded: Int? = nil,
    columns: Int? = nil, unless isStopped: () -> Bool = { false }
  ) -> (value: Double, isComplete: Bool) {
    if n == 0 { return (0, true) }
    let columns = columns ?? (excluded == nil ? n : n + 1)
    for j in columns..<stride {
      columnDuals[j] = 0
      freeOffsets[j] = .infinity
    }
    for j in 0..<columns {
      rowOfColumn[j] = -1
      freeOffsets[j] = 0
    }
    if let excluded {
      columnDuals[excluded] = 0
      rowOfColumn[excluded] = n
      freeOffsets[excluded] = .infinity
    }
    var free: Int
    switch start {
    case .cold: free = columnReduction(n, columns, stride, excluded)
    case .warm: free = rowMatching(n, columns, stride)
    }
    if free > 0 { free = rowReduction(free, columns, stride) }
    var augmented = 0
    while augmented < free, !isStopped() {
      augment(from: pending[augmented], columns, stride)
      augmented &+= 1
    }

    var total = 0.0
    for i in 0..<n {
      let j = columnOfRow[i]
      let dual =
        j < 0 ? leastReducedCost(i, stride) : costs[i &* stride &+ j] - columnDuals[j]
      rowDuals[i] = dual
      total += dual
    }
    for j in 0..<columns { total += columnDuals[j] }
    return (total, augmented == free)
  }

  /// The largest dual that row `i` can have beside the column duals.
  private func leastReducedCost(_ i: Int, _ stride: Int) -> Double {
    var least = Wide(repeating: .infinity)
    var j = 0
    while j < stride {
      least = lanewiseMinimum(least, costs.wide(i &* stride &+ j) - columnDuals.wide(j))
      j &+= 8
    }
    return least.smallest
  }

  /// Column minima as duals; each row takes the last column whose minimum it holds. Leaves the
  /// unassigned rows in `pending` and returns their number.
  private func columnReduction(
    _ n: Int, _ columns: Int, _ stride: Int, _ excluded: Int?
  ) -> Int {
    let (costs, v, claims) = (costs, columnDuals, claims)
    var j = 0
    while j < stride {
      var least = costs.wide(j)
      var row = SIMD8<Int64>(repeating: 0)
      var i = 1
      while i < n {
        let c = costs.wide(i &* stride &+ j)
        let better = c .< least
        least.replace(with: c, where: better)
        row.replace(with: SIMD8(repeating: Int64(i)), where: better)
        i &+= 1
      }
      v.store(least, j)
      for lane in 0..<8 { claims[j &+ lane] = Int(row[lane]) }
      j &+= 8
    }
    for j in columns..<stride { v[j] = 0 }
    if let excluded { v[excluded] = 0 }
    for i in 0..<n { columnOfRow[i] = -1 }
    j = columns - 1
    while j >= 0 {
      let i = claims[j]
      if j != excluded, columnOfRow[i] < 0 {
        columnOfRow[i] = j
        rowOfColumn[j] = i
        freeOffsets[j] = .infinity
      }
      j &-= 1
    }
    return collectFreeRows(n)
  }

  /// Each row takes a cheapest column if that is still free, first the one it had before.
  private func rowMatching(_ n: Int, _ columns: Int, _ stride: Int) -> Int {
    let (costs, v, freeOffsets) = (costs, columnDuals, freeOffsets)
    for i in 0..<n {
      let row = i &* stride
      let wanted = columnOfRow[i]
      columnOfRow[i] = -1
      var least = Wide(repeating: .infinity)
      var leastFree = Wide(repeating: .infinity)
      var j = 0
      while j < stride {
        let x = costs.wide(row &+ j) - v.wide(j)
        least = lanewiseMinimum(least, x)
        leastFree = lanewiseMinimum(leastFree, x + freeOffsets.wide(j))
        j &+= 8
      }
      let value = least.smallest
      guard leastFree.smallest <= value else { continue }
      var column = -1
      if wanted >= 0, wanted < columns, rowOfColumn[wanted] < 0,
        costs[row &+ wanted] - v[wanted] <= value
      {
        column = wanted
      } else {
        j = 0
        while j < columns {
          if rowOfColumn[j] < 0, costs[row &+ j] - v[j] <= value {
            column = j
            break
          }
          j &+= 1
        }
      }
      columnOfRow[i] = column
      rowOfColumn[column] = i
      freeOffsets[column] = .infinity
    }
    return collectFreeRows(n)
  }

  private func collectFreeRows(_ n: Int) -> Int {
    var free = 0
    for i in 0..<n where columnOfRow[i] < 0 {
      pending[free] = i
      free &+= 1
    }
    return free
  }

  /// Augmenting row reduction: an unassigned row takes its cheapest column, whose dual falls until
  /// the second cheapest is as good; a displaced row is treated next. Ends after one sweep over the
  /// unassigned rows or when the budget is spent.
  private func rowReduction(_ count: Int, _ columns: Int, _ stride: Int) -> Int {
    let (costs, v, pending) = (costs, columnDuals, pending)
    var budget = 4 &* count &+ 16
    var index = 0
    var kept = 0
    while index < count {
      let i = pending[index]
      index &+= 1
      var row = i
      while true {
        budget &-= 1
        let start = row &* stride
        var least = Wide(repeating: .infinity)
        var second = Wide(repeating: .infinity)
        var at = Wide(repeating: 0)
        var position = firstPositions
        var j = 0
        while j < stride {
          let x = costs.wide(start &+ j) - v.wide(j)
          let better = x .< least
          second = lanewiseMinimum(second, x.replacing(with: least, where: better))
          least.replace(with: x, where: better)
          at.replace(with: position, where: better)
          position += Wide(repeating: 8)
          j &+= 8
        }
        let first = least.smallest(with: at)
        let u1 = first.value
        var j1 = Int(first.companion)
        second.replace(with: least, where: at .!= Double(j1))
        let u2 = second.smallest
        var displaced = rowOfColumn[j1]
        if u1 < u2 {
          // With one column left (n = 1) there is no second best, and nothing to lower.
          if u2 < .infinity { v[j1] -= u2 - u1 }
        } else if displaced >= 0 {
          // A tie: take the other column if that one is unassigned.
          var j2 = 0
          while j2 < columns {
            if rowOfColumn[j2] < 0, costs[start &+ j2] - v[j2] <= u1 {
              j1 = j2
              displaced = -1
              break
            }
            j2 &+= 1
          }
        }
        rowOfColumn[j1] = row
        columnOfRow[row] = j1
        freeOffsets[j1] = .infinity
        if displaced < 0 { break }
        columnOfRow[displaced] = -1
        if u1 < u2, budget > 0 {
          row = displaced
          continue
        }
        // Ties would send the same rows round in circles: leave this one to the shortest paths.
        pending[kept] = displaced
        kept &+= 1
        break
      }
      if budget <= 0 { break }
    }
    while index < count {
      pending[kept] = pending[index]
      kept &+= 1
      index &+= 1
    }
    return kept
  }

  /// Dijkstra's search from an unassigned row to the nearest unassigned column, then the change of
  /// duals and of the assignment along the path.
  ///
  /// At the sizes of a dual ascent a step's time is latency: no scalar is stored where a wide load
  /// follows (the processor would wait for the store), and place and value of the minimum are found
  /// together.
  private func augment(from source: Int, _ columns: Int, _ stride: Int) {
    let (costs, d, v, rowDuals) = (costs, distances, columnDuals, rowDuals)
    let (free, predecessors, rowOfColumn) = (freeOffsets, predecessors, rowOfColumn)
    var scannedCount = 0
    var least = Wide(repeating: .infinity)
    var leastFree = Wide(repeating: .infinity)
    var at = Wide(repeating: 0)
    var position = firstPositions
    var start = source &* stride
    var j = 0
    while j < stride {
      let x = costs.wide(start &+ j) - v.wide(j)
      d.store(x, j)
      at.replace(with: position, where: x .< least)
      least = lanewiseMinimum(least, x)
      leastFree = lanewiseMinimum(leastFree, x + free.wide(j))
      position += Wide(repeating: 8)
      j &+= 8
    }
    for j in 0..<columns { predecessors[j] = Int64(source) }

    var nearest = least.smallest(with: at)
    var reach = nearest.value
    while leastFree.smallest > reach {
      let column = Int(nearest.companion)
      scanned[scannedCount] = column
      scannedCount &+= 1
      let row = rowOfColumn[column]
      start = row &* stride
      let h = costs[start &+ column] - v[column] - reach
      // The final distance of a scanned column is kept where its row's dual will be computed.
      rowDuals[column] = reach

      let scannedNow = Wide(repeating: nearest.companion)
      least = Wide(repeating: .infinity)
      leastFree = least
      position = firstPositions
      j = 0
      while j < stride {
        let x = costs.wide(start &+ j) - v.wide(j) - h
        let old = d.wide(j).replacing(with: .nan, where: position .== scannedNow)
        let better = x .< old
        let now = old.replacing(with: x, where: better)
        d.store(now, j)
        predecessors.replace(with: Int64(row), where: better, at: j)
        at.replace(with: position, where: now .< least)
        least = lanewiseMinimum(least, now)
        leastFree = lanewiseMinimum(leastFree, now + free.wide(j))
        position += Wide(repeating: 8)
        j &+= 8
      }
      nearest = least.smallest(with: at)
      // Rounding may make a later distance smaller than the current one by an ulp.
      reach = max(reach, nearest.value)
    }

    var column = 0
    while free[column] != 0 || !(d[column] <= reach) { column &+= 1 }
    for index in 0..<scannedCount {
      let j = scanned[index]
      v[j] += rowDuals[j] - reach
    }
    free[column] = .infinity
    while true {
      let row = Int(predecessors[column])
      rowOfColumn[column] = row
      let next = columnOfRow[row]
      columnOfRow[row] = column
      if row == source { break }
      column = next
    }
  }
}
