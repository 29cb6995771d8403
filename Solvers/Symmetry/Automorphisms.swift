import QAP
import QAPPrimitives

/// The symmetry of one side of an instance: its clusters, and the renumberings of clusters that
/// change no objective.
package struct Automorphisms: Sendable {
  /// The clusters of interchangeable elements.
  package let clusters: Clusters
  /// The automorphisms of the clusters: points are clusters, of which only equally large ones are
  /// images of each other.
  package let group: AutomorphismGroup

  /// The symmetry of one side of `pairs`; nil for a tensor.
  package init?(
    _ pairs: PairCost, of side: Side, maxWork: Int = AutomorphismGroup.defaultWork
  ) {
    guard let (matrix, linear) = side.data(of: pairs) else { return nil }
    let clusters = Clusters(matrix, linear: linear)
    let first = clusters.members.map { $0[0] }
    let codes = PairCodes(
      Matrix(rows: first.count, columns: first.count) { matrix[first[$0], first[$1]] })
    // Equal size, equal costs between members, and equal linear costs.
    var kinds: [[Double]: Int] = [:]
    let labels = clusters.members.map { members in
      let within = members.count > 1 ? matrix[members[0], members[1]] : 0
      let kind = [Double(members.count), within] + linear.row(members[0])
      let label = kinds[kind] ?? kinds.count
      kinds[kind] = label
      return label
    }
    self.clusters = clusters
    group = AutomorphismGroup(codes, labels: labels, maxWork: maxWork)
  }

  /// Whole numbers whose product is the number of renumberings of elements that change no
  /// objective.
  package var orderFactors: [Int] {
    group.orbitLengths + clusters.members.flatMap { Array(1...$0.count) }
  }

  /// The least element of each element's orbit.
  package var orbits: [Int] {
    clusters.cluster.map { clusters.members[group.orbits[$0]][0] }
  }

  /// The renumbering of elements that a renumbering of clusters stands for: members keep their
  /// order.
  package func lifted(_ images: [Int]) -> [Int] {
    var result = clusters.cluster
    for (cluster, members) in clusters.members.enumerated() {
      for (member, image) in zip(members, clusters.members[images[cluster]]) {
        result[member] = image
      }
    }
    return result
  }
}
