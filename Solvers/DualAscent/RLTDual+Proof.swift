import Primitives
import QAP

extension RLTDual {
  /// What the multipliers prove whatever rounding has done to them: a rigorous lower bound.
  ///
  /// The multipliers are taken as the exact numbers they are stored as. For every assignment `p`
  ///
  ///     f(p) = constant + Σα + Σβ + Σ_i z(i,p(i)) + Σ_{i<k} r(ip(i), kp(k))
  ///
  /// so with ζ ≤ min z and ρ ≤ min r, both over the exact values,
  ///
  ///     f(p) ≥ constant + Σα + Σβ + n·min(0, ζ) + n(n−1)/2·min(0, ρ).
  ///
  /// ζ and ρ are computed minima lowered by the bound γ_m·Σ|terms| on the rounding error of a sum of
  /// m terms (Higham 2002, §4.2), with 2m units in place of γ_m. O(n⁴) time, half of all pairs.
  func provenValue(threads: Int, _ workspaces: [SubmatrixWorkspace]) -> Double {
    let n = size
    let unit = 0x1p-53
    let examination = PairExamination(self, workspaces)
    parallelFor(count: n, threads: threads) { worker, i in
      examination.examine(i, workspaces[worker])
    }
    let leastPair = examination.leastPairs.view.array.reduce(0, min)
    let largest = examination.largestMultipliers.view.array.reduce(0, max)
    // Two products, their sum and four differences; the tables themselves may hold a rounded A + Aᵀ.
    // The entries of a tensor are at most what is left of them plus four multipliers.
    let pairSize =
      tables.largestPair.isFinite
      ? tables.largestPair
      : examination.largestPairs.view.array.reduce(0, max) + 4 * largest
    let pairError = 20 * unit * (pairSize + 4 * largest)
    let pairFloor = leastPair - pairError

    var leastLeader = 0.0
    var leaderError = 0.0
    for i in 0..<n {
      for j in 0..<n {
        let line = (i * n + j) * stride
        var sum = cost.linear[i, j] - facilityDuals[i] - locationDuals[j]
        var size = abs(cost.linear[i, j]) + abs(facilityDuals[i]) + abs(locationDuals[j])
        for k in 0..<n where k != i {
          sum += rowMultipliers[line + k]
          size += abs(rowMultipliers[line + k])
        }
        for l in 0..<n where l != j {
          sum += columnMultipliers[line + l]
          size += abs(columnMultipliers[line + l])
        }
        leastLeader = min(leastLeader, sum)
        leaderError = max(leaderError, Double(4 * n + 8) * unit * size)
      }
    }
    let leaderFloor = leastLeader - leaderError
    let pairs = Double(n * (n - 1) / 2)
    var dualSize = abs(cost.constant)
    for i in 0..<n { dualSize += abs(facilityDuals[i]) + abs(locationDuals[i]) }
    let losses = Double(n) * min(0, leaderFloor) + pairs * min(0, pairFloor)
    let sumError = 8 * unit * dualSize + 8 * unit * abs(losses)
    return (value + losses - sumError).nextDown
  }
}

/// The extremes of reduced costs and multipliers, by facility; what the threads of one proof share.
private final class PairExamination: @unchecked Sendable {
  let dual: RLTDual
  let leastPairs: Buffer<Double>
  let largestPairs: Buffer<Double>
  let largestMultipliers: Buffer<Double>

  init(_ dual: RLTDual, _ workspaces: [SubmatrixWorkspace]) {
    self.dual = dual
    leastPairs = Buffer(count: dual.size, repeating: 0)
    largestPairs = Buffer(count: dual.size, repeating: 0)
    largestMultipliers = Buffer(count: dual.size, repeating: 0)
  }

  /// Looks at the pairs of facility `i` with the facilities after it.
  func examine(_ i: Int, _ workspace: SubmatrixWorkspace) {
    let (n, stride) = (dual.size, dual.stride)
    let costs = workspace.solver.costs
    let isTensor = !dual.tables.largestPair.isFinite
    let end = (n - 1 - i) * stride
    var least = Wide(repeating: 0)
    var most = 0.0
    var largest = 0.0
    for j in 0..<n {
      dual.assemble(i, j, from: i + 1, workspace)
      var index = 0
      while index < end {
        least = lanewiseMinimum(least, costs.wide(index))
        index &+= 8
      }
      if isTensor {
        for index in 0..<end where costs[index].isFinite { most = max(most, abs(costs[index])) }
      }
      let line = (i * n + j) * stride
      for l in 0..<n {
        largest = max(largest, abs(dual.rowMultipliers[line + l]))
        if l != j { largest = max(largest, abs(dual.columnMultipliers[line + l])) }
      }
    }
    leastPairs.view[i] = least.smallest
    largestPairs.view[i] = most
    largestMultipliers.view[i] = largest
  }
}
