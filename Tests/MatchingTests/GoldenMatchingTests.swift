import Foundation
import QAP
import QAPFrankWolfe
import QAPInstanceIO
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Section 4: seeded matching of 500 rows from 320 known pairs with SciPy's FAQ from the
/// barycenter, the source being language and the target vision.
@Suite struct GoldenMatchingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let metric: Metric
    var stretches = true
    var base = 320
    var queries = 500
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "faq_barycenter_rbf", metric: .ckaGaussian),
    Case(name: "faq_barycenter_linear", metric: .cka),
    Case(name: "faq_barycenter_rbf_unstretched", metric: .ckaGaussian, stretches: false),
    Case(
      name: "faq_fewseed_40_200_rbf_barycenter", metric: .ckaGaussian, base: 40, queries: 200),
  ]

  @Test(arguments: cases)
  func seeded(_ given: Case) throws {
    let (language, vision) = (try Golden.embeddings("in_Y"), try Golden.embeddings("in_X"))
    let base = try Golden.indices("in_base_idx").prefix(given.base)
    let queries = Array(try Golden.indices("in_query_idx").prefix(given.queries))
    let problem = try MatchingProblem(
      source: language, target: vision,
      options: MatchingOptions(
        metric: given.metric, stretches: given.stretches,
        pairs: base.map { RowPair(source: $0, target: $0) }, sourceQueries: queries,
        targetQueries: queries, threads: 2))
    let report = try problem.instance.solve(
      with: FrankWolfe(.init(tolerance: 1e-5)), options: SolveOptions(pairs: problem.pairs))
    let found = try #require(report.incumbent)
    let golden = try Golden.number("s4_matching", "\(given.name).objective")
    #expect(abs(problem.value(found.objective) - golden) < 1e-9)
    let targets = problem.targets(of: found.assignment)
    #expect(
      problem.accuracy(of: targets, truth: Array(0..<language.rows))
        == (try Golden.number("s4_matching", "\(given.name).accuracy")))
    #expect(targets.count { $0 != nil } == given.base + given.queries)
    #expect(base.allSatisfy { targets[$0] == $0 })
  }

  /// The true pairing's value, and random starts as good as SciPy's ten.
  @Test func truthAndRandomStarts() throws {
    let (language, vision) = (try Golden.embeddings("in_Y"), try Golden.embeddings("in_X"))
    let problem = try MatchingProblem(
      source: language, target: vision,
      options: MatchingOptions(
        metric: .ckaGaussian, stretches: true,
        pairs: try Golden.indices("in_base_idx").map { RowPair(source: $0, target: $0) }))
    let truth = Array(0..<language.rows)
    let assignment = try #require(problem.assignment(of: truth))
    #expect(problem.accuracy(of: problem.targets(of: assignment), truth: truth) == 1)
    let path = "faq_barycenter_rbf.objective_ground_truth"
    let golden = try Golden.number("s4_matching", path)
    #expect(
      abs(problem.value(problem.instance.objective(of: assignment)) - golden) < 1e-10)
    let report = try problem.instance.solve(
      with: FrankWolfe(.init(starts: 11)), options: SolveOptions(threads: 2, pairs: problem.pairs))
    let found = try #require(report.incumbent)
    let best = try Golden.number("s4_matching", "faq_randomized10_rbf.best_objective")
    #expect(problem.value(found.objective) > best - 1e-4)
    let accuracy = problem.accuracy(of: problem.targets(of: found.assignment), truth: truth)
    #expect(abs(try #require(accuracy) - 0.66) < 0.03)
  }
}

/// Real class embeddings: where the rows of the target stand has no influence.
@Suite struct BlindnessTests {
  /// Encoders, classes, and the published values of the true pairing: Gromov–Wasserstein, and half
  /// the constant that the inner product leaves of it.
  @Test(
    arguments: [
      ("effnetlite0", "prompts", 10, 30.7907, 73.6047),
      ("effnetlite0", "wordnet", 10, 16.9631, 80.5185),
      ("effnetlite0", "wordnet", 20, 144.4393, 306.7803),
      ("squeezenet11", "prompts", 10, 11.3855, 83.3072),
      ("squeezenet11", "wordnet", 10, 6.251, 85.8745),
      ("squeezenet11", "wordnet", 20, 57.8706, 350.0647),
    ] as [(String, String, Int, Double, Double)])
  func shuffledTargetsChangeNothing(
    vision: String, language: String, n: Int, gwTruth: Double, innerTruth: Double
  ) throws {
    let folder = Golden.bundledEmbeddings
    let rows = try IndexFile.readIndices(
      "\(folder)/rows-\(vision)-\(language)-\(n).txt", below: 100)
    let sides = try ["vision-\(vision)", "language-\(language)"].map { name in
      let all = try #require(try NPY.read("\(folder)/\(name).npy").matrix)
      return try Embeddings(all, name: name).selecting(rows)
    }
    #expect(rows.count == n)
    var generator = SeededGenerator(seed: 17)
    let shuffle = Permutation(randomOf: n, using: &generator)
    let options = MatchingOptions(standardizes: true, seed: 5)
    let straight = try MatchingProblem(source: sides[0], target: sides[1], options: options)
    let shuffled = try MatchingProblem(
      source: sides[0], target: try sides[1].selecting(shuffle.images), options: options)
    // Row r of the shuffled target is row shuffle[r] of the straight one.
    let truth = shuffle.inverse.images
    let identity = Array(0..<n)
    let value = straight.instance.objective(of: try #require(straight.assignment(of: identity)))
    #expect(abs(value - gwTruth) < 1e-4)
    #expect(abs((straight.constant - value) / 2 - innerTruth) < 1e-4)
    let runs = try [(straight, identity), (shuffled, truth)].map { problem, truth in
      let report = try problem.instance.solve(
        with: FrankWolfe(.init(starts: 8, polishes: true)), options: SolveOptions(seed: 3))
      let found = try #require(report.incumbent)
      let targets = problem.targets(of: found.assignment)
      return (found.objective, try #require(problem.accuracy(of: targets, truth: truth)))
    }
    #expect(runs[0] == runs[1])
    // Nor does the order that the solver sees have to do with the true one.
    let fixedPoints = (0..<n).count { straight.targetRows[$0] == $0 }
    #expect(fixedPoints < n / 2)
  }
}
