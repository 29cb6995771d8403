import QAP
import QAPLocalSearch
import QAPPrimitives

extension RelaxationRun {
  /// The greatest number of reflections, and that after which they begin again from a point free of
  /// the way there.
  private static let maxReflections = 60
  private static let reset = 12
  /// Projection steps between two bounds.
  private static let boundInterval = 4
  /// The least time of a proof, in steps of the splitting.
  private static let minSteps = 8.0
  /// Correlation of the two matrices, laid upon each other by the incumbent, from which on it is
  /// tried to prove it optimal. Matches that are exact have 0.75 and more; the optimum of uniformly
  /// random matrices has 0.67 at n = 12 and 0.54 at n = 30, and the effort is in vain there.
  private static let minCorrelation = 0.7

  /// Tries to prove the incumbent optimal by the multiplier that suits it (see
  /// `IncumbentMultiplier`); nil where that does not lead to an end, with the placements that it
  /// left open.
  ///
  /// Where the relaxation is exact this takes a fraction of the splitting's steps, and ranks stay
  /// low. It is tried where two matrices that are products' factors resemble each other, as those
  /// of matches do, and given up as soon as it does not get on.
  func followIncumbent() throws -> Termination? {
    guard context.instance.size >= 4, let first = context.incumbent?.assignment,
      resemblance(first) >= Self.minCorrelation,
      context.secondsLeft ?? .infinity > Self.minSteps * expected,
      stepsLeft >= Self.maxReflections
    else { return nil }
    strengthenIncumbent(from: first)
    // A better incumbent met on the way is the next goal, unless it is better by so little that
    // its placements were excluded.
    while let goal = context.incumbent?.assignment, lifted.matrix.placements.contains(goal) {
      if let reason = context.stopReason() { return reason }
      if let ended = try prove(goal) { return ended }
      if context.incumbent?.assignment == goal { return nil }
    }
    return nil
  }

  /// The correlation of flows with the distances that `assignment` lays on them, less than zero
  /// where costs would rise with it; 0 where costs are no products.
  private func resemblance(_ assignment: Assignment) -> Double {
    guard case .product(let flow, let distance) = cost.kind else { return 0 }
    let n = cost.size
    let locations = assignment.locations
    var (count, x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for i in 0..<n {
      for k in 0..<n where k != i {
        let (a, b) = (flow[i, k], -distance[locations[i], locations[k]])
        count += 1
        x += a
        y += b
        xx += a * a
        yy += b * b
        xy += a * b
      }
    }
    let spread = ((xx - x * x / count) * (yy - y * y / count)).squareRoot()
    return spread > 0 ? (xy - x * y / count) / spread : 0
  }

  /// A short search: the whole effort is in vain beside an assignment that is not optimal.
  private func strengthenIncumbent(from start: Assignment) {
    let n = context.instance.size
    let left = context.secondsLeft ?? .infinity
    let options = SolveOptions(
      limits: Limits(time: left.isFinite ? .seconds(0.1 * left) : nil),
      stop: { [context] _ in context.stopsAtOnce() ? .interrupted : nil },
      seed: context.seed, threads: context.threads, start: start)
    let tabu = RobustTabu(.init(iterations: 20 * n * n, walks: 4))
    guard let found = try? context.instance.solve(with: tabu, options: options).incumbent else {
      return
    }
    context.offer(found.assignment)
  }

  /// As `followIncumbent`, for one assignment.
  private func prove(_ goal: Assignment) throws -> Termination? {
    let locations = goal.locations.map { $0 }
    let multiplier = IncumbentMultiplier(
      lifted, cost, locations: locations, threads: context.threads)
    context.note("dnn: looking for the multiplier of the incumbent")
    var began = context.status.seconds
    var first = Double.infinity
    /// Counts a step; the reason to end, if there is one.
    func count() -> Termination? {
      context.count(iterations: 1)
      stepsLeft -= 1
      if stepsLeft == 0 { return .iterations }
      context.reportWorking()
      let now = context.status.seconds
      defer { began = now }
      return context.stopReason() ?? (isShort(stepSeconds: 1.1 * (now - began)) ? .time : nil)
    }
    for step in 1...Self.maxReflections {
      guard multiplier.reflect() else { return nil }
      if step == 1 { first = multiplier.movement }
      if let reason = count() { return reason == .time ? nil : reason }
      guard step >= Self.reset else { continue }
      if step == Self.reset {
        // Where there is nothing to come near to, reflections go on for ever.
        guard multiplier.movement < 0.6 * first, multiplier.settle() else { return nil }
      }
      if multiplier.movement <= first / 15 { break }
    }
    guard multiplier.settle() else { return nil }
    var gaps: [Double] = []
    for step in 0... {
      // The first bound is worth its time where there is nothing left to project.
      let isDue =
        step == 0
        ? 50 * multiplier.rank <= multiplier.face.order : step % Self.boundInterval == 0
      guard multiplier.beginProjection(forBound: isDue) else { return nil }
      if isDue {
        try multiplier.withMultiplier {
          try bound(
            multiplier.point, scratch: multiplier.scratch, projection: multiplier.projection,
            near: 0, knows: true, share: 0.02, residual: multiplier.movement)
        }
      }
      multiplier.endProjection()
      if let reason = count() { return reason == .time ? nil : reason }
      guard isDue else { continue }
      guard let incumbent = context.incumbent, incumbent.assignment == goal else { return nil }
      gaps.append(incumbent.objective - best)
      // Two bounds that gain little, or none at all: the splitting does better.
      if gaps.count > 2 {
        guard gaps[gaps.count - 1] < 0.7 * gaps[gaps.count - 3] else { return nil }
      }
      shrink(keeping: locations) { multiplier.restrict(to: $0) ? multiplier.face : nil }
    }
    return nil
  }
}
