import QAPPrimitives

// The blocks K of the normal matrix, one for each pair of facilities i < k, with the rows a_j =
// R(i,j,k) and b_l = R(k,l,i) and θ_jl that of y(ij,kl):
//
//     K[a_j, a_j] = Σ_l θ_jl,   K[b_l, b_l] = Σ_j θ_jl,   K[a_j, b_l] = θ_jl
//
// With the signs of the b-rows changed K is the Laplacian of an electrical network: nodes a_j and
// b_l, conductances θ_jl, and b_{n−1}, whose row is left out, as the ground. The variable y(ij,kl)
// meets a_j, b_l, C(i,j,l) and C(k,l,j). So what the Schur complement over the rows C gets from a
// pair of edges jl and j'l' is −θ_jl times the current through the second when one unit enters at
// a_j and leaves at b_l, and on the diagonal θ_jl times what then does not flow through the edge
// itself.
//
// Conductances differ by twenty powers of ten near the optimum. K⁻¹ as a matrix would be of no use:
// its entries are potentials against the ground, huge and all but equal within a part of the
// network that hangs on the rest by small conductances. Currents from one node of an edge to the
// other are not.

extension NormalSystem {
  /// The factor of the p-th pair's K.
  ///
  /// Eliminating nodes of the network by adding conductances (Grassmann, Taksar and Heyman,
  /// Operations Research 33, 1985) subtracts nothing, so every entry of the factor has a small
  /// relative error, however far apart the conductances are.
  func factorBlock(_ p: Int) {
    let n = n
    let block = block(p)
    let t = theta.view.window(p * n * n, n * n)
    let last = n - 1
    block.weights.fill(0)
    for l in 0..<last { block.ground[n + l] = dualShift }
    for j in 0..<n {
      var sum = dualShift + t[j * n + last]
      block.ground[j] = sum
      for l in 0..<last { sum += t[j * n + l] }
      block.pivots[j] = sum
      for l in 0..<last where t[j * n + l] > 0 {
        let share = t[j * n + l] / sum
        block.ground[n + l] += share * block.ground[j]
        for m in 0..<last where m != l { block.weights[l * n + m] += share * t[j * n + m] }
      }
    }
    for v in 0..<last {
      var sum = block.ground[n + v]
      for c in v + 1..<max(last, v + 1) { sum += block.weights[v * n + c] }
      block.pivots[n + v] = sum
      for c in v + 1..<max(last, v + 1) {
        let share = block.weights[v * n + c] / sum
        block.ground[n + c] += share * block.ground[n + v]
        for m in v + 1..<last where m != c {
          block.weights[c * n + m] += share * block.weights[v * n + m]
        }
      }
    }
  }

  /// The factor of one pair: conductances between b-nodes after elimination of the a-nodes and of
  /// the b-nodes before, pivots, and conductances to the ground.
  private struct Block {
    let weights: BufferView<Double>
    let pivots: BufferView<Double>
    let ground: BufferView<Double>
  }

  private func block(_ p: Int) -> Block {
    let length = n * n + 4 * n
    let all = factors.view.window(p * length, length)
    return Block(
      weights: all.window(0, n * n), pivots: all.window(n * n, 2 * n),
      ground: all.window(n * n + 2 * n, 2 * n))
  }

  /// Potentials of the b-nodes for currents `potential` into them, in place; b_{n−1} stays at 0.
  private func solveLocations(_ block: Block, _ potential: BufferView<Double>) {
    let last = n - 1
    for v in 0..<last {
      let flow = potential[v] / block.pivots[n + v]
      for c in v + 1..<max(last, v + 1) { potential[c] += block.weights[v * n + c] * flow }
      potential[v] = flow
    }
    var v = last - 1
    while v >= 0 {
      var sum = 0.0
      for c in v + 1..<max(last, v + 1) { sum += block.weights[v * n + c] * potential[c] }
      potential[v] += sum / block.pivots[n + v]
      v -= 1
    }
    potential[last] = 0
  }

  /// The currents through all edges of pair p when one unit enters at a_j and, with `l`, leaves at
  /// b_l: θ·(φ_a − φ_b) at j'·n + l', and at n·n what the edge from a_j to b_l leaves of 1; and the
  /// potentials.
  private func currents(
    _ p: Int, from j: Int, to l: Int?, _ current: BufferView<Double>,
    _ potential: BufferView<Double>
  ) {
    let n = n
    let t = theta.view.window(p * n * n, n * n)
    let block = block(p)
    let last = n - 1
    let b = potential.window(n, n)
    for m in 0..<last { b[m] = t[j * n + m] / block.pivots[j] }
    if let l, l < last {
      // −1 + θ/d without the subtraction.
      var others = dualShift
      for m in 0..<n where m != l { others += t[j * n + m] }
      b[l] = -others / block.pivots[j]
    }
    solveLocations(block, b)
    for a in 0..<n {
      var sum = a == j ? 1.0 : 0
      for m in 0..<last { sum += t[a * n + m] * b[m] }
      potential[a] = sum / block.pivots[a]
      for m in 0..<n { current[a * n + m] = t[a * n + m] * (potential[a] - b[m]) }
    }
    if let l {
      // Kirchhoff's law at a_j gives what is missing of 1 without a subtraction.
      var others = dualShift * potential[j]
      for m in 0..<n where m != l { others += current[j * n + m] }
      current[j * n + l] = 1 - others
      current[n * n] = others
    }
  }

