import QAPPrimitives

/// Where a run on the doubly nonnegative relaxation stood: Y, Z and the penalty, over the
/// placements that were open. 16·n⁴ bytes at most.
///
/// Fixing a facility leaves a relaxation that is much the same, and that begins much nearer to its
/// end from here than from nothing.
package final class RelaxationState: Sendable {
  let primal: LiftedMatrix
  let multiplier: LiftedMatrix
  /// No eigenvalue of VᵀZV is larger, but for rounding.
  let eigenvalue: Double
  let penalty: Double
  /// No assignment with a placement that is left out costs less; infinite when all are there.
  let floor: Double

  init(
    primal: LiftedMatrix, multiplier: LiftedMatrix, eigenvalue: Double, penalty: Double,
    floor: Double = .infinity
  ) {
    self.floor = floor
    self.primal = primal
    self.multiplier = multiplier
    self.eigenvalue = eigenvalue
    self.penalty = penalty
  }

  /// The number of facilities.
  package var size: Int { primal.size }
  /// The placements of the matrices.
  var placements: PlacementSet { primal.placements }

  /// The bytes that a state at size n takes.
  package static func bytes(size n: Int) -> Int { 16 * n * n * (n * n + 1) }

  /// A start for the instance that is left when facility i stands at location j.
  ///
  /// With p = (i, j) an assignment's lifted vector (1; x) is T(1; x') with x' the free placements,
  /// so ⟨TᵀZT, Y'⟩ = ⟨Z, TY'Tᵀ⟩. With λ = λmax(VᵀZV) no vector of the new face has more than λ|Tv|²
  /// of Z, where |Tv|² exceeds |v|² by the square of the corner alone: so Z' = TᵀZT, less λ at the
  /// corner, has λ for its bound again and proves at least as much as Z.
  ///
  /// Y' is the part of Y that is left, its border as in the mean of the assignments with p,
  /// Y[p,·]/Y[p,p].
  ///
  /// Nil where the placement is not among those that are open.
  ///
  /// - Complexity: O(n⁴).
  package func fixing(_ i: Int, at j: Int) -> RelaxationState? {
    let n = size
    let m = n - 1
    precondition(m >= 1, "the last facility is not fixed")
    let set = placements
    guard let fixed = set.index(of: i * n + j) else { return nil }
    let kept = (0..<set.count).filter { set.facility($0) != i && set.location($0) != j }
    let left = PlacementSet(
      size: m,
      places: kept.map { index in
        let (k, l) = (set.facility(index), set.location(index))
        return (k < i ? k : k - 1) * m + (l < j ? l : l - 1)
      })
    let (y, z) = (LiftedMatrix(left), LiftedMatrix(left))
    z.corner =
      multiplier.corner + 2 * multiplier.border[fixed] + multiplier.row(fixed)[fixed] - eigenvalue
    y.corner = 1
    let weight = primal.row(fixed)[fixed]
    let even = 1 / Double(m)
    for (place, old) in kept.enumerated() {
      z.border[place] = multiplier.border[old] + multiplier.row(fixed)[old]
      let share = weight > 1e-3 ? primal.row(fixed)[old] / weight : even
      y.border[place] = min(1, max(0, share))
      let (zs, ys) = (multiplier.row(old), primal.row(old))
      let (zr, yr) = (z.row(place), y.row(place))
      for (column, other) in kept.enumerated() {
        zr[column] = zs[other]
        yr[column] = ys[other]
      }
    }
    return RelaxationState(
      primal: y, multiplier: z, eigenvalue: eigenvalue, penalty: penalty, floor: floor)
  }
}
