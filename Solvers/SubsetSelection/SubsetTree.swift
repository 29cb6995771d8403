import QAP
import QAPDenseAlgebra
import QAPPrimitives
import Synchronization

/// Best-first branch and bound over subsets.
///
/// The open nodes with the least bounds are treated side by side in batches of a fixed size,
/// against the incumbents at the beginning of the batch, and their results are taken in the
/// order of their numbers: so the search is the same for any number of threads.
final class SubsetTree {
  static let source = "branch-and-bound"
  private static let batch = 16
  /// Real objectives that differ by less than this, relative to them or to 1, count as equal.
  private static let margin = 1e-4
  /// Bytes of warm starts that open nodes may hold; nodes born beyond that start afresh.
  private static let warmStartBytes = 1 << 29

  private let problem: SubsetProblem
  private let ledger: SubsetLedger
  private let costs: QuantizedCosts
  private let setting: NodeProcessor.Setting
  private let threads: Int
  private let keepsProof: Bool
  /// Open nodes, the next one last.
  private var open: [SearchNode] = []
  private var nextId = 0
  /// The least bound of everything closed, in units.
  private var closed: Int128?
  /// Results and children by number, for the proof.
  private var results: [Int: NodeResult] = [:]
  private var children: [Int: (without: Int?, with: Int?)] = [:]
  private var workspaces: [NodeProcessor] = []

  init(
    _ problem: SubsetProblem, ledger: SubsetLedger, threads: Int, usesRelaxation: Bool,
    rootSteps: Int?, isRootOnly: Bool, usesSymmetry: Bool, keepsProof: Bool
  ) {
    self.problem = problem
    self.ledger = ledger
    self.threads = threads
    self.keepsProof = keepsProof
    costs = QuantizedCosts(problem)
    // The mean cost is 1 in the relaxation.
    let magnitude = costs.elements.view.array.reduce(0) { $0 + abs(Double($1)) }
    let mean = magnitude / Double(problem.items * problem.items)
    setting = NodeProcessor.Setting(
      costs: costs, symmetry: usesSymmetry ? SubsetSymmetry(problem, costs) : nil,
      factor: mean > 0 ? mean : 1, usesRelaxation: usesRelaxation,
      rootSteps: rootSteps ?? 1000, rootShare: isRootOnly ? 0.003 : 0.02,
      keepsWarmStarts: !isRootOnly && problem.items <= 1000)
  }

  /// The result of the search.
  struct Outcome {
    /// Nil when nothing is left to search.
    let stopped: Termination?
    /// No subset but those held costs less; nil when there are no others.
    let boundOfOthers: Double?
    let certificate: SubsetCertificate?
  }

  /// Searches until nothing is left, `limit` nodes are treated, or a criterion says stop.
  func run(limit: Int?) -> Outcome {
    setDenseAlgebraThreads(1)
    open = [
      SearchNode(
        id: 0, free: Array(0..<problem.items), chosen: [], bound: .min, warmStart: nil)
    ]
    nextId = 1
    var treated = 0
    var reason: Termination?
    while !open.isEmpty {
      let threshold = threshold()
      // The rest of the open nodes has larger bounds still.
      if open.last!.bound >= threshold {
        for node in open { close(node.bound) }
        open = []
        break
      }
      reason = ledger.stopReason()
      if reason == nil, let limit, treated >= limit { reason = .nodes }
      if reason != nil { break }
      let room = limit.map { $0 - treated } ?? SubsetTree.batch
      let nodes = Array(open.suffix(min(SubsetTree.batch, room)).reversed())
        .prefix { $0.bound < threshold }
      open.removeLast(nodes.count)
      treat(Array(nodes), threshold)
      treated += nodes.count
    }
    raiseBound()
    return Outcome(
      stopped: open.isEmpty ? nil : reason ?? .nodes, boundOfOthers: boundOfOthers(),
      certificate: keepsProof ? certificate() : nil)
  }

  /// A lower bound on all subsets that are not listed: open nodes are bounded, and closed ones
  /// cannot be among the best.
  private func boundOfOthers() -> Double? {
    // Nodes were closed at a whole number of units, which is what was proven.
    let isExact = problem.lattice != nil
    let worst = ledger.worst.map { isExact ? $0 : min($0, costs.value(threshold())) }
    let rest = open.last.map { $0.bound == .min ? -.infinity : costs.value($0.bound) }
    let least = [worst, rest.map { problem.lattice?.roundedUp($0) ?? $0 }].compactMap { $0 }.min()
    return least == -.infinity ? nil : least
  }

  /// The value from which on a subset cannot be among the best.
  private func threshold() -> Int128 {
    guard let worst = ledger.worst else { return .max }
    if let lattice = problem.lattice { return costs.units(notAbove: worst - lattice.step) + 1 }
    // A small part of what counts as optimal, so that the order of the K best is that of their
    // objectives.
    let rule = ledger.rule
    return costs.units(
      notAbove: worst - max(SubsetTree.margin * rule.slack(at: worst), rule.error))
  }

  private func close(_ bound: Int128) { closed = min(closed ?? bound, bound) }

