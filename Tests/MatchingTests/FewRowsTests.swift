import QAP
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Few rows, zero rows and equal rows.
@Suite struct FewRowsTests {
  private func random(_ rows: Int, _ features: Int, seed: UInt64) throws -> Embeddings {
    var generator = SeededGenerator(seed: seed)
    return try Embeddings(
      Matrix<Double>(rows: rows, columns: features) { _, _ in generator.unit() - 0.5 })
  }

  /// The unbiased estimate of HSIC as Song et al. write it, term by term.
  private func hsic(_ k: Matrix<Double>, _ l: Matrix<Double>) -> Double {
    let n = k.rows
    func off(_ m: Matrix<Double>, _ i: Int, _ j: Int) -> Double { i == j ? 0 : m[i, j] }
    var (trace, sumK, sumL, chain) = (0.0, 0.0, 0.0, 0.0)
    for i in 0..<n {
      for j in 0..<n {
        trace += off(k, i, j) * off(l, j, i)
        sumK += off(k, i, j)
        sumL += off(l, i, j)
        for m in 0..<n { chain += off(k, i, j) * off(l, j, m) }
      }
    }
    let count = Double(n)
    return (trace + sumK * sumL / ((count - 1) * (count - 2)) - 2 * chain / (count - 2))
      / (count * (count - 3))
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func debiasedCKAIsThePublishedOne(seed: UInt64) throws {
    let (x, y) = (try random(6, 4, seed: seed), try random(6, 9, seed: seed + 100))
    let (k, l) = (Kernel.linear(x.values), Kernel.linear(y.values))
    let expected = hsic(k, l) / (hsic(k, k) * hsic(l, l)).squareRoot()
    let found = Kernel.innerProduct(
      try Kernel.debiasedAndScaled(k), try Kernel.debiasedAndScaled(l))
    #expect(abs(found - expected) < 1e-12)
    // Against itself it is 1.
    let own = try Alignment(source: x, target: x, normalizes: false)
    #expect(abs(try own.values(.ckaDebiased, orders: [Array(0..<6)])[0] - 1) < 1e-12)
  }

  /// Independent rows of many features: CKA says that they are alike.
  @Test func independentRowsAreNotAlike() throws {
    var (biased, debiased) = (0.0, 0.0)
    for seed in 0..<20 as Range<UInt64> {
      let pair = try Alignment(
        source: random(12, 200, seed: seed), target: random(12, 300, seed: seed + 50),
        normalizes: false)
      biased += try pair.values(.cka, orders: [Array(0..<12)])[0] / 20
      debiased += try pair.values(.ckaDebiased, orders: [Array(0..<12)])[0] / 20
    }
    #expect(biased > 0.8 && abs(debiased) < 0.1, "\(biased) \(debiased)")
    let three = try random(3, 4, seed: 1)
    #expect(throws: InputError.self) {
      try Kernel.debiasedAndScaled(Kernel.linear(three.values))
    }
  }

  @Test func zeroRowsTakeNoPart() throws {
    let whole = try random(7, 3, seed: 4)
    var numbers = whole.values
    for c in 0..<3 { numbers[2, c] = 0 }
    let x = try Embeddings(numbers)
    var options = MatchingOptions(metric: .cka, normalizes: true)
    #expect(throws: InputError.self) { try options.kernel(of: x) }
    options.ignoresZeroRows = true
    let kept = [0, 1, 3, 4, 5, 6]
    #expect(x.nonzeroRows == kept)
    options.sourceQueries = kept
    options.targetQueries = kept
    let problem = try MatchingProblem(source: x, target: x, options: options)
    #expect(problem.instance.size == 6 && problem.sourceRows == kept && problem.sourceCount == 7)
    let targets = problem.targets(of: Assignment(Permutation(identity: 6)))
    #expect(targets[2] == nil && targets.compactMap(\.self).sorted() == kept)
    #expect(try options.kernel(of: x) == options.kernel(of: x.selecting(kept)))
  }

  @Test func emptyClustersAreReseeded() throws {
    let x = try Embeddings(
      Matrix(rows: 6, columns: 1, elements: [0, 0, 0, 10, 20, 21] as [Double]))
    // Two centers at one place.
    let found = try KMeans.cluster(x, initial: [0, 1, 2, 3])
    #expect(Set(found.labels).count == 4 && found.inertia == 0)
    do {
      _ = try KMeans.cluster(x, clusters: 5)
      Issue.record("five clusters of four different rows")
    } catch {
      #expect(error.found == "4 different rows" && error.expected.contains("at least 5"))
    }
  }
}
