import QAP

extension MatchingProblem {
  /// The share of the rows of the source that `targets` gives the row that `truth` says, among
  /// those that take part, are in no pair and have a known truth; nil when there are none.
  ///
  /// - Parameter truth: the row of the target for each row of the source; nil where unknown.
  public func accuracy(of targets: [Int?], truth: [Int?]) -> Double? {
    rows.accuracy(of: targets, truth: truth)
  }

  /// The assignment that gives each row of the source the row `targets` says; nil when a row of the
  /// smaller side has no partner among the rows that take part, or two have the same.
  public func assignment(of targets: [Int?]) -> Assignment? {
    rows.assignment(of: targets, size: instance.size)
  }

  /// The location of each facility that `rows` and the known pairs place; nil for the others.
  ///
  /// - Throws: `MethodError.parameter` for a row that takes no part, and for one in two pairs.
  public func locations(of rows: [RowPair]) throws(MethodError) -> [Int?] {
    let (sources, targets) = (
      MatchRows.places(sourceRows), MatchRows.places(targetRows)
    )
    var result = [Int?](repeating: nil, count: instance.size)
    var facilities = [Int?](repeating: nil, count: instance.size)
    for pair in pairs {
      result[pair.facility] = pair.location
      facilities[pair.location] = pair.facility
    }
    for row in rows {
      let names = "row \(row.source) with row \(row.target)"
      guard let s = sources[row.source], let t = targets[row.target] else {
        throw .parameter(name: "start", found: names, expected: "rows that take part in the match")
      }
      let (facility, location) = isTransposed ? (t, s) : (s, t)
      if result[facility] == location { continue }
      guard result[facility] == nil, facilities[location] == nil else {
        throw .parameter(
          name: "start", found: names + ", one of which is in another pair",
          expected: "each row in one pair at most, those of --pairs included")
      }
      result[facility] = location
      facilities[location] = facility
    }
    return result
  }

  /// The objective of the true pairing, in the metric's unit and sense; nil when `truth` does not
  /// give every row of the smaller side a separate partner.
  ///
  /// - Parameter truth: the row of the target for each row of the source; nil where unknown.
  /// - Complexity: O(n²).
  public func objective(ofTruth truth: [Int?]) -> Double? {
    assignment(of: truth).map { value(instance.objective(of: $0)) }
  }

  /// The cause of wrong pairs: the metric, if the match found is at least as good as the true
  /// pairing, else the search; nil when the true pairing is no assignment.
  ///
  /// - Parameter truth: the row of the target for each row of the source; nil where unknown.
  public func limit(of assignment: Assignment, truth: [Int?]) -> MatchLimit? {
    guard let trueObjective = objective(ofTruth: truth),
      let accuracy = accuracy(of: targets(of: assignment), truth: truth)
    else { return nil }
    let objective = value(instance.objective(of: assignment))
    return MatchLimit(
      objective: objective, truth: trueObjective, accuracy: accuracy,
      scale: abs(constant), isMaximized: metric.isMaximized)
  }
}
