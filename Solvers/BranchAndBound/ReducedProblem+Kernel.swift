import CLanes
import Primitives

/// Sixteen costs side by side.
typealias Lanes = SIMD16<Int32>

/// Assignment problems over lines of sixteen or more costs, in integers, and the memory they take.
///
/// Shortest augmenting paths after row and column reduction (Jonker and Volgenant 1987), in place: the
/// costs that are left are reduced costs. A problem whose value reaches `room` is given up at once.
final class AssignmentWorkspace {
  private let columnDuals: BufferView<Int32>
  private let distances: BufferView<Int32>
  private let scannedAt: BufferView<Int32>
  private let predecessors: BufferView<Int32>
  private let laneNumbers: BufferView<Int32>
  private let columnOfRow: BufferView<Int32>
  private let rowOfColumn: BufferView<Int32>
  private let pending: BufferView<Int32>
  private let owned: [Buffer<Int32>]
  private let infinity: Int32

  init(capacity: Int, infinity: Int32) {
    let stride = laneStride(capacity)
    self.infinity = infinity
    owned = (0..<8).map { _ in Buffer(count: stride, repeating: 0) }
    columnDuals = owned[0].view
    distances = owned[1].view
    scannedAt = owned[2].view
    predecessors = owned[3].view
    laneNumbers = owned[4].view
    columnOfRow = owned[5].view
    rowOfColumn = owned[6].view
    pending = owned[7].view
    for l in 0..<stride { laneNumbers[l] = Int32(l) }
  }

  /// The column that the last solution gives to `row`.
  @inline(__always)
  func column(ofRow row: Int) -> Int { Int(columnOfRow[row]) }

  /// Reduces `rows` lines from `start` on over the columns `0..<columns` without `excluded`, as many as
  /// rows, and returns the value; some number of at least `room` as soon as it is known to reach that.
  @inline(__always)
  func reduce(
    _ costs: BufferView<Int32>, _ start: Int, rows: Int, columns: Int, stride: Int, excluded: Int,
    room: Int32
  ) -> Int32 {
    stride == 16
      ? reduceNarrow(costs, start, rows: rows, columns: columns, excluded: excluded, room: room)
      : reduceWide(
        costs, start, rows: rows, columns: columns, stride: stride, excluded: excluded, room: room)
  }

