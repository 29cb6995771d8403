import QAP
import QAPDualAscent
import QAPGilmoreLawler
import QAPLocalSearch
import QAPPrimitives
import QAPSemidefinite
import QAPSubsetSelection

/// Exact search: proves the optimum by enumeration over level-1 RLT bounds that children inherit.
///
/// After P. M. Hahn, T. Grant and N. Hall, "A branch-and-bound algorithm for the quadratic
/// assignment problem based on the Hungarian method", European Journal of Operational Research 108
/// (1998). Robust tabu search finds a first incumbent, annealed dual ascent (`rlt1`) the root's
/// bound. From then on all costs are integers in a unit far below the gap (see `SearchScale`), so
/// every pruning is a proof: a node holds the n⁴/2 reduced costs, a child copies those that stay,
/// moves what its placement costs with all others into the leaders, and climbs on by a few rounds
/// of Hahn–Grant ascent. Branching is polytomic: all free locations of one facility or all free
/// facilities of one location, whichever promises less work by the bounds met for each placement;
/// many children are pruned by these alone. Symmetries of facilities and of locations leave one
/// child of each orbit. The top of a tree that would take long has doubly nonnegative bounds
/// as well (see `DNNRootPhase`).
///
/// Open subproblems wait in a list, the least bound first, and are searched in batches, each for a
/// number of nodes at most; their open nodes return to the list. Incumbents are exchanged
/// between batches only. The answer, the tree and the log therefore do not depend on the number of
/// threads, the least bound of the list is a bound at any time, and the list is all that a
/// checkpoint needs to hold.
///
/// Takes everything `rlt1` takes. O(n⁵) memory a thread, if it goes deep: 51 MiB for n = 40, and 23
/// MiB that all threads share.
public struct BranchAndBound: Method {
  public static let info = MethodInfo(
    id: "branch-and-bound", summary: "exact parallel search with inherited level-1 RLT bounds",
    paper: "Hahn, Grant and Hall 1998, European Journal of Operational Research 108:629-640",
    output: .assignmentAndBound,
    iteration: "a node of the tree; before the search, an iteration of the method that runs",
    supportsTensors: true, isRelabelingInvariant: false, searchesTree: true)

  /// The options of the search.
  public var parameters: Parameters
  /// Where a doubly nonnegative relaxation of the instance has ended, for the top of the tree to
  /// begin from.
  package var rootRelaxation: RelaxationState?
  /// False where a hypercube has been searched bit by bit before.
  package var searchesCubes = true
  /// Threads that first estimate the tree, where others are at work; all of them by default.
  package var estimateThreads: Int?

