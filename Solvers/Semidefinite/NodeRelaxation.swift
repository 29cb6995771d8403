import LinearAssignment
import LocalSearch
import Primitives
import QAP

/// The doubly nonnegative bound of one node of a search tree: as far as it takes to prune the node, and no
/// further than it promises to.
///
/// Depends on its arguments alone, not on the number of threads.
package struct NodeRelaxation {
  /// What is known of a node.
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
    /// True when no assignment costs less than what was needed.
    package var isPruned = false
  }

  /// Steps at most.
  package var steps: Int
  /// Steps between two bounds.
  package var interval: Int
  /// Goes on while the last interval's gain, so many times, would prune the node.
  package var patience: Double

  /// Defaults for the nodes of a tree.
  package init(steps: Int = 400, interval: Int = 20, patience: Double = 6) {
    self.steps = steps
    self.interval = interval
    self.patience = patience
  }

  /// Core seconds that a node takes, roughly.
  package static func seconds(size n: Int) -> Double {
    100 * DoublyNonnegative.secondsPerStep(size: n)
  }

  /// True where numbers are such that the relaxation can be formed.
  package static func supports(_ instance: Instance) -> Bool {
    if case .tensor = instance.cost { return instance.size >= 2 }
    return instance.size >= 2 && instance.properties.magnitude < 0x1p900
  }

  /// Bounds `instance`, from `state`, which is used up, until `needed` is proven. `progress` is told of every
  /// step, with the best bound where it has risen.
  package func run(
    _ instance: Instance, from state: RelaxationState?, needed: Double, threads: Int,
    progress: @Sendable (_ bound: Double?) -> Void = { _ in }, shouldStop: @Sendable () -> Bool
  ) -> Result {
    let n = instance.size
    var result = Result(placementBounds: Array(repeating: -Double.infinity, count: n * n))
    let cost = PairCost(instance)
    let lifted = LiftedCosts(cost, threads: threads)
    let splitting = Splitting(lifted, parameters: .init(), from: state, threads: threads)
    let safe = SafeBound(lifted, constant: cost.constant, rounds: 2, threads: threads)
    var last = -Double.infinity
    var candidate: [Int] = []
    var objective = Double.infinity
    for step in 0...steps {
      if shouldStop() { break }
      if step > 0 {
        guard splitting.step() else { break }
        result.steps = step
        progress(nil)
      }
      // A multiplier of zeros proves next to nothing.
      guard step % interval == 0 || step == steps, step > 0 || state != nil else { continue }
      let proven = try? safe.evaluate(
        splitting.multiplier, scratch: splitting.scratch, projection: splitting.projection,
        above: -.infinity, shouldStop: shouldStop)
      splitting.restore()
      let found = splitting.nearestLocations()
      if found != candidate, let assignment = Assignment(locations: found) {
        candidate = found
        let improved = assignment.improvedByExchanges(in: instance)
        let value = instance.objective(of: improved)
        if value < objective { (objective, result.assignment) = (value, improved) }
      }
      guard let proven else { continue }
      if proven.value > result.bound {
        result.bound = proven.value
        progress(proven.value)
      }
      for at in 0..<n * n {
        let value = (proven.value + proven.leaders[at]).nextDown
        result.placementBounds[at] = max(result.placementBounds[at], value)
      }
      if result.bound >= needed || result.leavesALineEmpty(n, needed) {
        result.isPruned = true
        return result
      }
      let gain = proven.value - last
      last = max(last, proven.value)
      if step >= 2 * interval, gain * patience < needed - last { break }
    }
    result.state = splitting.state
    return result
  }
}

extension NodeRelaxation.Result {
  /// True when a facility, or a location, has no placement left.
  fileprivate func leavesALineEmpty(_ n: Int, _ needed: Double) -> Bool {
    for a in 0..<n {
      if (0..<n).allSatisfy({ placementBounds[a * n + $0] >= needed }) { return true }
      if (0..<n).allSatisfy({ placementBounds[$0 * n + a] >= needed }) { return true }
    }
    return false
  }
}
