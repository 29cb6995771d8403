import QAP
import QAPPrimitives
import QAPSemidefinite
import Synchronization

/// The top of a search tree, where a node is worth the doubly nonnegative bound.
///
/// That bound takes as long as thousands of nodes, and often saves hundreds of thousands. So each
/// open subproblem is searched first for about as long as its relaxation would take; if it is still
/// open, it gets the relaxation, begun where its parent's ended. It prunes the node, or raises the
/// bounds of its placements, by which the node branches.
///
/// Subproblems are treated in batches of a fixed number, so that nothing depends on the number of
/// threads.
///
/// Unchecked, because the threads of a batch treat one subproblem each and change nothing here.
final class DNNRootPhase: @unchecked Sendable {
  /// The result of a batch.
  struct Done {
    var nodes = 0
    var assignments: [Assignment] = []
  }

  /// An open subproblem, and where the relaxation of its parent ended; for the root a separate one.
  private struct Node: Sendable {
    var subproblem: Subproblem
    var parent: RelaxationState?
    /// Lower bounds of placements, at i · n + j for the whole instance; one array for all children.
    var placements: [Double]?
  }

  /// The result of processing a node.
  private struct Treated: Sendable {
    var nodes = 0
    var trials = 0
    var trialsThatPruned = 0
    var relaxations = 0
    /// Ticks of the relaxation, by its steps.
    var ticks = 0.0
    var assignments: [Assignment] = []
    var open: [Node] = []
  }

  /// The experience with the nodes of one depth.
  private struct Record {
    var trials = 0
    var trialsThatPruned = 0
    var relaxations = 0
    var children = 0

    /// Searching first has a chance.
    var isWorthTrying: Bool { trials < 8 || 4 * trialsThatPruned >= trials }
  }

  /// Relaxations done.
  private(set) var relaxations = 0
  /// False when the search alone seems to be faster.
  private(set) var isWorthwhile = true
  /// Why the top is treated, for the log.
  let explanation: String

  private let context: SolveContext
  private let tree: SearchTree
  private let workers: [Worker]
  private var nodes: [Node]
  /// Ticks that the search alone seemed to need, that relaxations have taken, and at which it is
  /// looked at again whether they pay.
  private let expected: Double
  private var spent = 0.0
  private var nextReview: Double
  /// The experience with nodes, by the number of fixed pairs.
  private var records: [Int: Record] = [:]

  /// Subproblems of a batch.
  private static let batch = 8
  /// Ticks of a search before a relaxation at most.
  private static let maxTrialTicks = 5e9
  /// The factor by which an estimate from fewer walks than wanted is increased.
  private static let doubt = 100.0
  /// Bytes of the states that children begin from.
  private static let maxStateBytes = 2 << 30

  /// The top of a tree whose list holds `open`, the root relaxed from `root` on; nil when
  /// `estimate` says that the tree is too small to be worth it, or when its costs do not suit the
  /// relaxation.
  init?(
    _ context: SolveContext, _ tree: SearchTree, _ workers: [Worker], estimate: TreeEstimate,
    open: [Subproblem], root: RelaxationState?
  ) {
    let n = tree.instance.size
    // A few walks, all that a large instance allows, miss the subtrees that matter.
    let doubt = estimate.probes < tree.parameters.probes ? DNNRootPhase.doubt : 1
    let nodes = doubt == 1 ? estimate.nodes : doubt * (estimate.nodes + 2 * estimate.error)
    expected = nodes * WorkModel.node(size: n)
    let single = NodeRelaxation.ticks(size: n)
    guard !open.isEmpty, n >= 4, NodeRelaxation.supports(tree.instance),
      DoublyNonnegative.bytes(size: n) + DNNRootPhase.maxStateBytes
        <= context.memoryLimit(tree.parameters.memoryLimit),
      expected >= tree.parameters.relaxationGain * single
    else { return nil }
    self.context = context
    self.tree = tree
    self.workers = workers
    self.nodes = open.map { Node(subproblem: $0, parent: $0.pairs.isEmpty ? root : nil) }
    nextReview = 20 * single
    explanation =
      "expected time \(Int(min(1e15, expected / WorkModel.ticksPerSecond))) s of one core; "
      + "using doubly nonnegative bounds at the top of the tree"
  }

  /// True when nothing is left.
  var isEmpty: Bool { nodes.isEmpty }
  /// The subproblems that are still open.
  var open: [Subproblem] { nodes.map(\.subproblem) }
  /// True when enough has been done to see whether it pays.
  var isDueForReview: Bool { spent >= nextReview && !nodes.isEmpty }

