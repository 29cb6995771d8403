import QAP
import QAPBranchAndBound
import QAPInstanceIO
import QAPMatching
import QAPPrimitives
import QAPRegistry
import QAPVerification
import RandomInstances
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

  /// All placements of facilities at locations or nowhere, with what they cost: the least of them.
  private func best(
    _ flow: Matrix<Double>, _ distance: Matrix<Double>, _ linear: Matrix<Double>?,
    outliers: Outliers
  ) -> Double {
    let (m, n) = (flow.rows, distance.rows)
    var best = Double.infinity
    func place(_ places: [Int?]) {
      guard places.count == m else {
        for j in -1..<n where j < 0 || !places.contains(j) { place(places + [j < 0 ? nil : j]) }
        return
      }
      let placed = places.indices.filter { places[$0] != nil }
      guard min(m, n) - placed.count <= outliers.maxCount ?? m else { return }
      var sum = 7 + outliers.cost * Double(m + n - 2 * placed.count)
      for i in placed {
        sum += linear?[i, places[i] ?? 0] ?? 0
        for k in placed { sum += flow[i, k] * distance[places[i] ?? 0, places[k] ?? 0] }
      }
      best = min(best, sum)
    }
    place([])
    return best
  }

  /// Sides of any size in plain numbers, in every method, with certificates.
  @Test func facilitiesAndLocationsStayWithoutEachOther() throws {
    var (unplaced, solved, certificates) = (0, 0, 0)
    for seed in 0..<40 as Range<UInt64> {
      var g = SeededGenerator(seed: seed, stream: 31)
      let (m, n) = (1 + g.below(5), 1 + g.below(5))
      let isIntegral = seed % 3 > 0
      func matrix(_ rows: Int, _ columns: Int) -> Matrix<Double> {
        Matrix(rows: rows, columns: columns) { _, _ in
          isIntegral ? Double(g.below(20) - 4) : 12 * g.unit() - 3
        }
      }
      func square(_ size: Int) -> Matrix<Double> {
        var result = matrix(size, size)
        if seed % 2 == 0 { for i in 0..<size { for k in 0..<i { result[i, k] = result[k, i] } } }
        return result
      }
      let (flow, distance) = (square(m), square(n))
      var linear = seed % 4 > 1 ? matrix(m, n) : nil
      if seed % 8 == 2 { linear?[g.below(m), g.below(n)] = .infinity }
      let outliers = Outliers(
        cost: [0, 3, 20, -2][Int(seed / 2 % 4)], maxCount: seed % 5 == 4 ? g.below(3) : nil)
      let instance = try Instance(
        flow: flow, distance: distance, linear: linear, constant: 7, outliers: outliers)
      let expected = best(flow, distance, linear, outliers: outliers)
      for registered in MethodRegistry.methods where registered.info.supports(instance) {
        let context = "\(registered.info.id), seed \(seed), \(m) × \(n)"
        let report: SolveReport
        do {
          report = try instance.solve(
            with: registered.make(MethodOptions()),
            options: SolveOptions(limits: Limits(iterations: 200), keepsProof: true))
        } catch is MethodError { continue }
        if expected == .infinity {
          #expect(report.termination == .infeasible, "\(context)")
          continue
        }
        if let bound = report.bound {
          #expect(bound.value <= expected + 1e-9 * max(1, abs(expected)), "\(context)")
        }
        if let found = report.incumbent {
          #expect(found.objective >= expected - 1e-9 * max(1, abs(expected)), "\(context)")
          let places = try #require(report.locations)
          #expect(places.count == m && places.allSatisfy { $0 < n }, "\(context)")
          unplaced += places.count { $0 < 0 }
        }
        if registered.info.id == "branch-and-bound" {
          #expect(report.isProvenOptimal, "\(context)")
          #expect(abs((report.incumbent?.objective ?? 1e9) - expected) < 1e-5, "\(context)")
          solved += 1
        }
        if let certificate = report.certificate {
          #expect(check(certificate, of: instance).holds, "\(context)")
          certificates += 1
        }
      }
      if m == n, n <= 3, linear == nil {
        // The same through layers and tensors, and for a maximum.
        let twice = try Instance(flow: flow, distance: distance, constant: 7).adding([
          CostLayer(flow: distance, distance: flow, weight: 0),
          CostLayer(flow: flow, distance: flow),
        ]).allowing(outliers)
        let report = try twice.solve(with: BranchAndBound())
        let least = leastObjective(twice)
        #expect(abs((report.incumbent?.objective ?? 1e9) - least) < 1e-5, "seed \(seed)")
        #expect(report.locations?.count == n)
        let same = try Instance(flow: flow, distance: distance, constant: 7).allowing(outliers)
        #expect(abs(leastObjective(same) - expected) < 1e-9)
        let dense = (0..<n * n * n * n).map {
          flow[$0 / n / n / n, $0 / n % n] * distance[$0 / n / n % n, $0 % n]
        }
        let tensor = try Instance(
          cost: .tensor(DenseCostTensor(size: n, entries: dense)), constant: 7
        ).allowing(outliers)
        #expect(abs(leastObjective(tensor) - expected) < 1e-9)
        let solved = try tensor.negated.negated.solve(with: BranchAndBound())
        #expect(abs((solved.incumbent?.objective ?? 1e9) - expected) < 1e-5, "seed \(seed)")
        #expect(solved.locations?.contains { $0 >= n } == false)
      }
    }
    #expect(solved >= 38 && certificates > 150 && unplaced > 100)
  }

  @Test func saysWhatToDoWithMoreFacilitiesThanLocations() throws {
    let text = Array(#"{"flow": [[0, 1], [1, 0]], "distance": [[0]], "sense": "max"}"#.utf8)
    let error = #expect(throws: InputError.self) { try InstanceFile.problem(text, file: "a.json") }
    #expect("\(error as Any)".contains("--outliers"))
    let stated = try InstanceFile.problem(
      text, file: "a.json", outliers: { $0 == .max ? Outliers(cost: -3) : Outliers(cost: 3) })
    // One of two stays: or both, with the location.
    let report = try stated.instance.negated.solve(with: BranchAndBound())
    #expect(report.incumbent?.objective == 3)
    #expect(throws: InputError.self) {
      try stated.instance.allowing(Outliers(cost: 1))
    }
    #expect(throws: InputError.self) {
      try Family.symmetric.instance(size: 3, seed: 1).allowing(Outliers(cost: .nan))
    }
  }
}
