import QAP
import QAPLinearAssignment
import QAPPrimitives

extension RLTDual {
  /// The value proven by a feasible point, and the unit of which all its numbers are multiples.
  struct Proven {
    /// No assignment costs less. Not lowered by anything but the rounding that made the point
    /// exact.
    let value: Double
    /// The unit is 2 to this power.
    let exponent: Int
    /// An upper bound on all partial sums.
    let magnitude: Double
  }

  /// Makes the point exactly feasible, whatever rounding has done to it, and returns what it
  /// proves; nil when numbers have grown beyond what doubles can hold.
  ///
  /// All multipliers are rounded down to whole multiples of a unit 2^e so small that it does not
  /// matter, some 10⁻¹⁰ of the bound over all, and so large that sums of multiples stay below 2⁵²
  /// units: from then on additions in doubles are exact. Where rounding has left a reduced cost
  /// below zero the row's multiplier is lowered by as much. Leaders are summed again, and α and β
  /// are an optimal dual of the assignment problem over them, which adds and subtracts only.
  ///
  /// Integral data are multiples of the unit themselves. Real costs are not: with δ the error of a
  /// reduced cost as computed here, all rows are kept at r ≥ δ + 3 units, so that the pair costs
  /// may still be rounded down to whole units with room to spare, as a checker of the proof will
  /// do.
  ///
  /// O(n⁴) time: half of all pairs are visited one time each.
  func makeExact(
    threads: Int, _ workspaces: [SubmatrixWorkspace], _ solver: LinearAssignmentSolver
  ) -> Proven? {
    let (m, n) = (facilities, size)
    let reach = reach()
    let pairSize = tables.largestPair + 4 * reach.multiplier
    let largest = 4 * Double(n) * reach.leader + pairSize
    guard largest.isFinite else { return nil }
    // The least exponent that keeps sums exact, and what products lose that underflow far below a
    // unit; and the exponent that makes the loss negligible.
    let least = largest == 0 ? -1060 : max(-1060, Int(largest.exponent) + 1 - 52)
    let wanted =
      reach.leader == 0
      ? 0 : Int(reach.leader.exponent) - 33 - 2 * Int(Double(n).exponent)
    var exponent = max(least, wanted)
    var isExact = cost.isIntegral
    if isExact {
      exponent = max(least, -50, min(exponent, 0))
      isExact = exponent <= 0
    }
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    snap(to: unit)
    let margin = isExact ? 0 : 3 * unit + 8 * 0x1p-53 * pairSize
    parallelFor(count: m, threads: threads) { worker, i in
      self.liftPairs(of: i, above: margin, unit: unit, workspaces[worker])
    }
    sumLeaders(unit: unit, isExact: isExact)
    for i in 0..<m { facilityDuals[i] = 0 }
    for j in 0..<n { locationDuals[j] = 0 }
    reduceLeaders(solver)
    var units: Int64 = 0
    for i in 0..<m {
      // Zero unless the solver has erred.
      var slack = Double.infinity
      for j in 0..<n { slack = min(slack, leaders[i * n + j]) }
      if slack != 0 {
        facilityDuals[i] += slack
        for j in 0..<n { leaders[i * n + j] -= slack }
      }
      guard let a = Int64(exactly: facilityDuals[i].scaled(byPowerOfTwo: -exponent)) else {
        return nil
      }
      units += a
    }
    for j in 0..<n {
      guard let b = Int64(exactly: locationDuals[j].scaled(byPowerOfTwo: -exponent)) else {
        return nil
      }
      units += b
    }
    guard abs(units) < 1 << 53 else { return nil }
    let value = sumRoundedDown(Double(units).scaled(byPowerOfTwo: exponent), cost.constant)
    // A checker of real data sums with an error of its own.
    return Proven(
      value: isExact ? value : value.nextDown, exponent: exponent, magnitude: largest)
  }

  /// The point as a proof; it must have been made exact with this exponent.
  func proof(exponent: Int) -> BoundProof {
    let (m, n) = (facilities, size)
    func units(_ value: Double) -> Int64 { Int64(value.scaled(byPowerOfTwo: -exponent)) }
    func cube(_ lines: BufferView<Double>, _ length: Int, isRow: Bool) -> [Int64] {
      var result: [Int64] = []
      result.reserveCapacity(m * n * length)
      for i in 0..<m {
        for j in 0..<n {
          for k in 0..<length {
            let isNone = k == (isRow ? i : j)
            result.append(isNone ? 0 : units(lines[(i * n + j) * stride + k]))
          }
        }
      }
      return result
    }
    return .rlt1(
      RLTMultipliers(
        exponent: exponent, facilityDuals: (0..<m).map { units(facilityDuals[$0]) },
        locationDuals: (0..<n).map { units(locationDuals[$0]) },
        rowMultipliers: cube(rowMultipliers, m, isRow: true),
        columnMultipliers: cube(columnMultipliers, n, isRow: false)))
  }

