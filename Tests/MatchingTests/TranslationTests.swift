import QAP
import QAPGeneration
import QAPMatching
import QAPPrimitives
import QAPRegistry
import Testing

/// Maps between spaces whose rotation is known.
@Suite struct TranslationTests {
  private func embeddings(_ matrix: Matrix<Double>, _ name: String) throws -> Embeddings {
    try Embeddings(matrix, name: name)
  }

  private func spaces(
    modes: Int = 12, features: (source: Int, target: Int)? = nil, rows: Int = 900,
    targetRows: Int? = nil, seed: UInt64 = 1
  ) throws -> (source: Embeddings, target: Embeddings, valid: TranslationPairs) {
    let planted = try PlantedSpaces(modes: modes, features: features)
      .generate(rows: rows, validation: 300, seed: seed)
    let target = try embeddings(planted.target, "target")
    return (
      try embeddings(planted.source, "source"),
      try targetRows.map { try target.selecting(Array(0..<$0)) } ?? target,
      try TranslationPairs(
        source: embeddings(planted.validSource, "valid source"),
        target: embeddings(planted.validTarget, "valid target"))
    )
  }

  /// Small fits: a second at most.
  private var options: TranslationOptions {
    TranslationOptions(
      clusters: [8, 12], restarts: 3, batch: 900, clusteringStarts: 2, blocks: [150, 300],
      epochs: [6, 3])
  }

  @Test(arguments: [(24, 20), (14, 30)])
  func `Planted rotations are found, between spaces of different features`(
    _ features: (Int, Int)
  ) throws {
    let spaces = try spaces(features: (features.0, features.1))
    let fit = try Translation(from: spaces.source, to: spaces.target, options: options)
    let quality = try TranslationQuality(fit.map, on: spaces.valid)
    #expect(quality.foscttm < 0.01)
    #expect(fit.isReliable == true)
    #expect(fit.isComplete)
  }

