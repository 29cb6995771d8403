import DualAscent
import Primitives
import QAP

/// Writes a search tree down so that others can check it: a `TreeProof`.
///
/// The search itself prunes by costs that it has thrown away as too dear, which no point of a dual shows.
/// So the tree is built anew: it branches like the search, but each leaf is a bound of its own, proven by
/// Hahn–Grant ascent over what is free there. That takes some times as many nodes, and is meant for small
/// trees.
final class ProofTree {
  private let tree: SearchTree
  private let search: SubtreeSearch
  private let objective: Double
  private let most: Int
  private let mustStop: () -> Bool
  private var nodes: [TreeProof.Node] = []
  private var leaves = 0

  /// A proof of `objective` with `most` bounded leaves at most.
  init(
    _ tree: SearchTree, search: SubtreeSearch, objective: Double, most: Int,
    mustStop: @escaping () -> Bool
  ) {
    self.tree = tree
    self.search = search
    self.objective = objective
    self.most = most
    self.mustStop = mustStop
  }

  /// What the leaves must reach, and what may be claimed: the objective, or for real data what
  /// counts as the same, and no more than sums of such costs can be told apart by.
  private var claim: Double {
    if tree.instance.properties.isIntegral { return objective }
    let error = tree.instance.objectiveError
    return objective - max(0.5e-6 * max(1, abs(objective)), error.isFinite ? 4 * error : 0)
  }

  /// The proof with what it claims; nil when it would be too large, or when time is up.
  func build() throws -> (proof: TreeProof, claim: Double)? {
    guard try prove([]) else { return nil }
    return (TreeProof(nodes: nodes), claim)
  }

  private func prove(_ pairs: [FixedPair]) throws -> Bool {
    let instance = tree.instance
    let n = instance.size
    if n - pairs.count <= 4 {
      nodes.append(.listed)
      return true
    }
    if leaves >= most || mustStop() { return false }
    let reduced = try Restriction(instance, fixing: pairs).reduced
    let report = try reduced.solve(
      with: HahnGrant(parameters: .init(rounds: 60, comparesDirections: false)),
      options: SolveOptions(
        stopping: [Reached(value: claim, lattice: instance.lattice)], keepsProof: true))
    if let bound = report.bound, let point = bound.proof?.multipliers,
      Reached(value: claim, lattice: instance.lattice).holds(bound.unrounded)
    {
      leaves += 1
      nodes.append(.bounded(point))
      return true
    }
    return try branch(pairs)
  }

  private func branch(_ pairs: [FixedPair]) throws -> Bool {
    let n = tree.instance.size
    func free(_ taken: [Int]) -> [Int] {
      let taken = Set(taken)
      return (0..<n).filter { !taken.contains($0) }
    }
    let facilities = free(pairs.map(\.facility))
    let locations = free(pairs.map(\.location))
    let line = search.line(below: pairs, objective: objective) ?? .facility(facilities[0])
    nodes.append(line)
    let choices: [Int]
    let symmetry: Symmetry
    let stabiliser: [Int]
    let isLocation: Bool
    switch line {
    case .location:
      (choices, symmetry, isLocation) = (facilities, tree.facilitySymmetry, true)
      stabiliser = symmetry.stabiliser(of: pairs.map(\.facility))
    default:
      (choices, symmetry, isLocation) = (locations, tree.locationSymmetry, false)
      stabiliser = symmetry.stabiliser(of: pairs.map(\.location))
    }
    let orbits = symmetry.orbits(stabiliser, free: choices)
    for choice in choices {
      if orbits[choice] != choice,
        let map = symmetry.renumbering(
          from: choice, to: orbits[choice], stabiliser, free: choices)
      {
        nodes.append(.symmetric(isLocation ? .facilities(map) : .locations(map)))
        continue
      }
      let pair: FixedPair
      switch line {
      case .location(let location): pair = FixedPair(facility: choice, location: location)
      case .facility(let facility): pair = FixedPair(facility: facility, location: choice)
      default: preconditionFailure("a line is a facility or a location")
      }
      guard try prove(pairs + [pair]) else { return false }
    }
    return true
  }
}

/// Ends an ascent as soon as it proves what is wanted.
private struct Reached: StoppingCriterion {
  let value: Double
  let lattice: ObjectiveLattice?

  func holds(_ bound: Double) -> Bool { (lattice?.roundedUp(bound) ?? bound) >= value }

  func reason(_ status: SearchStatus) -> Termination? {
    status.bound.map(holds) ?? false ? .target : nil
  }
}
