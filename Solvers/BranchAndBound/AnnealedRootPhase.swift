import QAP
import QAPDualAscent
import QAPPrimitives

/// The reduced problems that searches begin from, by the pairs that are fixed in them, in their
/// order.
///
/// Unchecked, because it changes between batches only, when no search reads it.
final class SearchStarts: @unchecked Sendable {
  private var problems: [[FixedPair]: ReducedProblem] = [:]
  private var deepest = 0
  /// Bytes held.
  private(set) var bytes = 0

  /// Lets searches below `pairs` begin from `problem`, which does not change afterwards.
  func add(_ problem: ReducedProblem, _ pairs: [FixedPair]) {
    problems[pairs] = problem
    deepest = max(deepest, pairs.count)
    bytes += ReducedProblem.bytes(size: problem.size)
  }

  /// The start that has the most of `pairs` in it, and how many.
  func nearest(_ pairs: [FixedPair]) -> (problem: ReducedProblem, count: Int)? {
    for count in stride(from: min(deepest, pairs.count), to: 0, by: -1) {
      if let problem = problems[Array(pairs.prefix(count))] { return (problem, count) }
    }
    return nil
  }
}

/// Annealed ascents of nodes near the root of a large tree.
///
/// A child that inherits its parent's reduced costs climbs on from there by coordinate ascent,
/// which soon stands still, far below what the relaxation of the child is worth. Some sweeps of the
/// annealed ascent from nothing take as long as hundreds of nodes and reach most of it; all that is
/// below inherits it. The bound that a search holds at any time rises by that (nug20 after two
/// seconds: 2270 instead of 2208). The tree is almost as large, as ascents further down catch up;
/// so little time is spent here.
struct AnnealedRootPhase {
  /// The result of processing a node. Unchecked, as a start is not changed after it was made.
  enum Outcome: @unchecked Sendable {
    case pruned
    /// Searches begin here now.
    case start(ReducedProblem, bound: Double)
    /// It has to do with what it inherits.
    case unchanged
  }

  /// Sweeps of an ascent.
  private static let sweeps = 60
  /// Bytes of all starts at most.
  static let maxBytes = 1 << 30

  let tree: SearchTree
  let stop: @Sendable (SearchStatus) -> Termination?

  /// Bounds `subproblem` again. Depends on its arguments alone.
  func treat(_ subproblem: Subproblem, objective: Double) -> Outcome {
    guard let reduction = try? ReducedInstance(tree.instance, fixing: subproblem.pairs) else {
      preconditionFailure("a subproblem fixes a place twice")
    }
    let instance = reduction.instance
    guard instance.size > 4 else { return .unchanged }
    let needed = tree.pruningBound(objective: objective)
    let method = AnnealedAscent(
      .init(sweeps: AnnealedRootPhase.sweeps, newtonPasses: 0, estimatesCeiling: false))
    let options = SolveOptions(stop: stop, threads: 1, keepsProof: true)
    guard let report = try? instance.solve(with: method, options: options),
      let bound = report.bound, let multipliers = bound.proof?.multipliers
    else { return .unchanged }
    if bound.unrounded >= needed { return .pruned }
    let root = SearchRoot(
      PairCost(instance), instance: instance, multipliers: multipliers, objective: objective,
      rule: tree.rule, scale: tree.scale)
    guard let problem = root.problem(in: tree.scale) else { return .unchanged }
    problem.facilities = reduction.facilities
    problem.locations = reduction.locations
    let limit = tree.scale.limit(objective: objective)
    guard problem.raise(limit: limit, rounds: tree.parameters.startRounds, mustStop: { false })
    else { return .pruned }
    return .start(problem, bound: max(subproblem.bound, tree.scale.cost(problem.bound)))
  }
}

extension SearchRoot {
  /// The problem with its offset as a bound in units of `scale`, which it was reduced in; nil when
  /// the offset is below that of the tree.
  fileprivate func problem(in scale: SearchScale) -> ReducedProblem? {
    guard offset >= scale.offset else { return nil }
    problem.bound = scale.units(offset)
    return problem
  }
}
