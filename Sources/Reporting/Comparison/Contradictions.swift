import QAP

/// Results that cannot be true together: claims of foreign solvers and of files beside
/// verified, and runs beside each other.
struct Contradictions {
  /// A sentence for each.
  private(set) var sentences: [String] = []
  /// The places in the runs of those that make such claims.
  private(set) var doubtful: Set<Int> = []
  /// The instances whose best known value is better than a proven bound.
  private(set) var falseBestKnown: Set<String> = []

  /// Those in `runs`; `known` holds the instances by name.
  init(in runs: [ComparisonRun], known: [String: KnownInstance]) {
    let groups = Dictionary(grouping: runs.indices, by: { runs[$0].instance })
    for (instance, places) in groups.sorted(by: { $0.value[0] < $1.value[0] }) {
      examine(instance, places, runs, known[instance])
    }
  }

  /// From the most trusted results to the least: each is compared with all that were found sound
  /// before.
  private mutating func examine(
    _ instance: String, _ places: [Int], _ runs: [ComparisonRun], _ known: KnownInstance?
  ) {
    let sense = places.contains { runs[$0].isMaximized } ? Sense.max : .min
    var truth = Truth(sense: sense, known: known?.sense == sense ? known : nil)
    func tell(_ text: String) { sentences.append("\(instance): \(text).") }
    for trust in Trust.allCases {
      var level = places.filter { runs[$0].trust == trust }
      if trust == .verified {
        // Objectives were recomputed from the data: a bound that contradicts one is the fault.
        for place in level { truth.considerObjective(of: runs[place]) }
      }
      level.removeAll { place in
        guard let text = truth.contradiction(of: runs[place]) else { return false }
        tell("\(runs[place].method) \(text)")
        doubtful.insert(place)
        return true
      }
      // Of two that contradict each other and are trusted alike, neither counts.
      while let (first, second, text) = conflict(level, runs, truth) {
        tell(text)
        doubtful.formUnion([first, second])
        level.removeAll { $0 == first || $0 == second }
      }
      for place in level {
        truth.considerObjective(of: runs[place])
        truth.considerBound(of: runs[place])
      }
      if trust == .verified, let value = places.lazy.compactMap({ runs[$0].bestKnown }).first {
        if let text = truth.contradiction(ofBestKnown: value) {
          tell(text)
          falseBestKnown.insert(instance)
        } else {
          truth.consider(value, "the best known value")
        }
      }
    }
  }

  /// Two of `places` that contradict each other, and how.
  private func conflict(
    _ places: [Int], _ runs: [ComparisonRun], _ truth: Truth
  ) -> (Int, Int, String)? {
    for first in places {
      for second in places where second != first {
        var other = Truth(sense: truth.sense, known: truth.known)
        other.considerObjective(of: runs[second])
        if let text = other.contradiction(of: runs[first]) {
          return (first, second, "\(runs[first].method) \(text)")
        }
      }
    }
    return nil
  }
}

/// The origin of a result, the most trusted first.
private enum Trust: CaseIterable {
  /// Verified against the data, here.
  case verified
  /// As a file of this program has it.
  case finished
  /// As a foreign solver claims.
  case foreign
}

extension ComparisonRun {
  fileprivate var trust: Trust { isVerified ? .verified : version != nil ? .finished : .foreign }
}

/// The certain facts about one instance, in terms of a minimization.
private struct Truth {
  let sense: Sense
  let known: KnownInstance?
  /// The best objective verified, or known from the literature, and whose it is.
  private var objective: (value: Double, name: String)?
  /// The tightest bound verified, and whose it is.
  private var bound: (value: Double, name: String)?

  init(sense: Sense, known: KnownInstance?) {
    (self.sense, self.known) = (sense, known)
    bound = known?.bound
  }

  mutating func considerObjective(of run: ComparisonRun) {
    if let value = run.objective { consider(value, "the objective of \(run.method)") }
  }

  mutating func considerBound(of run: ComparisonRun) {
    guard let value = sense.value(run.bound), value > bound?.value ?? -.infinity else { return }
    bound = (value, "the bound of \(run.method)")
  }

  /// Takes an objective into account, as its source has it.
  mutating func consider(_ given: Double, _ name: String) {
    let value = sense.value(given)
    if value < objective?.value ?? .infinity { objective = (value, name) }
  }

  /// `value` is below `other` by more than its source may be wrong.
  private func isBelow(_ value: Double, _ other: Double, _ trust: Trust) -> Bool {
    guard value < other else { return false }
    // Of an instance that is not there the numbers alone are known.
    let slack = known.map { trust == .verified ? $0.rule.error : $0.slack(at: other) }
    return other - value > slack ?? 1e-6 * max(abs(value), abs(other))
  }

  private func text(_ value: Double) -> String { Wording.value(sense.value(value)) }

  /// The claim of `run` that cannot be true.
  func contradiction(of run: ComparisonRun) -> String? {
    let (trust, termination) = (run.trust, run.termination)
    let (claimed, own) = (sense.value(run.objective), sense.value(run.bound))
    if let claimed, let own, isBelow(claimed, own, trust) {
      return "claims the objective \(text(claimed)), better than its own bound \(text(own))"
    }
    if let claimed, let bound, isBelow(claimed, bound.value, trust) {
      return
        "claims the objective \(text(claimed)), better than \(bound.name), \(text(bound.value))"
    }
    guard let objective else { return nil }
    let better = "\(objective.name), \(text(objective.value)), is better"
    if let own, isBelow(objective.value, own, trust) {
      return "claims the bound \(text(own)); \(better)"
    }
    if let claimed, termination == Termination.optimal.rawValue,
      isBelow(objective.value, claimed, trust),
      objective.value < known?.rule.sufficientBound(for: claimed) ?? .infinity
    {
      return "claims that the objective \(text(claimed)) is optimal; \(better)"
    }
    return nil
  }

  /// Why the best known value cannot be right.
  func contradiction(ofBestKnown given: Double) -> String? {
    let value = sense.value(given)
    guard let bound, isBelow(value, bound.value, .foreign) else { return nil }
    return
      "the best known value, \(text(value)), is better than \(bound.name), \(text(bound.value))"
  }
}
