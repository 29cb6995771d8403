/// The proof of a bound for an integral instance whose locations are the vertices of a hypercube.
///
/// Facilities and locations are those that no pair of the certificate fixes, renumbered in their
/// order from 0; there are 2^d of each. A pair of facilities i, k at locations j, l costs
///
///     w[i,k] · (a + b·H(label[j], label[l]))        w ≥ 0, b > 0, H the bits that differ,
///
/// where w is the flow if that is symmetric, and the distances are added to their transpose; if
/// distances alone are symmetric, w is the flow added to its transpose. A facility alone costs the
/// same everywhere. All costs are integers. As b·w ≥ 0, pairs of different parts can be left out:
///
///     objective ≥ a·Σ_{i<k} w[i,k] + b·Σ_part least(part) + the costs of single facilities
///       + the costs of fixed pairs + the constant,
///
/// where least(part) is at most Σ w[i,k]·H over the pairs of the part, whatever different labels
/// its facilities have. A checker finds that out by a separate search: the proof only says which
/// parts, and which of their facilities are interchangeable.
public struct CubeProof: Equatable, Sendable {
  /// Some facilities with a bound on their weighted sum of Hamming distances.
  public struct Part: Equatable, Sendable {
    /// Facilities, those of a cluster interchangeable within the part.
    public var clusters: [[Int]]
    /// The bound.
    public var least: Int

    /// A part from its clusters and its bound. Nothing is checked here.
    public init(clusters: [[Int]], least: Int) {
      self.clusters = clusters
      self.least = least
    }
  }

  /// The vertex of each location, d bits.
  public var labels: [Int]
  /// Disjoint sets of facilities.
  public var parts: [Part]

  /// A proof from its parts. Nothing is checked here: a checker decides what it proves.
  public init(labels: [Int], parts: [Part]) {
    self.labels = labels
    self.parts = parts
  }
}
