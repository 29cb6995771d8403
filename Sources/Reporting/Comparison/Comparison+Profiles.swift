import QAP

extension Comparison {
  /// The share of a method's runs that end within a given distance of the best known value.
  ///
  /// What contradicts the rest does not end anywhere.
  ///
  /// - Parameter distance: of a run from its goal, nil when it has none.
  private func shares(
    _ method: String, _ distance: (ComparisonRun) -> Double?
  ) -> [(x: Double, y: Double)] {
    let mine = runs.indices.filter { runs[$0].method == method }
    let sorted = mine.filter { !doubtful.contains($0) }.compactMap { distance(runs[$0]) }.sorted()
    guard !sorted.isEmpty else { return [] }
    var points: [(x: Double, y: Double)] = []
    for (index, value) in sorted.enumerated() {
      // Runs that are equal make one step.
      if index + 1 < sorted.count, sorted[index + 1] == value { continue }
      points.append((value, Double(index + 1) / Double(mine.count)))
    }
    return points
  }

  /// The share of runs whose objective lies at most x (a fraction) above the best known value.
  public func objectiveProfile(_ method: String) -> [(x: Double, y: Double)] {
    shares(method) { distance($0.objective, on: $0.instance) }
  }

  /// The share of runs whose bound lies at most x (a fraction) below the best known value.
  public func boundProfile(_ method: String) -> [(x: Double, y: Double)] {
    shares(method) { distance($0.bound, on: $0.instance).map { max(0, 0 - $0) } }
  }

  /// The share of runs that have proven their assignment optimal after at most x seconds.
  public func proofProfile(_ method: String) -> [(x: Double, y: Double)] {
    shares(method) { run in
      run.termination == Termination.optimal.rawValue
        ? run.seconds.map { max($0, minTime) } : nil
    }
  }

  /// The performance profile of Dolan and Moré (2002), Mathematical Programming 91: the share of
  /// runs that reach an objective within `tolerance` (a fraction) of the best known value in at
  /// most x times the time of the fastest method, by instance and seed.
  public func performanceProfile(
    _ method: String, tolerance: Double = 0.01
  ) -> [(x: Double, y: Double)] {
    var fastest: [String: Double] = [:]
    func key(_ run: ComparisonRun) -> String { "\(run.instance)\t\(run.seed)" }
    func time(_ run: ComparisonRun) -> Double? {
      func isGood(_ objective: Double?) -> Bool {
        (distance(objective, on: run.instance) ?? .infinity) <= tolerance
      }
      let reached = run.trace.first { isGood($0.objective) }?.seconds
      let atEnd = isGood(run.objective) ? run.seconds : nil
      return (reached ?? atEnd).map { max($0, minTime) }
    }
    for (place, run) in runs.enumerated() where !doubtful.contains(place) {
      if let time = time(run) { fastest[key(run)] = min(fastest[key(run)] ?? .infinity, time) }
    }
    return shares(method) { run in
      guard let time = time(run), let least = fastest[key(run)] else { return nil }
      return time / least
    }
  }
}

/// Seconds that count and show as the least: nothing is measured to less than a millisecond.
let minTime = 0.001