  /// Decides whether relaxations go on being worth it when the search alone would have `left` to
  /// do; returns what to say of it.
  ///
  /// The relaxations that are still to come follow from how many children a node of each depth has
  /// had; below the deepest that was seen none are expected.
  func review(_ left: TreeEstimate) -> String {
    nextReview = 2 * spent
    let n = tree.instance.size
    let rest = left.nodes * WorkModel.node(size: n)
    let foreseen = records.reduce(0) {
      $0 + Double($1.value.relaxations) * NodeRelaxation.ticks(size: n - $1.key)
    }
    let pace = foreseen > 0 ? spent / foreseen : 1
    let deepest = nodes.reduce(records.keys.max() ?? 0) { max($0, $1.subproblem.pairs.count) }
    // The cost of a node with all that is below it, by depth.
    var costs: [Int: Double] = [:]
    for depth in stride(from: deepest, through: 0, by: -1) {
      let record = records[depth] ?? Record()
      let children = Double(record.children) / Double(max(1, record.relaxations))
      let own = pace * NodeRelaxation.ticks(size: n - depth)
      costs[depth] = own + children * (costs[depth + 1] ?? 0)
    }
    let toCome = nodes.reduce(0) { $0 + (costs[$1.subproblem.pairs.count] ?? 0) }
    isWorthwhile = toCome < rest
    let text =
      "\(relaxations) relaxations done, \(nodes.count) nodes open; estimated remaining: "
      + "\(left.description)"
    if isWorthwhile { return text }
    return text + "; the relaxation no longer pays, continuing with the search alone"
  }

  /// Forgets what a better incumbent prunes.
  func drop(above limit: Double) {
    nodes.removeAll { $0.subproblem.bound >= limit }
  }

  /// Treats the subproblems of the least bounds, with `nodesLeft` nodes, at least 1, altogether.
  func treatBatch(objective: Double, pool: SolutionPool?, nodesLeft: Int?) -> Done {
    nodes.sort {
      ($0.subproblem.bound, -$0.subproblem.pairs.count) > (
        $1.subproblem.bound, -$1.subproblem.pairs.count
      )
    }
    let batch = Array(nodes.suffix(min(DNNRootPhase.batch, nodesLeft ?? .max)).reversed())
    // A relaxation is a node, and what is searched before it is the rest of a subproblem's share.
    let share = nodesLeft.map { $0 / batch.count }
    nodes.removeLast(batch.count)
    let results = Mutex([Treated?](repeating: nil, count: batch.count))
    let threads = context.threads
    // The threads of a batch's only node are its relaxation's.
    let within = batch.count == 1 ? threads : 1
    parallelFor(count: batch.count, threads: threads) { worker, index in
      let treated = self.treat(
        batch[index], worker, objective: objective, pool: pool, share: share, threads: within)
      results.withLock { $0[index] = treated }
    }
    var done = Done()
    let outcomes = results.withLock { $0.compactMap { $0 } }
    for (index, treated) in outcomes.enumerated() {
      let depth = batch[index].subproblem.pairs.count
      done.nodes += treated.nodes
      done.assignments += treated.assignments
      relaxations += treated.relaxations
      spent += treated.ticks
      nodes += treated.open
      var record = records[depth] ?? Record()
      record.trials += treated.trials
      record.trialsThatPruned += treated.trialsThatPruned
      record.relaxations += treated.relaxations
      record.children += treated.relaxations > 0 ? treated.open.count : 0
      records[depth] = record
    }
    forgetStates()
    return done
  }

  /// Lets the children with the greatest bounds begin from nothing when states take too much
  /// memory.
  private func forgetStates() {
    var held: Set<ObjectIdentifier> = []
    var bytes = 0
    for index in nodes.indices.reversed() {
      guard let state = nodes[index].parent else { continue }
      if held.contains(ObjectIdentifier(state)) { continue }
      bytes += RelaxationState.bytes(size: state.size)
      if bytes > DNNRootPhase.maxStateBytes {
        nodes[index].parent = nil
      } else {
        held.insert(ObjectIdentifier(state))
      }
    }
  }