  @Test func `Bounds of centers hold, and rows are projected`() throws {
    let spaces = try spaces(rows: 400)
    var options = options
    (options.clusters, options.restarts, options.epochs) = ([6, 21], 2, [1, 0])
    let fit = try Translation(
      from: spaces.source, to: spaces.target, options: options, proves: true)
    let restarts = fit.candidates.filter { $0.kind == .restart }
    #expect(restarts.count == 4)
    for candidate in restarts {
      #expect((candidate.bound != nil) == (candidate.clusters == 6))
      guard let bound = candidate.bound, let value = candidate.value else { continue }
      // Six centers are few enough for the search to find the best, and for the bound to meet it.
      #expect(bound >= value - 1e-9 && bound <= value + 1e-3 * abs(value))
    }
    let projection = try #require(fit.projection)
    #expect(
      [projection.source, projection.moved, projection.target].allSatisfy {
        $0.rows == 300 && $0.columns == 2
      })
    // The first of the rows, 0 of 300, is row 0 of the source under the map.
    let moved = try fit.map.directions(of: spaces.source.selecting([0])).values
    let own = try fit.map.standardized(target: spaces.target)
    let norm = (0..<2).reduce(0.0) { $0 + projection.moved[0, $1] * projection.moved[0, $1] }
    #expect(norm <= 1 + 1e-4 && moved.rows == 1 && own.rows == 400)
  }

  @Test func `Sides may differ in their numbers of rows`() throws {
    let spaces = try spaces(targetRows: 500)
    let fit = try Translation(from: spaces.source, to: spaces.target, options: options)
    #expect(try TranslationQuality(fit.map, on: spaces.valid).foscttm < 0.01)
  }

  @Test func `More threads change nothing`() throws {
    let spaces = try spaces(rows: 400)
    var options = options
    options.epochs = [2, 1]
    let one = try Translation(from: spaces.source, to: spaces.target, options: options)
    options.threads = 3
    let three = try Translation(from: spaces.source, to: spaces.target, options: options)
    #expect(one.map == three.map)
    #expect(one.agreement == three.agreement)
  }

  @Test func `A side is translated to itself by the identity`() throws {
    let spaces = try spaces()
    let fit = try Translation(from: spaces.source, to: spaces.source, options: options)
    let moved = try fit.map(spaces.source)
    let kept = try fit.map.directions(of: spaces.source)
    let own = try fit.map.standardized(target: spaces.source)
    for row in 0..<10 {
      let cosine = zip(kept.values.row(row), own.values.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(cosine > 0.98)
    }
    #expect(moved.features == spaces.source.features)
  }

  @Test func `Spaces that share nothing are called not reliable`() throws {
    var generator = SeededGenerator(seed: 3)
    func noise(_ name: String) throws -> Embeddings {
      try embeddings(
        Matrix(rows: 500, columns: 20) { _, _ in generator.approximateNormal() }, name)
    }
    let fit = try Translation(from: noise("a"), to: noise("b"), options: options)
    #expect(fit.isReliable == false)
  }

  @Test func `Pairs decide where clusters cannot`() throws {
    // One mode: nothing to cluster, every rotation of the rows looks alike.
    let spaces = try spaces(modes: 2, features: (12, 12), rows: 600)
    let known = try TranslationPairs(
      source: spaces.valid.source.selecting(Array(0..<60)),
      target: spaces.valid.target.selecting(Array(0..<60)))
    let fit = try Translation(
      from: spaces.source, to: spaces.target, pairs: known, options: options)
    #expect(try TranslationQuality(fit.map, on: spaces.valid).foscttm < 0.2)
  }

  @Test func `Zero rows and equal rows are allowed`() throws {
    let spaces = try spaces(rows: 500)
    let rows = spaces.source.rows
    let changed = try embeddings(
      Matrix(rows: rows, columns: spaces.source.features) { row, column in
        row < 20 ? 0 : spaces.source.values[row < 60 ? 20 : row, column]
      }, "source")
    let fit = try Translation(from: changed, to: spaces.target, options: options)
    #expect(fit.map.weight.elements.allSatisfy { $0.isFinite })
  }

  @Test func `Sides that cannot be clustered are refused`() throws {
    let spaces = try spaces(rows: 300)
    let equal = try embeddings(Matrix(rows: 300, columns: 4, repeating: 1), "equal")
    #expect(throws: InputError.self) {
      try Translation(from: equal, to: spaces.target, options: options)
    }
    #expect(throws: InputError.self) {
      try Translation(
        from: spaces.source.selecting([0, 1, 2]), to: spaces.target, options: options)
    }
  }

  @Test func `A stopped fit holds a map`() throws {
    let spaces = try spaces(rows: 300)
    let fit = try Translation(
      from: spaces.source, to: spaces.target, options: options, shouldStop: { true })
    #expect(!fit.isComplete)
    #expect(fit.map.weight.elements.contains { $0 != 0 })
  }

  @Test func `Ties count by half, and go to the smaller row`() throws {
    let map = try TranslationMap(
      sourceMean: [0, 0], targetMean: [0, 0], targetScale: 1,
      weight: Matrix(rows: 2, columns: 2) { $0 == $1 ? 1 : 0 })
    let rows = try embeddings(
      Matrix(rows: 4, columns: 2, elements: [1, 0, 0, 1, -1, 0, 0, -1]), "rows")
    let constant = try embeddings(Matrix(rows: 4, columns: 2, repeating: 1), "constant")
    let quality = try TranslationQuality(
      map, on: TranslationPairs(source: rows, target: constant))
    // From rows to equal ones everything is a tie: a half in this direction.
    #expect(quality.forward.top1 == 0.25)
    #expect(quality.foscttm > 0.25 && quality.foscttm < 0.75)
    let perfect = try TranslationQuality(map, on: TranslationPairs(source: rows, target: rows))
    #expect(perfect.foscttm == 0)
    #expect(perfect.forward.top1 == 1 && perfect.backward.top1 == 1)
    #expect(perfect.medianCosine == 1)
  }

  @Test func `Rows are centered before they are normalized`() throws {
    let map = try TranslationMap(
      sourceMean: [3, 0], targetMean: [0, 5], targetScale: 2,
      weight: Matrix(rows: 2, columns: 2) { $0 == $1 ? 1 : 0 })
    let moved = try map(embeddings(Matrix(rows: 2, columns: 2, elements: [4, 0, 3, 0]), "rows"))
    // The first row is one unit right of the mean; the second is the mean itself.
    #expect(moved.values == Matrix(rows: 2, columns: 2, elements: [2, 5, 0, 5]))
  }

  @Test func `Maps survive their file`() throws {
    let map = try TranslationMap(
      sourceMean: [1, 2], targetMean: [3, 4, 5], targetScale: 0.5,
      weight: Matrix(rows: 2, columns: 3) { Double($0) - 0.25 * Double($1) })
    let path = "/tmp/qap-translation-\(UInt64.random(in: 0 ..< .max)).npz"
    try map.write(to: path, options: [("seed", 3)])
    #expect(try TranslationMap(file: path) == map)
  }
}
