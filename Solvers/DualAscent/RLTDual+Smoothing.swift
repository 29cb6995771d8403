import QAP
import QAPPrimitives

extension RLTDual {
  /// One step of the smoothed ascent at `(i, j)` and temperature ε: the exact joint maximizers,
  /// first over all `u[i,j,·]`, then over all `v[i,j,·]`, of
  ///
  ///     Σα + Σβ − ε Σ e^(−z/ε) − ε Σ e^(−r/ε).
  ///
  /// With `S_k = Σ_l e^(−r(ij,kl)/ε)` and `a_k = −z(ij) − ε ln S_k` the change of `u[i,j,k]` is
  /// `a_k − (Σa)/n`; then every row sums to `e^(−z/ε)`. The columns follow with the exponentials
  /// scaled, not recomputed. Different `j` of one `i` share no pair and may run at the same
  /// time.
  func smoothAscend(
    _ i: Int, _ j: Int, temperature: Double, _ workspace: SubmatrixWorkspace
  ) {
    let (m, n, stride) = (facilities, size, stride)
    guard m > 1 else { return }
    assemble(i, j, workspace)
    let y = workspace.solver.costs
    let (rows, columns) = (workspace.solver.rowDuals, workspace.solver.columnDuals)
    let scale = -1 / temperature
    let z = leaders[i &* n &+ j]
    let floor = Wide(repeating: 1e-300)

    var row = 0
    while row < m &- 1 {
      var sum = Wide(repeating: 0)
      var at = row &* stride
      let end = at &+ stride
      while at < end {
        // Infinite reduced costs, which stand for no pair at all, give 0.
        var x = y.wide(at) * scale
        x.replace(with: 600, where: x .> 600)
        let e = wideExponential(x)
        y.store(e, at)
        sum += e
        at &+= 8
      }
      rows[row] = sum.total
      row &+= 1
    }
    let mean = jointChanges(rows, count: m &- 1, leader: z, temperature)

    // `rows` now holds the changes of u; the column sums see each row scaled by e^(change/ε).
    let line = (i &* n &+ j) &* stride
    var l = 0
    while l < stride {
      var start = Wide(repeating: 0)
      if leavesEmpty {
        // A column may stay empty: what it lacks is a row of its own, with the reduced costs −v.
        var exponent = columnMultipliers.wide(line &+ l) * (1 / temperature)
        exponent.replace(with: 600, where: exponent .> 600)
        start = wideExponential(exponent)
      }
      columns.store(start, l)
      l &+= 8
    }
    row = 0
    var k = 0
    while k < m {
      if k != i {
        let multiplier = rowMultipliers[line &+ k] + rows[row]
        rowMultipliers[line &+ k] = multiplier
        rowMirror[(k &* m &+ i) &* stride &+ j] = multiplier
        row &+= 1
      }
      k &+= 1
    }
    l = 0
    while l < m &- 1 {
      rows.store(wideExponential(rows.wide(l) * (1 / temperature)), l)
      l &+= 8
    }
    row = 0
    while row < m &- 1 {
      let factor = rows[row]
      let start = row &* stride
      l = 0
      while l < stride {
        columns.store(columns.wide(l) + y.wide(start &+ l) * factor, l)
        l &+= 8
      }
      row &+= 1
    }
    let raised = z + mean
    // Column j is no column: it takes no part in the mean.
    columns[j] = 1
    l = 0
    while l < stride {
      let c = columns.wide(l)
      columns.store(c.replacing(with: floor, where: c .< floor), l)
      l &+= 8
    }
    var total = 0.0
    l = 0
    while l < stride {
      columns.store(wideLogarithm(columns.wide(l)) * -temperature - raised, l)
      l &+= 8
    }
    l = 0
    while l < n {
      if l != j { total += columns[l] }
      l &+= 1
    }
    let columnMean = total / Double(n)
    var change = 0.0
    l = 0
    while l < n {
      if l != j {
        let delta = columns[l] - columnMean
        change += delta
        let multiplier = columnMultipliers[line &+ l] + delta
        columnMultipliers[line &+ l] = multiplier
        columnMirror[(l &* m &+ i) &* stride &+ j] = multiplier
      }
      l &+= 1
    }
    leaders[i &* n &+ j] = raised + change
  }

  /// Turns sums `S` into the joint changes `a − (Σa)/(count + 1)`, `a = −leader − ε ln S`, in
  /// place, and returns their sum.
  @inline(__always)
  private func jointChanges(
    _ sums: BufferView<Double>, count: Int, leader: Double, _ temperature: Double
  ) -> Double {
    let floor = Wide(repeating: 1e-300)
    var total = 0.0
    var index = 0
    while index < count {
      let s = sums.wide(index)
      let positive = s.replacing(with: floor, where: s .< floor)
      sums.store(wideLogarithm(positive) * -temperature - leader, index)
      index &+= 8
    }
    for index in 0..<count { total += sums[index] }
    let mean = total / Double(count &+ 1)
    for index in 0..<count { sums[index] -= mean }
    return total - Double(count) * mean
  }

  /// Sinkhorn passes on α and β at temperature ε, so that the rows and columns of `e^(−z/ε)` sum to
  /// 1.
  func smoothLeaders(temperature: Double, passes: Int) {
    let (m, n) = (facilities, size)
    for _ in 0..<passes {
      for i in 0..<m {
        let shift = softMinimum(from: i * n, step: 1, count: n, temperature)
        facilityDuals[i] += shift
        for j in 0..<n { leaders[i * n + j] -= shift }
      }
      for j in 0..<n {
        // A location may stay empty: what it lacks has the reduced cost −β.
        let shift = softMinimum(
          from: j, step: n, count: m, temperature, or: leavesEmpty ? -locationDuals[j] : nil)
        locationDuals[j] += shift
        for i in 0..<m { leaders[i * n + j] -= shift }
      }
    }
  }

  /// `−ε ln Σ e^(−z/ε)` over a row or a column of the leaders, and one more reduced cost if there
  /// is one.
  private func softMinimum(
    from start: Int, step: Int, count: Int, _ temperature: Double, or other: Double? = nil
  ) -> Double {
    var least = other ?? .infinity
    for index in 0..<count { least = min(least, leaders[start + index * step]) }
    var sum = other.map { exponential((least - $0) / temperature) } ?? 0
    for index in 0..<count {
      sum += exponential((least - leaders[start + index * step]) / temperature)
    }
    return least - temperature * wideLogarithm(Wide(repeating: sum))[0]
  }

  private func exponential(_ x: Double) -> Double {
    wideExponential(Wide(repeating: min(x, 600)))[0]
  }

  /// Takes over the multipliers of `other`, a dual of the same instance.
  func copy(from other: RLTDual) {
    rowMultipliers.copy(from: other.rowMultipliers)
    columnMultipliers.copy(from: other.columnMultipliers)
    rowMirror.copy(from: other.rowMirror)
    columnMirror.copy(from: other.columnMirror)
    leaders.copy(from: other.leaders)
    facilityDuals.copy(from: other.facilityDuals)
    locationDuals.copy(from: other.locationDuals)
  }
}
