import QAPPrimitives

/// A lower bound together with its proof: what a certificate file holds.
public struct Certificate: Equatable, Sendable {
  /// The instance's name, for people: the proof is checked against the data.
  public var instance: String
  /// The number of facilities, fixed ones included.
  public var size: Int
  /// The claim concerns the assignments that contain these pairs; all assignments when empty.
  public var pairs: [FixedPair]
  /// The claim concerns the assignments that contain none of these placements.
  public var forbidden: [FixedPair]
  /// Of a claim about the largest term of the objective: an assignment costs the number of its
  /// terms above this threshold, so a bound of at least 1 says that each has a larger term. Nil for
  /// a claim about the sum.
  public var threshold: Double?
  /// The claim: no such assignment costs less.
  public var bound: Double
  /// The claim rounded up to the next value that objectives of the instance can take; equal to
  /// `bound` for real data.
  public var rounded: Double
  /// The proof.
  public var proof: BoundProof

  /// A claim with its proof. Nothing is checked here: `check(_:of:)` of the module QAPVerification
  /// decides.
  public init(
    instance: String, size: Int, pairs: [FixedPair] = [], forbidden: [FixedPair] = [],
    bound: Double, rounded: Double,
    proof: BoundProof
  ) {
    self.instance = instance
    self.size = size
    self.pairs = pairs
    self.forbidden = forbidden
    self.bound = bound
    self.rounded = rounded
    self.proof = proof
  }
}
