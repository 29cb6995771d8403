import QAP
import QAPLinearAssignment
import QAPLocalSearch
import QAPPrimitives

/// The doubly nonnegative bound of one node of a search tree: as far as it takes to prune the node,
/// and no further than it promises to.
///
/// Depends on its arguments alone, not on the number of threads.
package struct NodeRelaxation {
  /// The result of relaxing a node.
  package struct Result {
    /// No assignment costs less; −∞ when nothing could be proven.
    package var bound = -Double.infinity
    /// No assignment with facility i at location j costs less, at i·n + j.
    package var placementBounds: [Double]
    /// The best assignment met.
    package var assignment: Assignment?
    /// Steps made.
    package var steps = 0
    /// Where it ended.
    package var state: RelaxationState?
    /// The only assignment that may cost less than needed.
    package var last: Assignment?
    /// True when no assignment costs less than needed, but perhaps `last`.
    package var isPruned = false
    /// Pairs that every assignment contains that costs less than needed.
    package var forced: [FixedPair] = []
    /// The placements that such assignments may have, i·n + j ascending; nil where this is not
    /// known.
    fileprivate var open: [Int]?
    /// The best of the bounds that hold for all assignments, with what proves it, if proofs are
    /// kept.
    package var proven: (bound: Double, proof: SemidefiniteProof)?
  }

  /// Steps at most.
  package var steps: Int
  /// Steps between two bounds.
  package var interval: Int
  /// Continues while this number of gains like that of the last `window` steps would prune the
  /// node.
  package var patience: Double
  /// A multiple of the interval.
  package var window: Int

  /// The relaxation of a root, from which everything begins: bounds stand still for a while on
  /// their way.
  private static let root = NodeRelaxation(steps: 1500, patience: 30, window: 100)

  /// The relaxation of a node with many free facilities: a tree of few such nodes, each worth some
  /// patience.
  private static let large = NodeRelaxation(steps: 600, patience: 20, window: 100)

  /// Defaults for the nodes of a tree.
  package init(steps: Int = 400, interval: Int = 20, patience: Double = 6, window: Int = 20) {
    self.steps = steps
    self.interval = interval
    self.patience = patience
    self.window = window
  }

  /// That of the root, from which all others begin, or of a node below it with `n` free facilities.
  package static func ofNode(size n: Int, isRoot: Bool) -> NodeRelaxation {
    isRoot ? .root : n > 32 ? .large : NodeRelaxation()
  }

  /// Ticks of a node: a hundred steps.
  package static func ticks(size n: Int) -> Double {
    100 * DoublyNonnegative.ticksPerStep(size: n)
  }

  /// True where there is something to relax, and costs have squares that doubles can hold.
  package static func supports(_ instance: Instance) -> Bool {
    instance.size >= 2 && DoublyNonnegative.suits(instance)
  }

  /// Bounds `instance`, from `state`, which is used up, until `needed` is proven. `known` holds the
  /// bounds of placements so far, like `placementBounds`. `progress` is called after every step,
  /// with the best bound where it has risen. A run that keeps proofs goes on until a bound for all
  /// assignments is as high as needed: what placements cost has no place in a `SemidefiniteProof`.
  package func run(
    _ instance: Instance, from state: RelaxationState?, known: [Double]? = nil, needed: Double,
    keepsProof: Bool = false, threads: Int,
    progress: @Sendable (_ bound: Double?) -> Void = { _ in }, shouldStop: @Sendable () -> Bool
  ) -> Result {
    let n = instance.size
    var result = Result(
      placementBounds: known ?? Array(repeating: -Double.infinity, count: n * n))
    if known != nil, !keepsProof, result.conclude(size: n, needed: needed) { return result }
    let cost = PairCost(instance)
    let lifted = LiftedCosts(cost, threads: threads)
    // A parent's exclusions hold here, unless they fall short of what is needed now, or a proof.
    let suits = state.map { $0.placements.isWhole || !keepsProof && $0.floor >= needed } ?? false
    let state = suits ? state : nil
    if let state { lifted.matrix.restrict(to: state.placements) }
    // The penalty at which a long run ends is several times too large for a short one.
    let splitting = Splitting(
      lifted, parameters: .init(), from: state, keepsPenalty: false, threads: threads)
    let safe = SafeBound(lifted, constant: cost.constant, rounds: 2, threads: threads)
    func restrict() {
      guard let open = result.open,
        PlacementSet.isWorthRestricting(splitting.primal.placements, to: open.count),
        splitting.restrict(to: PlacementSet(size: n, places: open))
      else { return }
      safe.restrict(to: splitting.face)
    }
    if state != nil { restrict() }
    var history: [Double] = []
    var own = Array(repeating: -Double.infinity, count: n * n)
    var candidate: [Int] = []
    var objective = Double.infinity
    func consider(_ found: [Int]) {
      guard found != candidate, let assignment = Assignment(locations: found) else { return }
      candidate = found
      let improved = assignment.improvedBySwaps(in: instance)
      let value = instance.objective(of: improved)
      if value < objective { (objective, result.assignment) = (value, improved) }
    }
    for step in 0...steps {
      if shouldStop() { break }
      if step > 0, !splitting.project() { break }
      // A multiplier of zeros proves next to nothing.
      let isDue = step % interval == 0 || step == steps
      let bounds = isDue && (step > 0 || state != nil)
      // Now and then the other side proves more: where linear costs are large, or ranks swell.
      let isSpectral = step > 0 && splitting.hasWholeProjection && step % (2 * interval) != 0
      var proven: SafeBound.Proven?
      func bound() {
        proven = try? safe.evaluate(
          splitting.multiplier, scratch: splitting.scratch, projection: splitting.projection,
          near: splitting.eigenvalue, knows: isSpectral && splitting.knowsEigenvalue,
          gap: needed - (history.last ?? -.infinity), above: -.infinity, placements: true,
          shouldStop: shouldStop)
        if let proven, keepsProof { result.keep(proven) }
      }
      if bounds, isSpectral { splitting.withSpectralMultiplier(bound) }
      if step > 0 {
        guard splitting.update() else { break }
        result.steps = step
        progress(nil)
      }
      guard bounds else { continue }
      if !isSpectral {
        bound()
        splitting.restore()
      }
      consider(splitting.nearestLocations())
      guard let proven else { continue }
      // Assignments with other placements cost as much as needed: nothing beyond that is known.
      let set = splitting.primal.placements
      let ceiling = set.isWhole ? Double.infinity : needed
      if !set.isWhole {
        for at in 0..<n * n where set.index(of: at) == nil { own[at] = ceiling }
      }
      for at in set.places {
        own[at] = max(own[at], min(ceiling, (proven.value + proven.excess[at]).nextDown))
      }
      for at in 0..<n * n {
        result.placementBounds[at] = max(result.placementBounds[at], own[at])
      }
      // Every assignment has a placement of each facility.
      func bound(all placements: [Double]) -> Double {
        (0..<n).reduce(min(ceiling, proven.value)) {
          max($0, placements[$1 * n..<($1 + 1) * n].min() ?? $0)
        }
      }
      let reached = bound(all: result.placementBounds)
      if reached > result.bound {
        result.bound = reached
        progress(reached)
      }
      if keepsProof {
        if proven.value >= needed { return result }
      } else if result.conclude(size: n, needed: needed) {
        return result
      } else {
        restrict()
      }
      // What was known before holds this run's own bounds up for a while, and says nothing of its
      // pace.
      history.append(max(history.last ?? -.infinity, keepsProof ? proven.value : bound(all: own)))
      let (now, past) = (history[history.count - 1], history.count - 1 - max(1, window / interval))
      if step >= 2 * interval, past >= 0, (now - history[past]) * patience < needed - now { break }
    }
    result.state = splitting.makeState(
      floor: splitting.primal.placements.isWhole ? .infinity : needed)
    return result
  }
}

extension NodeRelaxation.Result {
  /// Keeps a bound that is better than those before.
  fileprivate mutating func keep(_ found: SafeBound.Proven) {
    guard found.value > proven?.bound ?? -.infinity, case .semidefinite(let proof) = found.proof()
    else { return }
    proven = (found.value, proof)
  }

  /// Follows up what the bounds of the placements leave; true when that is one assignment or none.
  fileprivate mutating func conclude(size n: Int, needed: Double) -> Bool {
    switch OpenPlacements(size: n, bounds: placementBounds, below: needed).outcome() {
    case .none:
      isPruned = true
    case .single(let locations):
      last = Assignment(locations: locations)
      isPruned = true
    case .several(let pairs, let open):
      (forced, self.open) = (pairs, open)
    }
    return isPruned
  }
}
