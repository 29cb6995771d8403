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

extension SubsetCertificate {
  /// The name of the claim's kind in files.
  public static let kind = "subset-tree"
}
