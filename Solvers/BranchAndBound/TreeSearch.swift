import QAP
import QAPPrimitives
import QAPSemidefinite
import Synchronization

/// The list of open subproblems and the batches in which workers search below them.
final class TreeSearch {
  private let context: SolveContext
  private let tree: SearchTree
  private let root: ReducedProblem
  private let workers: [Worker]
  private let starts: SearchStarts
  private var open: WorkQueue<Subproblem>
  private var nodes = 0
  /// The best assignments, where the search is for more than one.
  private(set) var pool: SolutionPool?
  /// No assignment costs less, those in the pool apart.
  private(set) var boundOfOthers = -Double.infinity
  private var saved = 0.0
  private let live = LiveWork()
  /// The factor by which few walks must exceed the budget for a tree to be too large: they are more
  /// often too low.
  private static let ruledOut = 20.0
  /// Ticks that an estimate may take.
  private static let estimateTicks = 2e10
  /// Where a relaxation of the root has ended.
  private let relaxation: RelaxationState?
  /// Threads of the first estimate, if not all.
  private let firstThreads: Int?
  /// Nodes at most, when the tree has turned out too large.
  private var allowance: Int?

  init(
    _ context: SolveContext, _ tree: SearchTree, _ root: ReducedProblem,
    relaxation: RelaxationState? = nil, pool: SolutionPool? = nil, firstThreads: Int? = nil
  ) {
    self.context = context
    self.firstThreads = firstThreads
    self.pool = pool
    self.relaxation = relaxation
    self.tree = tree
    self.root = root
    open = WorkQueue(maxOpen: tree.parameters.maxOpen)
    let starts = SearchStarts()
    self.starts = starts
    let live = live
    workers = (0..<context.threads).map { _ in
      Worker(
        search: SubtreeSearch(tree, root: root, starts: starts) { nodes in
          live.report(nodes, to: context)
          return context.stopsAtOnce()
        })
    }
  }

  /// Raises the root's bound, or resumes from `state`.
  func begin(from state: SearchState?) {
    let limit = tree.scale.limit(objective: objectiveToImprove ?? .infinity)
    let isOpen = raiseRoot(limit: limit)
    if let state {
      open.insert(state.open)
      nodes = state.nodes
    } else if isOpen {
      open.insert(Subproblem(pairs: [], bound: rootBound))
    }
    saved = context.status.seconds
  }

  /// An estimate of the nodes below the open ones, by a number of probes, and its standard error;
  /// nil when time is up. The answer depends on the seed and on the number of probes only.
  func estimate(probes: Int) -> TreeEstimate? {
    // A walk takes some seconds at n = 60.
    let affordable = TreeSearch.estimateTicks / WorkModel.walk(size: root.size)
    let probes = max(2, min(probes, Int(affordable)))
    guard !open.isEmpty, let objective = objectiveToImprove else {
      return TreeEstimate(nodes: 0, error: 0, probes: 0)
    }
    // Sorted, as the order of the list is no part of the search's state.
    let sorted = open.items.sorted { $0.bound < $1.bound }
    let results = Mutex([Double](repeating: 0, count: probes))
    let (workers, seed, done) = (workers, context.seed, UInt64(nodes))
    live.isEstimating.store(true, ordering: .relaxed)
    defer { live.isEstimating.store(false, ordering: .relaxed) }
    let threads = done == 0 ? firstThreads ?? context.threads : context.threads
    parallelFor(count: probes, threads: threads) { worker, index in
      var generator = SeededGenerator(seed: seed &+ done, stream: UInt64(index) << 8)
      // Evenly over the list.
      let place = (Double(index) + generator.unit()) * Double(sorted.count) / Double(probes)
      let subproblem = sorted[min(sorted.count - 1, Int(place))]
      let found = workers[worker].search.probe(
        subproblem, objective: objective, using: &generator)
      results.withLock { $0[index] = found * Double(sorted.count) }
    }
    if context.stopsAtOnce() { return nil }
    return TreeEstimate(results.withLock { $0 })
  }

