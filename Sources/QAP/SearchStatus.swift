/// The state of a run.
public struct SearchStatus: Sendable {
  /// Seconds since the run began.
  public var seconds: Double
  /// Iterations of the method so far.
  public var iterations: Int
  /// Search-tree nodes so far.
  public var nodes: Int
  /// Nodes of the search tree that wait to be looked at.
  public var open: Int
  /// The incumbent's objective.
  public var objective: Double?
  /// The proven bound, rounded up where that is valid.
  public var bound: Double?
  /// When a bound proves an objective optimal.
  public var rule: OptimalityRule
  /// The activity of the method where no figure tells of it, such as "estimating the tree".
  public var activity: String?
  /// The sense of objective and bound: `.min` where methods see them.
  public internal(set) var sense = Sense.min

  /// Incumbent and bound have met.
  public var isProvenOptimal: Bool {
    rule.isProven(objective: sense.value(objective), bound: sense.value(bound))
  }
  /// The relative gap as a fraction; nil where it is undefined.
  public var gap: Double? {
    rule.gap(objective: sense.value(objective), bound: sense.value(bound))
  }

  /// A status as a method, or a test, sees it.
  public init(
    seconds: Double, iterations: Int, nodes: Int, open: Int = 0, objective: Double?,
    bound: Double?, rule: OptimalityRule = .exact
  ) {
    self.seconds = seconds
    self.iterations = iterations
    self.nodes = nodes
    self.open = open
    self.objective = objective
    self.bound = bound
    self.rule = rule
  }
}