  /// Up to sixteen columns: everything about columns stays in registers.
  private func reduceNarrow(
    _ costs: BufferView<Int32>, _ start: Int, rows: Int, columns: Int, excluded: Int, room: Int32
  ) -> Int32 {
    let end = start &+ rows &* 16
    let none = Lanes(repeating: infinity)
    var total: Int32 = 0
    var v = none
    var at = start
    while at < end {
      let x = costs.lanes(at)
      let least = lanes_least(x)
      if least >= room { return room }
      total &+= least
      let reduced = x &- Lanes(repeating: least)
      v = lanes_lesser(v, reduced)
      costs.store(reduced, at)
      at &+= 16
    }
    if total >= room { return room }
    var free = (UInt32(1) &<< UInt32(truncatingIfNeeded: columns)) &- 1
    if excluded >= 0 { free &= ~(1 &<< UInt32(truncatingIfNeeded: excluded)) }
    v = lanes_blend(Lanes(repeating: 0), v, free)
    let columnSum = lanes_total(v)
    if columnSum != 0 {
      // A column without a finite cost makes the sum as large.
      total &+= columnSum
      if total >= room { return room }
    }
    // Rows take free columns where they cost nothing.
    var left = 0
    at = start
    for row in 0..<rows {
      let x = costs.lanes(at) &- v
      costs.store(x, at)
      at &+= 16
      let found = lanes_zeros(x) & free
      if found == 0 {
        pending[left] = Int32(truncatingIfNeeded: row)
        left &+= 1
      } else {
        let column = found.trailingZeroBitCount
        free &= ~(found & (0 &- found))
        columnOfRow[row] = Int32(truncatingIfNeeded: column)
        rowOfColumn[column] = Int32(truncatingIfNeeded: row)
      }
    }
    if left == 0 { return total }

    let lanes = laneNumbers.lanes(0)
    var w = Lanes(repeating: 0)
    for index in 0..<left {
      let source = pending[index]
      columnDuals.store(w, 0)
      var open = costs.lanes(start &+ Int(source) &* 16) &- w
      var scanned = Lanes(repeating: 0)
      var met: UInt32 = 0
      var p = Lanes(repeating: source)
      var reach: Int32 = 0
      var column = 0
      while true {
        let nearest = lanes_least((open &<< Lanes(repeating: 4)) | lanes)
        reach = nearest &>> 4
        column = Int(truncatingIfNeeded: nearest & 15)
        if total &+ reach >= room { return room }
        let here = UInt32(1) &<< UInt32(truncatingIfNeeded: column)
        if free & here != 0 { break }
        met |= here
        scanned = lanes_blend(scanned, Lanes(repeating: reach), here)
        let row = rowOfColumn[column]
        let line = start &+ Int(row) &* 16
        let h = costs[line &+ column] &- columnDuals[column] &- reach
        let x = costs.lanes(line) &- w &- Lanes(repeating: h)
        let better = lanes_less(x, open) & ~met
        open = lanes_blend(lanes_lesser(open, x), none, met)
        p = lanes_blend(p, Lanes(repeating: row), better)
      }
      total &+= reach
      w = lanes_blend(w, w &+ scanned &- Lanes(repeating: reach), met)
      predecessors.store(p, 0)
      free &= ~(1 &<< UInt32(truncatingIfNeeded: column))
      var into = column
      while true {
        let row = predecessors[into]
        rowOfColumn[into] = row
        let next = columnOfRow[Int(row)]
        columnOfRow[Int(row)] = Int32(truncatingIfNeeded: into)
        if row == source { break }
        into = Int(next)
      }
    }
    columnDuals.store(w, 0)
    for row in 0..<rows {
      let line = start &+ row &* 16
      let column = Int(columnOfRow[row])
      let u = costs[line &+ column] &- columnDuals[column]
      costs.store(costs.lanes(line) &- w &- Lanes(repeating: u), line)
    }
    return total
  }