  private func treat(_ nodes: [SearchNode], _ threshold: Int128) {
    let workers = max(1, min(threads, nodes.count))
    while workspaces.count < workers { workspaces.append(NodeProcessor(setting)) }
    let (workspaces, ledger, costs) = (workspaces, ledger, costs)
    let slots = ResultSlots(nodes.count)
    parallelFor(count: nodes.count, threads: workers) { worker, index in
      let node = nodes[index]
      var lastReport = ledger.seconds
      let result = workspaces[worker].treat(
        node, threshold: threshold,
        shouldStop: {
          // A step takes seconds where there are thousands of items.
          if node.id == 0 { ledger.reportWorking(source: SubsetTree.source) }
          return ledger.stopsAtOnce()
        },
        progress: node.id > 0
          ? nil
          : { units in
            // The first and, after that, no more than a few a second.
            let now = ledger.seconds
            guard ledger.bound == nil || now > lastReport + 0.25 else { return }
            lastReport = now
            ledger.raise(to: costs.value(units), source: SubsetTree.source)
          })
      slots.set(index, result)
    }
    var steps = 0
    for (node, result) in zip(nodes, slots.values) {
      steps += result.steps
      take(result, of: node)
    }
    ledger.count(
      steps: steps, nodes: nodes.count, open: open.count, source: SubsetTree.source)
    raiseBound()
  }

  private func take(_ result: NodeResult, of node: SearchNode) {
    for candidate in result.candidates { ledger.offer(candidate, source: SubsetTree.source) }
    if result.isInterrupted {
      // As open as before, with what it proved.
      let bound = max(node.bound, result.closed ?? .min)
      if keepsProof, result.closed ?? .min >= node.bound { results[node.id] = result }
      insert(
        SearchNode(
          id: node.id, free: node.free, chosen: node.chosen, bound: bound,
          warmStart: node.warmStart))
      return
    }
    if let bound = result.closed { close(bound) }
    if case .branched(_, _, let without, let with) = result.end {
      let held = open.count * WarmStart.bytes(problem.items) / 2
      let warmStart = held < SubsetTree.warmStartBytes ? result.warmStart : nil
      func born(_ child: NodeResult.Child) -> Int? {
        if child.isClosed { return nil }
        defer { nextId += 1 }
        insert(
          SearchNode(
            id: nextId, free: child.free, chosen: child.chosen, bound: child.bound,
            warmStart: warmStart))
        return nextId
      }
      let ids = (born(without), born(with))
      if keepsProof { children[node.id] = ids }
    }
    if keepsProof {
      var kept = result
      kept.warmStart = nil
      kept.candidates = []
      results[node.id] = kept
    }
  }

  /// Keeps the open nodes in the order of falling bounds, and of numbers among equals.
  private func insert(_ node: SearchNode) {
    var (low, high) = (0, open.count)
    while low < high {
      let middle = (low + high) / 2
      if (open[middle].bound, open[middle].id) > (node.bound, node.id) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    open.insert(node, at: low)
  }

  /// The bound of the whole tree, in units; nil before the root is treated.
  private var bound: Int128? {
    let least = [closed, open.last?.bound].compactMap { $0 }.min()
    return least == .min ? nil : least
  }

  private func raiseBound() {
    if let bound { ledger.raise(to: costs.value(bound), source: SubsetTree.source) }
  }

  private func certificate() -> SubsetCertificate? {
    guard let bound else { return nil }
    let value = costs.value(bound)
    return SubsetCertificate(
      problem: problem.name, items: problem.items, size: problem.size, bound: value,
      rounded: problem.lattice?.roundedUp(value) ?? value, exponent: costs.exponent,
      tree: proof(of: 0))
  }

  /// The proof of the node and of everything below it.
  private func proof(of id: Int) -> SubsetProof {
    guard let result = results[id] else { return .rows }
    // Without a dual point of its own the node rests on the original costs, whatever stands above.
    let leaf: SubsetProof = result.dual == nil ? .originalRows : .rows
    var needsDual = !result.decisions.isEmpty
    func below(_ child: Int?) -> SubsetProof {
      guard let child, results[child] != nil else {
        needsDual = true
        return leaf
      }
      return proof(of: child)
    }
    var tree: SubsetProof
    switch result.end {
    case .originalRows: tree = .originalRows
    case .rows:
      needsDual = true
      tree = leaf
    case .contradiction(let item):
      needsDual = true
      tree = .split(item: item, without: leaf, with: leaf)
    case .branched(let item, let generators, _, _):
      let (without, with) = children[id] ?? (nil, nil)
      tree =
        generators.isEmpty
        ? .split(item: item, without: below(without), with: below(with))
        : .orbit(
          item: item, generators: generators, without: below(without), with: below(with))
    }
    for decision in result.decisions.reversed() {
      tree =
        decision.isChosen
        ? .split(item: decision.item, without: leaf, with: tree)
        : .split(item: decision.item, without: tree, with: leaf)
    }
    if needsDual, let dual = result.dual { tree = .dual(dual, tree) }
    return tree
  }
}

/// One result an index, written by the threads of one loop.
private final class ResultSlots: Sendable {
  private let results: Mutex<[NodeResult]>

  init(_ count: Int) { results = Mutex(Array(repeating: NodeResult(), count: count)) }

  func set(_ index: Int, _ result: NodeResult) { results.withLock { $0[index] = result } }

  var values: [NodeResult] { results.withLock { $0 } }
}
