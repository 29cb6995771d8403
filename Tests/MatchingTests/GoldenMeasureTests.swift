import QAP
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Measures, ridge predictivity and retrieval against NumPy and SciPy (`Golden/make_measures.py`).
@Suite struct GoldenMeasureTests {
  private let x: Embeddings
  private let y: Embeddings

  init() throws {
    x = try Golden.embeddings("in_X").selecting(Array(0..<60))
    y = try Golden.embeddings("in_Y").selecting(Array(0..<60))
  }

  @Test(arguments: [
    "cka-debiased", "cknna", "cknna:3", "cycle-knn", "cycle-knn:2", "mutual-knn", "rsa",
    "rsa-spearman", "pearson", "svcca", "svcca:4", "procrustes",
  ])
  func measuresAreThoseOfNumPy(_ name: String) throws {
    let measure = try #require(AlignmentMeasure(name))
    let orders = [Array(0..<60), Array((0..<60).reversed())]
    let values = try #require(try measure.values(source: x, target: y, orders: orders))
    for (value, key) in zip(values, ["measures", "reversed"]) {
      let expected = try Golden.number("measures", "\(key).\(name)")
      #expect(abs(value - expected) < 1e-9, "\(name) \(key)")
    }
    #expect(AlignmentMeasure(measure.name) == measure)
  }

  /// Many orders at once, from stored kernels, are those of the tiles.
  @Test(arguments: ["gw", "cka", "cka-rbf", "inner", "kl", "correlation", "knn:5"])
  func storedKernelsGiveTheSameValues(_ name: String) throws {
    let measure = try #require(AlignmentMeasure(name))
    let orders = [Array(0..<60)] + PermutationNull.orders(rows: 60, count: 10, seed: 1)
    let many = try #require(try measure.values(source: x, target: y, orders: orders))
    let few = try #require(
      try measure.values(source: x, target: y, orders: Array(orders.prefix(4))))
    for (a, b) in zip(many, few) { #expect(abs(a - b) < 1e-9 * max(1, abs(b)), "\(name)") }
  }

  @Test func predictivityOfShuffledRows() throws {
    let folds = (0..<60).map { $0 % 5 }
    let orders = [Array(0..<60), Array((0..<60).reversed())]
    let scores = try LinearPredictivity.scores(of: y, from: x, folds: folds, orders: orders)
    for (index, score) in scores.enumerated() {
      let expected = try Golden.number("measures", "predictivity.\(index)")
      #expect(abs(score - expected) < 1e-8)
    }
    let alone = try LinearPredictivity(of: y, from: x, folds: folds)
    #expect(abs(alone.score - scores[0]) < 1e-12)
    // Both directions.
    let mean = try LinearPredictivity.meanScores(x, y, folds: folds, orders: [orders[1]])
    let back = try LinearPredictivity(
      of: x, from: try y.selecting(orders[1]), folds: orders[1].map { folds[$0] })
    #expect(mean.count == 1)
    let swapped = try LinearPredictivity.scores(
      of: x, from: y, folds: folds, orders: [orders[1]])
    #expect(abs(mean[0] - (scores[1] + swapped[0]) / 2) < 1e-12)
    #expect(back.folds.count == 5)
  }

  @Test(arguments: ["ridge", "procrustes", "relative", "relative csls", "asif"])
  func scoresAreThoseOfNumPy(_ name: String) throws {
    func side(_ e: Embeddings) throws -> RetrievalSide {
      try RetrievalSide(
        base: try e.selecting(Array(0..<40)), asked: try e.selecting(Array(40..<60)))
    }
    let words = name.split(separator: " ")
    let method = try #require(RetrievalMethod(rawValue: String(words[0])))
    let options = RetrievalOptions(
      centers: method == .relative, csls: words.count > 1 ? 5 : nil, anchors: 15, exponent: 3)
    let scores = try ScoreFactors(
      method, source: try side(x), target: try side(y), options: options
    ).scores()
    for row in 0..<2 {
      for column in 0..<20 {
        let expected = try Golden.number("measures", "retrieval.\(name).\(row).\(column)")
        #expect(abs(scores[row, column] - expected) < 1e-9, "\(name)")
      }
    }
  }

