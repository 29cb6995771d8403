import QAP
import QAPDualAscent
import QAPPrimitives

/// The data that all workers of a search share and none changes.
struct SearchTree: Sendable {
  let instance: Instance
  let rule: OptimalityRule
  let scale: SearchScale
  let facilitySymmetry: Symmetry
  let locationSymmetry: Symmetry
  let parameters: BranchAndBound.Parameters
}

/// The estimated work below a child that lacks `share` of its parent's distance to being pruned:
/// trees grow faster than gaps, and every child takes some work.
@inline(__always)
func promisedWork(_ share: Double) -> Double { share * share * share + 0.01 }

/// Depth-first search below subproblems, one worker's.
final class SubtreeSearch {
  /// The result of a call.
  struct Outcome: Sendable {
    var nodes = 0
    /// The nodes that were open when the budget was spent.
    var left: [Subproblem] = []
    /// The best assignment found, if it improves on the incumbent; with a pool all that entered it.
    var assignments: [Assignment] = []
    /// The objective that others must improve on.
    var objective = Double.infinity
  }

  /// So many facilities are placed in all ways.
  static let enumerated = 3

  private let tree: SearchTree
  private let root: ReducedProblem
  private let starts: SearchStarts
  /// The shared problem that the path began from.
  private var start: ReducedProblem
  private let kernel: NodeReduction
  private var levels: [ReducedProblem?]
  private var children: [[Child]]
  private var orders: [[Int]]
  private var path: [FixedPair] = []
  private var outcome = Outcome()
  private var pool: SolutionPool?
  private var limit: Int32 = 0
  private var budget = 0
  private var work = 0
  private var isStopping = false
  /// The last choice of `branch`.
  private var branched = (line: 0, isRow: true)
  /// The lines of the root that were tried out at a limit, the most promising first: walks begin
  /// there again and again.
  private var rootLines: [RootLine] = []
  private var rootLimit: Int32?
  /// Asks whether to stop, and tells of nodes since the last time.
  private let mustStop: (Int) -> Bool
  /// Nodes of this run that `mustStop` knows of.
  private var reported = 0

  /// Which of the lines that were tried out the root branches on.
  var rootChoice = 0
  /// Lines of the root that are tried out.
  static let triedLines = 6

  private struct RootLine {
    let work: Double
    let line: Int
    let isRow: Bool
    let children: [Child]
  }

  private struct Child {
    let facility: Int
    let location: Int
    let bound: Int32
  }

  /// A worker below `root` and `starts`, which are shared and stay as they are.
  init(
    _ tree: SearchTree, root: ReducedProblem, starts: SearchStarts = SearchStarts(),
    mustStop: @escaping (Int) -> Bool
  ) {
    self.tree = tree
    self.root = root
    self.starts = starts
    start = root
    self.mustStop = mustStop
    kernel = NodeReduction(size: root.size, infinity: root.infinity)
    levels = Array(repeating: nil, count: root.size + 1)
    children = Array(repeating: [], count: root.size + 1)
    orders = (0...root.size).map { Array(0..<$0) }
  }

  private func level(_ size: Int) -> ReducedProblem {
    if let level = levels[size] { return level }
    let level = ReducedProblem(size: size, infinity: root.infinity)
    level.facilities = Array(repeating: 0, count: size)
    level.locations = level.facilities
    levels[size] = level
    return level
  }

  /// Searches below `subproblem` until nothing better than `objective` can be there, for `budget`
  /// nodes and `work` costs looked at, at most; with a pool, until nothing there can enter it.
  func run(
    _ subproblem: Subproblem, objective: Double, pool: SolutionPool? = nil, budget: Int, work: Int
  ) -> Outcome {
    outcome = Outcome()
    outcome.objective = objective
    self.pool = pool
    kernel.work = 0
    self.budget = budget
    self.work = work
    reported = 0
    isStopping = mustStop(0)
    guard let problem = descend(to: subproblem, objective: objective) else {
      outcome.nodes = 1
      return outcome
    }
    explore(problem, known: tree.scale.units(subproblem.bound), isStart: true)
    return outcome
  }