  /// Any number of columns.
  private func reduceWide(
    _ costs: BufferView<Int32>, _ start: Int, rows: Int, columns: Int, stride: Int, excluded: Int,
    room: Int32
  ) -> Int32 {
    let bits = Int32(truncatingIfNeeded: Int.bitWidth &- (stride &- 1).leadingZeroBitCount)
    let none = Lanes(repeating: infinity)
    let (v, d, s, p) = (columnDuals, distances, scannedAt, predecessors)
    var total: Int32 = 0
    var j = 0
    while j < stride {
      v.store(none, j)
      j &+= 16
    }
    for row in 0..<rows {
      let line = start &+ row &* stride
      var least = costs.lanes(line)
      j = 16
      while j < stride {
        least = lanes_lesser(least, costs.lanes(line &+ j))
        j &+= 16
      }
      let value = lanes_least(least)
      if value >= room { return room }
      total &+= value
      j = 0
      while j < stride {
        let x = costs.lanes(line &+ j) &- Lanes(repeating: value)
        v.store(lanes_lesser(v.lanes(j), x), j)
        costs.store(x, line &+ j)
        j &+= 16
      }
    }
    if total >= room { return room }
    for l in columns..<stride { v[l] = 0 }
    if excluded >= 0 { v[excluded] = 0 }
    for l in 0..<columns {
      let least = v[l]
      if least >= room { return room }
      total &+= least
      if total >= room { return room }
      rowOfColumn[l] = -1
    }
    if excluded >= 0 { rowOfColumn[excluded] = 0 }
    var left = 0
    for row in 0..<rows {
      let line = start &+ row &* stride
      j = 0
      while j < stride {
        costs.store(costs.lanes(line &+ j) &- v.lanes(j), line &+ j)
        j &+= 16
      }
      var column = 0
      while column < columns, costs[line &+ column] != 0 || rowOfColumn[column] >= 0 {
        column &+= 1
      }
      if column == columns {
        pending[left] = Int32(truncatingIfNeeded: row)
        left &+= 1
      } else {
        columnOfRow[row] = Int32(truncatingIfNeeded: column)
        rowOfColumn[column] = Int32(truncatingIfNeeded: row)
      }
    }
    if left == 0 { return total }
    j = 0
    while j < stride {
      v.store(Lanes(repeating: 0), j)
      j &+= 16
    }
    let unscanned = Lanes(repeating: -1)
    let zero = Lanes(repeating: 0)
    for index in 0..<left {
      let source = pending[index]
      let first = start &+ Int(source) &* stride
      var best = Lanes(repeating: .max)
      j = 0
      while j < stride {
        let x = costs.lanes(first &+ j) &- v.lanes(j)
        d.store(x, j)
        s.store(unscanned, j)
        p.store(Lanes(repeating: source), j)
        best = lanes_lesser(best, (x &<< Lanes(repeating: bits)) | laneNumbers.lanes(j))
        j &+= 16
      }
      var reach: Int32 = 0
      var column = 0
      while true {
        let nearest = lanes_least(best)
        reach = nearest &>> bits
        column = Int(nearest & ((1 &<< bits) &- 1))
        if total &+ reach >= room { return room }
        let row = rowOfColumn[column]
        if row < 0 { break }
        s[column] = reach
        d[column] = infinity
        let line = start &+ Int(row) &* stride
        let h = Lanes(repeating: costs[line &+ column] &- v[column] &- reach)
        best = Lanes(repeating: .max)
        j = 0
        while j < stride {
          let x = costs.lanes(line &+ j) &- v.lanes(j) &- h
          let old = d.lanes(j)
          let better = lanes_less(x, old) & lanes_less(s.lanes(j), zero)
          let now = lanes_blend(old, x, better)
          d.store(now, j)
          p.store(lanes_blend(p.lanes(j), Lanes(repeating: row), better), j)
          best = lanes_lesser(best, (now &<< Lanes(repeating: bits)) | laneNumbers.lanes(j))
          j &+= 16
        }
      }
      total &+= reach
      j = 0
      while j < stride {
        let met = s.lanes(j)
        let old = v.lanes(j)
        let isUnscanned = lanes_less(met, zero)
        v.store(lanes_blend(old &+ met &- Lanes(repeating: reach), old, isUnscanned), j)
        j &+= 16
      }
      var into = column
      while true {
        let row = p[into]
        rowOfColumn[into] = row
        let next = columnOfRow[Int(row)]
        columnOfRow[Int(row)] = Int32(truncatingIfNeeded: into)
        if row == source { break }
        into = Int(next)
      }
    }
    for row in 0..<rows {
      let line = start &+ row &* stride
      let column = Int(columnOfRow[row])
      let u = Lanes(repeating: costs[line &+ column] &- v[column])
      j = 0
      while j < stride {
        costs.store(costs.lanes(line &+ j) &- v.lanes(j) &- u, line &+ j)
        j &+= 16
      }
    }
    return total
  }
}

/// The steps of the ascent and of branching on reduced problems, with the memory of one thread.
final class ReductionKernel {
  private let assignment: AssignmentWorkspace
  /// The submatrices of one facility, line `j · (size − 1) + a` for the a-th other facility.
  private let lines: BufferView<Int32>
  private let values: BufferView<Int32>
  private let shares: BufferView<Int32>
  private let owned: [Buffer<Int32>]
  private let infinity: Int32

  init(size: Int, infinity: Int32) {
    self.infinity = infinity
    let stride = laneStride(size)
    assignment = AssignmentWorkspace(capacity: size, infinity: infinity)
    owned = [size * max(1, size - 1) * stride, stride, size * stride].map {
      Buffer(count: $0, repeating: 0)
    }
    lines = owned[0].view
    values = owned[1].view
    shares = owned[2].view
  }

  /// A round of Hahn–Grant ascent over all facilities, by `order`. Returns false when the bound reaches
  /// `limit`, which prunes the problem.
  func round(_ problem: ReducedProblem, limit: Int32, order: [Int]) -> Bool {
    for i in order where !ascend(problem, i, limit: limit) { return false }
    return true
  }

