import QAP
import QAPPrimitives

/// Robust tabu search (É. D. Taillard, "Robust taboo search for the quadratic assignment problem",
/// Parallel Computing 17, 1991), iterated.
///
/// Each iteration carries out the best swap that is not tabu. A swap of facilities r and s
/// is tabu while both have recently left the location that they would return to; it is allowed all
/// the same when it leads to the best assignment of the round, and forced when it has been shunned
/// for very long. Once a round stagnates, a random cycle through some of the facilities
/// kicks the walk's home assignment and the next round begins (as in the iterated tabu search of
/// A. Misevicius, 2012, and the breakout local search of U. Benlic and J.-K. Hao, 2013): kicks grow
/// while they lead nowhere. That is what structured instances need, whose neighborhoods are flat
/// and whose basins are deep.
///
/// Several walks go side by side in lockstep: each makes a fixed number of iterations, then all of
/// them offer what they found, in the order of their numbers, and the stopping criteria are asked.
/// The answer therefore depends on the seed and on work limits only, not on the number of threads.
public struct RobustTabu: Method {
  public static let info = MethodInfo(
    id: "tabu", summary: "iterated robust tabu search over swaps, several walks",
    paper: "Taillard 1991, Parallel Computing 17:443-455",
    output: .assignment, iteration: "one swap in one walk",
    supportsTensors: true, isRelabelingInvariant: false)

  /// The options of the tabu search.
  public let parameters: Parameters

  /// A search with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  /// The layout of the instance, and a table with its tabu memory for each walk.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    SwapProblem.bytes(
      size: size, isSymmetric: isSymmetric,
      tables: parameters.walks ?? Parameters.defaultWalks(size: size), memory: 2)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    let instance = context.instance
    let n = instance.size
    if let search = SparseSearch(context) {
      return search.run(context, iterations: parameters.iterations)
    }
    let total = context.plannedIterations(
      parameters.iterations, default: Parameters.defaultIterations(size: n))
    // No walk without an iteration of its own.
    let count = min(parameters.walks ?? Parameters.defaultWalks(size: n), total)
    guard let problem = context.layout(mergesInterchangeable: true, tables: count, memory: 2) else {
      return context.stopReason() ?? .time
    }
    let target = SearchTarget(context)
    let walks = (0..<count).map { _ in TabuWalk(problem, parameters: parameters, target: target) }
    let begins = problem.starts(context)
    let seed = context.seed
    parallelFor(count: count, threads: context.threads) { _, index in
      walks[index].begin(
        at: index < begins.count ? begins[index] : nil,
        generator: SeededGenerator(seed: seed, stream: UInt64(index)),
        iterations: total / count + (index < total % count ? 1 : 0),
        unless: { context.stopsAtOnce() })
    }
    return WalkCoordinator(problem, target: target, walks: walks).run(context) ?? .iterations
  }
}

extension SwapProblem {
  /// The assignments that searches begin with, in this frame: the caller's, and a constructed one
  /// where the instance is sparse.
  func starts(_ context: SolveContext) -> [[Int]] {
    var starts = context.start.map { [grouping.encode($0.locations)] } ?? []
    guard context.hasTime(for: 10 * TightEmbedding.ticks(size: size)) else { return starts }
    // A stream that no walk and no population has.
    var generator = SeededGenerator(seed: context.seed, stream: .max)
    if let embedding = TightEmbedding(self, using: &generator) {
      starts.append(embedding.places(using: &generator))
    }
    return starts
  }
}

/// The goal of a walk beyond the best known objective.
struct SearchTarget: Sendable {
  let target: Double?
  /// The objective that counts as optimal at the bound known at the start; nil without a bound.
  private let bound: Double?
  private let rule: OptimalityRule

  init(_ context: SolveContext) {
    target = context.target
    bound = context.bound?.value
    rule = bound == nil ? .exact : context.rule
  }

  /// True when `objective` ends the search.
  func isReached(by objective: Double) -> Bool {
    if let target, objective <= target { return true }
    return isOptimal(objective)
  }

  /// True when the bound known at the start proves `objective` optimal.
  func isOptimal(_ objective: Double) -> Bool {
    rule.isProven(objective: objective, bound: bound)
  }
}
