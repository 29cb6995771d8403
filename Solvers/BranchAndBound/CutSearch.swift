import QAPPrimitives

/// Depth-first search for labels of facilities, bit by bit, that minimize the weighted sum of
/// Hamming distances: each bit splits every cell, the facilities with equal bits so far, in two,
/// and costs the weights between the two sides.
///
/// Bits are interchangeable, so that their costs do not fall from one to the next; the two sides
/// of a bit are, as long as no cell has been split unevenly; and cells of the same state are, whose
/// members can be swapped. (Facilities of a cluster have no names here at all.)
final class CutSearch {
  /// The result of a call.
  struct Outcome: Sendable {
    var nodes = 0
    /// The sum of the best labels, less than the limit; nil when there are none.
    var best: Int32?
    /// The cells of each bit and which of them have the bit set, as states, for the best labels.
    var path: [[(cell: Int, ones: Int)]] = []
    var isInterrupted = false
  }

  /// A way to split the first cell, and a bound on everything below it.
  struct Start: Sendable {
    let ones: Int
    let cost: Int32
    let bound: Int32
  }

  private let table: CutTable
  private let mustStop: () -> Bool
  private var outcome = Outcome()
  private var limit: Int32 = 0
  private var budget = 0
  private var cells: [[Int]]
  private var ones: [[Int]]

  init(_ table: CutTable, mustStop: @escaping () -> Bool) {
    self.table = table
    self.mustStop = mustStop
    cells = Array(repeating: [], count: table.dimension)
    ones = cells
  }

  /// The ways to split all facilities by the first bit, of which some sum below `limit` may come;
  /// the least bound first.
  func starts(limit: Int32) -> [Start] {
    self.limit = limit
    cells[0] = [table.all]
    ones[0] = []
    return splits(
      0, 0, Progress(bound: table.bounds[table.dimension * table.states + table.all]))
  }

  /// Searches below `start` for a sum below `limit`, for `budget` nodes at most.
  func run(_ start: Start, limit: Int32, budget: Int) -> Outcome {
    outcome = Outcome()
    self.limit = limit
    self.budget = budget
    cells[0] = [table.all]
    ones[0] = []
    follow(start, 0, 0, Progress(bound: start.bound))
    return outcome
  }

  /// The progress of a bit.
  private struct Progress {
    /// The cost of the bits before, and of the last of them.
    var sum: Int32 = 0
    var last: Int32 = 0
    /// The cost of this bit so far.
    var cost: Int32 = 0
    /// On this bit and all later ones.
    var bound: Int32
    /// No cell has been split unevenly.
    var isEven = true
    /// The weights of the flow to facilities with the bit set, and without it.
    var withOnes = CutTable.Counts()
    var withZeros = CutTable.Counts()
  }

  private func split(_ bit: Int, _ index: Int, _ progress: Progress) {
    outcome.nodes += 1
    if outcome.nodes >= budget || outcome.nodes & 1023 == 0 && mustStop() {
      outcome.isInterrupted = true
    }
    for start in splits(bit, index, progress) {
      if outcome.isInterrupted { return }
      // The limit may have fallen.
      let left = Int32(table.dimension - bit)
      if progress.sum &+ start.bound >= limit || progress.sum &+ left &* start.cost >= limit {
        continue
      }
      follow(start, bit, index, progress)
    }
  }

