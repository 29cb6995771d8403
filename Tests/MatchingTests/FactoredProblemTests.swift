import QAP
import QAPGeneration
import QAPPrimitives
import QAPRegistry
import Testing

@testable import QAPMatching

/// Matches without kernels, by blocks, beside those with kernels.
@Suite struct FactoredProblemTests {
  @Test(arguments: [Metric.cka, .correlation], [(9, 9), (6, 9), (9, 6)])
  func `Values are those of the kernels`(_ metric: Metric, _ sizes: (Int, Int)) throws {
    for seed in 0..<6 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let x = randomEmbeddings(sizes.0 + 2, 4, using: &generator)
      let y = randomEmbeddings(sizes.1 + 1, 3, using: &generator)
      var options = MatchingOptions(
        metric: metric, normalizes: seed == 1, stretches: seed == 2,
        pairs: [RowPair(source: 3, target: 1)], seed: seed)
      options.sourceQueries = (0..<x.rows).filter { ![1, 2, 3].contains($0) }
      options.targetQueries = (2..<y.rows).map { $0 }
      let dense = try MatchingProblem(source: x, target: y, options: options)
      let problem = try FactoredProblem(source: x, target: y, options: options)
      #expect(problem.size == dense.instance.size)
      #expect(problem.rows.targetRows == dense.targetRows && problem.rows.pairs == dense.pairs)
      let mean = try #require(dense.instance.meanObjective)
      #expect(abs(problem.meanObjective - dense.value(mean)) < 1e-9)
      for _ in 0..<10 {
        let assignment = Assignment(Permutation(randomOf: problem.size, using: &generator))
        let value = dense.value(dense.instance.objective(of: assignment))
        #expect(abs(problem.objective(of: assignment) - value) < 1e-9)
        #expect(value <= problem.bound && problem.bound <= 1 + 1e-8)
        let shares = zip(problem.shares(of: assignment), dense.margins(of: assignment))
        for (share, margin) in shares {
          #expect(share.source == margin.source && share.target == margin.target)
          #expect(abs(share.value - margin.value) < 1e-9)
        }
        let outcomes = (
          MatchOutcome(assignment, problem: problem, truth: problem.rows.targets(of: assignment)),
          MatchOutcome(assignment, problem: dense)
        )
        #expect(outcomes.0.targets == outcomes.1.targets && outcomes.0.limit == .nothing)
      }
    }
  }

  /// Rows of two planted spaces that belong together, the target's in another order.
  private func spaces(
    _ source: Int, _ target: Int
  ) throws -> (source: Embeddings, target: Embeddings, truth: [Int?]) {
    let count = max(source, target)
    let planted = try PlantedSpaces(modes: 30).generate(rows: 4, validation: count, seed: 2)
    var generator = SeededGenerator(seed: 9)
    let order = Permutation(randomOf: count, using: &generator).images
    var truth = [Int?](repeating: nil, count: count)
    for (place, row) in order.enumerated() where place < target { truth[row] = place }
    return (
      try Embeddings(planted.validSource, name: "source").selecting(Array(0..<source)),
      try Embeddings(planted.validTarget, name: "target").selecting(Array(order.prefix(target))),
      Array(truth.prefix(source))
    )
  }

  private func match(
    _ problem: FactoredProblem, block: Int, threads: Int = 1, wanted: Double = .infinity,
    shouldStop: @escaping @Sendable (Bool) -> Bool = { _ in false }
  ) throws -> (assignment: Assignment, objective: Double, epochs: Int, isComplete: Bool) {
    let centers = CenterSearch()
    return try #require(
      try problem.match(
        options: TranslationOptions(
          clusters: [12, 20], restarts: 3, batch: 600, blocks: [150, 300], epochs: [6, 3],
          threads: threads), block: block, wanted: wanted,
        search: { try centers($0, seed: $1, shouldStop: $2) }, shouldStop: shouldStop))
  }

  @Test(arguments: [(600, 600), (560, 600), (600, 560)])
  func `Blocks find the planted match for any number of threads`(_ sizes: (Int, Int)) throws {
    let (source, target, truth) = try spaces(sizes.0, sizes.1)
    let known = (0..<600).compactMap { row in
      row < truth.count ? truth[row].map { RowPair(source: row, target: $0) } : nil
    }
    let options = MatchingOptions(metric: .cka, pairs: Array(known.prefix(5)))
    let problem = try FactoredProblem(source: source, target: target, options: options)
    let found = try match(problem, block: 150)
    #expect(found.isComplete)
    let dense = try MatchingProblem(source: source, target: target, options: options)
    #expect(
      abs(found.objective - dense.value(dense.instance.objective(of: found.assignment))) < 1e-9)
    for pair in problem.rows.pairs { #expect(found.assignment[pair.facility] == pair.location) }
    let outcome = MatchOutcome(found.assignment, problem: problem, truth: truth)
    let targets = try #require(outcome.targets).compactMap { $0 }
    #expect(targets.count == min(sizes.0, sizes.1) && Set(targets).count == targets.count)
    #expect(try #require(outcome.accuracy) > (sizes.0 == sizes.1 ? 0.95 : 0.8))
    if sizes.0 == sizes.1 {
      #expect(outcome.limit == .metric || outcome.limit == .nothing)
      #expect(try #require(outcome.truthObjective) <= found.objective + 1e-12)
    }
    let other = try match(problem, block: 150, threads: 2)
    #expect(other.assignment == found.assignment && other.objective == found.objective)
  }

  @Test func `Tiny blocks, equal rows and early ends give a match`() throws {
    let (source, target, _) = try spaces(600, 600)
    // A third of the rows is one row.
    let twice = try target.selecting((0..<600).map { $0 % 3 == 0 ? 0 : $0 })
    let problem = try FactoredProblem(
      source: source, target: twice, options: MatchingOptions(metric: .cka))
    let stopped = try match(problem, block: 3) { isMapping in !isMapping }
    #expect(stopped.epochs == 1 && !stopped.isComplete)
    let tiny = try match(problem, block: 3)
    let whole = try match(problem, block: 1_000)
    #expect(tiny.objective >= stopped.objective && whole.objective >= stopped.objective)
    let early = try match(problem, block: 200, wanted: 0.01)
    #expect(early.epochs == 1 && early.isComplete)
    #expect(throws: InputError.self) {
      try FactoredProblem(
        source: source, target: target.selecting(Array(repeating: 5, count: 600)),
        options: MatchingOptions(metric: .cka))
    }
  }

  @Test func `A rotated copy is matched and proven`() throws {
    var generator = SeededGenerator(seed: 3)
    let x = try spaces(600, 600).source
    // Reflections are rotations that cost nothing to make.
    let order = Permutation(randomOf: 600, using: &generator).images
    let y = try x.selecting(order).mapped { $1 % 2 == 0 ? -3e40 * $2 : 3e40 * $2 }
    let problem = try FactoredProblem(
      source: x, target: y, options: MatchingOptions(metric: .cka))
    let report = try problem.solve(options: SolveOptions(tolerance: 1e-6))
    #expect(report.termination == .optimal && report.sense == .max)
    let truth = Permutation(order)?.inverse.images
    let assignment = try #require(report.incumbent?.assignment)
    #expect(problem.rows.targets(of: assignment) == truth)
  }

  @Test func `Other comparisons need kernels`() {
    var options = MatchingOptions(metric: .cka)
    #expect(FactoredProblem.applies(options))
    options.standardizes = true
    #expect(!FactoredProblem.applies(options))
    for metric in [Metric.gromovWasserstein, .ckaDebiased, .ckaGaussian, .neighbors(3)] {
      #expect(!FactoredProblem.applies(MatchingOptions(metric: metric)))
    }
    options = MatchingOptions(metric: .correlation)
    options.forbidden = [RowPair(source: 0, target: 0)]
    #expect(!FactoredProblem.applies(options))
  }
}
