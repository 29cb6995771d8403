import CLanes
import QAPPrimitives

/// The steps of the ascent and of branching on reduced problems, with the memory of one thread.
final class NodeReduction {
  private let assignment: AssignmentWorkspace
  /// The submatrices of one facility, line `j · (size − 1) + a` for the a-th other facility.
  private let lines: BufferView<Int32>
  private let values: BufferView<Int32>
  private let shares: BufferView<Int32>
  private let owned: [Buffer<Int32>]
  private let infinity: Int32
  /// Costs that the ascent has looked at: a measure of work that is the same on every machine.
  var work = 0

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

  /// A round of Hahn–Grant ascent over all facilities, by `order`. Returns false when the bound
  /// reaches `limit`, which prunes the problem.
  func round(_ problem: ReducedProblem, limit: Int32, order: [Int]) -> Bool {
    for i in order where !ascend(problem, i, limit: limit) { return false }
    return true
  }

  /// Solves the submatrices of facility `i` with each location and moves what they have in common
  /// into the bound, the rest back into their rows.
  private func ascend(_ problem: ReducedProblem, _ i: Int, limit: Int32) -> Bool {
    let (m, stride) = (problem.size, problem.stride)
    let rows = m &- 1
    let (leaders, met) = (problem.leaders, problem.placementBounds)
    let none = Lanes(repeating: infinity)
    var room = limit &- problem.bound
    work &+= m &* rows &* stride
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

  /// Solves the assignment problem over the leaders of `problem`, which is freshly filled, moves
  /// its value into the bound and spreads the remainders. Returns false when that prunes the
  /// problem.
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

  /// Fills `child` with the rest of `parent` once facility `i` is at location `j` (both by
  /// their place in `parent`). Returns false when the child is pruned, and then its costs are not
  /// filled.
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

  /// The assignment problem over the leaders; leaves zero or infinity in them and the shares to
  /// spread in `shares`.
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
}
