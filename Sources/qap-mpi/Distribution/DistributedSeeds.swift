import QAP

/// One method from several seeds, spread over ranks; the best assignment and the best bound count.
///
/// The answer depends on the seeds only, not on the ranks, unless a limit of the whole run strikes.
public struct DistributedSeeds<Inner: Method>: Method {
  public static var info: MethodInfo { Inner.info }

  private let inner: Inner
  private let seeds: Int
  private let carrier: Carrier

  private final class Carrier: @unchecked Sendable {
    let transport: any Transport
    init(transport: any Transport) { self.transport = transport }
  }

  /// The method as rank 0 runs it, on the thread that `transport` belongs to: `inner` from the
  /// context's seed and the following ones, `seeds` in all.
  public init(_ inner: Inner, seeds: Int, over transport: any Transport) {
    self.inner = inner
    self.seeds = seeds
    carrier = Carrier(transport: transport)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    let interruption = Interruption()
    let (instance, inner, seed, threads) = (context.instance, inner, context.seed, context.threads)
    // Each run has the whole of the work limits.
    let limits = Limits(
      time: context.secondsLeft.map { .seconds($0) }, iterations: context.iterationsLeft,
      nodes: context.nodesLeft, target: context.target)
    let tolerance = context.tolerance
    let coordinator = JobCoordinator(
      Array(0..<seeds), over: carrier.transport, interruption: interruption
    ) {
      try SeedAnswer(
        instance, inner,
        SolveOptions(
          limits: limits, stop: $1.criterion, tolerance: tolerance, seed: seed &+ UInt64($0),
          threads: threads)
      ).encoded
    }
    context.report(Double(carrier.transport.size), as: "ranks")
    context.report(Double(seeds), as: "seeds")
    var iterations = 0
    try coordinator.run(
      tick: {
        context.reportWorking()
        if context.stopReason() != nil { interruption.request() }
      },
      finished: { index, bytes in
        let answer = try SeedAnswer(bytes)
        if let assignment = answer.assignment {
          guard assignment.size == instance.size else {
            throw MessageError("an assignment of another size")
          }
          context.offer(assignment, rank: index)
        }
        if let bound = answer.bound {
          context.raise(
            to: LowerBound(proven: bound, method: context.source, for: instance))
        }
        iterations += answer.iterations
        context.count(nodes: answer.nodes, open: 0)
      })
    // Each run has had its own limit: their sum is told once no run can be ended by it.
    let reason = context.stopReason()
    context.count(iterations: iterations)
    return reason ?? .iterations
  }
}
