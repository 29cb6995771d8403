import Foundation
import QAP
import QAPMatching
import QAPPrimitives
import Testing

@Suite struct LinearPredictivityTests {
  /// Solves A·x = b by elimination with pivots: slow, obvious, and no kernel of the library.
  private func solve(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    var rows = zip(a, b).map { $0 + $1 }
    let n = a.count
    for c in 0..<n {
      let pivot = (c..<n).max { abs(rows[$0][c]) < abs(rows[$1][c]) }!
      rows.swapAt(c, pivot)
      for r in 0..<n where r != c {
        let factor = rows[r][c] / rows[c][c]
        for k in c..<rows[r].count { rows[r][k] -= factor * rows[c][k] }
      }
    }
    return (0..<n).map { r in rows[r][n...].map { $0 / rows[r][r] } }
  }

  /// Ridge regression with an intercept that is not penalized, by its normal equations; predictions
  /// for `asked`.
  private func ridge(
    _ x: [[Double]], _ y: [[Double]], _ alpha: Double, _ asked: [[Double]]
  ) -> [[Double]] {
    let wide = x.map { $0 + [1] }
    let p = wide[0].count
    let normal = (0..<p).map { i in
      (0..<p).map { j in
        wide.reduce(i == j && i < p - 1 ? alpha : 0) { $0 + $1[i] * $1[j] }
      }
    }
    let right = (0..<p).map { i in
      (0..<y[0].count).map { k in zip(wide, y).reduce(0) { $0 + $1.0[i] * $1.1[k] } }
    }
    let w = solve(normal, right)
    return asked.map { row in
      (0..<y[0].count).map { k in zip(row + [1], w).reduce(0) { $0 + $1.0 * $1.1[k] } }
    }
  }

  private func pearson(_ a: [Double], _ b: [Double]) -> Double {
    let n = Double(a.count)
    let (ma, mb) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
    let product = zip(a, b).reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
    let sa = a.reduce(0) { $0 + ($1 - ma) * ($1 - ma) }
    let sb = b.reduce(0) { $0 + ($1 - mb) * ($1 - mb) }
    return product / (sa * sb).squareRoot()
  }

  @Test func equalsItsDefinition() throws {
    let alphas = [1e-2, 0.3, 5, 80]
    for seed in UInt64(0)..<6 {
      // More features than training rows in half of the cases.
      let (x, y) = try randomPair(rows: 18, seed % 2 == 0 ? 4 : 20, 3, seed: seed)
      let folds = LinearPredictivity.folds(rows: 18, count: 3, seed: seed)
      let result = try LinearPredictivity(of: y, from: x, folds: folds, alphas: alphas)
      func rows(_ e: Embeddings, _ which: [Int]) -> [[Double]] {
        which.map { Array(e.values.row($0)) }
      }
      for fold in 0..<3 {
        let train = (0..<18).filter { folds[$0] != fold }
        let test = (0..<18).filter { folds[$0] == fold }
        // Leaving each training row out in turn.
        let errors = alphas.map { alpha in
          train.reduce(0) { sum, left in
            let rest = train.filter { $0 != left }
            let predicted = ridge(rows(x, rest), rows(y, rest), alpha, rows(x, [left]))[0]
            return zip(predicted, y.values.row(left)).reduce(sum) {
              $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
            }
          }
        }
        let best = errors.firstIndex(of: errors.min()!)!
        #expect(result.alpha[fold] == alphas[best], "seed \(seed), fold \(fold)")
        let predicted = ridge(rows(x, train), rows(y, train), alphas[best], rows(x, test))
        let truth = rows(y, test)
        let score = (0..<3).reduce(0) { sum, k in
          sum + pearson(predicted.map { $0[k] }, truth.map { $0[k] }) / 3
        }
        #expect(abs(result.folds[fold] - score) < 1e-9, "seed \(seed), fold \(fold)")
      }
      #expect(abs(result.score - result.folds.reduce(0, +) / 3) < 1e-15)
      #expect(result.nonnested.score == result.curve.max())
    }
  }

