import QAP
import QAPPrimitives

/// Pairwise swap: while some swap of two facilities lowers the objective, carry one out
/// (the local search that R. E. Burkard and F. Rendl, EJOR 17, 1984, start their annealing from).
///
/// Repeated from many starts. Starts run in batches; after each batch they offer what they found in
/// the order of their numbers, and the stopping criteria are asked. The answer therefore depends on
/// the seed and on work limits only, not on the number of threads. The iterations that are left are
/// divided among the starts of a batch.
public struct TwoOpt: Method {
  public static let info = MethodInfo(
    id: "2-opt", summary: "best-improvement swaps to a local optimum, from many starts",
    paper: "Burkard and Rendl 1984, EJOR 17:169-174", output: .assignment,
    iteration: "one swap", supportsTensors: true, isRelabelingInvariant: false)

  /// The options of 2-opt.
  public let parameters: Parameters

  /// A search with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// The starts between two looks at the stopping criteria. A constant, so that the answer does not
  /// depend on the number of threads.
  private static let batch = 8

  /// The layout of the instance, and a table for each thread.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    SwapProblem.bytes(
      size: size, isSymmetric: isSymmetric, tables: min(threads, TwoOpt.batch))
  }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    let count = min(context.threads, TwoOpt.batch)
    guard let problem = context.layout(tables: count) else { return context.stopReason() ?? .time }
    let tables = (0..<count).map { _ in SwapTable(problem) }
    let found = Buffer<Int>(count: TwoOpt.batch * problem.size, repeating: 0)
    let steps = Buffer<Int>(count: TwoOpt.batch, repeating: 0)
    let (foundView, stepsView) = (found.view, steps.view)
    var first = 0
    var left = context.plannedIterations(parameters.iterations, default: .max)
    while first < parameters.starts {
      if let reason = context.stopReason() {
        if first == 0 { context.offerStart() }
        return reason
      }
      if left == 0 { return .iterations }
      let base = first
      let budget = left
      // No descent without an iteration of its own.
      let count = min(TwoOpt.batch, parameters.starts - base, budget)
      parallelFor(count: count, threads: context.threads) { worker, index in
        // A large table takes seconds to set up: time that is up is up.
        if base + index > 0, context.stopsAtOnce() {
          stepsView[index] = -1
          return
        }
        let share = budget / count + (index < budget % count ? 1 : 0)
        let descent = Descent(tables[worker], seed: context.seed, index: base + index)
        let begin = base + index == 0 ? context.start?.locations : nil
        stepsView[index] = descent.run(
          from: begin, rule: parameters.rule,
          limit: min(share, parameters.iterationsPerStart ?? .max), stop: context)
        let place = foundView.window(index * problem.size, problem.size)
        place.copy(from: tables[worker].places.view)
      }
      for index in 0..<count where steps.view[index] >= 0 {
        context.count(iterations: steps.view[index])
        left -= steps.view[index]
        let locations = found.view.window(index * problem.size, problem.size).array
        if let assignment = Assignment(locations: locations) {
          context.offer(assignment, rank: base + index)
        }
      }
      context.reportWorking()
      first += count
    }
    return context.stopReason() ?? (left == 0 ? .iterations : .stalled)
  }
}

extension SolveContext {
  /// Lays the instance out for swaps; nil where the time is too short for that and for `tables`
  /// tables with `memory` n × n matrices beside each. The start has been offered then.
  func layout(mergesInterchangeable: Bool = false, tables: Int, memory: Int = 0) -> SwapProblem? {
    let n = instance.size
    let bytes = SwapProblem.bytes(size: n, isSymmetric: false, tables: tables, memory: memory)
    if hasTime(for: WorkModel.layout(size: n) + WorkModel.allocation(bytes: bytes)) {
      let problem = SwapProblem(instance, mergesInterchangeable: mergesInterchangeable)
      let tables = WorkModel.allocation(
        bytes: bytes - SwapProblem.bytes(size: n, isSymmetric: false, tables: 0))
      if hasTime(for: tables), !stopsAtOnce() { return problem }
    }
    offerStart()
    return nil
  }
}

extension Instance {
  /// The layout alone, to be measured.
  package func layOutForSwaps() { _ = SwapProblem(self) }
}

extension Assignment {
  /// The local optimum that best-improvement pairwise swap reaches from here: no objective
  /// rises, and none of the n(n−1)/2 swaps lowers the result's.
  ///
  /// - Parameter isStopped: asked now and then: when it says so, the result is as good as it is by
  ///   then.
  public func improvedBySwaps(
    in instance: Instance, unless isStopped: () -> Bool = { false }
  ) -> Assignment {
    precondition(size == instance.size, "the assignment has another size than the instance")
    let table = SwapTable(SwapProblem(instance))
    guard table.reset(to: locations, unless: isStopped) else { return self }
    _ = Descent(table, seed: 0, index: 0).bestImprovement(limit: .max, isStopped)
    return Assignment(locations: table.locations) ?? self
  }
}
