import QAP
import QAPDenseAlgebra
import QAPPrimitives
import Testing

@testable import QAPMatching

/// Preprocessing, and what it has to say of rows it cannot use.
@Suite struct EmbeddingsTests {
  private func embeddings(_ rows: [[Double]]) -> Embeddings {
    Embeddings(
      unchecked: Matrix(
        rows: rows.count, columns: rows[0].count, elements: Array(rows.joined())), name: "x")
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func faultsAreNamed() throws {
    #expect(
      message {
        _ = try Embeddings(
          Matrix(rows: 2, columns: 2, elements: [1, 2, 3, .nan]), name: "x")
      } == "x: found nan in row 1, column 1, expected a finite number")
    #expect(
      message { _ = try embeddings([[1, 2], [0, 0]]).normalized() }
        == "x: found only zeros in row 1, expected nonzero rows, to normalize them; "
        + "--drop-zero-rows leaves them out")
    #expect(
      message { _ = try embeddings([[1, 0.1, 5], [2, 0.1, 5], [4, 0.1, 5]]).stretched() }
        == "x: found the same number throughout column 1 (and 1 more), expected columns that vary, "
        + "to stretch by deviations; --drop-constant-columns leaves them out")
    // Dead features stay small.
    let noisy = embeddings([[1, 0.1, 1e-13, 1], [2, 0.1 + 1e-9, 0, 4], [4, 0.1 - 1e-9, 0, 0]])
    let stretched = try noisy.stretched()
    #expect(noisy.varyingColumns == [0, 3] && noisy.noiseColumns == [1, 2])
    let deviations = try stretched.columnDeviations()
    #expect(abs(deviations[0] - 1) < 1e-12 && abs(deviations[3] - 1) < 1e-12)
    #expect((0..<3).allSatisfy { abs(stretched.values[$0, 2]) < 1e-12 })
    #expect(message { _ = try embeddings([[1, 2]]).stretched() }.contains("1 row"))
    #expect(message { _ = try embeddings([[1, 2]]).averaged(by: [0, 1]) }.contains("2 labels"))
    #expect(
      message { _ = try embeddings([[1, 2], [1, 3]]).averaged(by: [0, 2]) }
        == "x: found no row of class 1, expected rows of each of 3 classes")
    #expect(
      message { _ = try embeddings([[1, 2]]).averaged(by: [1 << 40]) }.contains("no row of class 0")
    )
    #expect(message { _ = try embeddings([[1, 2]]).selecting([1]) }.contains("row 1 selected"))
    let equal = embeddings([[1, 2], [1, 2], [1, 2]])
    for metric in [Metric.cka, .ckaGaussian] {
      #expect(message { _ = try metric.kernel(of: equal) } != "no error")
    }
    #expect(
      message { _ = try Kernel.standardized(Kernel.distances(equal.values)) } != "no error")
    #expect(message { _ = try KMeans.cluster(equal, clusters: 2) }.contains("different rows"))
    #expect(message { _ = try KMeans.cluster(equal, clusters: 4) }.contains("3 rows"))
  }

  @Test func scalesRowsAndColumns() throws {
    let x = embeddings([[3, 4], [1e200, -1e200], [1e-200, 0]])
    let unit = try x.normalized().values
    #expect(abs(unit[0, 0] - 0.6) < 1e-15 && abs(unit[0, 1] - 0.8) < 1e-15)
    #expect(abs(unit[1, 0] - 0.5.squareRoot()) < 1e-15)
    #expect(unit[2, 0] == 1)
    let stretched = try embeddings([[1, 10], [2, 20], [3, 30]]).stretched().values
    #expect(stretched.elements == [1, 1, 2, 2, 3, 3])
  }

  @Test func averages() throws {
    let means = try embeddings([[1, 2], [5, 6], [3, 4]]).averaged(by: [1, 0, 1]).values
    #expect(means.elements == [5, 6, 2, 3])
    let both = try Embeddings.average([embeddings([[1, 2]]), embeddings([[3, 6]])])
    #expect(both.values.elements == [2, 4])
    #expect(throws: InputError.self) {
      try Embeddings.average([embeddings([[1, 2]]), embeddings([[3]])])
    }
  }

  @Test func projectionKeepsItsDirections() throws {
    var generator = SeededGenerator(seed: 6)
    let names = randomEmbeddings(50, 6, using: &generator)
    let x = randomEmbeddings(8, 6, using: &generator)
    for centered in [true, false] {
      let projection = try PrincipalComponents(names, dimensions: 3, centered: centered)
      let once = try projection(x)
      #expect(relativeDifference(try projection(once).values, once.values) < 1e-12)
      let trace = (0..<6).reduce(0) { $0 + projection.projector[$1, $1] }
      #expect(abs(trace - 3) < 1e-12)
      #expect(zip(projection.eigenvalues, projection.eigenvalues.dropFirst()).allSatisfy(>=))
      // All of the mean and nothing of what lies across the directions is left.
      let adjusted = try projection(x, meanAdjusted: true)
      let mean = Embeddings(
        unchecked: Matrix(rows: 1, columns: 6, elements: projection.mean), name: "mean")
      let image = try projection(mean, meanAdjusted: true).values
      #expect(!centered || relativeDifference(image, mean.values) < 1e-12)
      #expect(centered || adjusted.values == once.values)
    }
    #expect(throws: InputError.self) { try PrincipalComponents(names, dimensions: 7) }
  }

  @Test func golden() throws {
    let names = try Golden.embeddings("in_NA").normalized()
    let projection = try PrincipalComponents(names, dimensions: 64)
    #expect(
      relativeDifference(projection.projector, try Golden.matrix("s7_P_centred")) < 1e-9)
  }
}

