import QAP
import QAPDenseAlgebra
import QAPLocalSearch
import QAPPrimitives

/// FAQ, the fast approximate quadratic assignment algorithm (J. T. Vogelstein et al., "Fast
/// approximate quadratic programming for graph matching", PLOS ONE 10(4), 2015).
///
/// Frank–Wolfe descent of f(P) = ⟨A, P·B·Pᵀ⟩ + ⟨L, P⟩ over doubly stochastic matrices P: the
/// gradient is A·P·Bᵀ + Aᵀ·P·B + L; its best permutation Q is the direction; the step to the
/// least f between P and Q is exact, f being quadratic; the last P is projected onto the nearest
/// permutation. Diagonals of A and B take part as they are, as in SciPy's implementation.
///
/// Several starts go side by side in lockstep, one iteration at a time, so the answer depends on
/// the seed and on work limits only, not on the number of threads.
public struct FrankWolfe: Method {
  public static let info = MethodInfo(
    id: "faq", summary: "Frank-Wolfe descent over doubly stochastic matrices, then projection",
    paper: "Vogelstein et al. 2015, PLOS ONE 10(4):e0121002", output: .assignment,
    iteration: "one gradient step of one start", supportsTensors: false,
    isRelabelingInvariant: false)

  /// The options of Frank–Wolfe.
  public let parameters: Parameters

  /// A descent with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// The starts that go side by side. A constant, so that the answer does not depend on the number
  /// of threads.
  private static let batch = 8

  /// Three matrices, and five for each start of a batch.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    Double(3 + 5 * min(FrankWolfe.batch, parameters.starts)) * 8 * Double(size) * Double(size)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    try requireSupport(of: context.instance, alternative: "tabu")
    // Pages are cleared where they are written first: two matrices and the first descent.
    let part = WorkModel.allocation(
      bytes: bytes(size: context.instance.size, isSymmetric: true, threads: 1))
    guard context.hasTime(for: part), let problem = RelaxedProblem(context.instance) else {
      context.offerStart()
      return context.stopReason() ?? .time
    }
    setDenseAlgebraThreads(1)
    var left = context.plannedIterations(parameters.iterations, default: .max)
    for first in stride(from: 0, to: parameters.starts, by: FrankWolfe.batch) {
      if first > 0, let reason = context.stopReason() { return reason }
      let count = min(FrankWolfe.batch, parameters.starts - first)
      let descents = (first..<first + count).map {
        RelaxedDescent(problem, parameters: parameters, seed: context.seed, index: $0)
      }
      let reason = descend(descents, context, left: &left)
      let instance = context.instance
      let polishes = parameters.polishes
      let places = Buffer<Int>(count: count * instance.size, repeating: 0)
      let view = places.view
      let begun = descents.indices.filter { descents[$0].hasBegun }
      parallelFor(count: begun.count, threads: context.threads) { _, at in
        let index = begun[at]
        let projected = descents[index].projection { context.stopsAtOnce() }
        let result =
          polishes
          ? projected.improvedBySwaps(in: instance) { context.stopsAtOnce() } : projected
        view.window(index * instance.size, instance.size).copy(from: result.locations)
      }
      // Offered in the order of the starts, so that the log does not depend on the threads either.
      for index in begun {
        let locations = places.view.window(index * instance.size, instance.size).array
        if let assignment = Assignment(locations: locations) {
          context.offer(assignment, rank: first + index)
        }
      }
      if let reason {
        context.offerStart()
        return reason
      }
    }
    return context.stopReason() ?? .stalled
  }

  /// Iterates all descents of a batch to their ends, or until the context says to stop.
  /// `left` is the number of iterations allowed, and in the end of those that remain.
  private func descend(
    _ descents: [RelaxedDescent], _ context: SolveContext, left: inout Int
  ) -> Termination? {
    let start = context.start
    parallelFor(count: descents.count, threads: context.threads) { _, index in
      descents[index].begin(at: start) { context.stopsAtOnce() }
    }
    for _ in 0..<parameters.iterationsPerStart {
      let active = descents.filter { !$0.isDone }.prefix(left).map { $0 }
      if let reason = context.stopReason() { return reason }
      if left == 0 { return .iterations }
      if active.isEmpty { return nil }
      parallelFor(count: active.count, threads: context.threads) { _, index in
        active[index].iterate { context.stopsAtOnce() }
      }
      context.count(iterations: active.count)
      left -= active.count
      context.reportWorking()
    }
    return nil
  }
}
