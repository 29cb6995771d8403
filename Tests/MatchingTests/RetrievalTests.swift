import Foundation
import QAP
import QAPDenseAlgebra
import QAPMatching
import QAPPrimitives
import Testing

@Suite struct RetrievalTests {
  /// The definition: the CKA of the base extended by one query and one candidate.
  private func definition(
    _ method: RetrievalMethod, _ source: RetrievalSide, _ target: RetrievalSide, _ s: Int, _ t: Int
  ) -> Double {
    let a = kernel(method, source, s)
    let b = kernel(method, target, t)
    return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func kernel(_ method: RetrievalMethod, _ side: RetrievalSide, _ asked: Int) -> [Double] {
    let rows =
      (0..<side.base.rows).map { Array(side.base.values.row($0)) }
      + [Array(side.asked.values.row(asked))]
    let n = rows.count
    func each(_ value: ([Double], [Double]) -> Double) -> [[Double]] {
      rows.map { a in rows.map { value(a, $0) } }
    }
    var k: [[Double]]
    if method == .localCKA {
      k = each { zip($0, $1).reduce(0) { $0 + $1.0 * $1.1 } }
    } else {
      k = each { zip($0, $1).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      let sorted = k.flatMap(\.self).filter { $0 > 0 }.sorted()
      let square = sorted[(sorted.count - 1) / 2]
      k = k.map { $0.map { exp(-$0 / (2 * square)) } }
    }
    let means = k.map { $0.reduce(0, +) / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    var elements: [Double] = []
    for i in 0..<n {
      for j in 0..<n { elements.append(k[i][j] - means[i] - means[j] + mean) }
    }
    let norm = elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return elements.map { $0 / norm }
  }

  private func sides(
    base: Int, queries: Int, candidates: Int, seed: UInt64
  ) throws -> (RetrievalSide, RetrievalSide) {
    let (x, y) = try randomPair(rows: base + max(queries, candidates), 7, 5, seed: seed)
    func side(_ e: Embeddings, _ count: Int) throws -> RetrievalSide {
      try RetrievalSide(
        base: try e.selecting(Array(0..<base)), asked: try e.selecting(Array(base..<base + count)))
    }
    return (try side(x, queries), try side(y, candidates))
  }

  @Test(arguments: [RetrievalMethod.localCKA, .localCKAGaussian])
  func localCKAEqualsItsDefinition(_ method: RetrievalMethod) throws {
    for (base, queries, candidates) in [
      (2, 3, 3), (3, 1, 4), (5, 6, 2), (11, 8, 8), (40, 30, 30), (60, 90, 7),
    ] {
      for seed in UInt64(0)..<4 {
        let (source, target) = try sides(
          base: base, queries: queries, candidates: candidates, seed: seed)
        let scores = try ScoreFactors(method, source: source, target: target).scores()
        for s in 0..<queries {
          for t in 0..<candidates {
            let expected = definition(method, source, target, s, t)
            #expect(
              abs(scores[s, t] - expected) < 1e-12,
              "\(method) seed \(seed), base \(base), pair \(s), \(t)")
          }
        }
      }
    }
  }

  /// A far-off query widens the interval of bandwidths; repeated rows have distance zero, which the
  /// median leaves out.
  @Test func unevenBandwidthsAndRepeatedRows() throws {
    let (x, y) = try randomPair(rows: 60, 6, 6, seed: 7)
    func side(_ e: Embeddings) throws -> RetrievalSide {
      var base = try e.selecting(Array(0..<12) + [3, 3, 5]).values
      for c in 0..<6 { base[2, c] *= 40 }
      var asked = try e.selecting(Array(20..<60) + [3, 5, 7]).values
      for c in 0..<6 {
        asked[1, c] *= 1000
        asked[2, c] *= 1e-3
      }
      return try RetrievalSide(base: try Embeddings(base), asked: try Embeddings(asked))
    }
    let (source, target) = (try side(x), try side(y))
    for method in [RetrievalMethod.localCKA, .localCKAGaussian] {
      let scores = try ScoreFactors(method, source: source, target: target).scores()
      for s in 0..<43 {
        for t in [0, 1, 2, 39, 41, 42] {
          let expected = definition(method, source, target, s, t)
          #expect(abs(scores[s, t] - expected) < 1e-10, "\(method) \(s), \(t)")
        }
      }
    }
  }

  /// Two far and tight clusters: the median jumps from distances within to those between, and so do
  /// the bandwidths by four orders of magnitude.
  @Test func bandwidthsFarApart() throws {
    let (x, y) = try randomPair(rows: 60, 5, 4, seed: 11)
    func side(_ e: Embeddings) throws -> RetrievalSide {
      let moved = try Embeddings(
        Matrix<Double>(rows: 60, columns: e.features) { r, c in
          1e-2 * e.values[r, c] + (r % 2 == 0 ? 100 : 0)
        })
      return try RetrievalSide(
        base: try moved.selecting(Array(0..<5)), asked: try moved.selecting(Array(5..<60)))
    }
    let (source, target) = (try side(x), try side(y))
    let scores = try ScoreFactors(.localCKAGaussian, source: source, target: target).scores()
    for s in 0..<55 {
      for t in stride(from: 0, to: 55, by: 3) {
        let expected = definition(.localCKAGaussian, source, target, s, t)
        #expect(abs(scores[s, t] - expected) < 1e-8, "\(s), \(t)")
      }
    }
  }

  @Test func sameScoresForAnyNumberOfThreads() throws {
    let (source, target) = try sides(base: 150, queries: 200, candidates: 170, seed: 3)
    for method in RetrievalMethod.allCases where method != .cosine {
      let one = try ScoreFactors(method, source: source, target: target, threads: 1)
      let three = try ScoreFactors(method, source: source, target: target, threads: 3)
      let isSame = one.scores(threads: 1) == three.scores(threads: 3)
      #expect(isSame, "\(method)")
    }
  }

  @Test func ranksAndTies() {
    // Query 0 ranks its truth second; query 1 ties with one other for the first place.
    let scores = ScoreFactors(
      source: Matrix(rows: 2, columns: 3, elements: [0.5, 0.9, 0.1, 0.7, 0.2, 0.7]),
      target: Matrix<Double>(rows: 3, columns: 3) { $0 == $1 ? 1 : 0 })
    let quality = scores.quality(truth: [0, 2], top: [1, 2, 3])
    #expect(quality.top == [0.25, 1, 1])
    #expect(quality.matching == 0.5)
    #expect(quality.assignment?[0] == 1)
    // All scores equal: the chance of any order.
    let flat = ScoreFactors(
      source: Matrix(rows: 8, columns: 1, repeating: 1),
      target: Matrix(rows: 8, columns: 1, repeating: 1))
    #expect(flat.quality(truth: Array(0..<8), top: [1, 4]).top == [0.125, 0.5])
    // Fewer candidates than queries: no assignment.
    let classes = ScoreFactors(
      source: Matrix(rows: 3, columns: 1, elements: [1, -1, 1]),
      target: Matrix(rows: 2, columns: 1, elements: [1, -1]))
    #expect(classes.quality(truth: [0, 1, 1], top: [1, 2]).top == [2.0 / 3, 1])
    #expect(classes.quality(truth: [0, 1, 1]).matching == nil)
  }

  /// Candidates in another order change neither ranks nor the assignment.
  @Test func blindToTheOrderOfCandidates() throws {
    let (source, target) = try sides(base: 30, queries: 25, candidates: 25, seed: 5)
    var rng = SeededGenerator(seed: 1)
    let order = Array(0..<25).shuffled(using: &rng)
    let moved = try RetrievalSide(
      base: target.base, asked: try target.asked.selecting(order))
    let truth = (0..<25).map { query in order.firstIndex(of: query)! }
    for method in RetrievalMethod.allCases where method != .cosine {
      let plain = try ScoreFactors(method, source: source, target: target)
        .quality(truth: Array(0..<25))
      let shuffled = try ScoreFactors(method, source: source, target: moved).quality(truth: truth)
      #expect(plain.top == shuffled.top)
      #expect(plain.matching == shuffled.matching)
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    let (x, y) = try randomPair(rows: 9, 4, 3, seed: 0)
    let three = try x.selecting([0, 1, 2])
    let source = try RetrievalSide(base: three, asked: try x.selecting([4, 5]))
    let target = try RetrievalSide(
      base: try y.selecting([0, 1]), asked: try y.selecting([4, 5]))
    #expect(throws: InputError.self) {
      try ScoreFactors(.localCKA, source: source, target: target)
    }
    #expect(throws: InputError.self) {
      try ScoreFactors(.cosine, source: source, target: target)
    }
    #expect(throws: InputError.self) { try RetrievalSide(base: three, asked: y) }
    let same = try RetrievalSide(
      base: try x.selecting([1, 1, 1]), asked: try x.selecting([1, 1]))
    #expect(throws: InputError.self) {
      try ScoreFactors(.localCKAGaussian, source: same, target: same)
    }
    #expect(throws: InputError.self) {
      try ScoreFactors(.localCKA, source: same, target: same)
    }
  }
}