  /// The lower triangle of S in the rows C(i,·,·).
  func assemble(_ i: Int) {
    let (n, order) = (n, order)
    let s = schur.view
    let scratch = Buffer(count: n * n + 1 + 2 * n, repeating: 0.0)
    let current = scratch.view.window(0, n * n + 1)
    let potential = scratch.view.window(n * n + 1, 2 * n)
    for k in 0..<n where k != i {
      let isFirst = i < k
      let p = index(min(i, k), max(i, k))
      let t = theta.view.window(p * n * n, n * n)
      for a in 0..<n {
        for b in 0..<n where b != a {
          // The edge (a, b) is y(ia,kb) for i < k, y(ka,ib) otherwise.
          let (j, l) = isFirst ? (a, b) : (b, a)
          let row = place[(i * n + j) * n + l]
          if row < 0 { continue }
          let line = s.window(row * order, order)
          currents(p, from: a, to: b, current, potential)
          let own = t[a * n + b]
          for aa in 0..<n {
            for bb in 0..<n where bb != aa {
              let (jj, ll) = isFirst ? (aa, bb) : (bb, aa)
              let value =
                aa == a && bb == b ? own * current[n * n] : -own * current[aa * n + bb]
              let same = place[(i * n + jj) * n + ll]
              if same >= 0, same <= row { line[same] += value }
              if !isFirst {
                let across = place[(k * n + ll) * n + jj]
                if across >= 0 { line[across] = value }
              }
            }
          }
        }
      }
    }
    withExtendedLifetime(scratch) {}
  }

  /// A_Cx − M_CR·K⁻¹·A_Rx for the variable x[i,j], and the part A_Rxᵀ·K⁻¹·A_Rx of T.
  func assembleColumn(_ which: Int) {
    let (n, order) = (n, order)
    let (i, j) = (which / n, which % n)
    let line = columns.view.window(which * order, order)
    let matrixLine = placementMatrix.view.window(which * n * n, n * n)
    for l in 0..<n {
      let at = place[(i * n + j) * n + l]
      if at >= 0 { line[at] = -1 }
    }
    let scratch = Buffer(count: n * n + 1 + 2 * n, repeating: 0.0)
    let current = scratch.view.window(0, n * n + 1)
    let potential = scratch.view.window(n * n + 1, 2 * n)
    for k in 0..<n where k != i {
      let isFirst = i < k
      let p = index(min(i, k), max(i, k))
      if isFirst {
        currents(p, from: j, to: nil, current, potential)
      } else {
        if j == n - 1 { continue }
        currentsIntoLocation(p, j, current, potential)
      }
      for a in 0..<n {
        for b in 0..<n where b != a {
          let value = current[a * n + b]
          let (jj, ll) = isFirst ? (a, b) : (b, a)
          let same = place[(i * n + jj) * n + ll]
          if same >= 0 { line[same] += value }
          let across = place[(k * n + ll) * n + jj]
          if across >= 0 { line[across] += value }
        }
      }
      // K⁻¹ in its own signs: those of the b-rows change back.
      for m in 0..<n {
        matrixLine[i * n + m] += potential[isFirst ? m : n + m]
        matrixLine[k * n + m] -= potential[isFirst ? n + m : m]
      }
    }
    withExtendedLifetime(scratch) {}
  }

  /// K⁻¹ applied to the row b_l, as currents: with the signs of the network, −e_{b_l}.
  private func currentsIntoLocation(
    _ p: Int, _ l: Int, _ current: BufferView<Double>, _ potential: BufferView<Double>
  ) {
    let n = n
    let t = theta.view.window(p * n * n, n * n)
    let block = block(p)
    let b = potential.window(n, n)
    b.fill(0)
    b[l] = 1
    solveLocations(block, b)
    for a in 0..<n {
      var sum = 0.0
      for m in 0..<n - 1 { sum += t[a * n + m] * b[m] }
      potential[a] = sum / block.pivots[a]
      for m in 0..<n { current[a * n + m] = t[a * n + m] * (b[m] - potential[a]) }
    }
  }

  /// `u = K⁻¹·g` in every block.
  func applyInverses(_ g: BufferView<Double>, into u: BufferView<Double>) {
    let n = n
    let last = n - 1
    let scratch = Buffer(count: n, repeating: 0.0)
    let b = scratch.view
    for (p, (i, k)) in pairs.enumerated() {
      let t = theta.view.window(p * n * n, n * n)
      let block = block(p)
      for l in 0..<last { b[l] = -g[(k * n + l) * n + i] }
      for j in 0..<n {
        let share = g[(i * n + j) * n + k] / block.pivots[j]
        for l in 0..<last { b[l] += t[j * n + l] * share }
      }
      solveLocations(block, b)
      for j in 0..<n {
        var sum = g[(i * n + j) * n + k]
        for l in 0..<last { sum += t[j * n + l] * b[l] }
        u[(i * n + j) * n + k] = sum / block.pivots[j]
      }
      for l in 0..<n { u[(k * n + l) * n + i] = l < last ? -b[l] : 0 }
    }
    withExtendedLifetime(scratch) {}
  }
}
