import QAPPrimitives

/// Clusters of facilities with nonnegative weights between them, and bounds for placing some of
/// them at different vertices of a cube so that
///
///     Σ_{i<k} weight[i,k] · H(label(i), label(k))
///
/// is least. A *state* is a multiset of clusters: how many members of each. States are numbered in
/// mixed radix.
///
/// Unchecked because of the buffers, which stay as they are after `init`.
final class CutTable: @unchecked Sendable {
  typealias Counts = SIMD16<Int32>

  /// Clusters at most, and states: some hundred megabytes.
  static let maxClusters = 16
  static let maxStates = 200_000
  /// Sums of weights and distances stay below this.
  static let maxTotal = 1 << 27
  /// The bound of states that do not fit.
  static let none: Int32 = 1 << 28

  /// The number of bits.
  let dimension: Int
  /// The members of each cluster, by the numbers of the facilities.
  let members: [[Int]]
  let states: Int
  /// The state of all facilities.
  var all: Int { states - 1 }
  /// The difference that one member of a cluster makes to a state's number.
  let radix: [Int]
  /// The members of each cluster in a state.
  let counts: BufferView<Counts>
  let sizes: BufferView<Int32>
  /// The weights within a state.
  let inner: BufferView<Int32>
  /// A lower bound for a state in a cube of `r` bits, at `r · states + state`.
  let bounds: BufferView<Int32>
  /// The weights between a cluster's member and each cluster.
  private let weights: [Counts]
  /// The least that a member of each cluster costs with a state whose members are at different
  /// vertices of a cube of `r` bits, one perhaps at the member's own, at `r · states + state`.
  private let outer: BufferView<Counts>
  private let owned: (Buffer<Counts>, Buffer<Int32>, Buffer<Int32>, Buffer<Int32>, Buffer<Counts>)

  /// Nil when there are too many clusters, states, or weights for 32 bits.
  ///
  /// - Parameters:
  ///   - members: the clusters.
  ///   - weight: the symmetric weight of two facilities.
  init?(dimension d: Int, members: [[Int]], weight: (Int, Int) -> Int) {
    let count = members.count
    guard count <= CutTable.maxClusters else { return nil }
    var (radix, states) = ([Int](), 1)
    for cluster in members {
      radix.append(states)
      states *= cluster.count + 1
      guard states <= CutTable.maxStates else { return nil }
    }
    dimension = d
    self.members = members
    self.states = states
    self.radix = radix
    var table = [[Int]](repeating: Array(repeating: 0, count: count), count: count)
    var total = 0
    for a in 0..<count {
      for b in 0..<count {
        let other = a == b ? members[b].dropFirst().first : members[b][0]
        guard let other else { continue }
        table[a][b] = weight(members[a][0], other)
        guard table[a][b] >= 0, table[a][b] < CutTable.maxTotal else { return nil }
        total += table[a][b] * members[a].count * members[b].count * d
        guard total < CutTable.maxTotal else { return nil }
      }
    }
    owned = (
      Buffer(count: states, repeating: Counts()), Buffer(count: states, repeating: 0),
      Buffer(count: states, repeating: 0),
      Buffer(count: (d + 1) * states, repeating: CutTable.none),
      Buffer(count: (d + 1) * states, repeating: Counts(repeating: 1 << 20))
    )
    (counts, sizes, inner) = (owned.0.view, owned.1.view, owned.2.view)
    (bounds, outer) = (owned.3.view, owned.4.view)
    weights = table.map { row in
      var result = Counts()
      for (index, value) in row.enumerated() { result[index] = Int32(value) }
      return result
    }
    for state in 0..<states {
      var vector = Counts()
      for cluster in 0..<count {
        let value = state / radix[cluster] % (members[cluster].count + 1)
        vector[cluster] = Int32(value)
        sizes[state] += Int32(value)
      }
      counts[state] = vector
      var twice: Int32 = 0
      for cluster in 0..<count where vector[cluster] > 0 {
        let own = (vector &* weights[cluster]).wrappedSum()
        twice += vector[cluster] * (own - weights[cluster][cluster])
      }
      inner[state] = twice / 2
    }
    fillBounds(table)
  }

