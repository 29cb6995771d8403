/// The proof of a bound for an integral instance whose facilities fall into two clusters of
/// interchangeable ones: a search tree of the subset problem that it is.
///
/// Facilities and locations are those that no pair of the certificate fixes, renumbered in their
/// order from 0. Let flow[i,k] be a for two facilities of the first cluster, b for two of the
/// second, c from the first to the second, d from the second to the first, and s₁[j], s₂[j] the
/// cost of a facility of either cluster at location j (linear term, diagonal, pairs with fixed
/// ones). When the first cluster is at the locations S, the objective is
///
///     Σ_{j ≠ l ∈ S} (a + b − c − d)·D[j,l]
///       + Σ_{j ∈ S} (s₁[j] − s₂[j] + (c − b)·Σ_l D[j,l] + (d − b)·Σ_l D[l,j])
///       + b·Σ_{j ≠ l} D[j,l] + Σ_j s₂[j] + the costs of fixed pairs + the constant,
///
/// where D is the distance without its diagonal; if distances are symmetric, its upper triangle,
/// and flows are added to their transpose; if flows alone are, the upper triangle of the distances
/// added to their transpose. The first two sums are the subset problem of the tree, its costs the
/// factors of the first sum and, on the diagonal, of the second. What the tree proves is rounded up
/// to the next multiple of the greatest common divisor of these costs (those of a pair together).
///
/// Where locations fall into two clusters, facilities and locations change roles.
public struct TwoClusterProof: Equatable, Sendable {
  /// The locations fall into two clusters, not the facilities.
  public var ofLocations: Bool
  /// The first cluster.
  public var members: [Int]
  /// A unit of the tree's costs is 2 to this power.
  public var exponent: Int
  /// The search tree over subsets of as many items as the first cluster has members.
  public var tree: SubsetProof

  /// A proof from its parts. Nothing is checked here: a checker decides what it proves.
  public init(ofLocations: Bool, members: [Int], exponent: Int, tree: SubsetProof) {
    self.ofLocations = ofLocations
    self.members = members
    self.exponent = exponent
    self.tree = tree
  }
}