  /// The ways to split a cell that are not ruled out, the least bound first.
  private func splits(_ bit: Int, _ index: Int, _ progress: Progress) -> [Start] {
    let table = table
    let (states, counts, sizes) = (table.states, table.counts, table.sizes)
    let left = table.dimension &- bit
    let (line, below, most) = (left &* states, (left &- 1) &* states, Int32(1) << Int32(left &- 1))
    let cell = cells[bit][index]
    let (before, sides) = (cells[bit], ones[bit])
    var base = progress.bound &- table.bounds[line &+ cell]
    for other in 0..<index { base &-= table.cross(before[other], cell, bits: left) }
    let room = limit &- progress.sum
    let mostCost = (room &- 1) / Int32(left)
    let least = index > 0 && before[index - 1] == cell ? sides[index - 1] : 0
    let vector = counts[cell]
    var found: [Start] = []
    table.forEachPart(of: cell) { part in
      let rest = cell &- part
      if progress.isEven && part > rest { return false }
      guard part >= least, sizes[part] <= most, sizes[rest] <= most else { return true }
      let inner = table.inner[cell] &- table.inner[part] &- table.inner[rest]
      var bound =
        base &+ inner &+ table.bounds[below &+ part] &+ table.bounds[below &+ rest]
      if bound >= room { return true }
      let crossing =
        (counts[part] &* progress.withZeros &+ (vector &- counts[part]) &* progress.withOnes)
        .wrappedSum()
      bound &+= crossing
      let cost = progress.cost &+ inner &+ crossing
      if cost > mostCost || bound >= room { return true }
      if cost &+ (Int32(left) &- 1) &* max(cost, progress.last) >= room { return true }
      bound &+= table.cross(part, rest, bits: left &- 1)
      var other = 0
      while other < index, bound < room {
        let (one, zero) = (sides[other], before[other] &- sides[other])
        bound &+=
          table.cross(part, one, bits: left &- 1) &+ table.cross(rest, one, bits: left &- 1)
        bound &+=
          table.cross(part, zero, bits: left &- 1) &+ table.cross(rest, zero, bits: left &- 1)
        other &+= 1
      }
      if bound < room { found.append(Start(ones: part, cost: cost, bound: bound)) }
      return true
    }
    found.sort { ($0.bound, $0.ones) < ($1.bound, $1.ones) }
    return found
  }

  /// Splits a cell and goes on with the next one, or the next bit.
  private func follow(_ start: Start, _ bit: Int, _ index: Int, _ progress: Progress) {
    let cell = cells[bit][index]
    ones[bit].append(start.ones)
    defer { ones[bit].removeLast() }
    var next = progress
    next.cost = start.cost
    next.bound = start.bound
    if index + 1 < cells[bit].count {
      next.isEven = progress.isEven && 2 * start.ones == cell
      next.withOnes &+= table.weights(with: start.ones)
      next.withZeros &+= table.weights(with: cell - start.ones)
      return split(bit, index + 1, next)
    }
    // The bit is done.
    if start.cost < progress.last { return }
    let sum = progress.sum + start.cost
    if bit + 1 == table.dimension {
      if sum < limit {
        limit = sum
        outcome.best = sum
        outcome.path = cells.indices.map { bit in
          zip(cells[bit], ones[bit]).map { (cell: $0, ones: $1) }
        }
      }
      return
    }
    let halves = zip(cells[bit], ones[bit]).flatMap { [$1, $0 - $1] }.filter { $0 > 0 }
    cells[bit + 1] = halves.sorted { (table.sizes[$0], $0) > (table.sizes[$1], $1) }
    ones[bit + 1] = []
    var bound: Int32 = 0
    let left = table.dimension - bit - 1
    for (index, cell) in cells[bit + 1].enumerated() {
      bound += table.bounds[left * table.states + cell]
      for other in cells[bit + 1][..<index] { bound += table.cross(cell, other, bits: left) }
    }
    if sum + bound < limit {
      split(bit + 1, 0, Progress(sum: sum, last: start.cost, bound: bound))
    }
  }

  /// The labels of the facilities of the clusters, by their numbers, of an outcome's path.
  static func labels(_ path: [[(cell: Int, ones: Int)]], _ table: CutTable) -> [Int: Int] {
    var groups: [(state: Int, members: [[Int]], label: Int)] = [(table.all, table.members, 0)]
    for bits in path {
      var next: [(state: Int, members: [[Int]], label: Int)] = []
      var waiting = groups
      for (cell, ones) in bits {
        guard let place = waiting.firstIndex(where: { $0.state == cell }) else {
          preconditionFailure("a cell without facilities")
        }
        let group = waiting.remove(at: place)
        let split = group.members.enumerated().map { cluster, members in
          (members, cluster < table.members.count ? Int(table.counts[ones][cluster]) : 0)
        }
        if ones > 0 {
          next.append((ones, split.map { Array($0.prefix($1)) }, group.label << 1 | 1))
        }
        if cell > ones {
          next.append((cell - ones, split.map { Array($0.dropFirst($1)) }, group.label << 1))
        }
      }
      groups = next
    }
    var labels: [Int: Int] = [:]
    for group in groups {
      for member in group.members.joined() { labels[member] = group.label }
    }
    return labels
  }
}
