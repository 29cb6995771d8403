import QAP
import QAPGeneration
import QAPMatching
import QAPPrimitives
import QAPRegistry
import Testing

/// First assignments of large matches, and rows near each other under a map.
@Suite struct MatchStartTests {
  /// Rows of two planted spaces that belong together, the target's in another order.
  private func sides(
    source: Int = 220, target: Int = 220, seed: UInt64 = 1
  ) throws -> (source: Embeddings, target: Embeddings, truth: [Int?]) {
    let count = max(source, target)
    let planted = try PlantedSpaces(modes: 20).generate(rows: 4, validation: count, seed: seed)
    var generator = SeededGenerator(seed: seed, stream: 9)
    let order = Permutation(randomOf: count, using: &generator).images
    var truth = [Int?](repeating: nil, count: count)
    for (place, row) in order.enumerated() where place < target { truth[row] = place }
    return (
      try Embeddings(planted.validSource, name: "source").selecting(Array(0..<source)),
      try Embeddings(planted.validTarget, name: "target").selecting(Array(order.prefix(target))),
      Array(truth.prefix(source))
    )
  }

  @Test(arguments: [(220, 220), (205, 230), (230, 205)])
  func `Rows that correspond are matched`(_ rows: (Int, Int)) throws {
    let (source, target, truth) = try sides(source: rows.0, target: rows.1)
    let options = MatchingOptions(metric: .cka)
    let problem = try MatchingProblem(source: source, target: target, options: options)
    #expect(MatchStart.applies(problem, options))
    let found = try #require(
      try MatchStart.find(problem, source: source, target: target, seed: 0))
    let accuracy = try #require(
      problem.accuracy(of: problem.targets(of: found), truth: truth))
    // A surplus row may fit better than the true one.
    #expect(accuracy > (rows.0 == rows.1 ? 0.9 : 0.8))
  }

  @Test func `Known pairs are kept`() throws {
    let (source, target, truth) = try sides()
    // Two of them wrong: they are kept all the same.
    let known = (0..<10).compactMap { row in truth[row].map { (row, $0) } }
    var pairs = known.map { RowPair(source: $0.0, target: $0.1) }
    (pairs[0].target, pairs[1].target) = (pairs[1].target, pairs[0].target)
    let options = MatchingOptions(metric: .cka, pairs: pairs)
    let problem = try MatchingProblem(source: source, target: target, options: options)
    let found = try #require(
      try MatchStart.find(problem, source: source, target: target, seed: 0))
    for pair in problem.pairs { #expect(found[pair.facility] == pair.location) }
    let accuracy = try #require(
      problem.accuracy(of: problem.targets(of: found), truth: truth))
    #expect(accuracy > 0.9)
  }

  @Test func `Small matches and other metrics begin by themselves`() throws {
    let (source, target, _) = try sides()
    let gaussian = MatchingOptions(metric: .ckaGaussian)
    #expect(
      !MatchStart.applies(
        try MatchingProblem(source: source, target: target, options: gaussian), gaussian))
    let few = try source.selecting(Array(0..<50))
    let linear = MatchingOptions(metric: .cka)
    #expect(
      !MatchStart.applies(
        try MatchingProblem(source: few, target: target, options: linear), linear))
  }

  @Test(arguments: [false, true])
  func `Pairs of rows become locations and go back`(_ isTransposed: Bool) throws {
    var generator = SeededGenerator(seed: 4)
    let (a, b) = (
      randomEmbeddings(4, 3, using: &generator), randomEmbeddings(6, 3, using: &generator)
    )
    let problem = try MatchingProblem(
      source: isTransposed ? b : a, target: isTransposed ? a : b,
      options: MatchingOptions(
        metric: .cka, pairs: [RowPair(source: 1, target: 2)],
        sourceQueries: isTransposed ? [0, 3, 4, 5] : nil,
        targetQueries: isTransposed ? nil : [0, 3, 4, 5]))
    let rows = [RowPair(source: 3, target: 0), RowPair(source: 1, target: 2)]
    let locations = try problem.locations(of: rows)
    #expect(locations.count { $0 != nil } == 2)
    let taken = Set(locations.compactMap { $0 })
    var left = (0..<problem.instance.size).filter { !taken.contains($0) }
    let full = try #require(
      Assignment(locations: locations.map { $0 ?? left.removeFirst() }))
    let targets = problem.targets(of: full)
    #expect(targets[3] == 0 && targets[1] == 2)
    // A row of a known pair, a row that takes no part, and a row twice.
    let absent = isTransposed ? RowPair(source: 2, target: 1) : RowPair(source: 0, target: 1)
    for wrong in [
      [RowPair(source: 0, target: 2)], [absent],
      [RowPair(source: 3, target: 0), RowPair(source: 0, target: 0)],
    ] {
      #expect(throws: MethodError.self) { try problem.locations(of: wrong) }
    }
  }

  @Test(arguments: [nil, 3])
  func `Neighbors are those of all cosines`(_ csls: Int?) throws {
    var generator = SeededGenerator(seed: 7)
    let x = randomEmbeddings(300, 5, using: &generator)
    let y = randomEmbeddings(40, 4, using: &generator)
    let map = try TranslationMap(
      fitting: TranslationPairs(source: x.selecting(Array(0..<40)), target: y), rank: 3)
    let found = try map.neighbors(of: x, in: y, count: 6, csls: csls, threads: 2)
    let (a, b) = (try map.directions(of: x).values, try map.standardized(target: y).values)
    func cosine(_ r: Int, _ c: Int) -> Double {
      zip(a.row(r), b.row(c)).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func mean(_ cosines: [Double]) -> Double {
      let near = cosines.sorted(by: >).prefix(3)
      return near.reduce(0, +) / Double(near.count)
    }
    let rows = (0..<300).map { r in mean((0..<40).map { cosine(r, $0) }) }
    let columns = (0..<40).map { c in mean((0..<300).map { cosine($0, c) }) }
    for r in [0, 17, 255, 256, 299] {
      let scores = (0..<40).map {
        csls == nil ? cosine(r, $0) : 2 * cosine(r, $0) - rows[r] - columns[$0]
      }
      let expected = scores.sorted(by: >).prefix(6)
      #expect(found[r].count == 6)
      for (neighbor, score) in zip(found[r], expected) {
        #expect(abs(neighbor.score - score) < 1e-9)
        #expect(abs(scores[neighbor.row] - score) < 1e-9)
      }
    }
  }

  @Test func `Equal rows are listed by their numbers`() throws {
    let map = try TranslationMap(
      sourceMean: [0, 0], targetMean: [0, 0], targetScale: 1,
      weight: Matrix(rows: 2, columns: 2) { $0 == $1 ? 1 : 0 })
    let rows = try Embeddings(Matrix(rows: 2, columns: 2, elements: [1, 0, 0, 1]))
    let equal = try Embeddings(Matrix(rows: 3, columns: 2, repeating: 1))
    #expect(
      try map.neighbors(of: rows, in: equal, count: 9).map { $0.map(\.row) } == [
        [0, 1, 2], [0, 1, 2],
      ])
  }
}