  /// Solves the submatrices of facility `i` with each location and moves what they have in common into
  /// the bound, the rest back into their rows.
  private func ascend(_ problem: ReducedProblem, _ i: Int, limit: Int32) -> Bool {
    let (m, stride) = (problem.size, problem.stride)
    let rows = m &- 1
    let (costs, leaders, met) = (problem.costs, problem.leaders, problem.placementBounds)
    let none = Lanes(repeating: infinity)
    var room = limit &- problem.bound
    gather(problem, i)
    var least = infinity
    for j in 0..<m {
      var value = infinity
      if leaders[i &* stride &+ j] == 0 {
        value = assignment.reduce(
          lines, j &* rows &* stride, rows: rows, columns: m, stride: stride, excluded: j,
          room: room)
        if value < room {
          let bound = problem.bound &+ value
          if bound > met[i &* stride &+ j] { met[i &* stride &+ j] = bound }
        } else {
          value = infinity
          leaders[i &* stride &+ j] = infinity
        }
      }
      values[j] = value
      if value < least { least = value }
    }
    if least >= room {
      problem.bound = limit
      return false
    }
    problem.bound &+= least
    room &-= least
    let divisor = Int32(truncatingIfNeeded: rows)
    for j in 0..<m {
      let value = values[j]
      let start = j &* rows &* stride
      if value == infinity {
        var at = start
        while at < start &+ rows &* stride {
          lines.store(none, at)
          at &+= 16
        }
      } else {
        let share = Lanes(repeating: (value &- least) / divisor)
        var at = start
        while at < start &+ rows &* stride {
          let x = lines.lanes(at) &+ share
          lines.store(lanes_capped(x, room, infinity), at)
          at &+= 16
        }
      }
    }
    scatter(problem, i)
    _ = costs
    return true
  }

  /// Collects the submatrices of facility `i`.
  private func gather(_ problem: ReducedProblem, _ i: Int) {
    let (m, stride, costs) = (problem.size, problem.stride, problem.costs)
    let rows = m &- 1
    let none = Lanes(repeating: infinity)
    for a in 0..<rows {
      if a < i {
        let start = problem.pairs(a, i)
        for j in 0..<m {
          let line = (j &* rows &+ a) &* stride
          lines.store(none, line &+ stride &- 16)
        }
        for l in 0..<m {
          let from = start &+ l &* stride
          for j in 0..<m { lines[(j &* rows &+ a) &* stride &+ l] = costs[from &+ j] }
        }
      } else {
        let start = problem.pairs(i, a &+ 1)
        for j in 0..<m {
          let (from, to) = (start &+ j &* stride, (j &* rows &+ a) &* stride)
          var l = 0
          while l < stride {
            lines.store(costs.lanes(from &+ l), to &+ l)
            l &+= 16
          }
        }
      }
    }
  }

  /// Puts the submatrices of facility `i` back.
  private func scatter(_ problem: ReducedProblem, _ i: Int) {
    let (m, stride, costs) = (problem.size, problem.stride, problem.costs)
    let rows = m &- 1
    for a in 0..<rows {
      if a < i {
        let start = problem.pairs(a, i)
        for l in 0..<m {
          let to = start &+ l &* stride
          for j in 0..<m { costs[to &+ j] = lines[(j &* rows &+ a) &* stride &+ l] }
        }
      } else {
        let start = problem.pairs(i, a &+ 1)
        for j in 0..<m {
          let (to, from) = (start &+ j &* stride, (j &* rows &+ a) &* stride)
          var l = 0
          while l < stride {
            costs.store(lines.lanes(from &+ l), to &+ l)
            l &+= 16
          }
        }
      }
    }
  }

  /// Solves the assignment problem over the leaders of `problem`, which is freshly filled, moves its
  /// value into the bound and spreads the remainders. Returns false when that prunes the problem.
  func settleLeaders(_ problem: ReducedProblem, limit: Int32) -> Bool {
    guard reduceLeaders(problem, limit: limit) else { return false }
    let (m, stride) = (problem.size, problem.stride)
    for i in 0..<m {
      for k in i &+ 1..<max(m, i &+ 1) {
        let start = problem.pairs(i, k)
        for j in 0..<m {
          let share = Lanes(repeating: shares[i &* stride &+ j])
          let line = start &+ j &* stride
          var l = 0
          while l < stride {
            let x = problem.costs.lanes(line &+ l) &+ share &+ shares.lanes(k &* stride &+ l)
            store(x, problem, at: line &+ l, limit: limit)
            l &+= 16
          }
        }
      }
    }
    return true
  }