  /// The facility or the location that the search would branch on once `pairs` are fixed; nil when
  /// it would not branch.
  func line(below pairs: [FixedPair], objective: Double) -> BranchingVariable? {
    let subproblem = Subproblem(pairs: pairs, bound: -.infinity)
    guard let problem = descend(to: subproblem, objective: objective),
      problem.size > SubtreeSearch.enumerated,
      problem === start || raise(problem, isStart: true), branch(problem)
    else { return nil }
    return branched.isRow
      ? .facility(problem.facilities[branched.line]) : .location(problem.locations[branched.line])
  }

  /// Fixes the pairs of `subproblem` one by one; nil when that prunes it.
  private func descend(to subproblem: Subproblem, objective: Double) -> ReducedProblem? {
    limit = tree.scale.limit(objective: objective)
    path.removeAll(keepingCapacity: true)
    start = root
    if let (nearest, count) = starts.nearest(subproblem.pairs) {
      start = nearest
      path.append(contentsOf: subproblem.pairs.prefix(count))
    }
    var problem = start
    if problem.bound >= limit { return nil }
    for pair in subproblem.pairs.dropFirst(path.count) {
      guard let i = problem.facilities.firstIndex(of: pair.facility),
        let j = problem.locations.firstIndex(of: pair.location)
      else { preconditionFailure("a subproblem fixes a place twice") }
      guard let child = fix(problem, i, j) else { return nil }
      path.append(pair)
      problem = child
    }
    return problem
  }

  /// An estimate of the number of nodes below `subproblem`, right on average (D. E. Knuth,
  /// "Estimating the efficiency of backtrack programs", Mathematics of Computation 29, 1975): a
  /// walk that goes down to one child of each node, and counts for as many as the chance of that
  /// was small. Children far from being pruned are likelier, as they have more below them.
  func probe(
    _ subproblem: Subproblem, objective: Double, using generator: inout SeededGenerator
  ) -> Double {
    guard var problem = descend(to: subproblem, objective: objective) else { return 1 }
    var weight = 1.0
    var total = 1.0
    var isStart = true
    while problem.size > SubtreeSearch.enumerated, !mustStop(0) {
      if problem !== start, !raise(problem, isStart: isStart) { break }
      isStart = false
      guard branch(problem) else { break }
      let m = problem.size
      let room = Double(max(1, limit - problem.bound))
      // Not all children in the list outlive the assignment problem over their leaders.
      let alive = children[m].filter {
        $0.bound < limit && fix(problem, $0.facility, $0.location) != nil
      }
      let works = alive.map { child in
        promisedWork(Double(limit - child.bound) / room)
      }
      let sum = works.reduce(0, +)
      guard let last = alive.indices.last else { break }
      var rest = generator.unit() * sum
      let chosen = alive.indices.first {
        rest -= works[$0]
        return rest < 0
      }
      let index = chosen ?? last
      // All living children are nodes; the one that is taken stands for what is below them.
      total += weight * Double(alive.count)
      weight *= sum / works[index]
      guard let next = fix(problem, alive[index].facility, alive[index].location) else { break }
      path.append(
        FixedPair(
          facility: problem.facilities[alive[index].facility],
          location: problem.locations[alive[index].location]))
      problem = next
    }
    return total
  }

  /// The child of `problem` with its i-th facility at its j-th location; nil when it is pruned.
  private func fix(_ problem: ReducedProblem, _ i: Int, _ j: Int) -> ReducedProblem? {
    let child = level(problem.size - 1)
    for a in 0..<child.size {
      child.facilities[a] = problem.facilities[a < i ? a : a + 1]
      child.locations[a] = problem.locations[a < j ? a : a + 1]
    }
    return kernel.fix(problem, i, j, into: child, limit: limit) ? child : nil
  }

