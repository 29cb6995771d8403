import Foundation
import QAP
import QAPDenseAlgebra
import QAPMatching
import QAPPrimitives
import Testing

@Suite struct IntramodalTests {
  @Test func histogramsCountWhatTheyShould() throws {
    let (x, y) = try randomPair(rows: 90, 5, 5, seed: 2)
    let (a, b) = (try x.normalized(), try y.normalized())
    let labels = (0..<90).map { $0 % 7 }
    let (same, different) = CosineHistogram.byClass(a, labels: labels, threads: 2)
    var sums = (0.0, 0.0)
    var counts = ([Int](repeating: 0, count: 100), [Int](repeating: 0, count: 100))
    for i in 0..<90 {
      for j in 0..<i {
        let cosine = zip(a.values.row(i), a.values.row(j)).reduce(0) { $0 + $1.0 * $1.1 }
        let bin = min(99, Int(((cosine + 1) * 50).rounded(.down)))
        if labels[i] == labels[j] {
          counts.0[bin] += 1
          sums.0 += cosine
        } else {
          counts.1[bin] += 1
          sums.1 += cosine
        }
      }
    }
    #expect(same.counts == counts.0)
    #expect(different.counts == counts.1)
    #expect(agrees(same.mean ?? .nan, sums.0 / Double(same.count), 1e-12))
    #expect(agrees(different.mean ?? .nan, sums.1 / Double(different.count), 1e-12))
    #expect(agrees(same.overlap(same) ?? .nan, 1, 1e-12))
    #expect(CosineHistogram.within(a).count == 90 * 89 / 2)
    #expect(CosineHistogram.between(a, b).count == 90 * 90)
    #expect(CosineHistogram().overlap(same) == nil)
    #expect(CosineHistogram.byClass(a, labels: labels, threads: 1).same == same)
  }

  @Test func averagePrecisionEqualsItsDefinition() throws {
    for seed in UInt64(0)..<10 {
      var rng = SeededGenerator(seed: seed)
      let n = 30
      let x = Matrix<Double>(rows: n, columns: 4) { _, _ in rng.approximateNormal() }
      let labels = (0..<n).map { _ in rng.below(5) }
      let factors = ScoreFactors(source: x, target: x)
      let scores = factors.scores()
      let found = factors.averagePrecisions(
        queryLabels: labels, candidateLabels: labels, excludesOwn: true, threads: 2)
      for query in 0..<n {
        let ranked = (0..<n).filter { $0 != query }.sorted { scores[query, $0] > scores[query, $1] }
        var (hits, sum) = (0, 0.0)
        for (rank, c) in ranked.enumerated() where labels[c] == labels[query] {
          hits += 1
          sum += Double(hits) / Double(rank + 1)
        }
        if hits == 0 {
          #expect(found[query] == nil)
        } else {
          #expect(agrees(found[query] ?? .nan, sum / Double(hits), 1e-12), "seed \(seed)")
        }
      }
    }
    // Nothing but ties: the two of another class come first.
    let flat = Matrix<Double>(rows: 4, columns: 1, repeating: 1)
    let tied = ScoreFactors(source: flat, target: flat).averagePrecisions(
      queryLabels: [0, 0, 1, 2], candidateLabels: [0, 0, 1, 2], excludesOwn: true)
    let third: Double? = 1.0 / 3.0
    #expect(tied == [third, third, nil, nil])
    #expect(meanAveragePrecision(tied) == third)
  }

  @Test func fewShotSplitsAreFair() throws {
    let labels = (0..<50).map { $0 % 5 }
    let one = try #require(fewShotSplit(labels: labels, classes: 5, shots: 2, maxShots: 4, seed: 1))
    let two = try #require(fewShotSplit(labels: labels, classes: 5, shots: 4, maxShots: 4, seed: 1))
    #expect(one.test == two.test)
    #expect(one.test.count == 30)
    #expect(Set(one.support).isSubset(of: two.support))
    #expect(Set(two.support).isDisjoint(with: two.test))
    #expect(one.support.map { labels[$0] } == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    #expect(fewShotSplit(labels: labels, classes: 5, shots: 1, maxShots: 10, seed: 1) == nil)
  }

