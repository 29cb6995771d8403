import QAP
import QAPLinearProgramming
import QAPPrimitives

/// Variables that an assignment as good as one already known cannot have at 1: reduced-cost fixing
/// (Dantzig, Fulkerson and Johnson 1954) with a point of the level-1 RLT dual.
///
/// With z and r the reduced costs of that point (`RLTMultipliers`), every assignment with i at j
/// costs at least bound + z(ij), and with k at l as well at least bound + z(ij) + z(kl) + r(ij,kl).
/// What exceeds the incumbent's objective is excluded; assignments that equal it are kept, so that
/// the integer program still has the instance's optimum. The relaxation of the rest may be
/// worth more than before.
public struct ReducedCostFixing: Sendable {
  /// The number of locations, n, and of facilities with those that pad the instance.
  public let size: Int
  /// x[i,j] at i·n + j is 0.
  public let excludedPlacements: [Bool]
  /// z(ij) at i·n + j, none below zero, and what a sum of these and r may not exceed.
  private let leaders: [Double]
  private let slack: Double
  private let cost: PairCost
  private let unit: Double
  private let multipliers: RLTMultipliers

  /// Finds the excluded placements.
  ///
  /// - Parameters:
  ///   - multipliers: a feasible point for `instance`, without fixed pairs.
  ///   - objective: of the assignment that is known.
  /// - Complexity: O(n³) beyond the leaders' costs.
  public init(_ instance: Instance, multipliers: RLTMultipliers, objective: Double) {
    precondition(multipliers.isWellFormed(instance.facilities, instance.size))
    let n = instance.size
    let m = multipliers.facilities
    size = n
    cost = PairCost(instance)
    self.multipliers = multipliers
    unit = Double(sign: .plus, exponent: multipliers.exponent, significand: 1)
    // Facilities that pad the instance have multipliers of zero.
    let duals = multipliers.facilityDuals + multipliers.locationDuals
    let bound = duals.reduce(0.0) { $0 + Double($1) } * unit + instance.constant
    // Nothing is excluded for a difference that rounding could explain.
    slack = objective - bound + 1e-9 * max(abs(objective), instance.properties.magnitude)
    var leaders = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        var units = -Double(multipliers.locationDuals[j])
        if i < m {
          units -= Double(multipliers.facilityDuals[i])
          for k in 0..<m { units += Double(multipliers.rowMultipliers[(i * n + j) * m + k]) }
          for l in 0..<n { units += Double(multipliers.columnMultipliers[(i * n + j) * n + l]) }
        }
        leaders[i * n + j] = max(0, cost.linear[i, j] + units * unit)
      }
    }
    self.leaders = leaders
    let slack = slack
    excludedPlacements = leaders.map { $0 > slack }
  }

  /// True when i at j and k at l, i < k, exclude each other in the rest; `value` is their pair
  /// cost.
  func excludes(_ i: Int, _ j: Int, _ k: Int, _ l: Int, cost value: Double) -> Bool {
    let (n, m) = (size, multipliers.facilities)
    if excludedPlacements[i * n + j] || excludedPlacements[k * n + l] { return true }
    var units = 0.0
    if i < m { units += Double(multipliers.columnMultipliers[(i * n + j) * n + l]) }
    if k < m { units += Double(multipliers.columnMultipliers[(k * n + l) * n + j]) }
    if i < m, k < m {
      units += Double(multipliers.rowMultipliers[(i * n + j) * m + k])
      units += Double(multipliers.rowMultipliers[(k * n + l) * m + i])
    }
    return leaders[i * n + j] + leaders[k * n + l] + max(0, value - units * unit) > slack
  }

  /// The columns of `formulation`'s model that are 0: placements in all of them, and pairs of
  /// placements in the level-1 RLT.
  ///
  /// - Complexity: O(n⁴) there.
  public func excludedColumns(of formulation: Formulation) -> [Int] {
    let n = size
    var excluded = (0..<n * n).filter { excludedPlacements[$0] }
    guard formulation == .rlt1 else { return excluded }
    let table = PairTable(cost)
    var column = n * n
    for (p, pair) in table.pairs.enumerated() {
      for j in 0..<n {
        for l in 0..<n where l != j {
          let value = table.values[(p * n + j) * n + l]
          if excludes(pair.i, j, pair.k, l, cost: value) { excluded.append(column) }
          column += 1
        }
      }
    }
    return excluded
  }
}
