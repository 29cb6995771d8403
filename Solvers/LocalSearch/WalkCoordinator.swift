import QAP
import QAPPrimitives

/// Walks that go side by side in lockstep: each makes a fixed number of iterations, then all offer
/// their results, in the order of their numbers, and the stopping criteria are asked. The result
/// therefore depends on seeds and work limits only, not on the number of threads.
final class WalkCoordinator {
  let walks: [any SearchWalk]
  private let problem: SwapProblem
  private let target: SearchTarget
  private var length: Int
  /// The best value offered so far, without the constant.
  private var offered = Double.infinity

  init(_ problem: SwapProblem, target: SearchTarget, walks: [any SearchWalk]) {
    self.problem = problem
    self.target = target
    self.walks = walks
    length = min(256, WalkCoordinator.maxLeg(problem))
  }

  /// Lets the walks make the iterations that remain to them. Returns nil when all are done, or
  /// earlier the reason to stop.
  func run(_ context: SolveContext) -> Termination? {
    while true {
      for (index, walk) in walks.enumerated() {
        guard let found = walk.takeImprovement(below: offered + problem.tolerance) else { continue }
        offered = min(offered, found.value)
        if let assignment = Assignment(locations: problem.grouping.decode(found.locations)) {
          context.offer(assignment, rank: index)
        }
      }
      if let reason = context.stopReason() {
        context.offerStart()
        return reason
      }
      if let found = context.incumbent?.objective, target.isReached(by: found) {
        return target.isOptimal(found) ? .optimal : .target
      }
      if problem.grouping.groupCount < 2 { return .stalled }
      if walks.allSatisfy({ $0.remaining == 0 }) { return nil }
      let before = walks.reduce(0) { $0 + $1.made }
      let leg = length
      let walks = walks
      parallelFor(count: walks.count, threads: context.threads) { _, index in
        walks[index].advance(leg)
      }
      context.count(iterations: walks.reduce(0) { $0 + $1.made } - before)
      context.reportWorking()
      // Short legs first, so that small limits are met closely and easy targets end early.
      length = min(2 * length, WalkCoordinator.maxLeg(problem))
    }
  }

  /// The iterations between two looks at the stopping criteria: a few milliseconds' worth.
  private static func maxLeg(_ problem: SwapProblem) -> Int {
    let n = problem.size
    switch problem.form {
    case .symmetric, .asymmetric: return max(1, min(4096, 3_600_000 / (n * n)))
    case .table: return max(16, min(4096, 500_000 / (n * n)))
    case .entries: return 1
    }
  }
}