  /// The discriminant's inverse by its definition: weights·(S + tr/(n − 1)·I)/d are the class
  /// means.
  @Test func discriminantInvertsItsScatter() throws {
    let (x, _) = try randomPair(rows: 12, 4, 3, seed: 6)
    let labels = (0..<12).map { $0 % 3 }
    let model = try FewShot.discriminant(x, labels: labels, classes: 3)
    let means = try x.averaged(by: labels, classes: 3).values
    var scatter = Matrix<Double>(rows: 4, columns: 4, repeating: 0)
    for row in 0..<12 {
      for i in 0..<4 {
        for j in 0..<4 {
          scatter[i, j] +=
            (x.values[row, i] - means[labels[row], i]) * (x.values[row, j] - means[labels[row], j])
        }
      }
    }
    let trace = (0..<4).reduce(0) { $0 + scatter[$1, $1] }
    for i in 0..<4 { scatter[i, i] += trace / 11 }
    let back = gemm(0.25, model.weights, .plain, scatter, .plain)
    #expect(agrees(back.elements, means.elements, 1e-10))
    #expect(model.accuracy(x, labels: labels) >= 0.5)
    // One row a class: all classes alike, so a third of the rows by chance.
    let alone = try FewShot.discriminant(
      x.selecting([0, 1, 2]), labels: [0, 1, 2], classes: 3)
    #expect(agrees(alone.accuracy(x, labels: labels), 1.0 / 3, 1e-12))
  }

  @Test func recoversSimilarities() throws {
    for (d, n, m, seed) in [(3, 30, 20, UInt64(0)), (5, 60, 40, 1), (8, 120, 90, 2)] {
      var rng = SeededGenerator(seed: seed)
      func unit(_ rows: Int) throws -> Embeddings {
        try Embeddings(
          Matrix<Double>(rows: rows, columns: d) { _, _ in rng.approximateNormal() }
        ).normalized()
      }
      let (x, y) = (try unit(n), try unit(m))
      let s = gemm(1, x.values, .plain, y.values, .transposed)
      let (rows, condition) = try Recovery.withAnchors(s, anchors: y)
      #expect(agrees(rows.elements, x.values.elements, 1e-12))
      #expect(condition >= 1 && condition < 100)
      let blind = try #require(Recovery.withoutAnchors(s))
      #expect(blind.dimensions == d)
      #expect(blind.rank == blind.expectedRank)
      #expect(Recovery.error(of: blind.similarities, for: x).relative < 1e-10)
      // With noise the error is of its size.
      let noisy = s.map { $0 + 1e-5 * rng.approximateNormal() }
      let found = try #require(Recovery.withoutAnchors(noisy, dimensions: d))
      let error = Recovery.error(of: found.similarities, for: x).relative
      #expect(error > 1e-7 && error < 1e-3, "\(error)")
    }
    // Too few rows for the unknowns: the rank says so.
    let few = Matrix<Double>(rows: 4, columns: 4) { $0 == $1 ? 1 : 0.3 }
    let found = try #require(Recovery.withoutAnchors(few))
    #expect(found.rank < found.expectedRank)
  }

  @Test func gapEqualsItsDefinition() throws {
    let (x, y) = try randomPair(rows: 20, 4, 4, seed: 3)
    let (a, b) = (try x.normalized(), try y.normalized())
    func cosine(_ p: Embeddings, _ i: Int, _ q: Embeddings, _ j: Int) -> Double {
      zip(p.values.row(i), q.values.row(j)).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gap = try ModalityGap(a, b)
    var (paired, between, first, second) = (0.0, 0.0, 0.0, 0.0)
    for i in 0..<20 {
      paired += cosine(a, i, b, i) / 20
      for j in 0..<20 {
        between += cosine(a, i, b, j) / 400
        if i != j {
          first += cosine(a, i, a, j) / 380
          second += cosine(b, i, b, j) / 380
        }
      }
    }
    #expect(abs(gap.meanPairedCosine - paired) < 1e-13)
    #expect(abs(gap.meanBetween - between) < 1e-13)
    #expect(abs(gap.meanWithinFirst - first) < 1e-13)
    #expect(abs(gap.meanWithinSecond - second) < 1e-13)
    #expect(try ModalityGap(a, a).norm == 0)
    #expect(throws: InputError.self) { try ModalityGap(a, b.selecting([0, 1])) }
  }
}

/// Section 7 of the reference values.
@Suite struct GoldenIntramodalTests {
  private func normalized(_ name: String) throws -> Embeddings {
    try Golden.embeddings(name).normalized()
  }

