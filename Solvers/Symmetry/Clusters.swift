import QAP
import QAPPrimitives

/// The clusters of interchangeable facilities, or of interchangeable locations: swapping two
/// members of a cluster changes no objective.
///
/// Two facilities r and s are interchangeable when flow[r,s] = flow[s,r], their flows with all
/// others are equal, and so are their linear costs. On `tai256c`, a gray pattern, 92 facilities are
/// alike and so are the other 164; `esc` instances have many without any flow.
package struct Clusters: Equatable, Sendable {
  /// The members of each cluster, ascending; the clusters in the order of their first members.
  package let members: [[Int]]
  /// The cluster of each element.
  package let cluster: [Int]

  /// The number of clusters; as many as elements when none is interchangeable with another.
  package var count: Int { members.count }
  /// The number of elements.
  package var size: Int { cluster.count }
  /// True when no element is interchangeable with another.
  package var isTrivial: Bool { count == size }
  /// The largest number of members.
  package var largest: Int { members.reduce(0) { max($0, $1.count) } }

  /// Each element by itself.
  package init(trivial size: Int) {
    members = (0..<size).map { [$0] }
    cluster = Array(0..<size)
  }

  /// The clusters of one side of `pairs`; none for a tensor.
  ///
  /// - Complexity: O(n²) where elements differ early, O(n³) at worst.
  package init(_ pairs: PairCost, of side: Side) {
    guard let (matrix, linear) = side.data(of: pairs) else {
      self.init(trivial: side == .facilities ? pairs.facilities : pairs.size)
      return
    }
    self.init(matrix, linear: linear)
  }

  /// The clusters of a square `matrix` whose elements also have the rows of `linear`, as many.
  package init(_ matrix: Matrix<Double>, linear: Matrix<Double>) {
    let n = matrix.rows
    func areInterchangeable(_ r: Int, _ s: Int) -> Bool {
      guard matrix[r, s] == matrix[s, r] else { return false }
      for k in 0..<n where k != r && k != s {
        guard matrix[r, k] == matrix[s, k], matrix[k, r] == matrix[k, s] else { return false }
      }
      return (0..<linear.columns).allSatisfy { linear[r, $0] == linear[s, $0] }
    }
    // Swaps generate all permutations of a cluster, so that one member speaks for it. Members have
    // the same entries, in another order.
    var members: [[Int]] = []
    var cluster = [Int](repeating: 0, count: n)
    var alike: [UInt64: [Int]] = [:]
    for r in 0..<n {
      var key: UInt64 = 0
      for k in 0..<n where k != r { key &+= PairCodes.code(matrix[r, k], matrix[k, r]) }
      if let index = alike[key]?.first(where: { areInterchangeable(members[$0][0], r) }) {
        members[index].append(r)
        cluster[r] = index
      } else {
        alike[key, default: []].append(members.count)
        cluster[r] = members.count
        members.append([r])
      }
    }
    self.members = members
    self.cluster = cluster
  }
}
