import QAP

/// Claims of other solvers and of files that contradict verified results or each other.
enum Contradictions {
  /// A sentence for each, and the places in `runs` of those that make such claims.
  static func found(in runs: [ComparisonRun]) -> (sentences: [String], doubtful: Set<Int>) {
    var sentences: [String] = []
    var doubtful: Set<Int> = []
    let claims = Dictionary(
      grouping: runs.indices.filter { !runs[$0].isVerified }, by: { runs[$0].instance })
    for (instance, places) in claims.sorted(by: { $0.value[0] < $1.value[0] }) {
      let truth = Truth(runs.filter { $0.instance == instance })
      for place in places {
        guard let sentence = truth.contradiction(of: runs[place]) else { continue }
        sentences.append("\(instance): \(runs[place].method) \(sentence).")
        doubtful.insert(place)
      }
    }
    return (sentences, doubtful)
  }

  /// The verified facts about one instance.
  private struct Truth {
    let isMaximized: Bool
    /// The best objective verified, or known from the literature, and whose it is.
    var objective: (value: Double, name: String)?
    /// The tightest bound verified, and whose it is.
    var bound: (value: Double, name: String)?

    init(_ runs: [ComparisonRun]) {
      isMaximized = runs.contains { $0.isMaximized }
      for run in runs {
        if let known = run.bestKnown { consider(known, "the best known value") }
        guard run.isVerified else { continue }
        if let found = run.objective { consider(found, "the objective of \(run.method)") }
        if let value = run.bound, bound.map({ isBetter($0.value, value) }) ?? true {
          bound = (value, "the bound of \(run.method)")
        }
      }
    }

    private mutating func consider(_ value: Double, _ name: String) {
      if objective.map({ isBetter(value, $0.value) }) ?? true { objective = (value, name) }
    }

    /// `value` is a better objective than `other`.
    private func isBetter(_ value: Double, _ other: Double) -> Bool {
      isMaximized ? value > other : value < other
    }

    /// Better by more than solvers that compute with tolerances are wrong.
    private func isClearlyBetter(_ value: Double, _ other: Double) -> Bool {
      isBetter(value, other) && abs(value - other) > 1e-6 * max(abs(value), abs(other))
    }

    /// The claim of `run` that cannot be true.
    func contradiction(of run: ComparisonRun) -> String? {
      func text(_ value: Double) -> String { Wording.value(value) }
      if let claimed = run.objective, let own = run.bound, isClearlyBetter(claimed, own) {
        return "claims the objective \(text(claimed)), better than its own bound \(text(own))"
      }
      if let claimed = run.objective, let bound, isClearlyBetter(claimed, bound.value) {
        return
          "claims the objective \(text(claimed)), better than \(bound.name), \(text(bound.value))"
      }
      guard let objective else { return nil }
      let known = "\(objective.name), \(text(objective.value)), is better"
      if let claimed = run.bound, isClearlyBetter(objective.value, claimed) {
        return "claims the bound \(text(claimed)); \(known)"
      }
      if let claimed = run.objective, run.termination == Termination.optimal.rawValue,
        isClearlyBetter(objective.value, claimed)
      {
        return "claims that the objective \(text(claimed)) is optimal; \(known)"
      }
      return nil
    }
  }
}