  @Test func sameScoresForAnyNumberOfThreads() throws {
    let (x, y) = try randomPair(rows: 80, 12, 9, seed: 1)
    let folds = LinearPredictivity.folds(rows: 80, count: 4, seed: 2)
    #expect(
      try LinearPredictivity(of: y, from: x, folds: folds)
        == LinearPredictivity(of: y, from: x, folds: folds, threads: 3))
  }

  @Test func foldsAreEvenAndSeeded() {
    let folds = LinearPredictivity.folds(rows: 17, count: 5, seed: 4)
    #expect((0..<5).map { fold in folds.count { $0 == fold } } == [4, 4, 3, 3, 3])
    #expect(folds == LinearPredictivity.folds(rows: 17, count: 5, seed: 4))
    #expect(folds != LinearPredictivity.folds(rows: 17, count: 5, seed: 5))
  }

  @Test func refusesWhatDoesNotFit() throws {
    let (x, y) = try randomPair(rows: 8, 3, 2, seed: 0)
    for folds in [[0, 1], [Int](repeating: 0, count: 8), [0, 0, 0, 0, 2, 2, 2, 2]] {
      #expect(throws: InputError.self) {
        try LinearPredictivity(of: y, from: x, folds: folds)
      }
    }
    let fewer = try y.selecting([0, 1, 2])
    #expect(throws: InputError.self) {
      try LinearPredictivity(of: fewer, from: x, folds: [0, 0, 0, 0, 1, 1, 1, 1])
    }
  }

  /// Tails known in closed form: the Cauchy distribution for one degree of freedom, t/√(2 + t²) for
  /// two.
  @Test func tailsOfTheTTest() throws {
    for difference in [0.001, 0.3, 1, 2.5, 40] {
      let two = try #require(PairedTTest([difference + 1, difference - 1], [0, 0]))
      #expect(two.df == 1)
      #expect(agrees(two.t, difference, 1e-12))
      #expect(agrees(two.p, 1 - 2 / Double.pi * atan(difference), 1e-12))
      let three = try #require(
        PairedTTest([difference + 1, difference - 1, difference], [0, 0, 0]))
      let t = difference * Double(3).squareRoot()
      #expect(agrees(three.t, t, 1e-12))
      // 1 − t/√(2 + t²) without the cancellation.
      let root = (2 + t * t).squareRoot()
      #expect(agrees(three.p, 2 / (root * (root + t)), 1e-12))
    }
    #expect(PairedTTest([1, 2], [0, 1]) == nil)
    #expect(PairedTTest([1], [0]) == nil)
    #expect(PairedTTest([1, 3, 1], [1, 1, 3])?.p == 1)
  }
}

/// Section 8 of the reference values.
@Suite struct GoldenLinearPredictivityTests {
  private func captions() throws -> [Embeddings] {
    let array = try Golden.array("in_cap_C")
    let (rows, columns) = (array.shape[1], array.shape[2])
    return try (0..<array.shape[0]).map {
      try Embeddings(
        Matrix(
          rows: rows, columns: columns,
          elements: Array(array.elements[$0 * rows * columns..<($0 + 1) * rows * columns])))
    }
  }

  @Test
  func scoresEqualScikitLearns() throws {
    let vision = try Golden.embeddings("in_cap_V")
    let folds = try Golden.indices("in_cap_folds")
    let golden = try Golden.object("s8_linear_predictivity")
    let captions = try captions()
    for count in 1...5 {
      let language = try Embeddings.average(Array(captions.prefix(count)))
      for (name, source, target) in [("v2l", vision, language), ("l2v", language, vision)] {
        let expected = golden["avg\(count)"][name]
        let found = try LinearPredictivity(of: target, from: source, folds: folds, threads: 2)
        #expect(agrees(found.score, expected["score"].number, 1e-8), "\(count) \(name)")
        #expect(agrees(found.folds, expected["folds"].numbers, 1e-8))
        #expect(agrees(found.alpha, expected["alpha"].numbers, 1e-12))
        #expect(agrees(found.curve, expected["nonnested"]["curve"].numbers, 1e-8))
        #expect(agrees(found.nonnested.score, expected["nonnested"]["score"].number, 1e-8))
        #expect(agrees(found.nonnested.alpha, expected["nonnested"]["alpha"].number, 1e-12))
      }
    }
  }

  @Test
  func groupsDifferAsTheReferenceSays() throws {
    let vision = try Golden.matrix("in_cap_V")
    let folds = try Golden.indices("in_cap_folds")
    let golden = try Golden.object("s8_linear_predictivity")["ttest"]
    let captions = try captions()
    func columns(_ m: Matrix<Double>, _ from: Int, _ count: Int) throws -> Embeddings {
      try Embeddings(Matrix<Double>(rows: m.rows, columns: count) { m[$0, from + $1] })
    }
    var groups: [[Double]] = []
    for caption in [captions[0], captions[4]] {
      var scores: [Double] = []
      for block in 0..<4 {
        for half in 0..<2 {
          scores.append(
            try LinearPredictivity(
              of: try columns(vision, block * 24, 24),
              from: try columns(caption.values, half * 48, 48), folds: folds, threads: 2
            ).score)
        }
      }
      groups.append(scores)
    }
    #expect(agrees(groups[0], golden["group_preferred"].numbers, 1e-8))
    #expect(agrees(groups[1], golden["group_nonpreferred"].numbers, 1e-8))
    let test = try #require(PairedTTest(groups[0], groups[1]))
    #expect(agrees(test.t, golden["t"].number, 1e-8))
    #expect(agrees(test.p, golden["p"].number, 1e-8))
    #expect(Double(test.df) == golden["df"].number)

    let small = try Golden.object("s8_linear_predictivity")["ttest_small_effect"]
    let other = try #require(PairedTTest(small["a"].numbers, small["b"].numbers))
    #expect(agrees(other.t, small["t"].number, 1e-8))
    #expect(agrees(other.p, small["p"].number, 1e-8))
  }
}
