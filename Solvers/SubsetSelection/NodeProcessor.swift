import QAP
import QAPPrimitives

/// Treats nodes of the search tree, one at a time: bounds them, decides items, branches.
final class NodeProcessor: @unchecked Sendable {
  // Unchecked because of the buffers: each thread has its own.

  /// The data that all nodes share.
  struct Setting: Sendable {
    let costs: QuantizedCosts
    /// Nil when no renumbering of items leaves the costs as they are.
    let symmetry: SubsetSymmetry?
    /// One of the relaxation's numbers in units: its costs are of size 1.
    let factor: Double
    /// False when only rows bound.
    let usesRelaxation: Bool
    /// Steps of the relaxation at the root, and what share of the rest of the way the steps between
    /// two looks must make there.
    let rootSteps: Int
    let rootShare: Double
    /// Keep what the relaxation reached for the children.
    let keepsWarmStarts: Bool

    /// Steps of the relaxation below the root.
    var steps: Int { 200 }
    var share: Double { 0.05 }
  }

  private let setting: Setting
  private let relaxation: SubsetRelaxation?
  private let rounding: DualRounding
  private let selection: Buffer<Int64>

  init(_ setting: Setting) {
    self.setting = setting
    let items = setting.costs.items
    relaxation = setting.usesRelaxation ? SubsetRelaxation(capacity: items) : nil
    rounding = DualRounding(capacity: setting.usesRelaxation ? items : 0)
    selection = Buffer(count: items, repeating: 0)
  }

  /// Treats `node`, of which everything from `threshold` units on is of no interest.
  ///
  /// - Parameters:
  ///   - shouldStop: asked between the steps of the relaxation.
  ///   - progress: called with bounds on the way, in units, at the root.
  func treat(
    _ node: SearchNode, threshold: Int128, shouldStop: () -> Bool,
    progress: ((Int128) -> Void)? = nil
  ) -> NodeResult {
    var result = NodeResult()
    let costs = FreeCosts(setting.costs, free: node.free, chosen: node.chosen)
    let rows = costs.rowBound(selection.view)
    if costs.isDecided {
      result.candidates = [costs.decided]
      result.closed = rows.value
      return result
    }
    if rows.value >= threshold {
      result.closed = rows.value
      return result
    }
    progress?(rows.value)
    var (best, bound) = (costs, rows)
    var shares: [Double]?
    if let relaxation {
      let (dual, interrupted) = relax(
        relaxation, node, costs, threshold: threshold, result: &result, shouldStop: shouldStop,
        progress: progress)
      if let dual, let replaced = costs.replaced(by: dual) {
        let rows = replaced.rowBound(selection.view)
        if rows.value > bound.value {
          (best, bound) = (replaced, rows)
          result.dual = dual
        }
      }
      let y = relaxation.primal.view
      shares = (1...costs.free.count).map { y[$0] }
      result.candidates.append(mostLikely(shares!, costs))
      if interrupted {
        result.isInterrupted = true
        result.end = .rows
        result.closed = bound.value
        return result
      }
    }
    if bound.value >= threshold {
      result.end = result.dual == nil ? .originalRows : .rows
      result.closed = bound.value
      return result
    }
    decide(best, bound, shares, threshold: threshold, &result)
    if case .branched = result.end, setting.keepsWarmStarts, let relaxation {
      result.warmStart = WarmStart(relaxation, free: costs.free)
    }
    return result
  }

  /// The dual point that the relaxation comes to, and whether it was interrupted.
  private func relax(
    _ relaxation: SubsetRelaxation, _ node: SearchNode, _ costs: FreeCosts, threshold: Int128,
    result: inout NodeResult, shouldStop: () -> Bool, progress: ((Int128) -> Void)?
  ) -> (SubsetDual?, Bool) {
    let (m, isRoot) = (costs.free.count, node.id == 0)
    prepare(relaxation, node, costs)
    let goal =
      threshold == .max ? Double.infinity : Double(threshold - costs.constant) / setting.factor
    let steps = isRoot ? setting.rootSteps : setting.steps
    let share = isRoot ? setting.rootShare : setting.share
    let interval = m >= 1000 ? 4 : m >= 300 ? 10 : 15
    var (best, bestEigenvalue, last) = (-Double.infinity, 0.0, -Double.infinity)
    var interrupted = false
    func dual() -> SubsetDual? {
      guard best > -.infinity else { return nil }
      return rounding.round(
        relaxation.bestMultipliers.view, free: m, size: costs.size, eigenvalue: bestEigenvalue,
        factor: setting.factor)
    }
    for step in 1...steps {
      guard relaxation.step() else { break }
      result.steps += 1
      interrupted = shouldStop()
      guard step % interval == 0 || step == steps || interrupted else { continue }
      guard let bound = relaxation.bound(), bound.isFinite else { break }
      if bound > best {
        (best, bestEigenvalue) = (bound, relaxation.eigenvalue)
        relaxation.keepMultipliers()
        if let progress, let dual = dual(), let replaced = costs.replaced(by: dual) {
          progress(replaced.rowBound(selection.view).value)
        }
      }
      if best >= goal || interrupted { break }
      // Not worth going on: branching gains more.
      if step >= 3 * interval, bound - last < share * (goal - bound) { break }
      last = bound
    }
    return (dual(), interrupted)
  }