  /// Searches until nothing is open or a limit is met.
  func run() throws -> Termination {
    var nextEstimate = max(firstEstimate, nodes)
    publish()
    var estimated: TreeEstimate?
    if !open.isEmpty, let first = firstLook() {
      let estimate = chooseLine(first)
      estimated = estimate
      context.note("estimated tree: \(estimate.description)")
      if let budget = tree.parameters.budget {
        if estimate.nodes > Double(budget.worthwhile) {
          allowance = budget.otherwise
          if budget.otherwise == 0 { return .nodes }
          if budget.otherwise < .max {
            context.note(
              "estimated tree exceeds the budget of \(budget.worthwhile) nodes; stopping after "
                + "\(budget.otherwise) "
                + "(--method branch-and-bound has no budget)")
          }
        }
      }
    }
    var isStrengthened = try strengthen(estimated, open.items)
    if isStrengthened {
      nextEstimate = max(50_000, 3 * nodes / 2)
    } else if let estimated {
      try anneal(estimated)
    }
    while true {
      if nodes >= nextEstimate, !open.isEmpty,
        let estimate = estimate(probes: tree.parameters.probes)
      {
        nextEstimate = nodes + nodes / 2
        context.note(
          "\(nodes) nodes done, \(open.count) open; estimated remaining: \(estimate.description)")
        // Who would not have begun with a large tree does not go on with one that looked small,
        // once that is more than the walks' scatter.
        if let budget = tree.parameters.budget, budget.otherwise == 0,
          estimate.nodes - estimate.error > Double(budget.worthwhile)
        {
          publish()
          return .nodes
        }
        // A tree that looked small and is not begins again.
        if !isStrengthened, nodesLeft == nil, estimate.nodes > 2 * Double(nodes) {
          isStrengthened = try strengthen(estimate, [Subproblem(pairs: [], bound: rootBound)])
        }
      }
      publish()
      let reason = stopReason ?? (nodesLeft ?? 1 <= 0 ? .nodes : nil)
      if open.isEmpty || reason != nil {
        try save()
        // Of several assignments the best one was proven before.
        if context.keepsProof, pool == nil, open.isEmpty || reason == .optimal { try certify() }
        return stopReason ?? reason ?? .stalled
      }
      if context.status.seconds - saved >= secondsBetweenSaves { try save() }
      searchBatch()
    }
  }

  /// The size of the tree by all walks, or by the first few where these rule out that it fits the
  /// budget.
  private func firstLook() -> TreeEstimate? {
    let few = 4
    if let budget = tree.parameters.budget, tree.parameters.probes > few,
      let look = estimate(probes: few),
      look.nodes > TreeSearch.ruledOut * Double(budget.worthwhile)
    {
      return look
    }
    return estimate(probes: tree.parameters.probes)
  }

  /// Lets the root of a tree of some size branch on the line that walks find the smallest tree
  /// below; what the bounds of its children promise can be wrong by some times.
  private func chooseLine(_ first: TreeEstimate) -> TreeEstimate {
    guard open.count == 1, open.maxDepth == 0, first.probes == tree.parameters.probes,
      first.nodes > 20_000
    else { return first }
    var best = first
    var choice = 0
    for option in 1..<SubtreeSearch.triedLines {
      for worker in workers { worker.search.rootChoice = option }
      guard let estimate = estimate(probes: tree.parameters.probes) else { break }
      // The mean of few walks is more often too low than too high: only what is clearly less
      // counts.
      if estimate.nodes + estimate.error < best.nodes - best.error {
        (best, choice) = (estimate, option)
      }
    }
    for worker in workers { worker.search.rootChoice = choice }
    return best
  }

  /// Nodes until a limit is met; nil without one.
  private var nodesLeft: Int? {
    [allowance.map { $0 - nodes }, context.nodesLeft, context.iterationsLeft]
      .compactMap { $0 }.min()
  }

  /// Counts nodes, which are this method's iterations.
  private func count(_ done: Int) {
    nodes += done
    live.nodes.store(0, ordering: .relaxed)
    context.count(nodes: done, open: open.count)
    context.count(iterations: done)
  }

  /// A kill loses at most this number of seconds and a batch: fewer in a young search, whose list
  /// is short.
  private var secondsBetweenSaves: Double { min(15, max(1, 0.1 * context.status.seconds)) }

  /// The first rounds in whole numbers; false when they close the root.
  private func raiseRoot(limit: Int32) -> Bool {
    root.raise(limit: limit, rounds: tree.parameters.rootRounds) { context.stopsAtOnce() }
  }