  /// Canonical correlations find the partners where a rotation with stretched axes hides them.
  @Test func canonicalDirectionsFindPartners() throws {
    var generator = SeededGenerator(seed: 8)
    let hidden = randomEmbeddings(60, 4, using: &generator)
    let (a, b) = (
      randomEmbeddings(4, 6, using: &generator).values,
      randomEmbeddings(4, 5, using: &generator).values
    )
    func image(_ m: Matrix<Double>) throws -> RetrievalSide {
      let all = Embeddings(
        unchecked: parallelProduct(hidden.values, .plain, m, .plain, threads: 1), name: "image")
      return try RetrievalSide(
        base: try all.selecting(Array(0..<40)), asked: try all.selecting(Array(40..<60)))
    }
    let factors = try ScoreFactors(.canonical, source: try image(a), target: try image(b))
    #expect(factors.quality(truth: Array(0..<20)).top[0] == 1)
  }

  @Test func nullsHaveAddOnePValues() {
    let values = (1...99).map { Double($0) / 100 }
    let high = PermutationNull(value: 0.995, values: values, isMaximized: true, level: 0.05)
    #expect(high.p == 0.01 && high.threshold == 0.95)
    #expect(abs((high.calibrated ?? 0) - 0.9) < 1e-12)
    let low = PermutationNull(value: 0.05, values: values, isMaximized: false, level: 0.05)
    #expect(low.p == 0.06 && low.threshold == 0.05 && low.calibrated == nil)
  }

  /// The leading eigenvector of the matrix of CKA, which is computed from its definition.
  @Test func weightsByAgreement() throws {
    var generator = SeededGenerator(seed: 3)
    let far = try Embeddings(
      Matrix<Double>(rows: 60, columns: 5) { _, _ in generator.unit() - 0.5 })
    let encoders = [x, y, far]
    let kernels = try encoders.map { encoder in
      let unit = try encoder.normalized().values
      let gram = Matrix<Double>(rows: 60, columns: 60) { i, j in
        zip(unit.row(i), unit.row(j)).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let means = (0..<60).map { gram.row($0).reduce(0, +) / 60 }
      let mean = means.reduce(0, +) / 60
      return Matrix<Double>(rows: 60, columns: 60) { gram[$0, $1] - means[$0] - means[$1] + mean }
    }
    func product(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
      zip(a.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let weights = try Embeddings.agreementWeights(encoders)
    #expect(agrees(weights.reduce(0, +), 3, 1e-12))
    #expect(weights[2] < weights[0] && weights[2] < weights[1])
    let images = kernels.map { row in
      zip(kernels, weights).reduce(0) { sum, other in
        sum + other.1 * product(row, other.0)
          / (product(row, row) * product(other.0, other.0)).squareRoot()
      }
    }
    for (image, weight) in zip(images, weights) {
      #expect(agrees(image / weight, images[0] / weights[0], 1e-10))
    }
    #expect(try Embeddings.agreementWeights([x, y]) == [1, 1])
  }

  @Test func combinedEncodersAddTheirKernels() throws {
    let both = try Embeddings.combined([x, x], weights: [1, 3])
    #expect(both.rows == 60 && both.features == 512)
    let one = try Embeddings.combined([x, y])
    func squares(_ e: Embeddings) -> Matrix<Double> {
      Kernel.squaredDistances(e.values, threads: 1)
    }
    func unit(_ e: Embeddings) throws -> Matrix<Double> {
      let s = squares(try e.normalized())
      let mean = s.elements.reduce(0, +) / 7200
      return s.map { $0 / mean * 1 }
    }
    let (a, b) = (try unit(x), try unit(y))
    let sum = Matrix<Double>(rows: 60, columns: 60) { a[$0, $1] + b[$0, $1] }
    #expect(relativeDifference(squares(one), sum) < 1e-12)
    #expect(relativeDifference(squares(both), a.map { 4 * $0 }) < 1e-12)
    #expect(throws: InputError.self) {
      try Embeddings.combined([x, try y.selecting([0, 1])])
    }
  }
}
