import QAP
import QAPGilmoreLawler

/// The default: a portfolio of the other methods that measures how they do on the instance at hand.
///
/// 1. Cheap bounds: Gilmore–Lawler and, on matrices of which one is symmetric, projection.
/// 2. An assignment: Frank–Wolfe, then tabu search or, beyond `maxTabuSize`, a memetic search,
///    until improvements dry up.
/// 3. A short annealed dual ascent, which says what the level-1 RLT bound is worth; a tree that a
///    few walks find small is searched immediately.
/// 4. The doubly nonnegative relaxation, as soon as its first safe bound fits. It goes on while its
///    bounds, extrapolated to the time that is left, promise more than the ascent; where they do
///    not, the ascent gets the rest.
/// 5. A search tree that begins from the best root bound, and heuristics in the remaining time.
///
/// Work is planned in the ticks of `WorkModel`. Without a time limit the plan depends on the
/// instance alone, so a run is reproducible, and ends by itself. Every move is one line of the log.
public struct Automatic: Method {
  public static let info = MethodInfo(
    id: "auto", summary: "a portfolio of cheap bounds, heuristics, ascent, dnn and exact search",
    paper: "see the methods it uses", output: .assignmentAndBound,
    iteration: "an iteration of the method at work", supportsTensors: true,
    isRelabelingInvariant: false, searchesTree: true)

  /// The thresholds of the portfolio.
  public var parameters: Parameters
  /// Where the exact search is kept, so that it can be resumed.
  public var checkpoint: (any CheckpointStore)?

  /// A portfolio with `parameters`, which are checked when it runs. `checkpoint` keeps the exact
  /// search or, where none began, the best assignment and bound.
  public init(
    _ parameters: Parameters = Parameters(), checkpoint: (any CheckpointStore)? = nil
  ) {
    self.parameters = parameters
    self.checkpoint = checkpoint
  }

  /// Those of the first bound: what later phases need beyond that is left out.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    GilmoreLawler().bytes(size: size, isSymmetric: isSymmetric, threads: threads)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    return try PortfolioRun(context, parameters, checkpoint: checkpoint).run()
  }
}
