import QAPKit
import Testing

/// Two sets of embeddings, of images and of texts.
func bundledEmbeddings() throws -> (images: Embeddings, texts: Embeddings) {
  (
    try Embeddings(EmbeddingFile.read(bundled("embeddings/vision-effnetlite0.npy"))[0]),
    try Embeddings(EmbeddingFile.read(bundled("embeddings/language-wordnet.npy"))[0])
  )
}

/// Match images to texts without a single known pair.
@Suite struct MatchEmbeddings {
  @Test func matchesTenClassesAndProvesIt() throws {
    let (images, texts) = try bundledEmbeddings()
    let rows = try IndexFile.readIndices(
      bundled("embeddings/rows-effnetlite0-wordnet-10.txt"), below: images.rows)
    let problem = try MatchingProblem(
      source: images.selecting(rows), target: texts.selecting(rows),
      options: MatchingOptions(metric: .gromovWasserstein, standardizes: true))
    let report = try problem.instance.solve(with: Automatic(), options: SolveOptions(threads: 2))
    let targets = problem.targets(of: try #require(report.incumbent).assignment)
    #expect(problem.accuracy(of: targets, truth: Array(0..<10)) == 1)
    #expect(report.termination == .optimal, "no other match agrees better")
  }

  @Test func theOrderOfRowsDoesNotMatter() throws {
    let (images, texts) = try bundledEmbeddings()
    let rows = Array(0..<8)
    let shuffled = [5, 2, 7, 0, 3, 6, 1, 4]
    func best(_ order: [Int]) throws -> Double {
      let problem = try MatchingProblem(
        source: images.selecting(rows), target: texts.selecting(order),
        options: MatchingOptions(metric: .gromovWasserstein, standardizes: true))
      let report = try problem.instance.solve(with: Automatic(), options: SolveOptions(threads: 2))
      return problem.value(try #require(report.incumbent).objective)
    }
    #expect(abs(try best(rows) - best(shuffled)) < 1e-9)
  }
}
