import QAP

/// One run of one method on one instance: what `qap compare` keeps of it, a line of its state file.
///
/// In JSON the keys are those of `qap solve --json`, and additionally `time_limit`,
/// `best_known` and `origin`.
public struct ComparisonRun: Codable, Sendable, Equatable {
  /// A moment of the run at which its assignment or its bound improved.
  public struct Point: Codable, Sendable, Equatable {
    /// Seconds since the run began.
    public var seconds: Double
    /// The incumbent's objective; nil before the first.
    public var objective: Double?
    /// The proven bound; nil before the first.
    public var bound: Double?

    /// The state of a run after `seconds`.
    public init(seconds: Double, objective: Double?, bound: Double?) {
      self.seconds = seconds
      self.objective = objective
      self.bound = bound
    }
  }

  /// The instance's name.
  public var instance: String
  /// Its number of facilities; nil when a foreign result does not say.
  public var size: Int?
  /// Its fingerprint in hexadecimal, of runs that are made here: other data may have its name.
  public var data: String?
  /// The method's id, or the name of the foreign solver.
  public var method: String
  /// The seed of its random choices.
  public var seed: UInt64
  /// The threads that it was allowed; nil when a foreign result does not say.
  public var threads: Int?
  /// Seconds that the run was given.
  public var timeLimit: Double?
  /// The objective of the best assignment, recomputed from the data; nil without one.
  public var objective: Double?
  /// Rounded to the next value that objectives can take: upwards, or of a maximum downwards.
  public var bound: Double?
  /// "max" when the largest objective is looked for and the bound is an upper one; otherwise "min"
  /// or nil.
  public var sense: String?
  /// Why it ended; "declined" when the method does not take such instances.
  public var termination: String?
  /// Why it declined, and what to try.
  public var reason: String?
  /// Wall-clock seconds.
  public var seconds: Double?
  /// Iterations in the unit of the method's `MethodInfo`.
  public var iterations: Int?
  /// Search-tree nodes.
  public var nodes: Int?
  /// Every improvement, in order; empty for foreign results.
  public var trace: [Point]
  /// The best objective known for the instance, from best-known.csv.
  public var bestKnown: Double?
  /// The file that says so, of foreign results and of runs that were finished elsewhere; nil for
  /// runs that were verified against the data.
  public var origin: String?
  /// The program's version.
  public var version: String?
  /// The match of a run of `qap match` or `qap classify`.
  public var match: RowMatch?

  /// A run from its known properties.
  public init(
    instance: String, size: Int? = nil, method: String, seed: UInt64 = 0, threads: Int? = nil,
    timeLimit: Double? = nil, objective: Double? = nil, bound: Double? = nil,
    termination: String? = nil, seconds: Double? = nil, iterations: Int? = nil,
    nodes: Int? = nil, trace: [Point] = [], bestKnown: Double? = nil, origin: String? = nil,
    version: String? = nil
  ) {
    self.instance = instance
    self.size = size
    self.method = method
    self.seed = seed
    self.threads = threads
    self.timeLimit = timeLimit
    self.objective = objective
    self.bound = bound
    self.termination = termination
    self.seconds = seconds
    self.iterations = iterations
    self.nodes = nodes
    self.trace = trace
    self.bestKnown = bestKnown
    self.origin = origin
    self.version = version
  }

  /// The run that `report` describes.
  public init(_ report: SolveReport, timeLimit: Double?, bestKnown: Double?, version: String) {
    self.init(
      instance: report.instance, size: report.facilities, method: report.method,
      seed: report.seed, threads: report.threads, timeLimit: timeLimit,
      objective: report.incumbent?.objective, bound: report.bound?.value,
      termination: report.termination.rawValue, seconds: report.seconds,
      iterations: report.iterations, nodes: report.nodes,
      trace: report.trace.map {
        Point(seconds: $0.seconds, objective: $0.objective, bound: $0.bound)
      }, bestKnown: bestKnown, version: version)
    if report.sense == .max { sense = report.sense.rawValue }
  }

  private enum CodingKeys: String, CodingKey {
    case instance, size, data, method, seed, threads
    case timeLimit = "time_limit"
    case objective, bound, termination, reason, seconds, iterations, nodes, trace
    case bestKnown = "best_known"
    case origin, version, sense, match
  }

  /// The key that repetitions of a run share.
  public var key: String {
    let parts: [Any?] = [instance, size, data, method, seed, threads, timeLimit, version]
    return parts.map { $0.map { "\($0)" } ?? "" }.joined(separator: "\t")
  }

  /// Its objective and its bound were verified against the data.
  public var isVerified: Bool { origin == nil }

  /// The largest objective is looked for.
  public var isMaximized: Bool { sense == Sense.max.rawValue }

  /// The relative gap between objective and bound; negative where a claim contradicts itself.
  public var gap: Double? {
    let sense: Sense = isMaximized ? .max : .min
    return relativeGap(objective: sense.value(objective), bound: sense.value(bound))
  }

  /// The method declined the instance.
  public var isDeclined: Bool { termination == ComparisonRun.declined }

  /// The `termination` of runs that never were.
  public static let declined = "declined"
}