  private func treat(
    _ node: Node, _ worker: Int, objective: Double, pool: SolutionPool?, share: Int?, threads: Int
  ) -> Treated {
    let (n, pairs) = (tree.instance.size, node.subproblem.pairs)
    let size = n - pairs.count
    var treated = Treated()
    var objective = objective
    // The whole tree has been estimated already.
    let isTried = !pairs.isEmpty && records[pairs.count]?.isWorthTrying ?? true
    if size <= 4 || isTried && share ?? .max > 1 {
      let ticks = min(
        DNNRootPhase.maxTrialTicks,
        tree.parameters.relaxationTrial * NodeRelaxation.ticks(size: size))
      let wanted = max(1, Int(min(1e9, ticks / WorkModel.node(size: size))))
      let budget = min(wanted, share.map { max(1, $0 - 1) } ?? .max)
      let outcome = workers[worker].search.run(
        node.subproblem, objective: objective, pool: pool, budget: budget, work: .max)
      treated.nodes += outcome.nodes
      treated.assignments += outcome.assignments
      objective = min(objective, outcome.objective)
      treated.trials = 1
      if outcome.left.isEmpty {
        treated.trialsThatPruned = 1
        return treated
      }
    }
    if size <= 3 || treated.nodes >= share ?? .max || context.stopsAtOnce() {
      treated.open = [node]
      return treated
    }
    let needed = tree.scale.cost(tree.scale.limit(objective: objective))
    guard let reduction = try? ReducedInstance(tree.instance, fixing: pairs) else {
      preconditionFailure("a subproblem fixes a place twice")
    }
    let state = start(of: node)
    let context = context
    let instance = tree.instance
    let (facilities, locations) = (reduction.facilities, reduction.locations)
    let known = node.placements.map { placements in
      facilities.flatMap { i in locations.map { placements[i * n + $0] } }
    }
    let result = NodeRelaxation.ofNode(size: size, isRoot: pairs.isEmpty).run(
      reduction.instance, from: state, known: known, needed: needed, threads: threads
    ) { bound in
      // What holds for the root holds for the run.
      guard let bound, pairs.isEmpty else { return context.reportWorking() }
      context.raise(
        to: LowerBound(proven: bound, method: BranchAndBound.info.id, for: instance))
    } shouldStop: {
      context.stopsAtOnce()
    }
    treated.relaxations = 1
    treated.nodes += 1
    treated.ticks = NodeRelaxation.ticks(size: size) * Double(result.steps + 20) / 100
    for found in [result.assignment, result.last] {
      if let found { treated.assignments.append(reduction.lift(found)) }
    }
    if result.isPruned { return treated }
    if context.stopsAtOnce() {
      treated.open = [node]
      return treated
    }
    treated.open = branch(node.subproblem, reduction, result, needed: needed)
    return treated
  }

  /// Where the relaxation of a node begins: where its parent's ended, with the pairs fixed
  /// since.
  private func start(of node: Node) -> RelaxationState? {
    guard var state = node.parent else { return nil }
    let n = tree.instance.size
    let pairs = node.subproblem.pairs
    let known = n - state.size
    guard known <= pairs.count else { return nil }
    for count in known..<pairs.count {
      // Places among those that are free still.
      let (last, before) = (pairs[count], pairs.prefix(count))
      let facility = last.facility - before.count { $0.facility < last.facility }
      let location = last.location - before.count { $0.location < last.location }
      guard let next = state.fixing(facility, at: location) else { return nil }
      state = next
    }
    return state
  }

  /// The children of the facility or location that promises the least work.
  private func branch(
    _ subproblem: Subproblem, _ reduction: ReducedInstance, _ result: NodeRelaxation.Result,
    needed: Double
  ) -> [Node] {
    let (facilities, locations) = (reduction.facilities, reduction.locations)
    let m = locations.count
    let known = max(subproblem.bound, result.bound)
    // What all children have in common is fixed at once.
    let forced = result.forced.map {
      FixedPair(facility: facilities[$0.facility], location: locations[$0.location])
    }
    let isForced = (
      Set(forced.map(\.facility)), Set(forced.map(\.location))
    )
    let room = max(needed - known, .leastNormalMagnitude)
    let facilityOrbits = tree.facilitySymmetry.orbits(
      fixed: subproblem.pairs.map(\.facility), free: facilities)
    let locationOrbits = tree.locationSymmetry.orbits(
      fixed: subproblem.pairs.map(\.location), free: locations)
    func isFirst(_ orbits: [Int]?, _ element: Int) -> Bool {
      orbits.map { $0[element] == element } ?? true
    }
    /// The children of line `a`, with their bounds.
    func children(_ a: Int, isRow: Bool) -> [(pair: FixedPair, bound: Double)] {
      (0..<m).compactMap { b in
        let (i, j) = isRow ? (a, b) : (b, a)
        let bound = max(known, result.placementBounds[i * m + j])
        guard bound < needed, !isForced.0.contains(facilities[i]),
          !isForced.1.contains(locations[j]),
          isRow ? isFirst(locationOrbits, locations[j]) : isFirst(facilityOrbits, facilities[i])
        else { return nil }
        return (FixedPair(facility: facilities[i], location: locations[j]), bound)
      }
    }
    var best = Double.infinity
    var chosen: [(pair: FixedPair, bound: Double)] = []
    for a in 0..<m {
      for isRow in [true, false] {
        if isRow ? isForced.0.contains(facilities[a]) : isForced.1.contains(locations[a]) {
          continue
        }
        let list = children(a, isRow: isRow)
        let work = list.reduce(0.0) { sum, child in
          sum + promisedWork(min(1, (needed - child.bound) / room))
        }
        if work < best { (best, chosen) = (work, list) }
      }
    }
    let n = tree.instance.size
    var placements = Array(repeating: -Double.infinity, count: n * n)
    for (i, facility) in facilities.enumerated() {
      for (j, location) in locations.enumerated() {
        placements[facility * n + location] = result.placementBounds[i * m + j]
      }
    }
    return chosen.map {
      Node(
        subproblem: Subproblem(pairs: subproblem.pairs + forced + [$0.pair], bound: $0.bound),
        parent: result.state, placements: placements)
    }
  }
}
