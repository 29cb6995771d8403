/// A proven lower bound on the objective.
public struct LowerBound: Equatable, Sendable {
  /// Proven: no assignment costs less. Lowered by its rigorous rounding error, not rounded up.
  public let unrounded: Double
  /// `unrounded`, rounded up to the objective lattice where the instance has one.
  public let value: Double
  /// The id of the method that proved it.
  public let method: String
  /// The proof of `unrounded`, if the run keeps proofs and the method makes them.
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

  init(unrounded: Double, value: Double, method: String, proof: BoundProof?) {
    self.unrounded = unrounded
    self.value = value
    self.method = method
    self.proof = proof
  }

  /// The bound as it is read in `sense`: for `.max` an upper bound.
  func inSense(_ sense: Sense) -> LowerBound {
    LowerBound(
      unrounded: sense.value(unrounded), value: sense.value(value), method: method, proof: proof)
  }
}
