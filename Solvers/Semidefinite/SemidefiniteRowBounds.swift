import QAP
import QAPDualAscent
import QAPPrimitives

/// A proof of the doubly nonnegative bound that says as much as it can of the placements of one
/// line: the same Z, with other multipliers beside it (see `RowBounds`).
package struct SemidefiniteRowBounds {
  /// The proof.
  package let proof: SemidefiniteProof
  /// No assignment costs less.
  package let value: Double
  /// Lower bounds on the excess over `value` of the assignments with each placement of the line.
  package let leaders: [Double]

  /// The proof after `start`, which proves `bound` for `instance`. Nil where numbers are beyond
  /// doubles.
  ///
  /// - Complexity: O(n⁴) and n assignment problems.
  package init?(
    _ line: BranchingVariable, of instance: Instance, from start: SemidefiniteProof, bound: Double,
    threads: Int
  ) {
    let costs = LiftedCosts(PairCost(instance), centers: false, threads: threads)
    guard let shifted = try? Instance(cost: .tensor(ShiftedTensor(costs.matrix, start.multiplier))),
      let found = RowBounds(line, of: shifted, from: start.multipliers, threads: threads)
    else { return nil }
    var proof = start
    proof.multipliers = found.multipliers
    self.proof = proof
    leaders = found.leaders
    // All else that the bound is made of is the same.
    let before = start.multipliers.sum
    let value = bound + (found.value - before)
    let magnitude = abs(bound) + abs(found.value) + abs(before)
    self.value = (value - 0x1p-50 * magnitude).nextDown
    guard self.value.isFinite else { return nil }
  }
}

extension SemidefiniteProof {
  /// Z.
  fileprivate var multiplier: LiftedMatrix {
    let z = LiftedMatrix(size: size)
    func number(_ units: Int64) -> Double {
      Double(sign: .plus, exponent: exponent, significand: Double(units))
    }
    z.corner = number(corner)
    var next = 0
    for p in 0..<z.places {
      z.border[p] = number(border[p])
      for q in 0...p {
        let value = number(block[next])
        z.row(p)[q] = value
        z.row(q)[p] = value
        next += 1
      }
    }
    return z
  }
}

extension RLTMultipliers {
  /// Σα + Σβ.
  fileprivate var sum: Double {
    var units: Int64 = 0
    for value in facilityDuals + locationDuals { units += value }
    return Double(sign: .plus, exponent: exponent, significand: Double(units))
  }
}
