/// An algorithm for a model.
public enum LinearAlgorithm: String, Sendable, CaseIterable {
  /// The primal simplex method, two phases.
  case primalSimplex
  /// The dual simplex method, the primal one where that has no start.
  case dualSimplex
  /// The primal–dual interior point method. It knows no time limit and gives up on degenerate
  /// models.
  case interiorPoint
  /// Branch and cut over the integer columns, after a simplex solve of the relaxation.
  case branchAndCut
}

/// The options of a solver.
public struct LinearOptions: Sendable {
  /// The algorithm.
  public var algorithm: LinearAlgorithm
  /// Seconds at most; nil for no limit.
  public var timeLimit: Double?
  /// Simplex iterations at most; nil for no limit.
  public var iterationLimit: Int?
  /// Lets the library simplify the model first. Duals come back as well.
  public var presolves: Bool
  /// Bytes that building and solving may take, by the estimate of `ModelSize.bytes`.
  public var memoryLimit: Int
  /// Asked by the simplex method after 250 iterations and then after a growing number of them, with
  /// `presolves` before the first only, and at every node of branch and cut; true ends the solve
  /// with `.interrupted`.
  public var shouldStop: (@Sendable () -> Bool)?
  /// Takes the lines of the library's log; nil for none.
  public var log: (@Sendable (String) -> Void)?

  /// The defaults, each replaceable by name.
  public init(
    algorithm: LinearAlgorithm = .primalSimplex, timeLimit: Double? = nil,
    iterationLimit: Int? = nil, presolves: Bool = false, memoryLimit: Int = 4 << 30,
    shouldStop: (@Sendable () -> Bool)? = nil, log: (@Sendable (String) -> Void)? = nil
  ) {
    self.algorithm = algorithm
    self.timeLimit = timeLimit
    self.iterationLimit = iterationLimit
    self.presolves = presolves
    self.memoryLimit = memoryLimit
    self.shouldStop = shouldStop
    self.log = log
  }
}

/// Why a solve ended.
public enum LinearStatus: String, Sendable, CaseIterable {
  /// An optimal solution, as far as floating point can tell.
  case optimal
  /// No point satisfies the constraints.
  case infeasible
  /// The objective has no lower limit.
  case unbounded
  /// Either of the two; presolving does not always tell which.
  case infeasibleOrUnbounded
  /// The time is up.
  case timeLimit
  /// The iterations are used up.
  case iterationLimit
  /// The caller asked for an end.
  case interrupted
  /// The library met numbers it could not handle, or did not converge.
  case numericalFailure
}

/// The result of a solve, in floating point; see `LinearModel.safeBound` for a bound that is
/// proven.
public struct LinearSolution: Sendable {
  /// Why the solve ended.
  public let status: LinearStatus
  /// The objective of `values`, the constant included; nil without a feasible point.
  public let objective: Double?
  /// One value a column; empty without a point.
  public let values: [Double]
  /// One dual a row, the gain of the objective for a unit of the row's bound; empty for branch and
  /// cut and without a point.
  public let rowDuals: [Double]
  /// `cost − Σ a·dual`, one a column; empty where `rowDuals` is.
  public let reducedCosts: [Double]
  /// For branch and cut: the library's lower limit on the optimum, not a proof.
  public let bestBound: Double?
}
