import QAPPrimitives
import Testing

@testable import QAPMatching

/// Section 3: stretching, k-means from given rows, and the base it gives.
@Suite struct GoldenClusteringTests {
  @Test(arguments: ["x", "y"])
  func stretching(side: String) throws {
    let given = try Golden.embeddings("in_\(side.uppercased())")
    let deviations = try given.columnDeviations()
    for (found, golden) in zip(deviations, try Golden.array("s3_std_\(side)").elements) {
      #expect(relativeDifference(found, golden) < 1e-10)
    }
    let first = try given.stretched().selecting(Array(0..<8))
    #expect(
      relativeDifference(first.values, try Golden.matrix("s3_stretched_\(side)_first8")) < 1e-10)
  }

  @Test(arguments: [40, 320])
  func clusters(count: Int) throws {
    let x = try Golden.embeddings("in_X")
    let found = try KMeans.cluster(
      x, initial: try Golden.indices("s3_kmeans\(count)_init_idx"),
      parameters: KMeansParameters(threads: 2))
    let labels = try Golden.indices("s3_kmeans\(count)_labels")
    #expect(found.labels == labels)
    #expect(
      relativeDifference(
        found.inertia, try Golden.number("s3_stretch_kmeans", "S\(count).inertia")) < 1e-9)
    #expect(
      Double(found.iterations) == (try Golden.number("s3_stretch_kmeans", "S\(count).n_iter")))
    if count == 40 {
      #expect(relativeDifference(found.centers, try Golden.matrix("s3_kmeans40_centers")) < 1e-9)
    }
    #expect(
      try found.representatives(in: x, rule: .cosine)
        == (try Golden.indices("s3_kmeans\(count)_closest_cos")))
    // The two rows of a cluster of two are equally far from its center, and rounding decides in the
    // golden file: any of those that are as near will do.
    let nearest = try found.representatives(in: x, rule: .euclidean)
    let golden = try Golden.indices("s3_kmeans\(count)_closest_euclid")
    func distance(_ row: Int, _ cluster: Int) -> Double {
      zip(x.values.row(row), found.centers.row(cluster)).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
    }
    for (cluster, row) in nearest.enumerated() where row != golden[cluster] {
      #expect(labels.count { $0 == cluster } == 2)
      #expect(
        relativeDifference(distance(row, cluster), distance(golden[cluster], cluster)) < 1e-12)
    }
  }
}