  @inline(__always)
  private func store(_ x: Lanes, _ problem: ReducedProblem, at index: Int, limit: Int32) {
    problem.costs.store(lanes_capped(x, limit &- problem.bound, infinity), index)
  }

  /// Fills `child` with what is left of `parent` once facility `i` is at location `j` (both by their
  /// place in `parent`). Returns false when the child is pruned, and then its costs are not filled.
  func fix(
    _ parent: ReducedProblem, _ i: Int, _ j: Int, into child: ReducedProblem, limit: Int32
  ) -> Bool {
    let (m, from, to) = (child.size, parent.stride, child.stride)
    child.bound = parent.bound
    // The leaders: what each placement costs together with (i, j).
    for a in 0..<m {
      let k = a < i ? a : a &+ 1
      for b in 0..<m {
        let l = b < j ? b : b &+ 1
        let pair =
          k < i
          ? parent.costs[parent.pairs(k, i) &+ l &* from &+ j]
          : parent.costs[parent.pairs(i, k) &+ j &* from &+ l]
        let isExcluded = parent.leaders[k &* from &+ l] != 0
        child.leaders[a &* to &+ b] = isExcluded ? infinity : pair
      }
      for b in m..<to { child.leaders[a &* to &+ b] = infinity }
    }
    guard reduceLeaders(child, limit: limit) else { return false }
    if m == 1 { return true }
    let room = limit &- child.bound
    for a in 0..<m {
      let i1 = a < i ? a : a &+ 1
      for c in a &+ 1..<max(m, a &+ 1) {
        let k1 = c < i ? c : c &+ 1
        let source = parent.pairs(i1, k1)
        let target = child.pairs(a, c)
        for b in 0..<m {
          let j1 = b < j ? b : b &+ 1
          let share = Lanes(repeating: shares[a &* to &+ b])
          var l = 0
          while l < to {
            let line = source &+ j1 &* from &+ l
            // Columns behind j move up by one.
            let behind = (0xFFFF as UInt32) &<< UInt32(truncatingIfNeeded: min(16, max(0, j &- l)))
            let x = lanes_blend(
              parent.costs.lanes(line), parent.costs.lanes(line &+ 1), behind)
            let sum = x &+ share &+ shares.lanes(c &* to &+ l)
            child.costs.store(lanes_capped(sum, room, infinity), target &+ b &* to &+ l)
            l &+= 16
          }
        }
      }
    }
    return true
  }

  /// The assignment problem over the leaders; leaves zero or infinity in them and the shares to spread
  /// in `shares`.
  private func reduceLeaders(_ problem: ReducedProblem, limit: Int32) -> Bool {
    let (m, stride) = (problem.size, problem.stride)
    let (leaders, met) = (problem.leaders, problem.placementBounds)
    let room = limit &- problem.bound
    guard room > 0 else { return false }
    let value = assignment.reduce(
      leaders, 0, rows: m, columns: m, stride: stride, excluded: -1, room: room)
    guard value < room else {
      problem.bound = limit
      return false
    }
    problem.bound &+= value
    let left = room &- value
    let divisor = Int32(truncatingIfNeeded: max(1, m &- 1))
    for i in 0..<m {
      for j in 0..<stride {
        let at = i &* stride &+ j
        let leader = leaders[at]
        if j >= m || leader >= left {
          leaders[at] = infinity
          shares[at] = infinity
          met[at] = infinity
        } else {
          shares[at] = leader / divisor
          leaders[at] = 0
          met[at] = problem.bound &+ leader
        }
      }
    }
    return true
  }

  /// The assignment that the last `fix` or `settleLeaders` found over the leaders.
  func leaderColumn(_ row: Int) -> Int { assignment.column(ofRow: row) }
}
