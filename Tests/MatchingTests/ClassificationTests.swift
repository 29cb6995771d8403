import Foundation
import QAP
import QAPPrimitives
import Testing

@testable import QAPMatching

@Suite struct ClassificationTests {
  /// Well separated blobs in two spaces with the same shape: the true match has the least
  /// objective.
  @Test func blobsFindTheirClasses() throws {
    for seed in UInt64(0)..<5 {
      var rng = SeededGenerator(seed: seed)
      let places = Matrix<Double>(rows: 5, columns: 6) { _, _ in rng.approximateNormal() }
      let order = Array(0..<5).shuffled(using: &rng)
      let labels = (0..<60).map { $0 % 5 }
      let samples = try Embeddings(
        Matrix<Double>(rows: 60, columns: 6) {
          places[labels[$0], $1] + 0.01 * rng.approximateNormal()
        })
      // Classes are the same places with features in another order; class k is place order[k].
      let classes = try Embeddings(
        Matrix<Double>(rows: 5, columns: 6) { places[order[$0], 5 - $1] })
      let truth = labels.map { place in order.firstIndex(of: place)! }
      let classification = try Classification(
        samples: samples, classes: classes, options: MatchingOptions(standardizes: true))
      let instance = classification.problem.instance
      // All 120 matches: enumeration instead of a solver.
      var best: (value: Double, targets: [Int]) = (.infinity, [])
      func extend(_ locations: [Int]) throws {
        if locations.count == 5 {
          let assignment = try #require(Assignment(locations: locations))
          let value = instance.objective(of: assignment)
          if value < best.value {
            best = (value, classification.problem.targets(of: assignment).map { $0! })
          }
        }
        for next in 0..<5 where !locations.contains(next) { try extend(locations + [next]) }
      }
      try extend([])
      let quality = try classification.quality(of: best.targets, labels: truth)
      #expect(quality.accuracy == 1, "seed \(seed)")
      #expect(quality.oracleAccuracy == 1)
      #expect(quality.matching == 1)
      #expect(quality.oracle == best.targets)
      #expect(classification.labels(of: best.targets) == truth)
      // Two clusters swapped.
      var wrong = best.targets
      wrong.swapAt(0, 1)
      let other = try classification.quality(of: wrong, labels: truth)
      #expect(abs(other.accuracy - 0.6) < 1e-12)
      #expect(other.matching == 0.6)
      #expect(throws: InputError.self) {
        try classification.quality(of: wrong, labels: [0, 1])
      }
    }
  }

  /// More clusters than classes, and fewer: some have no partner.
  @Test(arguments: [2, 3, 5, 7])
  func clustersAndClassesMayDiffer(count: Int) throws {
    var rng = SeededGenerator(seed: 3)
    let places = Matrix<Double>(rows: 7, columns: 4) { _, _ in 5 * rng.approximateNormal() }
    let labels = (0..<70).map { $0 % 7 % 5 }
    let samples = try Embeddings(
      Matrix<Double>(rows: 70, columns: 4) { places[$0 % 7, $1] + 0.01 * rng.approximateNormal() })
    let classes = try Embeddings(Matrix<Double>(rows: 5, columns: 4) { places[$0, $1] })
    let classification = try Classification(
      samples: samples, classes: classes, options: MatchingOptions(metric: .cka),
      clusterCount: count)
    #expect(classification.clusters.centers.rows == count)
    let size = classification.problem.instance.size
    #expect(size == max(count, 5))
    let assignment = Assignment(Permutation(identity: size))
    let outcome = try ClassificationOutcome(
      assignment, classification: classification, labels: labels, seed: 1)
    let targets = try #require(outcome.targets)
    #expect(targets.count == count && targets.count { $0 != nil } == min(count, 5))
    let quality = try #require(outcome.quality)
    #expect(quality.oracle.count == count && quality.oracleAccuracy >= quality.accuracy)
    if count == 7 {
      // Two classes have two clusters each, of which one has no class.
      #expect(abs(quality.oracleAccuracy - 5.0 / 7) < 1e-12)
    }
    #expect(throws: InputError.self) {
      try Classification(
        samples: samples, classes: classes, options: MatchingOptions(), clusterCount: 0)
    }
  }

  /// Values of scikit-learn: normalized_mutual_info_score and adjusted_rand_score.
  @Test func clustersAreJudgedWhateverTheirNames() {
    func table(_ a: [Int], _ b: [Int]) -> Matrix<Double> {
      var counts = Matrix<Double>(rows: 3, columns: 3, repeating: 0)
      for (x, y) in zip(a, b) { counts[x, y] += 1 }
      return counts
    }
    for (a, b, nmi, ari) in [
      ([0, 0, 1, 1], [0, 0, 1, 1], 1.0, 1.0), ([0, 0, 1, 1], [1, 1, 0, 0], 1, 1),
      ([0, 0, 1, 2], [0, 0, 1, 1], 0.8, 0.5714285714285714),
      ([0, 0, 1, 1], [0, 1, 0, 1], 0, -0.5), ([0, 0, 0], [0, 1, 2], 0, 0),
      ([1, 1, 1], [2, 2, 2], 1, 1),
    ] {
      #expect(abs(Classification.mutualInformation(table(a, b)) - nmi) < 1e-12, "\(a) \(b)")
      #expect(abs(Classification.randIndex(table(a, b)) - ari) < 1e-12, "\(a) \(b)")
    }
  }

  /// Section 6 of the reference values.
  @Test
  func equalsThePublishedSetting() throws {
    let golden = try Golden.object("s6_unsup_classification")
    let classification = try Classification(
      samples: try Golden.embeddings("in_X"), classes: try Golden.embeddings("in_Yclass"),
      options: MatchingOptions(standardizes: true),
      initial: try Golden.indices("s6_kmeans_init_idx"))
    #expect(classification.clusters.labels == (try Golden.indices("s6_labels_kmeans")))
    #expect(agrees(classification.clusters.inertia, golden["inertia"].number, 1e-9))
    let centers = try Embeddings(classification.clusters.centers).normalized()
    #expect(agrees(centers.values.elements, try Golden.array("s6_centers_norm").elements, 1e-9))
    let problem = classification.problem
    #expect(agrees(problem.constant, 758, 1e-9))
    let labels = try Golden.indices("in_labels")
    for (key, value) in [
      ("best", golden["best"]["objective"].number),
      ("faq_barycenter", golden["faq_barycenter"]["objective"].number),
      (
        "official_FactorizedHahnGrant",
        golden["official_FactorizedHahnGrant"]["objective_recomputed"].number
      ),
    ] {
      let targets = golden[key]["perm"].numbers.map { Int($0) }
      let assignment = try #require(problem.assignment(of: targets))
      #expect(agrees(problem.instance.objective(of: assignment), value, 1e-9), "\(key)")
      #expect(problem.targets(of: assignment) == targets)
      if key == "best" {
        let quality = try classification.quality(of: targets, labels: labels)
        #expect(agrees(quality.accuracy, golden[key]["accuracy"].number))
        #expect(agrees(quality.oracleAccuracy, golden[key]["oracle_accuracy"].number))
        #expect(agrees(quality.matching, golden[key]["matching_accuracy"].number))
        #expect(quality.oracle == golden[key]["oracle_perm"].numbers.map { Int($0) })
      }
    }
  }
}
