import QAP
import QAPPrimitives

extension BranchAndBound {
  /// The result of the work before a search.
  public enum Preparation: Sendable {
    /// There is a tree to search.
    case search(SearchBasis)
    /// There is no search, or a limit was reached.
    case ended(Termination)
  }

  /// Prepares a search: heuristics, the root's bound, and the question whether the memory is there.
  ///
  /// - Throws: `MethodError.parameter` for parameters out of range, and what the methods before the
  ///   search throw.
  public func preparation(_ context: SolveContext) throws -> Preparation {
    try parameters.validate()
    try prepare(context)
    if let reason = context.stopReason() { return .ended(reason) }
    guard let objective = context.incumbent?.objective else { return .ended(.stalled) }
    let bytes = BranchAndBound.bytes(size: context.instance.size, threads: context.threads)
    let limit = context.memoryLimit(parameters.memoryLimit)
    guard bytes <= limit else {
      context.note(
        "the search needs \(bytes >> 20) MiB (limit \(limit >> 20) MiB); keeping the root bound"
      )
      return .ended(.memory)
    }
    guard let multipliers = try rootMultipliers(context) else {
      return .ended(context.stopReason() ?? .stalled)
    }
    return .search(SearchBasis(multipliers: multipliers, objective: objective))
  }
}

/// Workers that search below subproblems of one tree, for callers that keep the list of open
/// subproblems themselves, in this process or in another one.
///
/// Workers of equal instances, bases and parameters are the same: a subproblem that one of them
/// leaves may be continued by any other.
public final class SubtreeWorkers: Sendable {
  /// The result of a search below a subproblem.
  public struct Outcome: Sendable {
    /// Nodes looked at.
    public let nodes: Int
    /// The subproblems still open below it; empty when it is closed.
    public let left: [Subproblem]
    /// The best assignment found, if it improves on the incumbent.
    public let assignment: Assignment?
  }

  private let tree: SearchTree
  private let workers: [Worker]
  /// The whole problem as a subproblem, or nothing when its bound meets the incumbent.
  public let root: [Subproblem]

  /// `threads` workers, O(n⁴) memory for the root and O(n⁵) a worker; takes O(n⁴) time and the
  /// parameters' `rootRounds` of ascent. The searches end early once `mustStop`, which is asked
  /// every few milliseconds from any of them, says so.
  ///
  /// - Throws: `MethodError.parameter` for parameters out of range.
  public init(
    _ instance: Instance, basis: SearchBasis, parameters: BranchAndBound.Parameters,
    rule: OptimalityRule, threads: Int, mustStop: @escaping @Sendable () -> Bool
  ) throws {
    try parameters.validate()
    let (tree, problem) = SearchTree.make(instance, basis, parameters, rule: rule)
    self.tree = tree
    workers = (0..<threads).map { _ in
      Worker(search: SubtreeSearch(tree, root: problem) { _ in mustStop() })
    }
    let limit = tree.scale.limit(objective: basis.objective)
    let isOpen = problem.raise(
      limit: limit, rounds: parameters.rootRounds, mustStop: mustStop)
    root = isOpen ? [Subproblem(pairs: [], bound: tree.scale.cost(problem.bound))] : []
  }

  /// Lets one worker, who must not be at work, search below `subproblem` until nothing better than
  /// `objective` can be there, for `budget` nodes at most.
  public func search(
    _ subproblem: Subproblem, worker: Int, objective: Double, budget: Int
  ) -> Outcome {
    let found = workers[worker].search.run(
      subproblem, objective: objective, budget: budget, work: tree.parameters.workPerSubproblem)
    return Outcome(nodes: found.nodes, left: found.left, assignment: found.assignments.last)
  }

  /// A subproblem of at least this bound holds nothing better than `objective`.
  public func pruningBound(objective: Double) -> Double { tree.pruningBound(objective: objective) }

  /// The value proven by a search that has closed every node with an incumbent of `objective`: that
  /// value, or for real data the least value that counts as equal.
  public func provenValue(objective: Double) -> Double { tree.provenValue(objective: objective) }
}

extension SearchTree {
  /// The tree over `instance` and its root, before any ascent.
  static func make(
    _ instance: Instance, _ basis: SearchBasis, _ parameters: BranchAndBound.Parameters,
    rule: OptimalityRule
  ) -> (SearchTree, ReducedProblem) {
    let cost = PairCost(instance)
    let root = SearchRoot(
      cost, instance: instance, multipliers: basis.multipliers, objective: basis.objective,
      rule: rule)
    let tree = SearchTree(
      instance: instance, rule: rule, scale: root.scale,
      facilitySymmetry: Symmetry(cost, ofFacilities: true),
      locationSymmetry: Symmetry(cost, ofFacilities: false), parameters: parameters)
    return (tree, root.problem)
  }

  /// The value proven by pruning with an incumbent of `objective`: that value, or for real data the
  /// least value that counts as optimal.
  func provenValue(objective: Double) -> Double {
    objective - 0.5 * rule.slack(at: objective)
  }

  /// The bound from which on nodes are pruned that an earlier, worse incumbent left open.
  func pruningBound(objective: Double) -> Double {
    min(provenValue(objective: objective), scale.cost(scale.limit(objective: objective)))
  }
}

extension ReducedProblem {
  /// Raises the bound of a whole problem by some rounds in whole numbers; false when they close it.
  func raise(limit: Int32, rounds: Int, mustStop: () -> Bool) -> Bool {
    let kernel = NodeReduction(size: size, infinity: infinity)
    guard kernel.settleLeaders(self, limit: limit) else { return false }
    if size <= SubtreeSearch.enumerated { return true }
    let order = Array(0..<size)
    for _ in 0..<rounds {
      guard kernel.round(self, limit: limit, order: order) else { return false }
      if mustStop() { break }
    }
    return true
  }
}