  @Test
  func retrievalBeforeAndAfterProjection() throws {
    let golden = try Golden.object("s7_intramodal")
    let (x, names) = (try normalized("in_XA"), try normalized("in_NA"))
    let labels = try Golden.indices("in_labels")
    let centered = try PrincipalComponents(names, dimensions: 64)
    let uncentered = try PrincipalComponents(names, dimensions: 64, centered: false)
    #expect(agrees(centered.projector.elements, try Golden.array("s7_P_centred").elements))
    let eigenvalues = try Golden.array("s7_eig_centred").elements
    #expect(agrees(centered.eigenvalues, eigenvalues))
    for (key, embeddings) in [
      ("original", x), ("pca_centred", try centered(x)), ("pca_uncentred", try uncentered(x)),
      ("pca_centred_meanadj", try centered.throughMean(x)),
    ] {
      let rows = try embeddings.normalized()
      let (same, different) = CosineHistogram.byClass(rows, labels: labels, threads: 2)
      let hist = golden[key]["hist"]
      #expect(same.counts.map(Double.init) == hist["same"].numbers, "\(key)")
      #expect(different.counts.map(Double.init) == hist["diff"].numbers, "\(key)")
      #expect(agrees(same.overlap(different) ?? .nan, hist["overlap"].number))
      #expect(agrees(same.mean ?? .nan, hist["mean_same"].number))
      #expect(agrees(different.mean ?? .nan, hist["mean_diff"].number))
      let precisions = ScoreFactors(source: rows.values, target: rows.values).averagePrecisions(
        queryLabels: labels, candidateLabels: labels, excludesOwn: true, threads: 2)
      #expect(agrees(meanAveragePrecision(precisions) ?? .nan, golden[key]["mAP"].number))
      let five = precisions.prefix(5).map { $0 ?? .nan }
      #expect(agrees(five, golden[key]["mAP_first5"].numbers))
      if key == "original" || key == "pca_centred" {
        let all = try Golden.array("s7_ap_\(key)").elements
        #expect(agrees(precisions.map { $0 ?? .nan }, all))
      }
    }
  }

  @Test
  func textsFindImages() throws {
    let golden = try Golden.object("s7_intramodal")
    let (x, texts) = (try normalized("in_XA"), try normalized("in_TA"))
    let labels = try Golden.indices("in_labels")
    let precisions = ScoreFactors(source: texts.values, target: x.values).averagePrecisions(
      queryLabels: Array(0..<20), candidateLabels: labels, excludesOwn: false)
    #expect(
      agrees(meanAveragePrecision(precisions) ?? .nan, golden["text_image"]["mAP"].number))
    let zeroShot = ScoreFactors(source: x.values, target: texts.values).quality(truth: labels)
    #expect(agrees(zeroShot.top[0], golden["text_image"]["zero_shot_acc"].number))
    let y = try normalized("in_YA")
    let gap = try ModalityGap(x, y)
    let expected = golden["modality_gap"]
    #expect(agrees(gap.norm, expected["norm"].number))
    #expect(agrees(gap.vectorSum, expected["vec_sum"].number))
    #expect(agrees(gap.meanPairedCosine, expected["mean_paired_cos"].number))
    #expect(agrees(gap.meanBetween, expected["mean_inter_all"].number))
    #expect(agrees(gap.meanWithinFirst, expected["mean_intra_img"].number))
    #expect(agrees(gap.meanWithinSecond, expected["mean_intra_txt"].number))
    let (between, within) = (CosineHistogram.between(x, y), CosineHistogram.within(x))
    let hist = golden["hist_by_modality"]
    #expect(between.counts.map(Double.init) == hist["inter"].numbers)
    #expect(within.counts.map(Double.init) == hist["intra_img"].numbers)
    #expect(agrees(between.overlap(within) ?? .nan, hist["overlap"].number))
  }

