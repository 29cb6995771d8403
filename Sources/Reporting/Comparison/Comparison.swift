import QAP

/// Runs of several methods on several instances, and what their seeds have in common.
public struct Comparison: Sendable {
  /// All runs, in the order in which they were asked for.
  public let runs: [ComparisonRun]
  /// The names of the instances, in the order of their first run.
  public let instances: [String]
  /// The ids of the methods, and the names of foreign solvers, in the order of their first run.
  public let methods: [String]

  /// Contradictions, a sentence each: claims that contradict verified results, each
  /// other, or themselves.
  public let contradictions: [String]
  /// The places in `runs` of those that `contradictions` speak of.
  let doubtful: Set<Int>
  /// No run that was verified is among the doubtful.
  public var isSound: Bool { doubtful.allSatisfy { !runs[$0].isVerified } }

  /// Groups `runs` by instance and method. Runs that look like further seeds of the same get
  /// names that tell it apart: instances of another size, and repetitions of a seed.
  ///
  /// - Parameter known: the known instances by name: they say by how much values may
  ///   differ.
  public init(_ all: [ComparisonRun], known: [String: KnownInstance] = [:]) {
    var runs = Comparison.separated(all)
    let found = Contradictions(in: runs, known: known)
    (contradictions, doubtful) = (found.sentences, found.doubtful)
    for place in runs.indices where found.falseBestKnown.contains(runs[place].instance) {
      runs[place].bestKnown = nil
    }
    self.runs = runs
    func unique(_ names: [String]) -> [String] {
      var seen: Set<String> = []
      return names.filter { seen.insert($0).inserted }
    }
    instances = unique(runs.map(\.instance))
    methods = unique(runs.map(\.method))
  }

  private static func separated(_ runs: [ComparisonRun]) -> [ComparisonRun] {
    var sizes: [String: Int] = [:]
    var repetitions: [String: Int] = [:]
    return runs.map { run in
      var run = run
      if let size = run.size {
        if sizes[run.instance, default: size] != size { run.instance += ", n = \(size)" }
        sizes[run.instance] = size
      }
      let key = "\(run.instance)\t\(run.method)\t\(run.seed)"
      repetitions[key, default: 0] += 1
      if let count = repetitions[key], count > 1 { run.method += " (\(count))" }
      return run
    }
  }

  /// The results of one method on one instance, over all seeds.
  public struct Cell: Sendable {
    /// The runs, declined ones left out.
    public let runs: [ComparisonRun]
    /// The best objective of all runs.
    public let bestObjective: Double?
    /// The median objective of those runs that have one.
    public let objective: Double?
    /// The median bound of those runs that have one.
    public let bound: Double?
    /// Median seconds.
    public let seconds: Double?
    /// Median share of rows matched rightly, of matches whose true pairs are known.
    public let accuracy: Double?
    /// The number of runs that proved their assignment optimal and that nothing contradicts.
    public let proven: Int
    /// The method declined.
    public let isDeclined: Bool
    /// Why it declined.
    public let reason: String?
    /// Some run is one that `contradictions` speak of.
    public let isDoubtful: Bool
  }

  /// The results of `method` on `instance`.
  public func cell(_ instance: String, _ method: String) -> Cell {
    let all = runs.indices.filter {
      runs[$0].instance == instance && runs[$0].method == method
    }
    let made = all.filter { !runs[$0].isDeclined }
    let mine = made.map { runs[$0] }
    return Cell(
      runs: mine, bestObjective: best(mine.compactMap(\.objective), isMaximized(instance)),
      objective: median(mine.compactMap(\.objective)), bound: median(mine.compactMap(\.bound)),
      seconds: median(mine.compactMap(\.seconds)),
      accuracy: median(mine.compactMap { $0.match?.accuracy }),
      proven: made.count {
        runs[$0].termination == Termination.optimal.rawValue && !doubtful.contains($0)
      },
      isDeclined: !all.isEmpty && mine.isEmpty,
      reason: all.lazy.compactMap { runs[$0].reason }.first,
      isDoubtful: made.contains { doubtful.contains($0) })
  }

  /// The value that gaps of `instance` refer to: the best known one, or something better that was
  /// verified. Where no value is known, claims count as well, as far as nothing contradicts them.
  public func reference(_ instance: String) -> Double? {
    let mine = runs.indices.filter { runs[$0].instance == instance }
    let known = mine.compactMap { runs[$0].bestKnown }
    let counted = mine.filter {
      runs[$0].isVerified || known.isEmpty && !doubtful.contains($0)
    }
    return best(known + counted.compactMap { runs[$0].objective }, isMaximized(instance))
  }

  /// The largest objective is looked for.
  public func isMaximized(_ instance: String) -> Bool {
    runs.contains { $0.instance == instance && $0.isMaximized }
  }

  /// The relative excess of an objective over the reference of its instance; negative for bounds,
  /// which lie on the other side. Absolute where the reference is 0.
  func distance(_ value: Double?, on instance: String) -> Double? {
    worsening(value, from: reference(instance), isMaximized: isMaximized(instance))
  }

  /// The facilities of `instance`, if any run tells.
  public func size(_ instance: String) -> Int? {
    runs.first { $0.instance == instance && $0.size != nil }?.size ?? nil
  }
}

/// The middle value, the mean of the two in the middle; nil of none.
func median(_ values: [Double]) -> Double? {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return nil }
  // Not through a sum, which might overflow.
  let (lower, upper) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
  return lower == upper ? lower : lower / 2 + upper / 2
}

/// The best of some objectives; nil of none.
func best(_ values: [Double], _ isMaximized: Bool) -> Double? {
  isMaximized ? values.max() : values.min()
}

/// The relative excess of an objective `value` over `reference`; absolute where that is 0.
func worsening(_ value: Double?, from reference: Double?, isMaximized: Bool) -> Double? {
  guard let value, let reference else { return nil }
  if value == reference { return 0 }
  let difference = isMaximized ? reference - value : value - reference
  return difference / (reference == 0 ? 1 : abs(reference))
}