  private func prepare(_ relaxation: SubsetRelaxation, _ node: SearchNode, _ costs: FreeCosts) {
    let (m, n) = (costs.free.count, costs.size)
    let k = m + 1
    relaxation.begin(free: m, size: n)
    relaxation.penalty = max(3, Double(m) / 25)
    let (a, d) = (relaxation.costs.view, costs.elements.view)
    let inverse = 1 / setting.factor
    a[0] = 0
    for i in 1...m {
      let own = 0.5 * inverse * Double(d[(i - 1) * m + i - 1])
      (a[i], a[i * k]) = (own, own)
      for j in 1...m { a[i * k + j] = i == j ? 0 : inverse * Double(d[(i - 1) * m + j - 1]) }
    }
    let (y, z) = (relaxation.primal.view, relaxation.multipliers.view)
    z.window(0, k * k).fill(0)
    if let start = node.warmStart {
      start.prepare(relaxation, for: costs)
      return
    }
    // Every subset as likely as every other.
    let single = Double(n) / Double(m)
    let pair = single * Double(n - 1) / Double(m - 1)
    y.window(0, k * k).fill(pair)
    y[0] = 1
    for i in 1...m { (y[i], y[i * k], y[i * k + i]) = (single, single, single) }
  }

  /// The chosen items and the n free ones with the largest shares.
  private func mostLikely(_ shares: [Double], _ costs: FreeCosts) -> [Int] {
    let order = shares.indices.sorted { (shares[$0], $1) > (shares[$1], $0) }
    return costs.chosen + order.prefix(costs.size).map { costs.free[$0] }
  }

  /// Decides what the bound decides, and branches on the item that is most in doubt.
  private func decide(
    _ costs: FreeCosts, _ bound: RowBound, _ shares: [Double]?, threshold: Int128,
    _ result: inout NodeResult
  ) {
    var closed: Int128?
    func close(_ value: Int128) { closed = min(closed ?? value, value) }
    defer { result.closed = closed }
    var (free, added) = (costs.free, [Int]())
    for (place, item) in costs.free.enumerated() {
      let left = costs.size - added.count
      if left == 0 || left == free.count { break }
      let with = bound.with(place)
      let without = bound.without(place) ?? .max
      switch (with >= threshold, without >= threshold) {
      case (false, false): continue
      case (true, true):
        close(min(with, without))
        result.end = .contradiction(item: item)
        return
      case (true, false):
        close(with)
        result.decisions.append(.init(item: item, isChosen: false))
      case (false, true):
        close(without)
        result.decisions.append(.init(item: item, isChosen: true))
        added.append(item)
      }
      free.removeAll { $0 == item }
    }
    let left = costs.size - added.count
    if left == 0 || left == free.count {
      let rest = FreeCosts(setting.costs, free: free, chosen: costs.chosen + added)
      close(rest.rowBound(selection.view).value)
      result.candidates.append(rest.decided)
      result.end = .originalRows
      return
    }
    let item = mostInDoubt(costs, free, bound, shares)
    let (orbit, generators) =
      setting.symmetry?.orbit(of: item, free: free, chosen: costs.chosen + added) ?? ([item], [])
    func child(choosing isChosen: Bool) -> NodeResult.Child {
      let kept = free.filter { isChosen ? $0 != item : !orbit.contains($0) }
      // The orbit may have all that could be chosen.
      if !isChosen, kept.count < left {
        return NodeResult.Child(free: kept, chosen: costs.chosen, bound: .max, isClosed: true)
      }
      let new = isChosen ? added + [item] : added
      let value = costs.restricted(keeping: kept, adding: new).rowBound(selection.view).value
      if value >= threshold { close(value) }
      return NodeResult.Child(
        free: kept, chosen: costs.chosen + new, bound: value, isClosed: value >= threshold)
    }
    result.end = .branched(
      item: item, generators: generators, without: child(choosing: false),
      with: child(choosing: true))
  }

  /// The item whose share is nearest to one half; without shares, the one whose worse way costs
  /// most.
  private func mostInDoubt(
    _ costs: FreeCosts, _ free: [Int], _ bound: RowBound, _ shares: [Double]?
  ) -> Int {
    let isFree = Set(free)
    var (best, item) = (Double.infinity, free[0])
    for (place, candidate) in costs.free.enumerated() where isFree.contains(candidate) {
      let doubt: Double
      if let shares {
        doubt = abs(shares[place] - 0.5)
      } else {
        doubt = Double(bound.value - (bound.without(place) ?? bound.value))
      }
      if doubt < best { (best, item) = (doubt, candidate) }
    }
    return item
  }
}
