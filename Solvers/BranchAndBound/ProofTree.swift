import QAP
import QAPDualAscent
import QAPPrimitives
import QAPSemidefinite

/// Writes a search tree down so that others can check it: a `TreeProof`.
///
/// The search itself prunes by costs that it has thrown away as too dear, which no point of a dual
/// shows. So the tree is built again: it branches like the search, but each node has a bound of its
/// own with a point that proves it. What that leaves open is distinguished by cases, of which the
/// leaders of the same point decide some.
///
/// A first attempt has Hahn–Grant ascents alone, and few points. Where they are not enough, the
/// second one has doubly nonnegative bounds as well, as long as they pay.
final class ProofTree {
  /// Why there is no proof.
  enum Failure: Error {
    /// It would be as large as this says.
    case tooLarge(String)
    /// The run was to end.
    case stopped
  }

  private let context: SolveContext
  private let tree: SearchTree
  private let search: SubtreeSearch
  private let objective: Double
  private var attempt: ProofAttempt
  private var nodes: [TreeProof.Node] = []
  private var root: ProvenPoint?

  /// Nodes of a search from which on a first attempt would be in vain.
  private static let maxAscentNodes = 100_000
  /// Numbers that the points of a tree may hold: some 300 MB of text.
  private static let maxNumbers = 25_000_000

  /// A proof of `objective`.
  init(
    _ context: SolveContext, _ tree: SearchTree, search: SubtreeSearch, objective: Double
  ) {
    self.context = context
    self.tree = tree
    self.search = search
    self.objective = objective
    attempt = ProofAttempt(relaxes: false, maxLeaves: 0)
  }

  /// The value that every leaf must reach and that may be claimed: the objective; for real data the
  /// least value that counts as equal, but no more than the rounding error of such sums allows.
  private var claim: Double {
    if tree.instance.properties.isIntegral { return objective }
    let error = tree.instance.objectiveError
    return objective - max(0.5 * tree.rule.slack(at: objective), error.isFinite ? 4 * error : 0)
  }

  /// The proof of what a search of `searched` nodes has found, with what it claims.
  func build(searched: Int) throws -> (proof: TreeProof, claim: Double) {
    let (n, parameters) = (tree.instance.size, tree.parameters)
    let most = parameters.maxLeaves
    // All on the way down to a node hold a state.
    let bytes = (1...n).reduce(DoublyNonnegative.bytes(size: n)) {
      $0 + RelaxationState.bytes(size: $1)
    }
    let relaxes =
      n >= parameters.minRelaxedSize && n <= DoublyNonnegative.info.maxSize ?? n
      && NodeRelaxation.supports(tree.instance)
      && bytes <= context.memoryLimit(parameters.memoryLimit)
    if !relaxes || searched < Self.maxAscentNodes && parameters.ascentLeaves > 0 {
      attempt = ProofAttempt(
        relaxes: false, maxLeaves: relaxes ? min(most, parameters.ascentLeaves) : most)
      do {
        try prove([], from: nil)
        return (TreeProof(nodes: nodes), claim)
      } catch Failure.tooLarge(let reason) {
        guard relaxes else { throw Failure.tooLarge(reason) }
        context.note("\(reason) with dual ascent alone; adding doubly nonnegative bounds")
      }
    }
    nodes = []
    attempt = ProofAttempt(relaxes: true, maxLeaves: most)
    try prove([], from: nil)
    return (TreeProof(nodes: nodes), claim)
  }

  /// The best bound of the root that was met, with its proof.
  var rootBound: LowerBound? {
    root.map { root in
      let proof: BoundProof =
        switch root.point {
        case .rlt1(let multipliers): .rlt1(multipliers)
        case .semidefinite(let proof): .semidefinite(proof)
        }
      return LowerBound(
        proven: root.bound, method: BranchAndBound.info.id, for: tree.instance, proof: proof)
    }
  }

  /// True when `bound` of a node is enough, with some room for what a checker's rounding may differ
  /// by.
  private func suffices(_ bound: Double, _ node: ProofNode) -> Bool {
    let bound = bound - 0x1p-40 * abs(bound)
    return (node.reduced.lattice?.roundedUp(bound) ?? bound) >= claim
  }

  /// The bound that suffices for a node.
  private func needed(_ node: ProofNode) -> Double {
    let least = node.reduced.lattice.map { $0.roundedUp(claim) - $0.step } ?? claim
    return least + 0x1p-39 * abs(claim)
  }