/// Section 4 of the reference values, the part about retrieval.
@Suite struct GoldenRetrievalTests {
  private func side(
    _ name: String, base: [Int], queries: [Int], stretched: Bool = false
  ) throws -> RetrievalSide {
    var all = try Golden.embeddings(name)
    if stretched { all = try all.stretched() }
    return try RetrievalSide(base: try all.selecting(base), asked: try all.selecting(queries))
  }

  @Test
  func scoresEqualThePublishedOnes() throws {
    let base = try Golden.indices("in_base_idx")
    let queries = try Golden.indices("in_query_idx")
    let golden = try Golden.object("s4_matching")
    for (name, method, source, target) in [
      ("linreg_l2v", RetrievalMethod.linear, "in_Y", "in_X"),
      ("linreg_v2l", .linear, "in_X", "in_Y"), ("relative_l2v", .relative, "in_Y", "in_X"),
      ("cosine_aligned_l2v", .cosine, "in_YA", "in_XA"),
    ] {
      let factors = try ScoreFactors(
        method, source: try side(source, base: base, queries: queries),
        target: try side(target, base: base, queries: queries), threads: 2)
      let scores = factors.scores(threads: 2)
      let block = Matrix<Double>(rows: 60, columns: 60) { scores[$0, $1] }
      #expect(agrees(block.elements, try Golden.array("s4_\(name)_block60").elements))
      let sums = (0..<500).map { scores.row($0).reduce(0, +) }
      #expect(agrees(sums, try Golden.array("s4_\(name)_rowsum").elements))
      let columns = (0..<500).map { c in (0..<500).reduce(0) { $0 + scores[$1, c] } }
      #expect(agrees(columns, try Golden.array("s4_\(name)_colsum").elements))
      let best = (0..<500).map { r in scores.row(r).enumerated().max { $0.1 < $1.1 }!.0 }
      #expect(best == (try Golden.indices("s4_\(name)_argmax")))
      let quality = factors.quality(truth: Array(0..<500), threads: 2)
      #expect(quality.top == golden[name]["top1_5_10"].numbers)
      #expect(quality.matching == golden[name]["matching"].number)
      #expect(quality.assignment == (try Golden.indices("s4_\(name)_assign")))
      #expect(agrees(quality.assignmentValue ?? .nan, golden[name]["assignment_value"].number))
    }
  }

