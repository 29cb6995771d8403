import QAP
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Matches of given matrices, and with costs of pairs beside the structure.
@Suite struct FusedMatchingTests {
  static let metrics: [Metric] = [
    .gromovWasserstein, .innerProduct, .kullbackLeibler, .cka, .correlation,
  ]

  /// The matrix that a metric's kernel is made of.
  private func given(_ metric: Metric, _ x: Embeddings) throws -> Embeddings {
    switch metric {
    case .cka: try Embeddings(Kernel.linear(x.values), name: x.name)
    case .correlation: try Embeddings(Kernel.cosine(x), name: x.name)
    default: try Embeddings(Kernel.distances(x.values), name: x.name)
    }
  }

  @Test(arguments: metrics, [(6, 6), (4, 6), (6, 4)])
  func precomputedMatricesGiveTheSameProblem(metric: Metric, sizes: (Int, Int)) throws {
    var generator = SeededGenerator(seed: 40)
    let x = randomEmbeddings(sizes.0, 4, using: &generator)
    let y = randomEmbeddings(sizes.1, 3, using: &generator)
    let plain = try MatchingProblem(
      source: x, target: y, options: MatchingOptions(metric: metric, normalizes: false))
    var options = MatchingOptions(metric: metric)
    options.isPrecomputed = true
    let problem = try MatchingProblem(
      source: try given(metric, x), target: try given(metric, y), options: options)
    #expect(abs(problem.constant - plain.constant) <= 1e-12 * abs(plain.constant))
    for _ in 0..<20 {
      let assignment = Assignment(
        Permutation(randomOf: problem.instance.size, using: &generator))
      // The order in which a solver sees the target differs: compare by rows.
      let targets = problem.targets(of: assignment)
      let same = try #require(self.assignment(of: targets, in: plain))
      let (a, b) = (
        problem.instance.objective(of: assignment), plain.instance.objective(of: same)
      )
      #expect(abs(a - b) <= 1e-12 * max(1, abs(plain.constant)), "\(metric)")
    }
  }

  /// The assignment behind a match, padding included.
  private func assignment(of targets: [Int?], in problem: MatchingProblem) -> Assignment? {
    let n = problem.instance.size
    var locations = [Int](repeating: -1, count: n)
    for (row, target) in targets.enumerated() {
      guard let target, let s = problem.sourceRows.firstIndex(of: row),
        let t = problem.targetRows.firstIndex(of: target)
      else { continue }
      locations[problem.isTransposed ? t : s] = problem.isTransposed ? s : t
    }
    var free = (0..<n).filter { !locations.contains($0) }
    for i in 0..<n where locations[i] < 0 { locations[i] = free.removeLast() }
    return Assignment(locations: locations)
  }

  @Test(
    arguments: [Metric.gromovWasserstein, .cka, .ckaGaussian, .kullbackLeibler, .neighbors(2)],
    [(5, 5), (3, 5), (5, 3)])
  func linearCostsHaveTheirShare(metric: Metric, sizes: (Int, Int)) throws {
    var generator = SeededGenerator(seed: 41)
    let x = randomEmbeddings(sizes.0, 4, using: &generator)
    let y = randomEmbeddings(sizes.1, 3, using: &generator)
    let costs = Matrix<Double>(rows: sizes.0, columns: sizes.1) { _, _ in
      generator.approximateNormal()
    }
    for alpha in [0, 0.3, 1] {
      var options = MatchingOptions(metric: metric)
      let structure = try MatchingProblem(source: x, target: y, options: options)
      (options.linear, options.alpha) = (costs, alpha)
      let problem = try MatchingProblem(source: x, target: y, options: options)
      for _ in 0..<20 {
        let assignment = Assignment(
          Permutation(randomOf: problem.instance.size, using: &generator))
        let features = problem.targets(of: assignment).enumerated().reduce(0.0) {
          $0 + ($1.element.map { [row = $1.offset] in costs[row, $0] } ?? 0)
        }
        let expected =
          alpha * structure.value(structure.instance.objective(of: assignment))
          + (1 - alpha) * features
        let found = problem.value(problem.instance.objective(of: assignment))
        #expect(abs(found - expected) < 1e-10 * max(1, abs(structure.constant)), "\(metric)")
      }
    }
  }

  /// Where rows of a precomputed target stand has no influence on what a solver sees, unless rows
  /// cannot be told apart.
  @Test func theOrderOfAPrecomputedTargetIsHidden() throws {
    var generator = SeededGenerator(seed: 42)
    let n = 9
    // Distances with ties, so that neighbors decide.
    func matrix() -> Matrix<Double> {
      var result = Matrix<Double>(rows: n, columns: n) { _, _ in 0 }
      for i in 0..<n {
        for k in 0..<i {
          result[i, k] = Double(1 + generator.below(3))
          result[k, i] = result[i, k]
        }
      }
      return result
    }
    let (x, y) = (matrix(), matrix())
    var options = MatchingOptions()
    options.isPrecomputed = true
    let first = try MatchingProblem(
      source: Embeddings(x), target: Embeddings(y), options: options)
    for _ in 0..<5 {
      let order = Permutation(randomOf: n, using: &generator).images
      let moved = try MatchingProblem(
        source: Embeddings(x), target: Embeddings(y).selectingBoth(order), options: options)
      guard case .koopmansBeckmann(_, let a) = first.instance.cost,
        case .koopmansBeckmann(_, let b) = moved.instance.cost
      else {
        Issue.record("no matrices")
        return
      }
      #expect(a.elements == b.elements)
      #expect(moved.targetRows.map { order[$0] } == first.targetRows)
    }
  }

  @Test func wrongMatricesAreNamed() throws {
    var generator = SeededGenerator(seed: 43)
    let x = randomEmbeddings(4, 3, using: &generator)
    var options = MatchingOptions()
    options.isPrecomputed = true
    #expect(throws: InputError.self) {
      try MatchingProblem(source: x, target: x, options: options)
    }
    let square = try Embeddings(Kernel.distances(x.values))
    options.metric = .ckaGaussian
    #expect(throws: InputError.self) {
      try MatchingProblem(source: square, target: square, options: options)
    }
    options = MatchingOptions()
    options.linear = Matrix<Double>(rows: 3, columns: 4) { _, _ in 0 }
    #expect(throws: InputError.self) {
      try MatchingProblem(source: x, target: x, options: options)
    }
    options.linear = Matrix<Double>(rows: 4, columns: 4) { _, _ in 0 }
    options.alpha = 1.5
    #expect(throws: MethodError.self) {
      try MatchingProblem(source: x, target: x, options: options)
    }
  }
}
