import QAPPrimitives

/// The vertices of a hypercube that the rows of a distance matrix stand for, when it is one: all
/// distances are intercept + slope · H, H the number of bits in which two labels differ.
package struct HypercubeLabels: Equatable, Sendable {
  /// The number of bits.
  package let dimension: Int
  /// The label of each location, a number of `dimension` bits.
  package let labels: [Int]
  package let slope: Double
  package let intercept: Double

  /// The labels of a symmetric matrix, whose diagonal does not count; nil when it is no cube of two
  /// dimensions at least, or larger distances belong to closer labels.
  ///
  /// - Complexity: O(n²).
  package init?(_ distance: Matrix<Double>) {
    let n = distance.rows
    guard n >= 4, n & (n - 1) == 0 else { return nil }
    let dimension = n.trailingZeroBitCount
    // The neighbors of location 0 are at the least distance; each stands for a bit.
    guard let least = (1..<n).map({ distance[0, $0] }).min() else { return nil }
    let neighbors = (1..<n).filter { distance[0, $0] == least }
    guard neighbors.count == dimension else { return nil }
    let labels = (0..<n).map { location in
      if location == 0 { return 0 }
      return neighbors.indices.reduce(0) { label, bit in
        let neighbor = neighbors[bit]
        let isCloser =
          neighbor == location || distance[location, neighbor] < distance[location, 0]
        return label | (isCloser ? 1 << bit : 0)
      }
    }
    slope = distance[neighbors[0], neighbors[1]] - least
    intercept = least - slope
    guard slope > 0, Set(labels).count == n else { return nil }
    for j in 0..<n {
      for l in 0..<n where l != j {
        let expected = intercept + slope * Double((labels[j] ^ labels[l]).nonzeroBitCount)
        guard distance[j, l] == expected else { return nil }
      }
    }
    self.dimension = dimension
    self.labels = labels
  }
}
