import QAP
import QAPPrimitives

/// One permutation of a solution file, held against its instance.
public struct ResolvedSolution: Sendable {
  /// Facility → location.
  public let assignment: Assignment
  /// The objective of `assignment`.
  public let objective: Double
  /// The objective of the permutation read the other way round.
  public let otherObjective: Double
  /// The orientation of the permutation: that of QAPLIB, unless only the inverse has the claimed
  /// value.
  public let orientation: SolutionOrientation
  /// The objective that the file claims; nil when it claims none.
  public let claimed: Double?
  /// Whether `objective` is the claimed one; nil when none is claimed.
  public let matchesClaim: Bool?
}
