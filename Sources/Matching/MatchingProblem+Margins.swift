import QAP
import QAPPrimitives

extension MatchingProblem {
  /// Each pair of a match with its share of the objective and its margin: the least loss of
  /// objective over all swaps of two partners (and moves to a row without a partner) that break
  /// the pair and leave the known ones alone. Exact for these swaps; larger cycles of swaps
  /// may be cheaper.
  ///
  /// A cost tensor has no confidence.
  ///
  /// - Returns: the pairs in ascending order of the source's rows.
  /// - Complexity: O(n³) as a matrix product; O(n³) calls for a cost tensor. O(n²) memory.
  public func margins(of assignment: Assignment, threads: Int = 1) -> [PairMargin] {
    let count = min(sourceRows.count, targetRows.count)
    let fixed = Set(pairs.map(\.facility))
    let table = SwapLosses(instance, assignment, threads: threads)
    let shares = pairShares(of: assignment, count: count)
    let free = (0..<instance.size).filter { !fixed.contains($0) }
    let found = parallelMap(count: count, threads: threads) { row -> (Double, Int)? in
      if fixed.contains(row) { return nil }
      var best: (loss: Double, other: Int)?
      let p = assignment
      for other in free
      where other != row && instance.allows(row, p[other]) && instance.allows(other, p[row]) {
        let loss = table[row, other]
        if best == nil || loss < best!.loss { best = (loss, other) }
      }
      return best.map { ($0.loss, $0.other) }
    }
    let ranked = found.indices.filter { found[$0] != nil }
      .sorted { (found[$0]?.0 ?? 0, $1) > (found[$1]?.0 ?? 0, $0) }
    var rank = [Int?](repeating: nil, count: count)
    for (place, row) in ranked.enumerated() { rank[row] = place + 1 }
    let confidence = table.correlation(count).map {
      MarginCalibration(
        typical: table.mean(of: free, threads: threads), count: count, correlation: $0)
    }
    func target(_ facility: Int) -> Int? {
      if isTransposed { return facility < count ? targetRows[facility] : nil }
      return targetRows[assignment[facility]]
    }
    return (0..<count).map { row in
      PairMargin(
        source: isTransposed ? sourceRows[assignment[row]] : sourceRows[row],
        target: isTransposed ? targetRows[row] : targetRows[assignment[row]],
        value: value(shares[row]), margin: found[row]?.0,
        rival: (found[row]?.1).flatMap { target($0) }, rank: rank[row],
        confidence: found[row].flatMap { confidence?($0.0) })
    }.sorted { $0.source < $1.source }
  }

  /// The share of each of the first `count` facilities in the minimized objective: half of what its
  /// row and its column add, and of the loss's constant parts what its own similarities give.
  private func pairShares(of assignment: Assignment, count: Int) -> [Double] {
    let p = assignment.locations
    let loss = metric.loss
    var shares = [Double](repeating: 0, count: count)
    for i in 0..<count {
      var sum = CompensatedSum()
      for k in 0..<count {
        switch instance.cost {
        case .tensor(let tensor):
          sum.add(0.5 * (tensor.cost(i, p[i], k, p[k]) + tensor.cost(k, p[k], i, p[i])))
        case .koopmansBeckmann(let flow, let distance):
          guard structureShare > 0 else { continue }
          let (a, b) = (flow[i, k] / structureShare, flow[k, i] / structureShare)
          sum.add(
            0.5 * structureShare
              * (loss.ofFactors(a, distance[p[i], p[k]], isDiagonal: i == k)
                + loss.ofFactors(b, distance[p[k], p[i]], isDiagonal: i == k)))
        }
      }
      if let linear = instance.linear { sum.add(linear[i, p[i]]) }
      shares[i] = sum.value
    }
    // Rounding, and constants that belong to no pair.
    let rest = instance.objective(of: assignment) - shares.reduce(0, +)
    return shares.map { $0 + rest / Double(count) }
  }
}