  @Test(arguments: [RetrievalMethod.localCKA, .localCKAGaussian])
  func localCKAEqualsThePublishedOne(_ method: RetrievalMethod) throws {
    let name = method == .localCKA ? "localcka_linear" : "localcka_rbf"
    let base = try Golden.indices("in_base_idx")
    let queries = try Golden.indices("in_query_idx")
    let golden = try Golden.object("s4_matching")
    let (b, q) = (Array(base.prefix(60)), Array(queries.prefix(40)))
    let small = try ScoreFactors(
      method, source: try side("in_Y", base: b, queries: q, stretched: true),
      target: try side("in_X", base: b, queries: q, stretched: true))
    #expect(agrees(small.scores().elements, try Golden.array("s4_\(name)").elements))
    let quality = small.quality(truth: Array(0..<40))
    #expect(quality.top == golden[name]["top1_5_10"].numbers)
    #expect(quality.matching == golden[name]["matching"].number)
    #expect(quality.assignment?.map(Double.init) == golden[name]["assignment"].numbers)
    #expect(agrees(quality.assignmentValue ?? .nan, golden[name]["assignment_value"].number))

    let large = try ScoreFactors(
      method, source: try side("in_Y", base: base, queries: queries, stretched: true),
      target: try side("in_X", base: base, queries: queries, stretched: true), threads: 2
    ).scores(threads: 2)
    let diagonal = (0..<12).map { large[$0, $0] }
    let expected = golden["\(name)_perpair_base320_float64"]["values_diag_first12"].numbers
    #expect(agrees(diagonal, expected), "\(diagonal)")
  }
}