  /// Visits the states below `state`, itself included, in the order of their numbers, until `body`
  /// returns false.
  @inline(__always)
  func forEachPart(of state: Int, _ body: (Int) -> Bool) {
    let whole = counts[state]
    let count = members.count
    var digits = Counts()
    var part = 0
    while body(part) {
      var cluster = 0
      while cluster < count, digits[cluster] == whole[cluster] {
        part &-= Int(digits[cluster]) &* radix[cluster]
        digits[cluster] = 0
        cluster &+= 1
      }
      if cluster == count { return }
      digits[cluster] &+= 1
      part &+= radix[cluster]
    }
  }

  /// The weights of a state's members with one member of each cluster.
  func weights(with state: Int) -> Counts {
    var result = Counts()
    let vector = counts[state]
    for cluster in members.indices where vector[cluster] > 0 {
      result &+= weights[cluster] &* Counts(repeating: vector[cluster])
    }
    return result
  }

  /// A bound on what two disjoint states cost with each other over `r` bits that tell the members
  /// of each state apart, but not those of one from those of the other.
  @inline(__always)
  func cross(_ a: Int, _ b: Int, bits r: Int) -> Int32 {
    let line = r &* states
    return max(
      (counts[a] &* outer[line &+ b]).wrappedSum(), (counts[b] &* outer[line &+ a]).wrappedSum())
  }

  /// The bounds of all states: half of what their members cost with the others at the nearest
  /// vertices, and, up to half of all facilities, the best way to split the state by a bit.
  private func fillBounds(_ table: [[Int]]) {
    let d = dimension
    let order = table.map { row in row.indices.sorted { row[$0] > row[$1] }.map { Int($0) } }
    let choices = (0...d).map { r in
      (0...r).reduce(into: [1]) { rows, k in
        if k < r { rows.append(rows[k] * (r - k) / (k + 1)) }
      }
    }
    /// The state's members at the nearest vertices, the heaviest first.
    func nearest(_ cluster: Int, _ vector: Counts, _ r: Int, from start: Int) -> Int32 {
      var (sum, distance) = (0, start)
      var left = start <= r ? choices[r][start] : 0
      for other in order[cluster] {
        var count = Int(vector[other])
        if table[cluster][other] == 0 { break }
        while count > 0 {
          while left == 0 {
            distance += 1
            if distance > r { return CutTable.none }
            left = choices[r][distance]
          }
          let placed = min(count, left)
          sum += placed * table[cluster][other] * distance
          count -= placed
          left -= placed
        }
      }
      return Int32(sum)
    }
    let half = (sizes[all] + 1) / 2
    for r in 0...d {
      let line = r * states
      for state in 0..<states where sizes[state] <= 1 << Int32(r) {
        let vector = counts[state]
        var row = Counts()
        var twice: Int32 = 0
        for cluster in members.indices {
          row[cluster] = nearest(cluster, vector, r, from: 0)
          guard vector[cluster] > 0 else { continue }
          var others = vector
          others[cluster] -= 1
          twice += vector[cluster] * nearest(cluster, others, r, from: 1)
        }
        outer[line + state] = row
        bounds[line + state] = (twice + 1) / 2
      }
      guard r > 0 else { continue }
      let (below, most) = (line - states, Int32(1) << Int32(r - 1))
      for state in 0..<states
      where sizes[state] <= 1 << Int32(r) && (sizes[state] <= half || r == d && state == all) {
        let simple = bounds[line + state]
        var best = CutTable.none
        forEachPart(of: state) { part in
          let rest = state &- part
          // The other half of the parts are the rests.
          if part > rest { return false }
          if sizes[part] <= most, sizes[rest] <= most {
            var value =
              inner[state] &- inner[part] &- inner[rest] &+ bounds[below &+ part]
              &+ bounds[below &+ rest]
            if value < best {
              value &+= cross(part, rest, bits: r &- 1)
              best = min(best, value)
            }
          }
          return best > simple
        }
        bounds[line + state] = max(simple, best)
      }
    }
  }
}
