import QAP
import QAPLinearAssignment
import QAPPrimitives

/// The workspace of one thread for submatrices: an assignment solver and blocks for tensor costs.
final class SubmatrixWorkspace: @unchecked Sendable {
  let solver: LinearAssignmentSolver
  let block: Buffer<Double>
  let secondBlock: Buffer<Double>
  let locations: Buffer<Int>

  init(_ cost: PairCost) {
    let n = cost.size
    solver = LinearAssignmentSolver(capacity: n)
    block = Buffer(count: cost.isTensor ? n * n : 0, repeating: 0)
    secondBlock = Buffer(count: cost.isTensor ? n * n : 0, repeating: 0)
    locations = Buffer(count: n, repeating: 0)
  }
}

extension RLTDual {
  /// Writes the reduced pair costs `r(ij, ··)` into the solver's matrix, without row `i`; column
  /// `j` and the padding come out infinite. With `from`, only the rows of facilities `k ≥ from`.
  func assemble(_ i: Int, _ j: Int, from: Int = 0, _ workspace: SubmatrixWorkspace) {
    switch cost.kind {
    case .product: assembleProduct(i, j, from, workspace.solver.costs)
    case .twoProducts: assembleTwoProducts(i, j, from, workspace.solver.costs)
    case .tensor(let tensor): assembleTensor(tensor, i, j, from, workspace)
    }
  }

  private func assembleProduct(_ i: Int, _ j: Int, _ from: Int, _ out: BufferView<Double>) {
    let (m, n, stride) = (facilities, size, stride)
    let u = rowMultipliers.window((i &* n &+ j) &* stride, stride)
    let v = columnMultipliers.window((i &* n &+ j) &* stride, stride)
    let mirrorU = rowMirror.window(i &* m &* stride, m &* stride)
    let mirrorV = columnMirror.window(j &* m &* stride, m &* stride)
    let flow = tables.flow.window(i &* stride, stride)
    let distance = tables.distance.window(j &* stride, stride)
    var l = 0
    while l < stride {
      let d = distance.wide(l)
      let w = v.wide(l)
      var k = from
      var to = l
      while k < m {
        if k != i {
          let at = k &* stride &+ l
          let r = d * flow[k] - w - u[k] - mirrorU.wide(at) - mirrorV.wide(at)
          out.store(r, to)
          to &+= stride
        }
        k &+= 1
      }
      l &+= 8
    }
  }

  private func assembleTwoProducts(_ i: Int, _ j: Int, _ from: Int, _ out: BufferView<Double>) {
    let (m, n, stride) = (facilities, size, stride)
    let u = rowMultipliers.window((i &* n &+ j) &* stride, stride)
    let v = columnMultipliers.window((i &* n &+ j) &* stride, stride)
    let mirrorU = rowMirror.window(i &* m &* stride, m &* stride)
    let mirrorV = columnMirror.window(j &* m &* stride, m &* stride)
    let flow = tables.flow.window(i &* stride, stride)
    let back = tables.flowTransposed.window(i &* stride, stride)
    let distance = tables.distance.window(j &* stride, stride)
    let distanceBack = tables.distanceTransposed.window(j &* stride, stride)
    var l = 0
    while l < stride {
      let d = distance.wide(l)
      let e = distanceBack.wide(l)
      let w = v.wide(l)
      var k = from
      var to = l
      while k < m {
        if k != i {
          let at = k &* stride &+ l
          let q = d * flow[k] + e * back[k]
          let r = q - w - u[k] - mirrorU.wide(at) - mirrorV.wide(at)
          out.store(r, to)
          to &+= stride
        }
        k &+= 1
      }
      l &+= 8
    }
  }

  private func assembleTensor(
    _ tensor: any CostTensor, _ i: Int, _ j: Int, _ from: Int, _ workspace: SubmatrixWorkspace
  ) {
    let (n, stride) = (size, stride)
    let out = workspace.solver.costs
    let block = workspace.block.view
    cost.fillPairs(
      of: tensor, i, j, into: block, scratch: workspace.secondBlock.view)
    let line = (i * n + j) * stride
    var to = 0
    for k in from..<n where k != i {
      for l in 0..<stride {
        if l == j || l >= n {
          out[to + l] = .infinity
          continue
        }
        let q = block[k * n + l]
        out[to + l] =
          q - columnMultipliers[line + l] - rowMultipliers[line + k]
          - rowMirror[(i * n + k) * stride + l] - columnMirror[(j * n + k) * stride + l]
      }
      to += stride
    }
  }

  /// The step of Hahn and Grant at `(i, j)`: solves the assignment problem over its submatrix of
  /// reduced pair costs, moves the duals into the multipliers and the value into the leader. Leaves
  /// the assignment of the other facilities in the workspace's `locations`.
  ///
  /// Different `j` of one `i` share no pair and may run at the same time. The solve is cold: column
  /// minima first spread the value over rows and columns, which climbs as well as row minima first
  /// and takes a third less time.
  func ascend(_ i: Int, _ j: Int, _ workspace: SubmatrixWorkspace) {
    let (m, n) = (facilities, size)
    guard m > 1 else { return }
    let solver = workspace.solver
    if leavesEmpty {
      releaseColumns(i, j)
      assemble(i, j, workspace)
      leaders[i &* n &+ j] += solver.solve(rows: m - 1, excludingColumn: j)
    } else {
      assemble(i, j, workspace)
      for l in 0..<n { solver.columnDuals[l] = 0 }
      leaders[i &* n &+ j] += solver.solve(.cold, rows: n - 1, excludingColumn: j)
    }
    takeOver(i, j, workspace)
  }

