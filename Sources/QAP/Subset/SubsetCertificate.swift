/// A lower bound on the objectives of a subset problem together with its proof, a search tree.
public struct SubsetCertificate: Equatable, Sendable {
  /// The problem's name, for people: the proof is checked against the data.
  public var problem: String
  /// The number of items, L.
  public var items: Int
  /// The number of items to choose, N.
  public var size: Int
  /// The claim: no subset of that size costs less.
  public var bound: Double
  /// The claim rounded up to the next value that objectives can take; equal to `bound` for real
  /// data.
  public var rounded: Double
  /// A unit of cost is 2 to this power.
  public var exponent: Int
  /// The proof.
  public var tree: SubsetProof

  /// A claim with its proof. Nothing is checked here: `check(_:of:)` of the module QAPVerification
  /// decides.
  public init(
    problem: String, items: Int, size: Int, bound: Double, rounded: Double, exponent: Int,
    tree: SubsetProof
  ) {
    self.problem = problem
    self.items = items
    self.size = size
    self.bound = bound
    self.rounded = rounded
    self.exponent = exponent
    self.tree = tree
  }
}

/// A search tree that proves a lower bound for a subset problem.
///
/// Twice the objective is counted in whole units: with d[i,i] = ⌊2·C[i,i]⌋ and d[i,j] = ⌊C[i,j] +
/// C[j,i]⌋ in units, 2·f(S) ≥ Σ_{i,j ∈ S} d[i,j]. At every node some items are chosen, some left
/// out, and n more are to be chosen of the others, the free ones; what the chosen ones cost among
/// each other is a constant there, and what they cost with a free item i is part of d[i,i]. A leaf
/// is bounded by its rows: each free item i costs at least
///
///     r[i] = d[i,i] + the sum of the n − 1 smallest d[i,j] over the other free items j,
///
/// so that n of them cost at least the sum of the n smallest r, and the constant.
public indirect enum SubsetProof: Equatable, Sendable {
  /// A leaf, bounded by the rows of the costs at hand: the original ones, or those of the dual
  /// point above it that is nearest.
  case rows
  /// A leaf, bounded by the rows of the original costs.
  case originalRows
  /// Without item `item`, and with it.
  case split(item: Int, without: SubsetProof, with: SubsetProof)
  /// Below, the original costs of this node's free items are replaced with those of a dual point.
  case dual(SubsetDual, SubsetProof)
}

/// A point of the dual of the semidefinite relaxation of a subset problem, over the free items of a
/// node of which n are to be chosen, in whole units of 2^shift units of cost.
///
/// Every choice s ∈ {0,1}ᵐ, eᵀs = n, has sᵀs = n, (eᵀs)² = n² and (eᵀs)(wᵀs) = n·wᵀs; so if
///
///     λ·I + (τ/n²)·eeᵀ − Q − (weᵀ + ewᵀ)/n  is positive semidefinite,
///
/// then sᵀQs + 2wᵀs ≤ λn + τ, and costs d + Q + 2·Diag(w) may take the place of d, when λn + τ
/// is taken off.
public struct SubsetDual: Equatable, Sendable {
  /// A unit here is 2^shift units of cost; not negative.
  public var shift: Int
  /// λ.
  public var eigenvalue: Int64
  /// τ.
  public var constant: Int64
  /// w, one for each free item in ascending order.
  public var linear: [Int64]
  /// The lower triangle of Q with the diagonal, row after row: Q[i,j], j ≤ i, at i(i + 1)/2 + j.
  public var quadratic: [Int64]

  /// A point from its numbers, whose counts are those of `isWellFormed(_:)`.
  public init(
    shift: Int, eigenvalue: Int64, constant: Int64, linear: [Int64], quadratic: [Int64]
  ) {
    self.shift = shift
    self.eigenvalue = eigenvalue
    self.constant = constant
    self.linear = linear
    self.quadratic = quadratic
  }

  /// True when there are as many numbers as `free` items need.
  public func isWellFormed(_ free: Int) -> Bool {
    linear.count == free && quadratic.count == free * (free + 1) / 2
  }
}

extension SubsetCertificate {
  /// The name of the claim's kind in files.
  public static let kind = "subset-tree"
}