  @Test
  func fewShotsClassify() throws {
    let golden = try Golden.object("s7_intramodal")["fewshot"]
    let x = try normalized("in_XA")
    let projection = try PrincipalComponents(try normalized("in_NA"), dimensions: 64)
    let labels = try Golden.indices("in_labels")
    let stored = try Golden.indices("s7_fewshot_support")
    let test = try Golden.indices("s7_fewshot_test")
    for (key, rows) in [("original", x), ("pca_centred", try projection(x))] {
      let asked = try rows.selecting(test)
      let truth = test.map { labels[$0] }
      for shots in [1, 2, 4, 8, 16] {
        let support = (0..<20).flatMap { stored[$0 * 16..<$0 * 16 + shots] }
        let known = try rows.selecting(support)
        let classes = support.map { labels[$0] }
        let expected = golden[key]["\(shots)"]
        let prototypes = try FewShot.prototypes(known, labels: classes, classes: 20)
        #expect(agrees(prototypes.accuracy(asked, labels: truth), expected["prototype"].number))
        let lda = try FewShot.discriminant(known, labels: classes, classes: 20)
        #expect(agrees(lda.accuracy(asked, labels: truth), expected["lda"].number))
        let scores = lda.scores(asked)
        let range = scores.elements.max()! - scores.elements.min()!
        #expect(abs(range - expected["lda_logits_range"].number) < 1e-9)
        if shots == 4 {
          #expect(
            agrees(
              Array(scores.elements.prefix(200)),
              try Golden.array("s7_lda_logits_4shot_\(key)_first10").elements))
        }
      }
    }
  }

  @Test
  func similaritiesComeBack() throws {
    let golden = try Golden.object("s7_intramodal")
    let (x, y) = (try normalized("in_XA"), try normalized("in_YA"))
    let anchors = try y.selecting(Array(0..<128))
    let s = gemm(1, x.values, .plain, anchors.values, .transposed)
    let (rows, condition) = try Recovery.withAnchors(s, anchors: anchors)
    #expect(agrees(condition, golden["recover_anchors"]["cond"].number, 1e-8))
    let recovered = gemm(1, rows, .plain, rows, .transposed)
    #expect(Recovery.error(of: recovered, for: x).relative < 1e-10)
    let (first, second) = (try Golden.embeddings("in_XA"), try Golden.embeddings("in_YA"))
    for (d, n) in [(3, 42), (16, 300), (24, 600)] {
      func part(_ e: Embeddings) throws -> Embeddings {
        try Embeddings(Matrix<Double>(rows: n, columns: d) { e.values[$0, $1] }).normalized()
      }
      let (a, b) = (try part(first), try part(second))
      let products = gemm(1, a.values, .plain, b.values, .transposed)
      let expected = golden["appendixA"]["d\(d)_N\(n)"]
      let found = try #require(Recovery.withoutAnchors(products))
      #expect(Recovery.error(of: found.similarities, for: a).relative < 1e-10)
      #expect(Double(found.rank) == expected["rank_A"].number)
      #expect(Double(found.expectedRank) == expected["expected_rank"].number)
      #expect(agrees(found.singularValues, expected["sv"].numbers))
      if d == 24 {
        var rng = SeededGenerator(seed: 3)
        let noisy = products.map { $0 + 1e-4 * rng.approximateNormal() }
        let blind = try #require(Recovery.withoutAnchors(noisy, dimensions: d))
        let error = Recovery.error(of: blind.similarities, for: a).relative
        let order = golden["appendixA_noise1e-4_rel_err"].number
        #expect(error > order / 3 && error < order * 3, "\(error)")
      }
    }
  }
}