  /// Adds the duals that the solver holds to the multipliers of `(i, j)`, and notes its assignment.
  func takeOver(_ i: Int, _ j: Int, _ workspace: SubmatrixWorkspace) {
    let (m, n, stride) = (facilities, size, stride)
    let solver = workspace.solver
    let line = (i &* n &+ j) &* stride
    let (u, v) = (rowMultipliers, columnMultipliers)
    let (a, b) = (solver.rowDuals, solver.columnDuals)
    let (columnOfRow, locations) = (solver.columnOfRow, workspace.locations.view)
    var row = 0
    var k = 0
    while k < m {
      if k != i {
        let multiplier = u[line &+ k] + a[row]
        u[line &+ k] = multiplier
        rowMirror[(k &* m &+ i) &* stride &+ j] = multiplier
        locations[k] = columnOfRow[row]
        row &+= 1
      }
      k &+= 1
    }
    locations[i] = j
    var l = 0
    while l < n {
      if l != j {
        let multiplier = v[line &+ l] + b[l]
        v[line &+ l] = multiplier
        columnMirror[(l &* m &+ i) &* stride &+ j] = multiplier
      }
      l &+= 1
    }
  }

  /// Gives the column multipliers of `(i, j)` back to its reduced costs, so that an assignment
  /// problem which may leave columns empty can set them again, at zero or below.
  private func releaseColumns(_ i: Int, _ j: Int) {
    let (m, n) = (facilities, size)
    let line = (i * n + j) * stride
    for l in 0..<n where l != j {
      leaders[i * n + j] -= columnMultipliers[line + l]
      columnMultipliers[line + l] = 0
      columnMirror[(l * m + i) * stride + j] = 0
    }
  }

  /// Moves the value of the assignment problem over the leaders into `α` and `β`.
  func reduceLeaders(_ solver: LinearAssignmentSolver) {
    let (m, n) = (facilities, size)
    if leavesEmpty {
      for j in 0..<n {
        for i in 0..<m { leaders[i * n + j] += locationDuals[j] }
        locationDuals[j] = 0
      }
    }
    solve(leaders, solver)
    for j in 0..<n { locationDuals[j] += solver.columnDuals[j] }
    for i in 0..<m {
      facilityDuals[i] += solver.rowDuals[i]
      for j in 0..<n { leaders[i * n + j] -= solver.rowDuals[i] + solver.columnDuals[j] }
    }
  }

  /// Solves the assignment problem over an array like the leaders.
  func solve(_ leaders: BufferView<Double>, _ solver: LinearAssignmentSolver) {
    let (m, n) = (facilities, size)
    solver.prepare(size: n)
    for i in 0..<m {
      for j in 0..<n { solver.costs[i * solver.stride + j] = leaders[i * n + j] }
    }
    if leavesEmpty {
      solver.solve(rows: m)
    } else {
      solver.solve(.cold)
    }
  }

  /// Ends the visit of facility `i`: its smallest leader moves into `α[i]`, and what the others
  /// have beyond it is spread evenly over the rows of their submatrices, where the facilities still
  /// to come in this round can take it up.
  func settleFacility(_ i: Int) {
    let (m, n, stride) = (facilities, size, stride)
    guard m > 1 else { return }
    var least = Double.infinity
    for j in 0..<n { least = min(least, leaders[i &* n &+ j]) }
    facilityDuals[i] += least
    for j in 0..<n {
      let share = (leaders[i &* n &+ j] - least) / Double(m - 1)
      leaders[i &* n &+ j] = 0
      let line = (i &* n &+ j) &* stride
      for k in 0..<m where k != i {
        let multiplier = rowMultipliers[line &+ k] - share
        rowMultipliers[line &+ k] = multiplier
        rowMirror[(k &* m &+ i) &* stride &+ j] = multiplier
      }
    }
  }

  /// The objective of an assignment given as a view, of which the facilities' part is read.
  ///
  /// - Complexity: O(m²), in plain doubles.
  func objective(_ locations: BufferView<Int>) -> Double {
    let (m, stride) = (facilities, stride)
    var total = cost.constant
    for i in 0..<m { total += cost.linear[i, locations[i]] }
    switch cost.kind {
    case .product:
      let (flow, distance) = (tables.flow, tables.distance)
      var first = 0.0
      var second = 0.0
      var i = 1
      while i < m {
        let a = i &* stride
        let b = locations[i] &* stride
        var k = 0
        while k &+ 1 < i {
          first += flow[a &+ k] * distance[b &+ locations[k]]
          second += flow[a &+ k &+ 1] * distance[b &+ locations[k &+ 1]]
          k &+= 2
        }
        if k < i { first += flow[a &+ k] * distance[b &+ locations[k]] }
        i &+= 1
      }
      total += first + second
    case .twoProducts, .tensor:
      for i in 0..<m {
        for k in 0..<i { total += cost.pair(i, locations[i], k, locations[k]) }
      }
    }
    return total
  }
}