  /// Appends the proof of what `pairs` leave free, relaxations beginning from `state`.
  private func prove(_ pairs: [FixedPair], from state: RelaxationState?) throws {
    let size = tree.instance.size - pairs.count
    if size <= 4 {
      nodes.append(.listed)
      return
    }
    if let reason = attempt.excess(over: Self.maxNumbers) { throw Failure.tooLarge(reason) }
    if context.stopsAtOnce() { throw Failure.stopped }
    context.reportWorking()
    let node = ProofNode(try ReducedInstance(tree.instance, fixing: pairs))
    let relaxes = size >= tree.parameters.minRelaxedSize && attempt.relaxes(size)
    // The last rounds close small gaps only.
    let ascent = try node.reduced.solve(
      with: HahnGrant(.init(rounds: relaxes ? 20 : 60, comparesDirections: false)),
      options: SolveOptions(stop: reached(claim), keepsProof: true))
    guard let bound = ascent.bound, let multipliers = bound.proof?.multipliers else {
      return try branch(pairs, node, state)
    }
    var known = ProvenPoint(bound: bound.unrounded, point: .rlt1(multipliers))
    if suffices(known.bound, node) { return append(known.point) }
    guard relaxes else { return try branch(pairs, node, state, known) }
    let context = context
    let result = NodeRelaxation.ofNode(size: size, isRoot: pairs.isEmpty).run(
      node.reduced, from: state, needed: needed(node), keepsProof: true, threads: context.threads
    ) { _ in
      context.reportWorking()
    } shouldStop: {
      context.stopsAtOnce()
    }
    if context.stopsAtOnce() { throw Failure.stopped }
    if let (bound, proof) = result.proven, bound > known.bound {
      known = ProvenPoint(bound: bound, point: .semidefinite(proof))
    }
    if pairs.isEmpty { root = known }
    if suffices(known.bound, node) {
      attempt.note(size, pays: true)
      return append(known.point)
    }
    try branch(pairs, node, result.state, known, placements: result.placementBounds)
  }

  private func append(_ point: TreeProof.Point) {
    nodes.append(.bounded(point))
    attempt.count(point)
  }

  /// Branches. `placements` holds the bounds of placements beside `known`.
  private func branch(
    _ pairs: [FixedPair], _ node: ProofNode, _ state: RelaxationState?,
    _ known: ProvenPoint? = nil, placements: [Double]? = nil
  ) throws {
    let line: BranchingVariable
    if let placements, let known {
      line = bestLine(pairs, node, bound: known.bound, placements)
    } else {
      line = search.line(below: pairs, objective: objective) ?? .facility(node.facilities[0])
    }
    let choices = node.choices(of: line)
    let symmetry = LineSymmetry(tree, pairs, line, choices: choices)
    let focused = known.flatMap {
      $0.focused(on: node.local(line), of: node.reduced, threads: context.threads)
    }
    if let focused, suffices(focused.bound, node) { return append(focused.point) }
    let first = choices.indices.filter { symmetry.isFirst(choices[$0]) }
    var implied: Set<Int> = []
    if let focused {
      implied = Set(
        first.filter { suffices(focused.bound + focused.leaders[$0], node) }.map { choices[$0] })
    }
    if placements != nil {
      attempt.note(node.reduced.size, pays: 2 * implied.count >= first.count)
    }
    // A point takes as much room as some leaves do.
    let usesLeaders = implied.count >= (placements == nil ? 2 : 1)
    if usesLeaders, let focused {
      nodes.append(.leaders(focused.point))
      attempt.count(focused.point)
    }
    switch line {
    case .facility(let facility): nodes.append(.facility(facility))
    case .location(let location): nodes.append(.location(location))
    }
    for choice in choices {
      if let map = symmetry.renumbering(of: choice) {
        nodes.append(.symmetric(map))
      } else if usesLeaders, implied.contains(choice) {
        nodes.append(.implied)
      } else {
        let pair = line.placement(choice)
        let local = node.local(pair)
        try prove(pairs + [pair], from: state?.fixing(local.facility, at: local.location))
      }
    }
  }

  /// The line whose children promise the least work.
  private func bestLine(
    _ pairs: [FixedPair], _ node: ProofNode, bound: Double, _ placements: [Double]
  ) -> BranchingVariable {
    let m = node.reduced.size
    let room = max(claim - bound, .leastNormalMagnitude)
    var best = (line: BranchingVariable.facility(node.facilities[0]), work: Double.infinity)
    for line in node.lines {
      let choices = node.choices(of: line)
      let symmetry = LineSymmetry(tree, pairs, line, choices: choices)
      let work = choices.reduce(0.0) { sum, choice in
        guard symmetry.isFirst(choice) else { return sum }
        let local = node.local(line.placement(choice))
        let child = max(bound, placements[local.facility * m + local.location])
        return suffices(child, node) ? sum : sum + promisedWork(min(1, (claim - child) / room))
      }
      if work < best.work { best = (line, work) }
    }
    return best.line
  }
}

/// The remaining budget of an attempt at a proof, and its experience so far.
private struct ProofAttempt {
  private let relaxes: Bool
  let maxLeaves: Int
  private var leaves = 0
  private var numbers = 0
  /// The number of relaxations of each size, and of those that paid.
  private var records: [Int: (tried: Int, paid: Int)] = [:]

