import QAPPrimitives

/// Shows that facilities at different vertices of a cube cost at least a claimed sum, whatever
/// their labels: the sum of weight · Hamming distance of all pairs, weights not negative.
///
/// Facilities of a cluster are interchangeable, so that a set of them is a *state*: how many of
/// each cluster, numbered in mixed radix. The first bit splits the state of all facilities in two,
/// the next bit each of these cells, and so on; the pairs that a bit tells apart are its cost.
/// Three symmetries save work, none of which changes the cost of any bit, but for their order:
///
/// - bits can be swapped: costs do not fall from one to the next;
/// - the sides of a bit can be swapped: of the first cell that it splits into two different
///   states, the lesser one has the bit set;
/// - cells of equal state can be swapped, with what later bits do to them: they stand side by
///   side, and the states with the bit set do not fall. (Sorted in this way, the first cell that
///   is split unevenly has the lesser state of both sides, or the other sides have.)
///
/// The other splits are enumerated, except where a bound on the bits to come already reaches the
/// claim.
final class CubeReplay {
  private typealias Counts = SIMD16<Int32>

  private let bits: Int
  /// The difference that a facility of each cluster makes to the number of a state.
  private let steps: [Int]
  private let states: Int
  /// The facilities of each cluster in a state, how many they are, and the weights among them.
  private let counts: Buffer<Counts>
  private let sizes: Buffer<Int32>
  private let inner: Buffer<Int32>
  /// The weights of a facility of each cluster with all of a state.
  private let pull: Buffer<Counts>
  /// At `r · states + state`: what a facility of each cluster costs at least with a state whose
  /// facilities are at different vertices of a cube of r bits.
  private let near: Buffer<Counts>
  /// Likewise, what the facilities of a state cost at least among themselves.
  private let apart: Buffer<Int32>

  private var claim: Int32 = 0
  private var cells: [[Int]]
  private var ones: [[Int]]
  /// A bound on all that the cells from an index on cost, with each other and those before.
  private var rest: [[Int32]]

  /// Nil when there are more clusters, states or weights than 16, 200,000 and 2^27 in sum.
  ///
  /// - Parameters:
  ///   - bits: the dimension of the cube, which must have room for all facilities.
  ///   - members: the number of facilities in each cluster.
  ///   - weight: the symmetric weight of two facilities by their clusters.
  init?(bits: Int, members: [Int], weight: [[Int]]) {
    guard members.count <= Counts.scalarCount else { return nil }
    var (steps, states, total) = ([Int](), 1, 0)
    for (cluster, count) in members.enumerated() {
      steps.append(states)
      states *= count + 1
      guard states <= 200_000 else { return nil }
      for (other, size) in members.enumerated() {
        guard weight[cluster][other] >= 0, weight[cluster][other] < 1 << 27 else { return nil }
        total += weight[cluster][other] * count * size * bits
        guard total < 1 << 27 else { return nil }
      }
    }
    (self.bits, self.steps, self.states) = (bits, steps, states)
    counts = Buffer(count: states, repeating: Counts())
    sizes = Buffer(count: states, repeating: 0)
    inner = Buffer(count: states, repeating: 0)
    pull = Buffer(count: states, repeating: Counts())
    near = Buffer(count: (bits + 1) * states, repeating: Counts())
    apart = Buffer(count: (bits + 1) * states, repeating: 0)
    cells = Array(repeating: [], count: bits)
    (ones, rest) = (cells, Array(repeating: [], count: bits))
    for state in 0..<states {
      var (held, reach, left) = (Counts(), Counts(), state)
      for cluster in members.indices {
        held[cluster] = Int32(left % (members[cluster] + 1))
        left /= members[cluster] + 1
      }
      var twice: Int32 = 0
      for cluster in members.indices {
        for other in members.indices {
          reach[cluster] += Int32(weight[cluster][other]) * held[other]
        }
        twice += held[cluster] * (reach[cluster] - Int32(weight[cluster][cluster]))
      }
      counts.view[state] = held
      sizes.view[state] = held.wrappedSum()
      pull.view[state] = reach
      // A facility has no weight with itself; where a cluster is empty, nothing counts.
      inner.view[state] = twice / 2
    }
    boundStates(weight)
  }

