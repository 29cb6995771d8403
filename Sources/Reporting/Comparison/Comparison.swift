import QAP

/// Runs of several methods on several instances, and what their seeds have in common.
public struct Comparison: Sendable {
  /// All runs, in the order in which they were asked for.
  public let runs: [ComparisonRun]
  /// The names of the instances, in the order of their first run.
  public let instances: [String]
  /// The ids of the methods, and the names of foreign solvers, in the order of their first run.
  public let methods: [String]

  /// Groups `runs` by instance and method.
  public init(_ runs: [ComparisonRun]) {
    self.runs = runs
    func unique(_ names: [String]) -> [String] {
      var seen: Set<String> = []
      return names.filter { seen.insert($0).inserted }
    }
    instances = unique(runs.map(\.instance))
    methods = unique(runs.map(\.method))
  }

  /// What one method did on one instance, over all seeds.
  public struct Cell: Sendable {
    /// The runs, declined ones left out.
    public let runs: [ComparisonRun]
    /// The best objective of all runs.
    public let bestObjective: Double?
    /// The median objective of those runs that have one (the lower of two).
    public let objective: Double?
    /// The median bound of those runs that have one (the lower of two).
    public let bound: Double?
    /// Median seconds.
    public let seconds: Double?
    /// Median share of rows matched rightly, of matches whose true pairs are known.
    public let accuracy: Double?
    /// How many runs proved their assignment optimal.
    public let proven: Int
    /// The method declined.
    public let isDeclined: Bool
  }

  /// What `method` did on `instance`.
  public func cell(_ instance: String, _ method: String) -> Cell {
    let all = runs.filter { $0.instance == instance && $0.method == method }
    let mine = all.filter { !$0.isDeclined }
    return Cell(
      runs: mine, bestObjective: best(mine.compactMap(\.objective), isMaximised(instance)),
      objective: median(mine.compactMap(\.objective)), bound: median(mine.compactMap(\.bound)),
      seconds: median(mine.compactMap(\.seconds)),
      accuracy: median(mine.compactMap { $0.match?.accuracy }),
      proven: mine.count { $0.termination == Termination.optimal.rawValue },
      isDeclined: !all.isEmpty && mine.isEmpty)
  }

  /// The value that gaps of `instance` refer to: the best known one, or, where something better or
  /// nothing else is known, the best objective of all runs.
  public func reference(_ instance: String) -> Double? {
    let mine = runs.filter { $0.instance == instance }
    return best(
      mine.compactMap(\.bestKnown) + mine.compactMap(\.objective), isMaximised(instance))
  }

  /// The largest objective is looked for.
  public func isMaximised(_ instance: String) -> Bool {
    runs.contains { $0.instance == instance && $0.isMaximised }
  }

  /// How much worse than the reference of its instance an objective is, as a fraction of it; bounds lie
  /// on the other side and are negative. Absolute where the reference is 0.
  func distance(_ value: Double?, on instance: String) -> Double? {
    worsening(value, from: reference(instance), isMaximised: isMaximised(instance))
  }

  /// The facilities of `instance`, if any run tells.
  public func size(_ instance: String) -> Int? {
    runs.first { $0.instance == instance && $0.size != nil }?.size ?? nil
  }
}

/// The middle value, the lower one of two; nil of none.
func median(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.sorted()[(values.count - 1) / 2]
}

/// The best of some objectives; nil of none.
private func best(_ values: [Double], _ isMaximised: Bool) -> Double? {
  isMaximised ? values.max() : values.min()
}

/// How much worse than `reference` an objective `value` is, as a fraction of it; absolute where that is 0.
func worsening(_ value: Double?, from reference: Double?, isMaximised: Bool) -> Double? {
  guard let value, let reference else { return nil }
  if value == reference { return 0 }
  let difference = isMaximised ? reference - value : value - reference
  return difference / (reference == 0 ? 1 : abs(reference))
}