  private func reportsAndStops() -> Bool {
    defer { reported = outcome.nodes }
    return mustStop(outcome.nodes - reported)
  }

  private func explore(_ problem: ReducedProblem, known: Int32, isStart: Bool = false) {
    if isStopping { return leave(bound: max(known, problem.bound)) }
    outcome.nodes += 1
    let m = problem.size
    // Nodes of large problems take milliseconds: there is time to ask at each of them.
    if outcome.nodes >= budget || kernel.work >= work
      || (m > 24 || outcome.nodes & 63 == 0) && reportsAndStops()
    {
      isStopping = true
    }
    if m <= SubtreeSearch.enumerated { return enumerate(problem) }
    if problem !== start, !raise(problem, isStart: isStart) { return }
    guard branch(problem) else { return }
    // The list is the depth's own: explorations below use others.
    for index in children[m].indices {
      let child = children[m][index]
      if child.bound >= limit { continue }
      path.append(
        FixedPair(
          facility: problem.facilities[child.facility],
          location: problem.locations[child.location]))
      if isStopping {
        leave(bound: max(known, child.bound))
      } else if let next = fix(problem, child.facility, child.location) {
        explore(next, known: max(known, child.bound))
      }
      path.removeLast()
    }
  }

  private func leave(bound: Int32) {
    outcome.left.append(Subproblem(pairs: path, bound: tree.scale.cost(bound)))
  }

  /// Rounds of ascent while they promise to prune; false when they have.
  private func raise(_ problem: ReducedProblem, isStart: Bool) -> Bool {
    let parameters = tree.parameters
    let rounds = isStart ? parameters.startRounds : parameters.rounds
    var last = problem.bound
    for _ in 0..<rounds {
      guard kernel.round(problem, limit: limit, order: orders[problem.size]) else { return false }
      let gain = Double(problem.bound - last)
      last = problem.bound
      if gain * parameters.patience < Double(limit - last) { break }
    }
    return true
  }

  /// Lists the children of the facility or location that promises the least work, by the bounds
  /// that the ascent has met for each placement; false when one has nowhere to go.
  private func branch(_ problem: ReducedProblem) -> Bool {
    let m = problem.size
    let room = Double(max(1, limit - problem.bound))
    let orbits = orbits(problem)
    var lines: [(work: Double, line: Int, isRow: Bool)] = []
    var best = (work: Double.infinity, line: 0, isRow: true)
    for a in 0..<m {
      for row in [true, false] {
        var work = 0.0
        let hasPlace = forEachChild(problem, a, isRow: row, orbits) { _, _, bound in
          work += promisedWork(Double(limit - bound) / room)
        }
        if !hasPlace { return false }
        if problem === root { lines.append((work, a, row)) }
        if work < best.work { best = (work, a, row) }
      }
    }
    if problem === root { return tryOut(lines, orbits) }
    branched = (best.line, best.isRow)
    children[m].removeAll(keepingCapacity: true)
    _ = forEachChild(problem, best.line, isRow: best.isRow, orbits) { i, j, bound in
      children[m].append(Child(facility: i, location: j, bound: bound))
    }
    sortChildren(m)
    return true
  }

  /// As `branch`, for the root, whose children get a separate ascent on each of the lines that
  /// look best: a balanced dual promises much the same everywhere, and the choice decides on the
  /// size of the tree. (On every level below, that costs what it gains.)
  private func tryOut(
    _ lines: [(work: Double, line: Int, isRow: Bool)],
    _ orbits: (facilities: [Int]?, locations: [Int]?)
  ) -> Bool {
    let m = root.size
    if rootLimit != limit {
      let room = Double(max(1, limit - root.bound))
      let sorted = lines.sorted { ($0.work, $0.line) < ($1.work, $1.line) }
      rootLines = []
      for (_, line, isRow) in sorted.prefix(SubtreeSearch.triedLines) {
        var list: [Child] = []
        var work = 0.0
        _ = forEachChild(root, line, isRow: isRow, orbits) { i, j, bound in
          guard let child = fix(root, i, j), m <= 2 || raise(child, isStart: false) else { return }
          let bound = max(bound, child.bound)
          list.append(Child(facility: i, location: j, bound: bound))
          work += promisedWork(Double(limit - bound) / room)
        }
        rootLines.append(RootLine(work: work, line: line, isRow: isRow, children: list))
        if list.isEmpty || mustStop(0) { break }
      }
      rootLines.sort { ($0.work, $0.line) < ($1.work, $1.line) }
      rootLimit = limit
    }
    let chosen = rootLines[min(rootChoice, rootLines.count - 1)]
    branched = (chosen.line, chosen.isRow)
    children[m] = chosen.children
    sortChildren(m)
    return !chosen.children.isEmpty
  }