  init(relaxes: Bool, maxLeaves: Int) {
    self.relaxes = relaxes
    self.maxLeaves = maxLeaves
  }

  /// Relaxations of this size have a chance to pay.
  func relaxes(_ size: Int) -> Bool {
    guard relaxes else { return false }
    let (tried, paid) = records[size] ?? (0, 0)
    return tried < 8 || 3 * paid >= tried
  }

  /// Counts a relaxation that proved its node, or half of its children.
  mutating func note(_ size: Int, pays: Bool) {
    let (tried, paid) = records[size] ?? (0, 0)
    records[size] = (tried + 1, paid + (pays ? 1 : 0))
  }

  mutating func count(_ point: TreeProof.Point) {
    leaves += 1
    let multipliers = point.multipliers
    numbers += multipliers.rowMultipliers.count + multipliers.columnMultipliers.count
    if case .semidefinite(let proof) = point { numbers += proof.block.count }
  }

  /// In what it is too large for another node; nil when it is not.
  func excess(over max: Int) -> String? {
    if leaves >= maxLeaves { return "more than \(maxLeaves) bounds" }
    return numbers >= max ? "more than \(max / 1_000_000) million numbers" : nil
  }
}

/// The free facilities and locations of a node, in the instance's numbers and in the node's.
private struct ProofNode {
  let reduced: Instance
  let facilities: [Int]
  let locations: [Int]

  init(_ reduction: ReducedInstance) {
    reduced = reduction.instance
    facilities = reduction.facilities
    locations = reduction.locations
  }

  var lines: [BranchingVariable] {
    zip(facilities, locations).flatMap { [.facility($0), .location($1)] }
  }

  /// The free placements of the line.
  func choices(of line: BranchingVariable) -> [Int] {
    switch line {
    case .facility: locations
    case .location: facilities
    }
  }

  func local(_ line: BranchingVariable) -> BranchingVariable {
    switch line {
    case .facility(let facility): .facility(place(facility, in: facilities))
    case .location(let location): .location(place(location, in: locations))
    }
  }

  func local(_ pair: FixedPair) -> FixedPair {
    FixedPair(
      facility: place(pair.facility, in: facilities), location: place(pair.location, in: locations))
  }

  private func place(_ number: Int, in free: [Int]) -> Int {
    guard let place = free.firstIndex(of: number) else {
      preconditionFailure("a place of the line is not free")
    }
    return place
  }
}

/// A point, and what it proves of all assignments, and of the placements of a line.
private struct ProvenPoint {
  var bound: Double
  var point: TreeProof.Point
  var leaders: [Double] = []

  /// The point that says most of the placements of `line`.
  func focused(on line: BranchingVariable, of instance: Instance, threads: Int) -> ProvenPoint? {
    switch point {
    case .rlt1(let multipliers):
      RowBounds(line, of: instance, from: multipliers, threads: threads).map {
        ProvenPoint(bound: $0.value, point: .rlt1($0.multipliers), leaders: $0.leaders)
      }
    case .semidefinite(let proof):
      SemidefiniteRowBounds(line, of: instance, from: proof, bound: bound, threads: threads).map {
        ProvenPoint(bound: $0.value, point: .semidefinite($0.proof), leaders: $0.leaders)
      }
    }
  }
}

/// Which children of a case distinction are as good as others.
private struct LineSymmetry {
  private let symmetry: Symmetry
  private let isLocation: Bool
  private let choices: [Int]
  private let stabilizer: [Int]
  private let orbits: [Int]

  init(_ tree: SearchTree, _ pairs: [FixedPair], _ line: BranchingVariable, choices: [Int]) {
    self.choices = choices
    switch line {
    case .location:
      (symmetry, isLocation) = (tree.facilitySymmetry, true)
      stabilizer = symmetry.stabilizer(of: pairs.map(\.facility))
    case .facility:
      (symmetry, isLocation) = (tree.locationSymmetry, false)
      stabilizer = symmetry.stabilizer(of: pairs.map(\.location))
    }
    orbits = symmetry.orbits(stabilizer, free: choices)
  }

  /// True for the child that stands for its like.
  func isFirst(_ choice: Int) -> Bool { orbits[choice] == choice }

  /// The renumbering that maps a child to its representative; nil for the representative itself.
  func renumbering(of choice: Int) -> TreeProof.Symmetry? {
    guard !isFirst(choice),
      let map = symmetry.renumbering(
        from: choice, to: orbits[choice], stabilizer, free: choices)
    else { return nil }
    return isLocation ? .facilities(map) : .locations(map)
  }
}

/// Ends a run whose bound is high enough.
private func reached(_ value: Double) -> @Sendable (SearchStatus) -> Termination? {
  { $0.bound.map { $0 >= value } ?? false ? .target : nil }
}