  /// Fills `near` and `apart`, from cubes of fewer bits to those of more.
  private func boundStates(_ weight: [[Int]]) {
    let heaviest = weight.map { row in row.indices.sorted { row[$0] > row[$1] } }
    let all = states - 1
    let half = (sizes.view[all] + 1) / 2
    for r in 0...bits {
      /// The number of vertices at each distance.
      var vertices = [1]
      for distance in 0..<r {
        vertices.append(vertices[distance] * (r - distance) / (distance + 1))
      }
      /// The cost of a facility with a state at the nearest vertices from a distance on.
      func cost(_ cluster: Int, _ held: Counts, from first: Int) -> Int32 {
        var (sum, distance) = (0, first)
        var room = first < vertices.count ? vertices[first] : 0
        for other in heaviest[cluster] where held[other] > 0 {
          var waiting = Int(held[other])
          while waiting > 0 {
            while room == 0 {
              distance += 1
              // Only for states that do not fit.
              if distance > r { return Int32(sum) }
              room = vertices[distance]
            }
            let placed = min(waiting, room)
            sum += placed * distance * weight[cluster][other]
            (waiting, room) = (waiting - placed, room - placed)
          }
        }
        return Int32(sum)
      }
      for state in 0..<states where sizes.view[state] <= 1 << Int32(r) {
        let held = counts.view[state]
        var (outside, twice) = (Counts(), Int32(0))
        for cluster in weight.indices {
          outside[cluster] = cost(cluster, held, from: 0)
          guard held[cluster] > 0 else { continue }
          var others = held
          others[cluster] -= 1
          twice += held[cluster] * cost(cluster, others, from: 1)
        }
        near.view[r * states + state] = outside
        apart.view[r * states + state] = (twice + 1) / 2
      }
      guard r > 0 else { continue }
      for state in 0..<states
      where sizes.view[state] <= 1 << Int32(r)
        && (sizes.view[state] <= half || r == bits && state == all)
      {
        let simple = apart.view[r * states + state]
        var least = Int32.max
        forEachPart(of: state) { part in
          let other = state - part
          // From here on the two sides have changed places.
          if part > other { return false }
          if fits(part, r - 1), fits(other, r - 1) {
            least = min(
              least,
              inner.view[state] - inner.view[part] - inner.view[other]
                + apart.view[(r - 1) * states + part] + apart.view[(r - 1) * states + other]
                + between(part, other, r - 1))
          }
          return least > simple
        }
        if least > simple { apart.view[r * states + state] = least }
      }
    }
  }

  /// True when every placement costs at least `value`.
  func shows(_ value: Int) -> Bool {
    guard value > 0 else { return true }
    guard value < 1 << 27 else { return false }
    claim = Int32(value)
    guard bits > 0 else { return false }
    return beginBit(0, [states - 1], spent: 0, last: 0)
  }

  @inline(__always)
  private func fits(_ state: Int, _ r: Int) -> Bool { sizes.view[state] <= 1 << Int32(r) }

  /// A bound on what two disjoint states cost with each other over r bits, where each has its
  /// facilities at different vertices.
  @inline(__always)
  private func between(_ a: Int, _ b: Int, _ r: Int) -> Int32 {
    let (counts, near) = (counts.view, near.view)
    return max(
      (counts[a] &* near[r &* states &+ b]).wrappedSum(),
      (counts[b] &* near[r &* states &+ a]).wrappedSum())
  }

