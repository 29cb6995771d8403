/// The result of a run.
public struct SolveReport: Sendable {
  /// The instance's name.
  public let instance: String
  /// The number of locations.
  public let size: Int
  /// The number of facilities, without those that pad the instance.
  public let facilities: Int
  /// The id of the method that ran.
  public let method: String
  /// The seed it ran with.
  public let seed: UInt64
  /// The threads it was allowed.
  public let threads: Int
  /// The sense of the objective, the bound, the trace and the figures: `.max` after
  /// `inSense(.max)`.
  public internal(set) var sense = Sense.min
  /// The best assignment found, if any.
  public internal(set) var incumbent: Incumbent?
  /// The best bound proven, if any.
  public internal(set) var bound: LowerBound?
  /// The best bound with a proof that others can check, at most `bound`, and always of the
  /// minimized instance: an exact search proves more than it writes down.
  public let certified: LowerBound?
  /// When a bound proves an objective optimal; where an incumbent or a bound is missing, that of
  /// exact data.
  public let rule: OptimalityRule
  /// The location of each facility, 0-based, if an assignment was found.
  public var locations: [Int]? {
    incumbent.map { locations(of: $0.assignment) }
  }
  /// The location of each facility in an assignment of this run, its site where locations share
  /// sites; -1 for a facility that stays without a location.
  public func locations(of assignment: Assignment) -> [Int] {
    assignment.locations.prefix(facilities).map { sites.isEmpty ? $0 : sites[$0] }
  }
  /// The site of each location; empty when each is its own.
  public internal(set) var sites: [Int] = []
  /// Why it ended; `.optimal` exactly when incumbent and bound prove it.
  public let termination: Termination
  /// Wall-clock seconds.
  public let seconds: Double
  /// Iterations of all phases, in the units that their `MethodInfo` names.
  public let iterations: Int
  /// Search-tree nodes.
  public let nodes: Int
  /// Every improvement, in order.
  public internal(set) var trace: [TracePoint]
  /// Figures of the method's own by their JSON keys, such as "lp_value".
  public internal(set) var figures: [String: Double]
  /// The best assignments, if more than one was asked for.
  public internal(set) var ranking: RankedAssignments?
  /// The pairs that were fixed: assignment and bound are the best among assignments with them.
  public internal(set) var pairs: [FixedPair] = []

  /// The placements that were forbidden: assignment and bound are the best without them.
  public internal(set) var forbidden: [FixedPair] = []

  /// The relative gap between incumbent and bound, as a fraction; nil where undefined.
  public var gap: Double? {
    rule.gap(objective: sense.value(incumbent?.objective), bound: sense.value(bound?.value))
  }
  /// The bound with its proof; nil when none was kept (`SolveOptions.keepsProof`).
  public var certificate: Certificate? {
    guard let certified, let proof = certified.proof else { return nil }
    return Certificate(
      instance: instance, size: size, pairs: pairs, forbidden: forbidden,
      bound: certified.unrounded,
      rounded: certified.value,
      proof: proof)
  }
  /// True when the bound proves the incumbent optimal.
  public var isProvenOptimal: Bool { termination == .optimal }
}

extension SolveReport {
  /// The report of a search that maximizes without an instance: `bound` is an upper one, proven
  /// with every rounding error, and `mean` the mean objective.
  package init(
    maximizing instance: String, method: String, size: Int, facilities: Int, options: SolveOptions,
    best: (assignment: Assignment, objective: Double)?, bound: Double, mean: Double,
    termination: Termination, seconds: Double, iterations: Int
  ) {
    let rule = OptimalityRule.real(tolerance: options.tolerance, mean: 0 - mean, error: 1e-12)
    let isProven = rule.isProven(objective: best.map { 0 - $0.objective }, bound: 0 - bound)
    self.init(
      instance: instance, size: size, facilities: facilities, method: method, seed: options.seed,
      threads: options.threads, sense: .max,
      incumbent: best.map { Incumbent(assignment: $0.assignment, objective: $0.objective) },
      bound: LowerBound(unrounded: bound, value: bound, method: method, proof: nil),
      certified: nil, rule: rule, termination: isProven ? .optimal : termination,
      seconds: seconds, iterations: iterations, nodes: 0, trace: [], figures: [:],
      pairs: options.pairs)
  }
}
