import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// A map between two embedding spaces of which no rows, or few, are known to belong together.
///
/// Both sides are clustered, the centers are assigned to each other by their similarities within
/// each side (a quadratic assignment problem), and the map that these assignments suggest is
/// refined by linear assignments of random blocks under maps of growing rank (after Schnaus,
/// Dagès, Cremers, Wang and Isola, "Shared Geometry as a Rosetta Stone: Cross-Modal Alignment
/// Without Paired Data", arXiv 2610.09411). Independent refinements of different candidates agree
/// when the map is right: their agreement is reported, and is no proof.
public struct Translation: Sendable {
  /// Finds an assignment of small cost: the instance, a seed, and whether to stop. Throws
  /// `MethodError` when it declines the instance.
  public typealias Search =
    @Sendable (_ instance: Instance, _ seed: UInt64, _ shouldStop: @escaping @Sendable () -> Bool)
    throws ->
    Assignment

  /// A lower bound on the cost of any assignment of an instance: the instance, an assignment to
  /// start from, and whether to stop. Throws `MethodError` when it declines the instance.
  public typealias Prover =
    @Sendable (
      _ instance: Instance, _ start: Assignment, _ shouldStop: @escaping @Sendable () -> Bool
    ) throws -> Double
  /// The largest number of centers for which a bound is proven.
  public static let maxProvedClusters = 20

  /// A map from which a refinement may start.
  public struct Candidate: Sendable {
    /// The assignments that a map comes from.
    public enum Kind: String, Sendable {
      /// One restart.
      case restart
      /// The mean of the restarts of one number of clusters.
      case mean
      /// Their mean after each was solved again, drawn to the others.
      case synchronized
      /// Known pairs alone.
      case pairs
    }
    /// Where it comes from.
    public let kind: Kind
    /// The number of clusters; 0 for known pairs alone.
    public let clusters: Int
    /// The restart, from 0; nil for a mean.
    public let restart: Int?
    /// The agreement of the kernels under the assignment, known pairs included; nil for a mean.
    public let value: Double?
    /// No assignment has a larger value; nil for a mean, and where no bound was proven.
    public internal(set) var bound: Double?
    /// The mean similarity of a block after the epochs of its probe, of which the worse half of the
    /// candidates has fewer; higher is better. Nil when it was stopped.
    public internal(set) var score: Double?
  }

  /// One epoch of a refinement.
  public struct Epoch: Sendable {
    /// The refinement, from 0.
    public let refinement: Int
    /// Rows of a block.
    public let block: Int
    /// The rank of the map.
    public let rank: Int
    /// The mean similarity of assigned rows under the map.
    public let score: Double
  }

  /// Some rows of both sides in two dimensions, a row each: rows × 2.
  public struct Projection: Sendable {
    /// Rows of the source in the two leading principal coordinates of their side.
    public let source: Matrix<Double>
    /// The same rows under the map, in those of the target.
    public let moved: Matrix<Double>
    /// Rows of the target in theirs.
    public let target: Matrix<Double>
  }

  /// Seconds of the stages.
  public struct Seconds: Sendable {
    /// Standardizing the rows.
    public internal(set) var prepare = 0.0
    /// Clustering.
    public internal(set) var cluster = 0.0
    /// Assigning centers.
    public internal(set) var assign = 0.0
    /// Probing candidates.
    public internal(set) var probe = 0.0
    /// Refining maps.
    public internal(set) var refine = 0.0
  }

  /// The map.
  public internal(set) var map: TranslationMap
  /// The candidates, the best first.
  public internal(set) var candidates: [Candidate]
  /// The epochs of all refinements.
  public internal(set) var epochs: [Epoch]
  /// The share of source rows that have the same nearest target row under the maps of two
  /// refinements; nil with fewer than two.
  public internal(set) var agreement: Double?
  /// Up to 300 rows of each side, evenly spaced, before and after; nil where there is no map.
  public internal(set) var projection: Projection?
  /// Seconds of the stages.
  public internal(set) var seconds: Seconds
  /// False when the refinement was stopped before its end.
  public internal(set) var isComplete: Bool

  /// Maps of an agreement below this are not reliable.
  public static let reliableAgreement = 0.15

  /// True when refinements agree; nil when there were not two of them, and when they were stopped
  /// before they did.
  public var isReliable: Bool? {
    agreement.flatMap { $0 >= Translation.reliableAgreement ? true : isComplete ? false : nil }
  }
}
