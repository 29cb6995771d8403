import QAP
import QAPPrimitives

/// The scale between the whole numbers of a search tree and costs.
///
/// The unit is a power of two chosen by the gap that is to be closed: the gap is some millions of
/// units, whatever the magnitude of the data, so that what rounding down loses does not count.
struct SearchScale: Sendable {
  /// No assignment costs less than this.
  let offset: Double
  let unit: Double
  /// See `ReducedProblem`.
  let infinity: Int32
  private let rule: OptimalityRule
  private let step: Double

  init(offset: Double, objective: Double, instance: Instance, rule: OptimalityRule) {
    self.offset = offset
    self.rule = rule
    step = instance.lattice?.step ?? 0
    // Costs and the number of a column share 31 bits in the search for shortest paths.
    let columnBits = Int.bitWidth - (laneStride(instance.size) - 1).leadingZeroBitCount
    infinity = 1 << Int32(29 - columnBits)
    let gap = max(objective - offset, abs(objective) * 0x1p-44, .leastNormalMagnitude * 0x1p60)
    unit = Double(
      sign: .plus, exponent: Int(gap.exponent) + 1 - (29 - columnBits - 3), significand: 1)
  }

  /// The bound in units that prunes whatever cannot be better than `objective`: better by a step of
  /// the lattice for integral data, by half of the optimality tolerance for real ones.
  func limit(objective: Double) -> Int32 {
    let wanted = objective - (rule.tolerance == nil ? step : 0.5 * rule.slack(at: objective))
    let units = (wanted - offset) / unit
    // Two more units than needed cover the rounding of the line above.
    return Int32(max(0, min(Double(infinity), units.rounded(.up) + 2)))
  }

  /// The cost that `bound` units prove, rounded down.
  func cost(_ bound: Int32) -> Double { (offset + Double(bound) * unit).nextDown }

  /// The units that a proven cost amounts to, rounded down.
  func units(_ cost: Double) -> Int32 {
    Int32(max(0, min(Double(infinity), ((cost - offset) / unit).rounded(.down) - 2)))
  }

  /// `cost` in units, rounded down; infinite when it is large.
  func rounded(_ cost: Double) -> Int32 {
    Int32(min(Double(infinity), (cost / unit).rounded(.down)))
  }
}

/// The whole instance as a reduced problem.
struct SearchRoot {
  let scale: SearchScale
  let problem: ReducedProblem
  /// No assignment costs less; the scale's, unless that is another problem's.
  let offset: Double

  /// Reduces `cost` (with padding facilities, if there are any) by the point of the dual, in a
  /// separate scale or in the given one.
  ///
  /// - Complexity: O(n⁴).
  init(
    _ cost: PairCost, instance: Instance, multipliers: RLTMultipliers, objective: Double,
    rule: OptimalityRule, scale given: SearchScale? = nil
  ) {
    let (n, m) = (cost.size, multipliers.facilities)
    let exponent = multipliers.exponent
    let isExact = cost.isIntegral && exponent <= 0
    func value(_ units: Int64) -> Double { Double(units).scaled(byPowerOfTwo: exponent) }
    let u = multipliers.rowMultipliers.map(value)
    let v = multipliers.columnMultipliers.map(value)
    let alpha = multipliers.facilityDuals.map(value)
    let beta = multipliers.locationDuals.map(value)

    // Costs in doubles first. What rounding may have added to real ones is taken off: `worst` is
    // then negative, and all of an assignment's terms may be as low.
    let pairs = n * (n - 1) / 2
    let reduced = Buffer(count: pairs * n * n, repeating: Double.infinity)
    var leaders = Matrix<Double>(rows: n, columns: n) { _, _ in 0 }
    var worst = 0.0
    let blocks = (0..<2).map { _ in Buffer(count: n * n, repeating: 0.0) }
    for i in 0..<n {
      for j in 0..<n {
        if case .tensor(let tensor) = cost.kind {
          cost.fillPairs(of: tensor, i, j, into: blocks[0].view, scratch: blocks[1].view)
        }
        var leader = cost.linear[i, j]
        var magnitude = abs(leader)
        func add(_ term: Double) {
          leader += term
          magnitude += abs(term)
        }
        if i < m {
          for k in 0..<m where k != i { add(u[(i * n + j) * m + k]) }
          for l in 0..<n where l != j { add(v[(i * n + j) * n + l]) }
          add(-alpha[i])
        }
        add(-beta[j])
        if !isExact { leader -= magnitude * Double(2 * n + 4) * 0x1p-52 }
        leaders[i, j] = leader
        worst = min(worst, leader)
        for k in i + 1..<max(n, i + 1) {
          let line = ((i * (2 * n - i - 1) / 2 + (k - i - 1)) * n + j) * n
          for l in 0..<n where l != j {
            let q = cost.isTensor ? blocks[0].view[k * n + l] : cost.pair(i, j, k, l)
            var r = q
            var magnitude = abs(q)
            func take(_ term: Double) {
              r -= term
              magnitude += abs(term)
            }
            if i < m {
              if k < m { take(u[(i * n + j) * m + k]) }
              take(v[(i * n + j) * n + l])
            }
            if k < m {
              if i < m { take(u[(k * n + l) * m + i]) }
              take(v[(k * n + l) * n + j])
            }
            if !isExact { r -= magnitude * 0x1p-50 }
            reduced.view[line + l] = r
            worst = min(worst, r)
          }
        }
      }
    }
    var sum = CompensatedSum()
    var magnitude = abs(cost.constant)
    for term in alpha + beta {
      sum.add(term)
      magnitude += abs(term)
    }
    sum.add(cost.constant)
    // One more rounding than an exact sum has; real data deserve some more.
    offset =
      sum.value - magnitude * (isExact ? 0x1p-53 : 0x1p-50)
      + worst * Double(pairs + n) * (1 + 0x1p-50)
    scale =
      given
      ?? SearchScale(offset: offset, objective: objective, instance: instance, rule: rule)
    problem = ReducedProblem(size: n, infinity: scale.infinity)
    problem.facilities = Array(0..<n)
    problem.locations = Array(0..<n)
    let stride = problem.stride
    for i in 0..<n {
      for j in 0..<n {
        problem.leaders[i * stride + j] = scale.rounded(leaders[i, j] - worst)
        for k in i + 1..<max(n, i + 1) {
          let line = ((i * (2 * n - i - 1) / 2 + (k - i - 1)) * n + j) * n
          for l in 0..<n where l != j {
            problem.costs[problem.pairs(i, k) + j * stride + l] = scale.rounded(
              reduced.view[line + l] - worst)
          }
        }
      }
    }
  }
}
