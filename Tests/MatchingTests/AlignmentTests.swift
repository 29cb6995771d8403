import QAP
import QAPMatching
import QAPPrimitives
import Testing

@Suite struct AlignmentTests {
  /// Through n × n kernels, as `qap match` compares.
  private func direct(
    _ metric: Metric, _ x: Embeddings, _ y: Embeddings, _ order: [Int], standardizes: Bool
  ) throws -> Double {
    let options = MatchingOptions(metric: metric, normalizes: false, standardizes: standardizes)
    let a = try options.kernel(of: x.selecting(order))
    let b = try options.kernel(of: y)
    let sum = metric.pairLosses(a, b).elements.reduce(0, +)
    return metric.isMaximized ? -sum : sum
  }

  @Test(arguments: [
    Metric.gromovWasserstein, .cka, .ckaGaussian, .ckaDebiased, .ckaOneSided, .neighbors(3),
    .innerProduct, .kullbackLeibler, .correlation,
  ])
  func equalsWhatMatchComputes(_ metric: Metric) throws {
    // Several tiles at 300 rows and at 600.
    for (rows, seed) in [(5, UInt64(0)), (17, 1), (300, 2), (600, 3)] {
      let (x, y) = try randomPair(rows: rows, 6, 4, seed: seed)
      let orders = shuffledOrders(rows: rows, percents: [30, 0, 100], seed: seed)
      let alignment = try Alignment(source: x, target: y, normalizes: false, threads: 2)
      for standardizes in metric.canStandardize ? [false, true] : [false] {
        let values = try alignment.values(metric, orders: orders, standardizes: standardizes)
        for (value, order) in zip(values, orders) {
          let expected = try direct(metric, x, y, order, standardizes: standardizes)
          #expect(
            agrees(value, expected, 1e-11), "\(metric) \(rows) rows: \(value), not \(expected)")
        }
        let one = try Alignment(source: x, target: y, normalizes: false, threads: 1)
        #expect(values == (try one.values(metric, orders: orders, standardizes: standardizes)))
      }
    }
  }

  @Test func duplicatesHaveNoDistance() throws {
    let (x, y) = try randomPair(rows: 40, 5, 5, seed: 9)
    let twice = Array(0..<40) + [3, 3, 17]
    let (a, b) = (try x.selecting(twice), try y.selecting(twice))
    let alignment = try Alignment(source: a, target: b, normalizes: false)
    let order = Array(0..<43)
    for metric in [Metric.ckaGaussian, .gromovWasserstein] {
      #expect(
        agrees(
          try alignment.values(metric, orders: [order])[0],
          try direct(metric, a, b, order, standardizes: false), 1e-11))
    }
    #expect(throws: InputError.self) {
      try alignment.values(.kullbackLeibler, orders: [order])
    }
  }

  /// Rows that are nothing but alike have no neighbors in common beyond chance, wherever they
  /// stand.
  @Test func tiesAlignNothing() throws {
    let flat = try Embeddings(Matrix<Double>(rows: 200, columns: 2, repeating: 1))
    let value = try Alignment(source: flat, target: flat, normalizes: false)
      .values(.neighbors(10), orders: [Array(0..<200)])[0]
    // All rows choose the same ten of 200, drawn anew for either side.
    #expect(value <= 0.3, "\(value)")
  }

  @Test func ordersMoveTheShareAskedFor() {
    let orders = shuffledOrders(rows: 500, percents: [0, 20, 60, 100], seed: 3)
    #expect(orders[0] == Array(0..<500))
    for (order, moved) in zip(orders, [0, 100, 300, 500]) {
      #expect(order.sorted() == Array(0..<500))
      let fixed = order.enumerated().count { $0 == $1 }
      #expect((500 - moved...500 - moved + 8).contains(fixed), "\(fixed) of \(moved)")
    }
    #expect(orders == shuffledOrders(rows: 500, percents: [0, 20, 60, 100], seed: 3))
    #expect(orders != shuffledOrders(rows: 500, percents: [0, 20, 60, 100], seed: 4))
  }

  @Test func refusesWhatDoesNotFit() throws {
    let (x, y) = try randomPair(rows: 6, 3, 3, seed: 0)
    #expect(throws: InputError.self) {
      try Alignment(source: x, target: try y.selecting([0, 1, 2]), normalizes: false)
    }
    let flat = try y.selecting([2, 2, 2, 2, 2, 2])
    let order = Array(0..<6)
    let alignment = try Alignment(source: x, target: flat, normalizes: false)
    for metric in [Metric.cka, .ckaGaussian, .ckaOneSided] {
      #expect(throws: InputError.self) { try alignment.values(metric, orders: [order]) }
    }
    #expect(throws: InputError.self) {
      try alignment.values(.gromovWasserstein, orders: [order], standardizes: true)
    }
    #expect(throws: InputError.self) {
      try alignment.values(.neighbors(6), orders: [order])
    }
  }
}

/// Section 2 of the reference values.
@Suite struct GoldenAlignmentTests {
  @Test
  func fallsWithShufflingAsPublished() throws {
    let (x, y) = (try Golden.embeddings("in_X"), try Golden.embeddings("in_Y"))
    let rows = try Golden.object("s2_shuffle")["rows"]
    let stored = try Golden.indices("s2_perms")
    let orders = (0..<6).map { Array(stored[$0 * 820..<($0 + 1) * 820]) }
    let raw = try Alignment(source: x, target: y, normalizes: false, threads: 2)
    let normal = try Alignment(source: x, target: y, normalizes: true, threads: 2)
    for (key, alignment, metric, standardizes) in [
      ("cka_linear", raw, Metric.cka, false), ("cka_rbf", raw, .ckaGaussian, false),
      ("its_cka", normal, .ckaOneSided, false), ("mutual_knn1", normal, .neighbors(1), false),
      ("mutual_knn5", normal, .neighbors(5), false),
      ("mutual_knn10", normal, .neighbors(10), false),
      ("gw_raw", normal, .gromovWasserstein, false),
      ("gw_std", normal, .gromovWasserstein, true),
    ] {
      let values = try alignment.values(metric, orders: orders, standardizes: standardizes)
      for (level, value) in values.enumerated() {
        #expect(agrees(value, rows[level][key].number), "\(key) at level \(level): \(value)")
      }
    }
  }
}
