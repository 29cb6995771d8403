import QAP
import QAPBranchAndBound
import QAPMatching
import QAPPrimitives
import QAPVerification
import Testing

/// Matches in which rows may stay unmatched at a price, against enumeration.
@Suite struct OutlierTests {
  /// The least price of all partial matches of the kernels with at most `most` rows of the smaller
  /// side unmatched.
  private func best(
    _ x: Matrix<Double>, _ y: Matrix<Double>, _ metric: Metric, price: Double, most: Int
  ) -> Double {
    var best = Double.infinity
    var partner = [Int?](repeating: nil, count: x.rows)
    func place(_ row: Int) {
      guard row < x.rows else {
        let matched = partner.indices.filter { partner[$0] != nil }
        guard min(x.rows, y.rows) - matched.count <= most else { return }
        var sum = price * Double(x.rows + y.rows - 2 * matched.count)
        for i in matched {
          for k in matched { sum += metric.loss(x[i, k], y[partner[i] ?? 0, partner[k] ?? 0]) }
        }
        best = min(best, sum)
        return
      }
      partner[row] = nil
      place(row + 1)
      for target in 0..<y.rows where !partner.contains(target) {
        partner[row] = target
        place(row + 1)
        partner[row] = nil
      }
    }
    place(0)
    return best
  }

  @Test(
    arguments: [Metric.gromovWasserstein, .cka, .kullbackLeibler, .innerProduct],
    [(4, 4), (3, 4), (4, 2), (1, 3)])
  func optimumIsThatOfAllPartialMatches(metric: Metric, sizes: (Int, Int)) throws {
    if metric == .cka, sizes.0 == 1 { return }
    var unmatched = 0
    for seed in 0..<4 as Range<UInt64> {
      var g = SeededGenerator(seed: seed, stream: 30)
      func embeddings(_ rows: Int) throws -> Embeddings {
        try Embeddings(
          Matrix<Double>(rows: rows, columns: 3) { _, _ in g.approximateNormal() })
      }
      let (source, target) = (try embeddings(sizes.0), try embeddings(sizes.1))
      var options = MatchingOptions(metric: metric)
      let price = [0.02, 0.2, 0.6, 2][Int(seed)] * (metric == .innerProduct ? -1 : 1)
      options.outlierCost = price
      options.maxOutliers = seed == 2 ? 1 : nil
      let problem = try MatchingProblem(source: source, target: target, options: options)
      let report = try problem.instance.solve(
        with: BranchAndBound(), options: SolveOptions(keepsProof: true))
      let expected = best(
        try options.kernel(of: source), try options.kernel(of: target), metric, price: price,
        most: options.maxOutliers ?? 99)
      let context = "\(metric) \(sizes), seed \(seed)"
      #expect(report.isProvenOptimal, "\(context)")
      let found = try #require(report.incumbent)
      #expect(abs(found.objective - expected) < 1e-5, "\(context): \(found.objective) \(expected)")
      #expect((report.bound?.value ?? 0) <= expected + 1e-9, "\(context)")
      unmatched += problem.targets(of: found.assignment).count { $0 == nil }
      if let certificate = report.certificate {
        #expect(check(certificate, of: problem.instance).holds, "\(context)")
      }
    }
    if metric == .gromovWasserstein, sizes == (4, 4) { #expect(unmatched > 0) }
  }
}
