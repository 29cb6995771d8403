/// Whether a run looks for the least objective or the largest.
///
/// Methods only minimize: a maximization runs on the negated instance (`Instance.negated`). Events
/// and reports get their sign back once, by `inSense(_:)`, before anybody reads them.
public enum Sense: String, Sendable {
  /// The least objective is the best, and bounds are lower bounds.
  case min
  /// The largest objective is the best, and bounds are upper bounds.
  case max

  /// A value of the minimized instance in this sense, and back.
  public func value(_ minimized: Double) -> Double { self == .min ? minimized : 0 - minimized }

  /// Likewise, if there is one.
  public func value(_ minimized: Double?) -> Double? { minimized.map { value($0) } }
}

extension SearchStatus {
  /// The status of a minimization as it is read in `sense`.
  func inSense(_ sense: Sense) -> SearchStatus {
    var result = self
    result.sense = sense
    result.objective = sense.value(objective)
    result.bound = sense.value(bound)
    return result
  }
}

extension ProgressEvent {
  /// The event of a minimization as it is read in `sense`.
  public func inSense(_ sense: Sense) -> ProgressEvent {
    map { $0.inSense(sense) }
  }

  /// The event with its status replaced.
  func map(_ transform: (SearchStatus) -> SearchStatus) -> ProgressEvent {
    switch self {
    case .incumbent(let status, let source): .incumbent(transform(status), source: source)
    case .bound(let status, let source): .bound(transform(status), source: source)
    case .working(let status, let source): .working(transform(status), source: source)
    case .note: self
    }
  }
}

extension TracePoint {
  /// The point of a minimization as it is read in `sense`.
  func inSense(_ sense: Sense) -> TracePoint {
    TracePoint(
      seconds: seconds, objective: sense.value(objective), bound: sense.value(bound),
      source: source)
  }
}

extension SolveReport {
  /// The report of a minimization as it is read in `sense`. Its certificate still speaks of the
  /// minimized instance.
  public func inSense(_ sense: Sense) -> SolveReport {
    var result = self
    result.sense = sense
    result.incumbent = incumbent.map {
      Incumbent(assignment: $0.assignment, objective: sense.value($0.objective))
    }
    result.bound = bound.map { $0.inSense(sense) }
    result.trace = trace.map { $0.inSense(sense) }
    result.mapFigures { sense.value($0) }
    result.ranking = ranking?.map(
      { Incumbent(assignment: $0.assignment, objective: sense.value($0.objective)) },
      bound: { sense.value($0) })
    return result
  }

  /// Replaces the figures in the unit of the objective; others are counts.
  mutating func mapFigures(_ transform: (Double) -> Double) {
    for (name, value) in figures where name.hasSuffix("_value") || name.hasSuffix("_ceiling") {
      figures[name] = transform(value)
    }
  }
}

extension SubsetReport {
  /// The report of a minimization as it is read in `sense`. Its certificate still speaks of the
  /// minimized problem.
  public func inSense(_ sense: Sense) -> SubsetReport {
    var result = self
    result.sense = sense
    result.subsets = subsets.map {
      Subset(indices: $0.indices, objective: sense.value($0.objective))
    }
    result.boundUnrounded = sense.value(boundUnrounded)
    result.bound = sense.value(bound)
    result.boundOfOthers = sense.value(boundOfOthers)
    result.trace = trace.map { $0.inSense(sense) }
    return result
  }
}