  /// Nodes after which a tree is estimated again: as long as a relaxation takes.
  private var firstEstimate: Int {
    let nodes =
      NodeRelaxation.ticks(size: root.size) / WorkModel.node(size: root.size)
    return Int(min(50_000, max(2000, nodes)))
  }

  /// The bound that the whole tree begins with.
  private var rootBound: Double { tree.scale.cost(root.bound) }

  /// Treats the top of a tree that is worth it by the relaxation, from `subproblems` on, which are
  /// all that is open, and leaves the rest of it in the list; false when it does nothing.
  private func strengthen(_ estimate: TreeEstimate?, _ subproblems: [Subproblem]) throws -> Bool {
    guard let estimate, let objective = objectiveToImprove,
      let top = DNNRootPhase(
        context, tree, workers, estimate: estimate, open: subproblems, root: relaxation)
    else { return false }
    context.note(top.explanation)
    while !top.isEmpty {
      publish()
      let best = objectiveToImprove ?? objective
      top.drop(above: tree.scale.cost(tree.scale.limit(objective: best)))
      replaceOpen(by: top.open)
      if stopReason != nil || nodesLeft ?? 1 <= 0 { break }
      if context.status.seconds - saved >= secondsBetweenSaves { try save() }
      let done = top.treatBatch(objective: best, pool: pool, nodesLeft: nodesLeft)
      for (index, assignment) in done.assignments.enumerated() {
        offer(assignment, rank: index)
      }
      replaceOpen(by: top.open)
      count(done.nodes)
      guard top.isDueForReview else { continue }
      guard let left = self.estimate(probes: tree.parameters.probes) else { break }
      context.note(top.review(left))
      if top.isWorthwhile { continue }
      if let budget = tree.parameters.budget, left.nodes > Double(budget.worthwhile) {
        allowance = budget.otherwise < .max ? nodes + budget.otherwise : nil
      }
      break
    }
    return true
  }

  /// Gives the nodes of the top of the tree an annealed ascent each, depth by depth, as long as
  /// that takes a small share of the work that seems left.
  private func anneal(_ estimate: TreeEstimate) throws {
    var left = estimate
    let top = AnnealedRootPhase(tree: tree, stop: context.relayedStop)
    while !open.isEmpty, stopReason == nil, nodesLeft == nil,
      let objective = objectiveToImprove
    {
      let size = root.size - (open.maxDepth ?? 0) - 1
      // What the next depth may hold.
      let children = open.count * (size + 1)
      let work = left.nodes * WorkModel.node(size: root.size)
      let share = tree.parameters.annealedShare
      let isWorthIt =
        left.probes == tree.parameters.probes
        && Double(children) * WorkModel.annealedNode(size: size) <= share * work
      guard size > 4, isWorthIt || share == .infinity,
        starts.bytes + children * ReducedProblem.bytes(size: size) <= AnnealedRootPhase.maxBytes
      else { return }
      expand(objective: objective)
      let subproblems = open.items
      let results = Mutex(
        [AnnealedRootPhase.Outcome](repeating: .unchanged, count: subproblems.count))
      parallelFor(count: subproblems.count, threads: context.threads) { _, index in
        let outcome = top.treat(subproblems[index], objective: objective)
        results.withLock { $0[index] = outcome }
      }
      if context.stopsAtOnce() { return }
      open.removeAll()
      for (subproblem, outcome) in zip(subproblems, results.withLock { $0 }) {
        switch outcome {
        case .pruned: break
        case .unchanged: open.insert(subproblem)
        case .start(let problem, let bound):
          starts.add(problem, subproblem.pairs)
          open.insert(Subproblem(pairs: subproblem.pairs, bound: bound))
        }
      }
      publish()
      guard !open.isEmpty, let now = self.estimate(probes: tree.parameters.probes) else { return }
      left = now
      context.note(
        "\(subproblems.count) nodes with a separate ascent, \(open.count) of them open; "
          + "left: \(left.description)")
    }
  }

  /// Replaces all that is open by its children.
  private func expand(objective: Double) {
    search(open.takeAll(), objective: objective, budget: 1, work: .max)
  }

  private func replaceOpen(by subproblems: [Subproblem]) {
    open.removeAll()
    open.insert(subproblems)
  }

