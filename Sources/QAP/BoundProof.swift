/// The proof of a lower bound, in numbers that a program without knowledge of the solver can check.
public enum BoundProof: Equatable, Sendable {
  /// A feasible point of the dual of the level-1 RLT relaxation.
  case rlt1(RLTMultipliers)
  /// Eigenvalues of the projected matrices, and duals of the linear part.
  case projection(ProjectionProof)
  /// A search tree with a proof at each leaf.
  case tree(TreeProof)
  /// A multiplier of the doubly nonnegative relaxation.
  case semidefinite(SemidefiniteProof)
  /// A search tree over the places of one of two clusters.
  case subset(TwoClusterProof)
  /// Sets of facilities at the vertices of a hypercube.
  case cube(CubeProof)
}

extension BoundProof {
  /// The point of the level-1 RLT dual, if it is one.
  public var multipliers: RLTMultipliers? {
    if case .rlt1(let multipliers) = self { multipliers } else { nil }
  }

  /// The name of the claim's kind in files.
  public var kind: String {
    switch self {
    case .rlt1: "rlt1"
    case .projection: "projection"
    case .tree: "tree"
    case .semidefinite: "dnn"
    case .subset: "subset"
    case .cube: "cube"
    }
  }
}
