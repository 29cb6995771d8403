import QAP
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Random embeddings, one feature a little like another.
func randomEmbeddings(
  _ rows: Int, _ features: Int, using generator: inout SeededGenerator, name: String = "random"
) -> Embeddings {
  Embeddings(
    unchecked: Matrix(rows: rows, columns: features) { _, _ in generator.approximateNormal() },
    name: name)
}

/// Problems against sums of losses taken by hand.
@Suite struct MatchingProblemTests {
  static let metrics: [Metric] = [
    .gromovWasserstein, .cka, .ckaGaussian, .ckaOneSided, .neighbors(2), .innerProduct,
    .kullbackLeibler, .correlation,
  ]

  /// All injections of the source's rows into the target's, by values and assignments.
  @Test(arguments: metrics, [(5, 5), (3, 5), (5, 3), (1, 2)])
  func objectivesAreSumsOfLosses(metric: Metric, sizes: (Int, Int)) throws {
    if case .neighbors(let count) = metric, min(sizes.0, sizes.1) <= count { return }
    if sizes.0 == 1 && metric.loss.isProduct && metric != .innerProduct { return }
    var generator = SeededGenerator(seed: UInt64(sizes.0 * 10 + sizes.1))
    let x = randomEmbeddings(sizes.0, 4, using: &generator)
    let y = randomEmbeddings(sizes.1, 3, using: &generator)
    let options = MatchingOptions(metric: metric)
    let problem = try MatchingProblem(source: x, target: y, options: options)
    let (kx, ky) = (try options.kernel(of: x), try options.kernel(of: y))
    #expect(problem.isTransposed == (sizes.0 > sizes.1))
    for _ in 0..<50 {
      let permutation = Permutation(randomOf: problem.instance.size, using: &generator)
      let assignment = Assignment(permutation)
      let targets = problem.targets(of: assignment)
      #expect(targets.count == sizes.0)
      let matched = targets.indices.filter { targets[$0] != nil }
      #expect(matched.count == min(sizes.0, sizes.1))
      #expect(Set(matched.map { targets[$0] ?? -1 }).count == matched.count)
      var sum = 0.0
      for i in matched {
        for k in matched { sum += metric.loss(kx[i, k], ky[targets[i] ?? 0, targets[k] ?? 0]) }
      }
      let value = problem.instance.objective(of: assignment)
      #expect(abs(value - sum) < 1e-10 * max(1, abs(problem.constant)), "\(metric) \(sizes)")
      #expect(problem.value(value) == (metric.isMaximized ? -value : value))
      if sizes.0 == sizes.1 {
        #expect(problem.assignment(of: targets.map { $0 ?? 0 }) == assignment)
      }
    }
  }

  @Test func pairsAndQueriesChooseTheRows() throws {
    var generator = SeededGenerator(seed: 3)
    let x = randomEmbeddings(9, 4, using: &generator)
    let y = randomEmbeddings(8, 5, using: &generator)
    let options = MatchingOptions(
      stretches: true, pairs: [RowPair(source: 4, target: 7)], sourceQueries: [8, 1, 2],
      targetQueries: [0, 3, 5])
    let problem = try MatchingProblem(source: x, target: y, options: options)
    #expect(problem.sourceRows == [4, 1, 2, 8])
    #expect(Set(problem.targetRows) == [7, 0, 3, 5])
    let pair = try #require(problem.pairs.first)
    #expect(problem.sourceRows[pair.facility] == 4 && problem.targetRows[pair.location] == 7)
    let targets = problem.targets(
      of: Assignment(Permutation(randomOf: 4, using: &generator)))
    #expect(targets.indices.filter { targets[$0] != nil } == [1, 2, 4, 8])
    // Deviations are those of all rows.
    let kernel = try options.kernel(of: x, rows: [1, 2])
    let stretched = try x.normalized().stretched()
    #expect(
      relativeDifference(
        kernel, Kernel.distances(try stretched.selecting([1, 2]).values)) < 1e-12)
  }

  @Test func accuracyCountsQueriesOnly() throws {
    var generator = SeededGenerator(seed: 4)
    let x = randomEmbeddings(4, 4, using: &generator)
    let problem = try MatchingProblem(
      source: x, target: x,
      options: MatchingOptions(pairs: [RowPair(source: 0, target: 0)]))
    #expect(problem.accuracy(of: [0, 1, 3, 2], truth: [0, 1, 2, 3]) == 1.0 / 3)
    let all = try MatchingProblem(
      source: x, target: x,
      options: MatchingOptions(pairs: (0..<4).map { RowPair(source: $0, target: $0) }))
    #expect(all.accuracy(of: [0, 1, 2, 3], truth: [0, 1, 2, 3]) == nil)
  }

  @Test func contradictionsAreRefused() throws {
    var generator = SeededGenerator(seed: 5)
    let x = randomEmbeddings(4, 4, using: &generator)
    func pair(_ a: Int, _ b: Int) -> RowPair { RowPair(source: a, target: b) }
    for options in [
      MatchingOptions(pairs: [pair(0, 1), pair(0, 2)]),
      MatchingOptions(pairs: [pair(0, 1), pair(2, 1)]), MatchingOptions(pairs: [pair(0, 4)]),
      MatchingOptions(pairs: [pair(0, 1)], sourceQueries: [0]),
      MatchingOptions(sourceQueries: [1, 1]), MatchingOptions(sourceQueries: [7]),
    ] {
      #expect(throws: MethodError.self) {
        try MatchingProblem(source: x, target: x, options: options)
      }
    }
    let many = randomEmbeddings(200, 2, using: &generator)
    #expect(throws: MethodError.self) {
      try MatchingProblem(source: x, target: many, options: MatchingOptions())
    }
    // Equal rows have no divergence.
    let twice = try x.selecting([0, 1, 1])
    #expect(throws: InputError.self) {
      try MatchingProblem(
        source: try x.selecting([0, 1, 2]), target: twice,
        options: MatchingOptions(metric: .kullbackLeibler))
    }
  }
}