  /// The largest |u| or |v|, and the largest sum of magnitudes that makes up a leader.
  ///
  /// - Complexity: O(n³).
  private func reach() -> (multiplier: Double, leader: Double) {
    let (m, n) = (facilities, size)
    let zero = Wide(repeating: 0)
    var multiplier = 0.0
    var leader = 0.0
    var largest = zero
    for i in 0..<m {
      for j in 0..<n {
        let line = (i &* n &+ j) &* stride
        var sum = zero
        var at = line
        while at < line &+ stride {
          let u = rowMultipliers.wide(at)
          let v = columnMultipliers.wide(at)
          let magnitudeU = u.replacing(with: zero - u, where: u .< 0)
          var magnitudeV = v.replacing(with: zero - v, where: v .< 0)
          magnitudeV.replace(with: 0, where: magnitudeV .== .infinity)
          sum += magnitudeU + magnitudeV
          largest.replace(with: magnitudeU, where: magnitudeU .> largest)
          largest.replace(with: magnitudeV, where: magnitudeV .> largest)
          at &+= 8
        }
        leader = max(leader, sum.total + abs(cost.linear[i, j]))
      }
    }
    for lane in 0..<8 { multiplier = max(multiplier, largest[lane]) }
    return (multiplier, leader)
  }

  /// Rounds every multiplier down to a multiple of `unit`.
  private func snap(to unit: Double) {
    // Adding this rounds to the nearest multiple, and leaves −∞ alone.
    let shifter = Wide(repeating: 0x1.8p52 * unit)
    for lines in [rowMultipliers, columnMultipliers, rowMirror, columnMirror] {
      var at = 0
      while at < lines.count {
        let x = lines.wide(at)
        var rounded = (x + shifter) - shifter
        rounded.replace(with: rounded - unit, where: rounded .> x)
        lines.store(rounded, at)
        at &+= 8
      }
    }
    guard leavesEmpty else { return }
    // A column that may stay empty has no multiplier above zero.
    for lines in [columnMultipliers, columnMirror] {
      var at = 0
      while at < lines.count {
        let x = lines.wide(at)
        lines.store(x.replacing(with: 0, where: x .> 0), at)
        at &+= 8
      }
    }
  }

  /// Lowers `u[i,j,k]`, k > i, wherever a reduced cost `r(ij,kl)` lies below `margin`.
  ///
  /// No other facility's submatrix, restricted to the facilities after it, holds any of these
  /// multipliers: all `i` may run at the same time.
  private func liftPairs(
    of i: Int, above margin: Double, unit: Double, _ workspace: SubmatrixWorkspace
  ) {
    let (m, n, stride) = (facilities, size, stride)
    let costs = workspace.solver.costs
    let end = (m - 1 - i) * stride
    for j in 0..<n {
      assemble(i, j, from: i + 1, workspace)
      var least = Wide(repeating: .infinity)
      var index = 0
      while index < end {
        least = lanewiseMinimum(least, costs.wide(index))
        index &+= 8
      }
      if least.smallest >= margin { continue }
      for k in i + 1..<max(m, i + 1) {
        var least = Wide(repeating: .infinity)
        let start = (k - i - 1) * stride
        var l = start
        while l < start + stride {
          least = lanewiseMinimum(least, costs.wide(l))
          l &+= 8
        }
        let slack = least.smallest - margin
        guard slack < 0 else { continue }
        let lowered =
          rowMultipliers[(i * n + j) * stride + k] + (slack / unit).rounded(.down) * unit
        rowMultipliers[(i * n + j) * stride + k] = lowered
        rowMirror[(k * m + i) * stride + j] = lowered
      }
    }
  }

  /// The leaders without α and β, exactly: linear costs, rounded down where they are real, plus
  /// multipliers.
  private func sumLeaders(unit: Double, isExact: Bool) {
    let (m, n) = (facilities, size)
    for i in 0..<m {
      for j in 0..<n {
        let line = (i * n + j) * stride
        var sum = cost.linear[i, j]
        if !isExact { sum = (sum / unit).rounded(.down) * unit - 2 * unit }
        for k in 0..<m where k != i { sum += rowMultipliers[line + k] }
        for l in 0..<n where l != j { sum += columnMultipliers[line + l] }
        leaders[i * n + j] = sum
      }
    }
  }
}
