import QAP
import QAPDualAscent
import QAPLinearProgramming
import QAPPrimitives

/// The level-1 RLT linear program solved to optimality: what `rlt1` approaches, to eight digits.
///
/// Up to size 6 GLPK's simplex method solves the model as it is (`Formulation.rlt1`). Beyond it
/// that takes too long, as the program is very degenerate, and an interior point method that knows
/// its structure takes over (`RLTInteriorPoint`). A build without GLPK uses it from size 4 on, and
/// dual ascent below. Either way the duals become a feasible point of the RLT dual in exact
/// arithmetic, and that is the bound; the floating-point value of the program is reported as
/// `lp_value`, only when primal and dual agree to `Parameters.tolerance`. Every dual on the way is
/// used for a round of dual ascent, which gives a bound early, and assignments.
///
/// With an assignment of objective U each variable whose reduced cost reaches from the bound to the
/// next value below U is 0 in every better assignment: `lp_columns_removable` of `lp_columns`. They
/// are not removed: the rest would have a larger optimum than the relaxation.
public struct RLTLinearProgram: Method {
  public static let info = MethodInfo(
    id: "rlt1-lp", summary: "the level-1 RLT linear program, solved to optimality",
    paper: "Adams and Johnson 1994, DIMACS Ser. 16:43-75", output: .assignmentAndBound,
    iteration: "interior point step", supportsTensors: true, maxSize: 25,
    isRelabelingInvariant: false)

  /// The solver of the program.
  public enum Engine: Sendable {
    /// GLPK up to size 6, the interior point method beyond; without GLPK from size 4 on.
    case automatic
    /// GLPK's primal simplex method.
    case simplex
    /// The interior point method of this package, from size 4 on.
    case interiorPoint
  }

  /// The options of the solver.
  public struct Parameters: Sendable {
    /// The solver of the program.
    public var engine: Engine
    /// Interior point steps at most.
    public var iterations: Int?
    /// The relative gap between primal and dual objective, and the violation of any row, at the
    /// end.
    public var tolerance: Double
    /// Bytes that the work may take; larger instances are refused.
    public var memoryLimit: Int

    /// The defaults, each replaceable by name. They are checked when the program is solved:
    /// `iterations` is at least 0, `tolerance` from 1e-10 to 1e-2.
    public init(
      engine: Engine = .automatic, iterations: Int? = nil, tolerance: Double = 1e-8,
      memoryLimit: Int = 4 << 30
    ) {
      self.engine = engine
      self.iterations = iterations
      self.tolerance = tolerance
      self.memoryLimit = memoryLimit
    }

    func validate() throws {
      if let iterations { try require(iterations >= 0, "iterations", iterations, "at least 0") }
      try require(
        tolerance >= 1e-10 && tolerance <= 1e-2, "tolerance", tolerance, "1e-10 to 1e-2")
    }
  }

  /// The options of the solver.
  public var parameters: Parameters

  /// A method with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    let n = context.instance.size
    let model = Formulation.rlt1.size(of: n)
    if parameters.engine == .simplex, !LinearModel.canSolve {
      throw MethodError.unavailable(
        method: Self.info.id, library: "GLPK", alternative: "another engine")
    }
    let usesSimplex =
      switch parameters.engine {
      case .automatic: n < 4 || n <= 6 && LinearModel.canSolve
      case .simplex: true
      case .interiorPoint: n < 4
      }
    let bytes = usesSimplex ? Double(model.bytes) : RLTInteriorPoint.bytes(size: n)
    guard n <= Self.info.maxSize ?? n, bytes <= Double(memoryLimit(context)) else {
      let gibibytes = (bytes / 0x1p30 * 10).rounded(.up) / 10
      throw MethodError.tooLarge(
        method: Self.info.id, size: n,
        needs: "\(model.rows) rows, \(model.columns) columns and \(gibibytes) GiB of memory",
        alternative: "rlt1")
    }
    for name in ["lp_value", "lp_columns_removable"] { context.report(.nan, as: name) }
    context.report(Double(model.columns), as: "lp_columns")
    if let reason = context.stopReason() { return reason }
    return usesSimplex
      ? try runSimplex(context) : runInteriorPoint(context, PairCost(context.instance))
  }

  private func memoryLimit(_ context: SolveContext) -> Int {
    context.memoryLimit(parameters.memoryLimit)
  }

  private func runSimplex(_ context: SolveContext) throws -> Termination {
    let n = context.instance.size
    if !LinearModel.canSolve {
      context.note("the linear program was not solved: this build has no GLPK")
      let none = [Double](repeating: 0, count: n * n * n)
      prove(context, row: none, column: none, improving: true)
      return context.stopReason() ?? .stalled
    }
    let model = Formulation.rlt1.model(of: context.instance, isInteger: false)
    let solution = try model.solve(
      LinearOptions(
        timeLimit: context.secondsLeft, memoryLimit: memoryLimit(context),
        shouldStop: { context.stopsAtOnce() }))
    context.count(iterations: 1)
    if solution.rowDuals.isEmpty {
      context.note("the linear program was not solved: \(solution.status.rawValue)")
    } else {
      let (row, column) = rlt1Multipliers(solution.rowDuals, size: n)
      prove(context, row: row, column: column, improving: true)
    }
    if solution.status == .optimal, let value = solution.objective {
      context.report(value, as: "lp_value")
      if let cutoff = cutoff(context) {
        let removable = model.removableColumns(
          bound: value, reducedCosts: solution.reducedCosts, cutoff: cutoff)
        tellRemovable(context, removable.count)
      }
    }
    if let reason = context.stopReason() { return reason }
    return solution.status == .timeLimit ? .time : .stalled
  }

  private func runInteriorPoint(_ context: SolveContext, _ cost: PairCost) -> Termination {
    let program = RLTInteriorPoint(
      cost, threads: context.threads, memoryLimit: memoryLimit(context))
    let outcome = program.run(
      iterations: context.plannedIterations(parameters.iterations, default: 100),
      tolerance: parameters.tolerance,
      shouldStop: { context.stopsAtOnce() },
      report: { progress in
        if progress.iteration > 0 { context.count(iterations: 1) }
        context.reportWorking()
        let (row, column) = program.multipliers
        prove(context, row: row, column: column, improving: true)
      })
    if outcome == .optimal {
      context.report(program.value + cost.constant, as: "lp_value")
      if let cutoff = cutoff(context) {
        tellRemovable(
          context, program.countSlacks(atLeast: cutoff - cost.constant - program.value))
      }
    } else if outcome == .numericalFailure {
      context.note(
        "the linear program was not solved to \(parameters.tolerance); the bound is valid"
      )
    }
    if let reason = context.stopReason() { return reason }
    return outcome == .iterations ? .iterations : outcome == .interrupted ? .interrupted : .stalled
  }

  /// The value that an assignment must reach to be excluded as no better than the incumbent.
  private func cutoff(_ context: SolveContext) -> Double? {
    context.incumbent.map { $0.objective - 0.999_999 * (context.instance.lattice?.step ?? 0) }
  }

  private func tellRemovable(_ context: SolveContext, _ count: Int) {
    context.report(Double(count), as: "lp_columns_removable")
    let total = Formulation.rlt1.size(of: context.instance.size).columns
    context.note(
      "\(count) of \(total) variables are 0 in every better assignment")
  }
}
