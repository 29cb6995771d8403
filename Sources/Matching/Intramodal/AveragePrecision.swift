import QAPPrimitives

extension ScoreFactors {
  /// The average precision of each query: the mean, over the candidates of its class, of the share
  /// of that class among the candidates up to and including that one; nil for a query whose class
  /// has none.
  ///
  /// Candidates of the same score count after those of other classes, so that no order of the rows
  /// can help.
  ///
  /// - Parameters:
  ///   - queryLabels: the class of each query.
  ///   - candidateLabels: the class of each candidate.
  ///   - excludesOwn: query i is also candidate i, which is left out.
  /// - Complexity: O(queries · candidates · width), a few rows of memory.
  public func averagePrecisions(
    queryLabels: [Int], candidateLabels: [Int], excludesOwn: Bool, threads: Int = 1
  ) -> [Double?] {
    precondition(queryLabels.count == queries && candidateLabels.count == candidates)
    let columns = candidates
    let results = Buffer(count: queries, repeating: Double.nan)
    let view = results.view
    forEachBlock(threads: threads) { rows, block in
      for (offset, row) in rows.enumerated() {
        let line = block.window(offset * columns, columns)
        var relevant: [Double] = []
        for c in 0..<columns where candidateLabels[c] == queryLabels[row] {
          if !(excludesOwn && c == row) { relevant.append(line[c]) }
        }
        if relevant.isEmpty { continue }
        relevant.sort(by: >)
        // How many others come before the k-th relevant one but not before the one above.
        var others = [Int](repeating: 0, count: relevant.count + 1)
        for c in 0..<columns where candidateLabels[c] != queryLabels[row] {
          var (low, high) = (0, relevant.count)
          while low < high {
            let middle = (low + high) / 2
            if relevant[middle] <= line[c] { high = middle } else { low = middle + 1 }
          }
          others[low] += 1
        }
        var (sum, before) = (0.0, 0)
        for k in relevant.indices {
          before += others[k]
          sum += Double(k + 1) / Double(k + 1 + before)
        }
        view[row] = sum / Double(relevant.count)
      }
    }
    return withExtendedLifetime(results) { view.array.map { $0.isNaN ? nil : $0 } }
  }
}

/// The mean of the average precisions there are; nil when there is none.
public func meanAveragePrecision(_ precisions: [Double?]) -> Double? {
  let known = precisions.compactMap(\.self)
  var sum = CompensatedSum()
  for value in known { sum.add(value) }
  return known.isEmpty ? nil : sum.value / Double(known.count)
}
