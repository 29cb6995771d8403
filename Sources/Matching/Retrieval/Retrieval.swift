import QAPLinearAssignment
import QAPPrimitives

extension ScoreFactors {
  /// Compares the scores with the `truth`, the right candidate of each query.
  ///
  /// Candidates whose scores are equal to that of the truth, up to rounding, are taken to come in
  /// random order, and the query counts by the chance of finding the truth in time. The assignment
  /// is found among candidates in an order drawn from `seed`. So nothing favors candidates by their
  /// place.
  ///
  /// - Parameters:
  ///   - top: the ranks k of interest.
  ///   - matching: whether to solve the assignment problem, O(n³) time and O(n²) memory for n
  ///     candidates; all the rest takes memory for a few rows of scores.
  /// - Returns: the shares of queries that find the truth.
  public func quality(
    truth: [Int], top: [Int] = [1, 5, 10], matching: Bool = true, seed: UInt64 = 0,
    threads: Int = 1
  ) -> RetrievalQuality {
    precondition(truth.count == queries, "one truth a query")
    precondition(truth.allSatisfy { (0..<self.candidates).contains($0) }, "no such candidate")
    let (queries, candidates) = (self.queries, self.candidates)
    let solves = matching && candidates >= queries
    let solver = solves ? LinearAssignmentSolver(capacity: candidates) : nil
    var generator = SeededGenerator(seed: seed)
    let order = Array(0..<candidates).shuffled(using: &generator)
    let costs = solver.map { ($0.costs, $0.stride) }
    let credits = Buffer(count: queries * top.count, repeating: 0.0)
    let credit = credits.view
    forEachBlock(threads: threads) { rows, block in
      for (offset, row) in rows.enumerated() {
        let line = block.window(offset * candidates, candidates)
        let own = line[truth[row]]
        let margin = 1e-13 * max(1, abs(own))
        var (above, equal) = (0, 0)
        for c in 0..<candidates {
          if line[c] > own + margin { above &+= 1 } else if line[c] >= own - margin { equal &+= 1 }
        }
        for (index, k) in top.enumerated() {
          credit[row * top.count + index] = min(1, Double(max(0, k - above)) / Double(equal))
        }
        if let (costs, stride) = costs {
          for c in 0..<candidates { costs[row &* stride &+ c] = -line[order[c]] }
        }
      }
    }
    let shares = top.indices.map { index in
      (0..<queries).reduce(0) { $0 + credit[$1 * top.count + index] } / Double(queries)
    }
    withExtendedLifetime(credits) {}
    guard let solver else {
      return RetrievalQuality(top: shares, matching: nil, assignment: nil, assignmentValue: nil)
    }
    solver.solve(rows: queries)
    let columns = (0..<queries).map { solver.columnOfRow[$0] }
    var value = CompensatedSum()
    for row in 0..<queries { value.add(-solver.costs[row * solver.stride + columns[row]]) }
    let assignment = columns.map { order[$0] }
    let hits = zip(assignment, truth).count { $0 == $1 }
    return RetrievalQuality(
      top: shares, matching: Double(hits) / Double(queries), assignment: assignment,
      assignmentValue: value.value)
  }
}
