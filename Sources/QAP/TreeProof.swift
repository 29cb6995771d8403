/// The proof of a bound by branching: a search tree whose leaves are proven one by one.
///
/// Facilities and locations are those that no pair of the certificate fixes, renumbered in their
/// order from 0. The nodes stand in preorder, each child list in ascending order, so that a reader
/// can infer which pairs a node has fixed.
public struct TreeProof: Equatable, Sendable {
  /// A renumbering that leaves all costs as they are: the new number of each facility, or location.
  public enum Symmetry: Equatable, Sendable {
    /// The new number of each facility.
    case facilities([Int])
    /// The new number of each location.
    case locations([Int])
  }

  /// The proof of a bound over the free facilities and locations of a node.
  public indirect enum Point: Equatable, Sendable {
    /// A point of the level-1 RLT dual.
    case rlt1(RLTMultipliers)
    /// A multiplier of the doubly nonnegative relaxation.
    case semidefinite(SemidefiniteProof)

    /// The point of the level-1 RLT dual: for costs to which the multiplier is added, if there is
    /// one.
    public var multipliers: RLTMultipliers {
      switch self {
      case .rlt1(let multipliers): multipliers
      case .semidefinite(let proof): proof.multipliers
      }
    }
  }

  /// A node: a branching, or the reason why there is none.
  public enum Node: Equatable, Sendable {
    /// The facility is at one of the free locations: a child for each.
    case facility(Int)
    /// The location holds one of the free facilities: a child for each.
    case location(Int)
    /// The point bounds the objective.
    case bounded(Point)
    /// Not a node, but a point that bounds the children of the branching that
    /// follows: an assignment with a certain placement costs that placement's leader more than the
    /// point proves. The leader is what the second line of `RLTMultipliers` has left.
    case leaders(Point)
    /// The leaders that stand before the case distinction bound this child.
    case implied
    /// So little is free that all assignments can be tried.
    case listed
    /// The renumbering maps this child to a sibling that is no such child itself, and moves nothing
    /// that is fixed: the cheapest assignments of both cost the same.
    case symmetric(Symmetry)
  }

  /// The nodes in preorder.
  public var nodes: [Node]

  /// A tree from its nodes in preorder. Nothing is checked here: a checker replays them.
  public init(nodes: [Node]) { self.nodes = nodes }

  /// So many free facilities are few enough to try all their assignments.
  public static let maxListed = 6
}
