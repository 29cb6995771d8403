/// A proven lower bound on the objective.
public struct LowerBound: Equatable, Sendable {
  /// Proven: no assignment costs less. Lowered by its rigorous rounding error, not rounded up.
  public let unrounded: Double
  /// `unrounded`, rounded up to the objective lattice where the instance has one.
  public let value: Double
  /// The id of the method that proved it.
  public let method: String
  /// What proves `unrounded`, if the run was asked to keep proofs and the method makes them.
  public let proof: BoundProof?

  /// A bound that `method` has proven for `instance`. `unrounded` must already be lowered by every
  /// rounding error made on the way.
  public init(
    proven unrounded: Double, method: String, for instance: Instance, proof: BoundProof? = nil
  ) {
    self.unrounded = unrounded
    value = instance.lattice?.roundedUp(unrounded) ?? unrounded
    self.method = method
    self.proof = proof
  }
}

/// The relative distance between an incumbent and a bound, as a fraction.
///
/// (U − L)/|U|; 0 when U = L; nil when U = 0 ≠ L or either is unknown. Defined here and nowhere else.
public func relativeGap(objective: Double?, bound: Double?) -> Double? {
  guard let objective, let bound, bound.isFinite else { return nil }
  if objective == bound { return 0 }
  return objective == 0 ? nil : (objective - bound) / abs(objective)
}

extension Instance {
  /// True when `bound` proves that no assignment is better than `objective`: equality for integral
  /// instances, U − L ≤ 1e-6 · max(1, |U|) for real ones.
  public func isProvenOptimal(objective: Double?, bound: Double?) -> Bool {
    guard let objective, let bound else { return false }
    if properties.isIntegral { return bound >= objective }
    return objective - bound <= 1e-6 * max(1, abs(objective))
  }
}
