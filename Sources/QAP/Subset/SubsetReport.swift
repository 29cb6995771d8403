/// The result of a run on a subset problem.
public struct SubsetReport: Sendable {
  /// The problem's name.
  public let problem: String
  /// The number of items, L.
  public let items: Int
  /// The number of items to choose, N.
  public let size: Int
  /// The seed it ran with.
  public let seed: UInt64
  /// The threads it was allowed.
  public let threads: Int
  /// The sense of objectives, bounds and the trace: `.max` after `inSense(.max)`.
  public internal(set) var sense = Sense.min
  /// When a bound proves a subset optimal.
  public let rule: OptimalityRule
  /// The best subsets found, different ones, the best first; as many as were asked for, if there
  /// are that many and none was ruled out.
  public internal(set) var subsets: [Subset]
  /// Proven: no subset costs less. Lowered by every rounding error, not rounded up.
  public internal(set) var boundUnrounded: Double?
  /// `boundUnrounded` rounded up to a value that objectives can take.
  public internal(set) var bound: Double?
  /// Proven: no subset but those in `subsets` costs less.
  public internal(set) var boundOfOthers: Double?
  /// True when the search is over: nothing is missing from the list of the best subsets.
  public let isComplete: Bool
  /// Why it ended.
  public let termination: Termination
  /// Wall-clock seconds.
  public let seconds: Double
  /// Number of moves of the tabu search.
  public let moves: Int
  /// Steps of the relaxation.
  public let iterations: Int
  /// Search-tree nodes.
  public let nodes: Int
  /// Every improvement, in order.
  public internal(set) var trace: [TracePoint]
  /// The bound with its proof; nil when none was asked for.
  public let certificate: SubsetCertificate?

  /// A report on a run of `problem`, which tells the names, the sizes, and how far the bound may be
  /// rounded up.
  public init(
    problem: SubsetProblem, rule: OptimalityRule, seed: UInt64, threads: Int, subsets: [Subset],
    boundUnrounded: Double?, boundOfOthers: Double?, isComplete: Bool, termination: Termination,
    seconds: Double, moves: Int, iterations: Int, nodes: Int, trace: [TracePoint],
    certificate: SubsetCertificate?
  ) {
    self.problem = problem.name
    self.rule = rule
    items = problem.items
    size = problem.size
    self.seed = seed
    self.threads = threads
    self.subsets = subsets
    self.boundUnrounded = boundUnrounded
    bound = boundUnrounded.map { problem.lattice?.roundedUp($0) ?? $0 }
    self.boundOfOthers = boundOfOthers
    self.isComplete = isComplete
    self.termination = termination
    self.seconds = seconds
    self.moves = moves
    self.iterations = iterations
    self.nodes = nodes
    self.trace = trace
    self.certificate = certificate
  }

  /// The relative gap between the best subset and the bound, as a fraction; nil where undefined.
  public var gap: Double? {
    rule.gap(objective: sense.value(subsets.first?.objective), bound: sense.value(bound))
  }
}

extension SubsetReport {
  /// The report with item i called `numbers[i]`, which ascend.
  public func renumbered(_ numbers: [Int]) -> SubsetReport {
    var result = self
    result.subsets = subsets.map {
      Subset(indices: $0.indices.map { numbers[$0] }, objective: $0.objective)
    }
    return result
  }
}