  /// A search with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    if parameters.checkpoint == nil, let problem = TwoClusters(context.instance) {
      return try problem.run(context)
    }
    if let ended = try searchCube(context) { return ended }
    let resumed = try parameters.checkpoint?.load(context.instance)
    if parameters.checkpoint != nil {
      context.note("checkpoint: saved every 15 s (at first every second) and at the end")
    }
    if let resumed {
      context.note(
        "resumed from checkpoint: \(resumed.nodes) nodes done, \(resumed.open.count) open")
      if let assignment = resumed.assignment { context.offer(assignment) }
      context.count(nodes: resumed.nodes, open: resumed.open.count)
    }
    switch try begin(context, from: resumed) {
    case .search(let search): return try search.run()
    case .ended(let reason): return reason
    }
  }

  /// Searches an instance on a hypercube bit by bit: see `CubeSearch`. Nil for other instances,
  /// when that search cannot prove the optimum, and where a checkpoint is to be written.
  package func searchCube(_ context: SolveContext) throws -> Termination? {
    guard searchesCubes, parameters.checkpoint == nil,
      let search = CubeSearch(context.instance)
    else { return nil }
    if context.incumbent == nil || !parameters.trustsIncumbent {
      let usual = max(
        1000, RobustTabu.Parameters.defaultIterations(size: context.instance.size) / 8)
      let limits = Limits(iterations: context.iterationsLeft.map { max(1, $0 / 4) })
      _ = try RobustTabu(.init(iterations: parameters.tabuIterations ?? usual)).run(
        context.phase(RobustTabu.info.id, limits: limits))
      if let reason = context.stopReason() { return reason }
    }
    return search.run(context)
  }

  /// The size of the tree that `run` would search, after everything that comes before it; nil when
  /// nothing is left to search, or a limit is met before.
  ///
  /// - Throws: `MethodError.parameter` for a parameter out of range, and what the methods before
  ///   the search throw.
  public func estimate(_ context: SolveContext) throws -> TreeEstimate? {
    try parameters.validate()
    guard case .search(let search) = try begin(context, from: nil) else { return nil }
    return search.estimate(probes: parameters.probes)
  }

  private enum Beginning {
    case search(TreeSearch)
    case ended(Termination)
  }

  /// Prepares the search.
  private func begin(_ context: SolveContext, from state: SearchState?) throws -> Beginning {
    switch try preparation(context) {
    case .ended(let reason): return .ended(reason)
    case .search(let basis):
      let (tree, root) = SearchTree.make(
        context.instance, basis, parameters, rule: context.rule)
      let search = TreeSearch(
        context, tree, root, relaxation: rootRelaxation, firstThreads: estimateThreads)
      search.begin(from: state)
      return .search(search)
    }
  }

  /// Ticks of the root's annealed ascent at most.
  static let rootAscentTicks = 5e10

  /// The bytes that a search may take at most.
  public static func bytes(size n: Int, threads: Int) -> Int {
    let levels = (1...n).reduce(0) { $0 + ReducedProblem.bytes(size: $1) }
    return threads * levels + 2 * ReducedProblem.bytes(size: n) * 2
  }

  /// Runs the preparation of the search, as far as it has not been done: heuristics and the root's
  /// bound.
  func prepare(_ context: SolveContext) throws {
    let n = context.instance.size
    // Of limited iterations what comes before the tree leaves it the larger part. Proofs are what a
    // search starts from, and keep the user waiting beyond any size that is searched.
    func run(_ method: some Method, share: Int = 4, upTo largest: Int = 150) throws {
      let limits = Limits(iterations: context.iterationsLeft.map { max(1, $0 / share) })
      do {
        _ = try method.run(
          context.phase(
            method.info.id, start: context.incumbent?.assignment, limits: limits,
            keepsProof: context.keepsProof || n <= largest))
      } catch MethodError.tooLarge(_, _, let needs, _) {
        context.note("\(method.info.id) needs \(needs); skipping it")
      }
    }
    // A proof takes O(n⁵) here, and the ascent proves more.
    if context.bound == nil { try run(GilmoreLawler(), upTo: 60) }
    if context.stopReason() != nil { return }
    if !parameters.trustsIncumbent || context.incumbent == nil {
      let usual = max(1000, RobustTabu.Parameters.defaultIterations(size: n) / 8)
      try run(RobustTabu(.init(iterations: parameters.tabuIterations ?? usual)))
      if context.stopReason() != nil { return }
    }
    if context.multipliers != nil, parameters.trustsBound { return }
    try run(HahnGrant(.init(rounds: 12)))
    if context.stopReason() != nil { return }
    let affordable = BranchAndBound.rootAscentTicks / WorkModel.sweep(size: n)
    let sweeps = Int(min(Double(parameters.rootSweeps), affordable))
    if sweeps >= 100 {
      try run(
        AnnealedAscent(
          .init(sweeps: sweeps, newtonPasses: 0, estimatesCeiling: false)))
    }
  }

  /// The multipliers of the best bound, or of one made for the purpose when the best is of another
  /// kind.
  func rootMultipliers(_ context: SolveContext) throws -> RLTMultipliers? {
    if let known = context.multipliers { return known }
    let report = try context.instance.solve(
      with: HahnGrant(.init(rounds: 30)),
      options: SolveOptions(
        stop: context.relayedStop, threads: context.threads, keepsProof: true))
    return report.bound?.proof?.multipliers
  }
}

extension SolveContext {
  /// Ends an inner run when this one must end.
  var relayedStop: @Sendable (SearchStatus) -> Termination? {
    { _ in self.stopsAtOnce() ? .interrupted : nil }
  }
}