  private func sortChildren(_ m: Int) {
    children[m].sort {
      ($0.bound, $0.facility, $0.location) < ($1.bound, $1.facility, $1.location)
    }
  }

  /// Calls `body` with each child of a line that is not pruned, one of each orbit, and its bound;
  /// false when the line has no place left.
  @inline(__always)
  private func forEachChild(
    _ problem: ReducedProblem, _ line: Int, isRow: Bool,
    _ orbits: (facilities: [Int]?, locations: [Int]?),
    _ body: (_ facility: Int, _ location: Int, _ bound: Int32) -> Void
  ) -> Bool {
    var hasPlace = false
    for b in 0..<problem.size {
      let (i, j) = isRow ? (line, b) : (b, line)
      let at = i * problem.stride + j
      let bound = problem.placementBounds[at]
      if bound >= limit || problem.leaders[at] != 0 { continue }
      hasPlace = true
      if isRow {
        let location = problem.locations[j]
        if let orbits = orbits.locations, orbits[location] != location { continue }
      } else {
        let facility = problem.facilities[i]
        if let orbits = orbits.facilities, orbits[facility] != facility { continue }
      }
      body(i, j, bound)
    }
    return hasPlace
  }

  /// The orbits of facilities and of locations here, nil where all are single.
  private func orbits(
    _ problem: ReducedProblem
  ) -> (facilities: [Int]?, locations: [Int]?) {
    (
      tree.facilitySymmetry.orbits(fixed: path.map(\.facility), free: problem.facilities),
      tree.locationSymmetry.orbits(fixed: path.map(\.location), free: problem.locations)
    )
  }

  /// Tries all ways to place the last facilities.
  private func enumerate(_ problem: ReducedProblem) {
    let (m, stride) = (problem.size, problem.stride)
    func place(_ i: Int, _ taken: [Int], _ sum: Int32) {
      guard sum < limit else { return }
      guard i < m else { return consider(problem, taken) }
      for j in 0..<m where !taken.contains(j) && problem.leaders[i * stride + j] == 0 {
        var total = sum
        for k in 0..<i {
          total = min(limit, total + problem.costs[problem.pairs(k, i) + taken[k] * stride + j])
        }
        place(i + 1, taken + [j], total)
      }
    }
    place(0, [], problem.bound)
  }

  private func consider(_ problem: ReducedProblem, _ places: [Int]) {
    var locations = [Int](repeating: 0, count: root.size)
    for pair in path { locations[pair.facility] = pair.location }
    for (i, j) in places.enumerated() { locations[problem.facilities[i]] = problem.locations[j] }
    guard let assignment = Assignment(locations: locations) else {
      preconditionFailure("a leaf is no permutation")
    }
    if pool != nil {
      guard pool?.insert(assignment) == true else { return }
      outcome.assignments.append(assignment)
      outcome.objective = min(outcome.objective, pool?.threshold ?? .infinity)
    } else {
      let objective = tree.instance.objective(of: assignment)
      guard objective < outcome.objective else { return }
      outcome.objective = objective
      outcome.assignments = [assignment]
    }
    limit = min(limit, tree.scale.limit(objective: outcome.objective))
  }
}