  /// Visits all states below one in the order of their numbers, until `body` returns false.
  @inline(__always)
  private func forEachPart(of state: Int, _ body: (Int) -> Bool) {
    let whole = counts.view[state]
    var (taken, part) = (Counts(), 0)
    while body(part) {
      var cluster = 0
      while cluster < steps.count, taken[cluster] == whole[cluster] {
        part -= Int(taken[cluster]) * steps[cluster]
        taken[cluster] = 0
        cluster += 1
      }
      guard cluster < steps.count else { return }
      taken[cluster] += 1
      part += steps[cluster]
    }
  }

  /// Enumerates the splits of `found` by a bit and all later ones; the bits before cost `spent`,
  /// the last of them `last`. False when some placement costs less than is claimed.
  private func beginBit(_ bit: Int, _ found: [Int], spent: Int32, last: Int32) -> Bool {
    let r = bits - bit
    // Equal cells side by side.
    let sorted = found.sorted { (sizes.view[$0], $0) > (sizes.view[$1], $1) }
    var bounds = [Int32](repeating: 0, count: sorted.count + 1)
    for index in sorted.indices.reversed() {
      bounds[index] = bounds[index + 1] + apart.view[r * states + sorted[index]]
      for other in sorted[..<index] { bounds[index] += between(other, sorted[index], r) }
    }
    if spent + bounds[0] >= claim { return true }
    (cells[bit], rest[bit], ones[bit]) = (sorted, bounds, [])
    return split(bit, 0, Branch(spent: spent, last: last))
  }

  /// The decisions above a split.
  private struct Branch {
    /// The cost of all earlier bits, and of the last of them.
    let spent: Int32
    let last: Int32
    /// The cost of this bit so far, and a bound on what the halves cost in later ones.
    var now: Int32 = 0
    var later: Int32 = 0
    /// No cell has been split into different states.
    var isEven = true
    /// The weights of a facility of each cluster with all that have the bit set, and with the rest.
    var withOnes = Counts()
    var withZeros = Counts()
  }

  private func split(_ bit: Int, _ index: Int, _ branch: Branch) -> Bool {
    let (counts, inner, apart) = (counts.view, inner.view, apart.view)
    let below = bits - bit - 1
    let (line, remaining) = (below * states, Int32(below + 1))
    let (whole, done) = (cells[bit], ones[bit])
    let cell = whole[index]
    let open = branch.spent + branch.later + rest[bit][index + 1]
    let first = index > 0 && whole[index - 1] == cell ? done[index - 1] : 0
    var holds = true
    forEachPart(of: cell) { part in
      let other = cell - part
      if branch.isEven, part > other { return false }
      guard part >= first, fits(part, below), fits(other, below) else { return true }
      let now =
        branch.now + inner[cell] - inner[part] - inner[other]
        + (counts[part] &* branch.withZeros &+ counts[other] &* branch.withOnes).wrappedSum()
      // Neither this bit nor a later one costs less than the last, or than this one so far.
      if branch.spent + remaining * max(now, branch.last) >= claim { return true }
      var later = apart[line + part] + apart[line + other]
      if open + now + later >= claim { return true }
      later += between(part, other, below)
      for earlier in 0..<index {
        if open + now + later >= claim { return true }
        let (one, zero) = (done[earlier], whole[earlier] - done[earlier])
        later += between(part, one, below) + between(part, zero, below)
        later += between(other, one, below) + between(other, zero, below)
      }
      if open + now + later >= claim { return true }
      ones[bit].append(part)
      defer { ones[bit].removeLast() }
      if index + 1 < whole.count {
        var next = branch
        next.now = now
        next.later += later
        next.isEven = branch.isEven && part == other
        next.withOnes &+= pull.view[part]
        next.withZeros &+= pull.view[other]
        holds = split(bit, index + 1, next)
      } else if now >= branch.last {
        if below == 0 {
          // All cells have one facility, and the placement costs less.
          holds = false
        } else {
          let halves = zip(whole, ones[bit]).flatMap { [$1, $0 - $1] }.filter { $0 > 0 }
          holds = beginBit(bit + 1, halves, spent: branch.spent + now, last: now)
        }
      }
      return holds
    }
    return holds
  }
}
