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
@Suite(.enabled(if: Golden.hasEmbeddings)) struct BlindnessTests {
  private struct Subset: Decodable {
    let vision: String
    let language: String
    let rows: [Int]
    let innerTruth: Double
    let gwTruth: Double
  }

  @Test func shuffledTargetsChangeNothing() throws {
    let folder = Golden.realEmbeddings
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/subsets.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let subsets = try decoder.decode([Subset].self, from: data)
    #expect(!subsets.isEmpty)
    var generator = SeededGenerator(seed: 17)
    for subset in subsets {
      let sides = try [subset.vision, subset.language].map { name in
        let all = try #require(try NPY.read("\(folder)/\(name).npy").matrix)
        return try Embeddings(all, name: name).selecting(subset.rows)
      }
      let n = subset.rows.count
      let shuffle = Permutation(randomOf: n, using: &generator)
      let options = MatchingOptions(standardizes: true, seed: 5)
      let straight = try MatchingProblem(source: sides[0], target: sides[1], options: options)
      let shuffled = try MatchingProblem(
        source: sides[0], target: try sides[1].selecting(shuffle.images), options: options)
      // Row r of the shuffled target is row shuffle[r] of the straight one.
      let truth = shuffle.inverse.images
      let identity = Array(0..<n)
      let value = straight.instance.objective(of: try #require(straight.assignment(of: identity)))
      #expect(abs(value - subset.gwTruth) < 1e-4)
      #expect(abs((straight.constant - value) / 2 - subset.innerTruth) < 1e-4)
      let runs = try [(straight, identity), (shuffled, truth)].map { problem, truth in
        let report = try problem.instance.solve(
          with: FrankWolfe(.init(starts: 8, polishes: true)), options: SolveOptions(seed: 3))
        let found = try #require(report.incumbent)
        let targets = problem.targets(of: found.assignment)
        return (found.objective, try #require(problem.accuracy(of: targets, truth: truth)))
      }
      #expect(runs[0] == runs[1], "\(subset.vision) \(subset.language) \(n)")
      // Nor does the order that the solver sees have to do with the true one.
      let fixedPoints = (0..<n).count { straight.targetRows[$0] == $0 }
      #expect(fixedPoints < n / 2)
    }
  }
}