/// k-means: the same whatever the threads, and never worse than any of its starts.
@Suite struct KMeansTests {
  @Test func threadsDoNotMatter() throws {
    var generator = SeededGenerator(seed: 1)
    let x = randomEmbeddings(600, 8, using: &generator)
    let one = try KMeans.cluster(
      x, clusters: 12, parameters: KMeansParameters(starts: 4, seed: 3, threads: 1))
    let many = try KMeans.cluster(
      x, clusters: 12, parameters: KMeansParameters(starts: 4, seed: 3, threads: 7))
    #expect(one.labels == many.labels && one.inertia == many.inertia)
    #expect(one.centers == many.centers)
    for seed in 0..<4 as Range<UInt64> {
      let single = try KMeans.cluster(
        x, clusters: 12, parameters: KMeansParameters(starts: 1, seed: seed))
      #expect(single.inertia > 0.9 * one.inertia)
    }
  }

  @Test func separatedGroupsAreFound() throws {
    var generator = SeededGenerator(seed: 2)
    let noise = randomEmbeddings(90, 3, using: &generator)
    let x = noise.mapped { row, column, value in
      0.1 * value + (row % 3 == column ? 10 : 0)
    }
    let found = try KMeans.cluster(x, clusters: 3)
    for row in 0..<90 { #expect(found.labels[row] == found.labels[row % 3]) }
    #expect(Set(found.labels).count == 3)
    var inertia = 0.0
    for row in 0..<90 {
      for c in 0..<3 {
        let difference = x.values[row, c] - found.centers[found.labels[row], c]
        inertia += difference * difference
      }
    }
    #expect(abs(found.inertia - inertia) < 1e-9)
    for rule in BaseRule.allCases {
      let base = try found.representatives(in: x, rule: rule)
      #expect(base.enumerated().allSatisfy { found.labels[$1] == $0 })
    }
  }

  /// Two first centers in one place leave a cluster empty; it takes the farthest row.
  @Test func emptyClustersAreFilled() throws {
    let x = Embeddings(
      unchecked: Matrix(rows: 5, columns: 1, elements: [0, 0, 1, 10, 11]), name: "x")
    let found = try KMeans.cluster(x, initial: [0, 1])
    #expect(found.labels[0] == found.labels[2] && found.labels[3] == found.labels[4])
    #expect(found.labels[0] != found.labels[3])
    #expect(abs(found.inertia - (2.0 / 3 + 0.5)) < 1e-12)
  }
}
