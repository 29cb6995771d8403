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