  /// Lets the workers search below `batch`, and takes over what they have found and left.
  private func search(_ batch: [Subproblem], objective: Double, budget: Int, work: Int) {
    let results = Mutex([SubtreeSearch.Outcome?](repeating: nil, count: batch.count))
    let (workers, pool) = (workers, pool)
    parallelFor(count: batch.count, threads: context.threads) { worker, index in
      let outcome = workers[worker].search.run(
        batch[index], objective: objective, pool: pool, budget: budget, work: work)
      results.withLock { $0[index] = outcome }
    }
    let outcomes = results.withLock { $0.compactMap { $0 } }
    for (index, outcome) in outcomes.enumerated() {
      open.insert(outcome.left)
      for assignment in outcome.assignments { offer(assignment, rank: index) }
    }
    count(outcomes.reduce(0) { $0 + $1.nodes })
  }

  /// The objective that an assignment must improve on to be of interest.
  private var objectiveToImprove: Double? { pool?.threshold ?? context.incumbent?.objective }

  /// A search for several assignments goes on when the best one is proven.
  private var stopReason: Termination? {
    pool == nil ? context.stopReason() : context.endOfWork()
  }

  /// True when nothing is open.
  var isClosed: Bool { open.isEmpty }

  private func offer(_ assignment: Assignment, rank: Int) {
    pool?.insert(assignment)
    context.offer(assignment, rank: rank)
  }

  private func searchBatch() {
    let parameters = tree.parameters
    var count = min(parameters.batch, open.count)
    // Short runs until there is work for everybody.
    var budget = open.count < parameters.batch ? 20 : parameters.nodesPerSubproblem
    if let nodesLeft {
      let left = max(1, nodesLeft)
      count = min(count, left)
      budget = min(budget, max(1, left / count))
    }
    let batch = (0..<count).compactMap { _ in open.takeNext() }
    search(
      batch, objective: objectiveToImprove ?? .infinity, budget: budget,
      work: parameters.workPerSubproblem)
  }

  /// Raises the bound to the least that is open.
  private func publish() {
    defer { context.reportWorking() }
    guard let objective = objectiveToImprove else { return }
    let pruned = tree.provenValue(objective: objective)
    let limit = tree.pruningBound(objective: objective)
    open.prune(from: limit)
    var least = min(pruned, open.minBound ?? pruned)
    if pool != nil, let best = context.incumbent?.objective {
      boundOfOthers = max(boundOfOthers, least)
      least = min(least, tree.provenValue(objective: best))
    }
    context.raise(
      to: LowerBound(proven: least, method: BranchAndBound.info.id, for: tree.instance))
  }

  /// Proves the end of the search to others, where that takes no more than is reasonable.
  private func certify() throws {
    guard let objective = objectiveToImprove else { return }
    context.note("writing the proof of \(nodes) nodes")
    let builder = ProofTree(
      context, tree, search: workers[0].search, objective: objective)
    do {
      let (proof, claim) = try builder.build(searched: nodes)
      context.raise(
        to: LowerBound(
          proven: claim, method: BranchAndBound.info.id, for: tree.instance, proof: .tree(proof)))
      return
    } catch ProofTree.Failure.stopped {
      context.note("no time to write the proof of the tree; the certificate proves the root bound")
    } catch ProofTree.Failure.tooLarge(let reason) {
      context.note("the proof of the tree needs \(reason); the certificate proves the root bound")
    }
    if let bound = builder.rootBound { context.raise(to: bound) }
  }

  private func save() throws {
    saved = context.status.seconds
    guard let store = tree.parameters.checkpoint else { return }
    let state = SearchState(
      assignment: context.incumbent?.assignment, nodes: nodes, open: open.items)
    try store.save(state, tree.instance)
  }
}

/// The work of all workers since the last count, for the log alone.
private final class LiveWork: Sendable {
  /// Nodes since the last count.
  let nodes = Atomic<Int>(0)
  /// Walks run, which count no nodes.
  let isEstimating = Atomic<Bool>(false)

  /// Adds nodes of one worker, and tells the log of those of all.
  func report(_ added: Int, to context: SolveContext) {
    let sum = nodes.add(added, ordering: .relaxed).newValue
    context.reportWorking(
      nodes: sum,
      activity: isEstimating.load(ordering: .relaxed) ? "estimating the tree" : nil)
  }
}

/// One thread's search.
final class Worker: @unchecked Sendable {
  let search: SubtreeSearch
  init(search: SubtreeSearch) { self.search = search }
}
