import QAPDenseAlgebra
import QAPPrimitives

/// The equations of one interior point iteration, factored:
///
///     M·dλ + A_x·dx                    = g        (the rows R and C; M = A_y·Θ·A_yᵀ)
///     A_xᵀ·dλ + A_φᵀ·dφ − (s/x)·dx     = h        (x)
///     A_φ·dx                           = r        (the rows F and G)
///
/// with the diagonal Θ of θ = y/s. Within M the rows R fall into blocks, one for each pair of
/// facilities (see `NormalSystem+Network.swift`); they are eliminated first, which leaves the Schur
/// complement S over the rows C. Then T = s/x + A_xᵀM⁻¹A_x over x, and A_φT⁻¹A_φᵀ over F and G, are
/// small. All are positive definite. Proximal terms, ρ with s/y and s/x and δ on the diagonal of M,
/// keep them so in floating point.
///
/// M lacks what x adds to the normal matrix. Near the optimum that makes T stiff where the y of
/// some basic x hang together loosely: the factors lose accuracy there, and `FullNormalSystem`
/// takes over.
final class NormalSystem: @unchecked Sendable {
  let n: Int
  let threads: Int
  /// The place of C(i,j,l) in S, or −1 for a row left out.
  let place: [Int]
  let order: Int
  let pairs: [(Int, Int)]
  /// θ of each pair, as y is stored; zero where l = j.
  let theta: Buffer<Double>
  /// The proximal terms ρ of y and x, and δ of the rows.
  private(set) var primalShift = 0.0
  private(set) var xShift = 0.0
  private(set) var dualShift = 0.0
  /// s/x + ρ.
  let ratio: Buffer<Double>
  /// The factors of all blocks.
  let factors: Buffer<Double>
  /// S, and then its factor.
  let schur: Buffer<Double>
  /// The columns of x in the rows C after R is eliminated, and then L⁻¹ of S applied; one a row.
  let columns: Buffer<Double>
  /// T, and then its factor.
  let placementMatrix: Buffer<Double>
  /// A_φT⁻¹A_φᵀ, and then its factor.
  private let assignmentMatrix: Buffer<Double>
  /// A_φ after L⁻¹ of T, one a row.
  private let assignmentRows: Buffer<Double>

  /// R(i,j,k) is left out when it follows from the others: Σ_j R(i,j,k) = Σ_l R(k,l,i) but for F.
  static func keepsRow(_ n: Int, _ i: Int, _ j: Int, _ k: Int) -> Bool {
    i != k && !(j == n - 1 && k < i)
  }

  /// C(i,j,l) is left out when it follows from the others. The kept rows were found by elimination
  /// for small n, and its number is that of the rank for all n.
  static func keepsColumn(_ n: Int, _ i: Int, _ j: Int, _ l: Int) -> Bool {
    if j == l || j == n - 1 || l == n - 1 { return false }
    if i < n - 1 { return !(j == n - 2 && l == n - 3) }
    return j < l && !(j == n - 3 && l == n - 2)
  }

  /// The order of S: n(n−1)(n−2) − (n−1) − (n−1)(n−2)/2 − 1.
  static func order(size n: Int) -> Int {
    max(0, n * (n - 1) * (n - 2) - (n - 1) - (n - 1) * (n - 2) / 2 - 1)
  }

  init(size n: Int, threads: Int) {
    self.n = n
    self.threads = threads
    pairs = (0..<n).flatMap { i in (i + 1..<max(n, i + 1)).map { (i, $0) } }
    var place = [Int](repeating: -1, count: n * n * n)
    var count = 0
    for i in 0..<n {
      for j in 0..<n {
        for l in 0..<n where Self.keepsColumn(n, i, j, l) {
          place[(i * n + j) * n + l] = count
          count += 1
        }
      }
    }
    self.place = place
    order = count
    theta = Buffer(count: pairs.count * n * n, repeating: 0)
    ratio = Buffer(count: n * n, repeating: 0)
    factors = Buffer(count: pairs.count * (n * n + 4 * n), repeating: 0)
    schur = Buffer(count: count * count, repeating: 0)
    columns = Buffer(count: n * n * count, repeating: 0)
    placementMatrix = Buffer(count: n * n * n * n, repeating: 0)
    assignmentMatrix = Buffer(count: (2 * n - 1) * (2 * n - 1), repeating: 0)
    assignmentRows = Buffer(count: (2 * n - 1) * n * n, repeating: 0)
  }

  /// The number of the pair of facilities a < b.
  func index(_ a: Int, _ b: Int) -> Int { a * n - a * (a + 1) / 2 + b - a - 1 }

  private func square(_ buffer: Buffer<Double>, _ order: Int) -> MatrixView {
    MatrixView(buffer.view, rows: order, columns: order)
  }

  /// Sets θ, s/x and the proximal terms to those of an iterate.
  func prepare(_ point: Columns, _ slack: Columns, _ complementarity: Double) {
    primalShift = max(1e-10, 1e-2 * complementarity)
    dualShift = primalShift
    xShift = max(1e-8, 1e-2 * complementarity)
    for index in 0..<point.y.count {
      theta.view[index] =
        point.isVariable(index) ? 1 / (slack.y[index] / point.y[index] + primalShift) : 0
    }
    for index in 0..<n * n { ratio.view[index] = slack.x[index] / point.x[index] + xShift }
  }

  /// Factors the system; a matrix that rounding has made indefinite gets a little more on its
  /// diagonal.
  func factor(shouldStop: () -> Bool) -> Cholesky.Outcome {
    for shift in [1e-15, 1e-13, 1e-11] {
      let outcome = factor(shift: shift, shouldStop)
      if outcome != .notPositiveDefinite { return outcome }
    }
    return .notPositiveDefinite
  }

  private func factor(shift: Double, _ shouldStop: () -> Bool) -> Cholesky.Outcome {
    let (n, order) = (n, order)
    parallelFor(count: pairs.count, threads: threads) { _, p in self.factorBlock(p) }
    schur.view.fill(0)
    parallelFor(count: n, threads: threads) { _, i in self.assemble(i) }
    for index in 0..<order {
      let at = index * order + index
      schur.view[at] = schur.view[at] * (1 + shift) + dualShift
    }
    let outcome = Cholesky.factor(
      square(schur, order), threads: threads, shouldStop: shouldStop)
    guard outcome == .factored else { return outcome }

    columns.view.fill(0)
    placementMatrix.view.fill(0)
    for index in 0..<n * n { placementMatrix.view[index * n * n + index] = ratio.view[index] }
    parallelFor(count: n * n, threads: threads) { _, index in self.assembleColumn(index) }
    let rows = MatrixView(columns.view, rows: n * n, columns: order)
    if shouldStop() { return .interrupted }
    Cholesky.solveForward(square(schur, order), rows: rows, threads: threads)
    gemm(1, rows, .plain, rows, .transposed, beta: 1, into: square(placementMatrix, n * n))
    for index in 0..<n * n {
      placementMatrix.view[index * n * n + index] =
        placementMatrix.view[index * n * n + index] * (1 + shift)
    }
    guard Cholesky.factor(square(placementMatrix, n * n)) == .factored else {
      return .notPositiveDefinite
    }
    assignmentRows.view.fill(0)
    for i in 0..<n {
      for j in 0..<n {
        assignmentRows.view[i * n * n + i * n + j] = 1
        // G(n−1) follows from the others.
        if j < n - 1 { assignmentRows.view[(n + j) * n * n + i * n + j] = 1 }
      }
    }
    let assignment = MatrixView(assignmentRows.view, rows: 2 * n - 1, columns: n * n)
    Cholesky.solveForward(square(placementMatrix, n * n), rows: assignment)
    gemm(
      1, assignment, .plain, assignment, .transposed, beta: 0,
      into: square(assignmentMatrix, 2 * n - 1))
    return Cholesky.factor(square(assignmentMatrix, 2 * n - 1))
  }

  /// Solves the factored system: `right` holds g, r and, as its x, h; `dual` gets dλ, dφ and dx.
  func solve(_ right: Rows, into dual: Rows) {
    let n = n
    let order = n * n
    solveRows(right.u, right.v, into: dual.u, dual.v)
    // a = A_xᵀM⁻¹g − h.
    let a = Buffer(count: order, repeating: 0.0)
    for i in 0..<n {
      for j in 0..<n {
        var sum = -right.x[i * n + j]
        for k in 0..<n where k != i { sum -= dual.u[(i * n + j) * n + k] }
        for l in 0..<n where l != j { sum -= dual.v[(i * n + j) * n + l] }
        a.view[i * n + j] = sum
      }
    }
    let t = square(placementMatrix, order)
    let one = MatrixView(a.view, rows: 1, columns: order)
    Cholesky.solveForward(t, rows: one)
    // A_φT⁻¹a through the halves that are held.
    let phi = Buffer(count: 2 * n - 1, repeating: 0.0)
    for row in 0..<2 * n - 1 {
      var sum = row < n ? right.alpha[row] : right.beta[row - n]
      for index in 0..<order { sum -= assignmentRows.view[row * order + index] * a.view[index] }
      phi.view[row] = sum
    }
    let phiRow = MatrixView(phi.view, rows: 1, columns: 2 * n - 1)
    let last = square(assignmentMatrix, 2 * n - 1)
    Cholesky.solveForward(last, rows: phiRow)
    Cholesky.solveBackward(last, rows: phiRow)
    for row in 0..<2 * n - 1 {
      for index in 0..<order {
        a.view[index] += assignmentRows.view[row * order + index] * phi.view[row]
      }
    }
    Cholesky.solveBackward(t, rows: one)
    for index in 0..<order { dual.x[index] = a.view[index] }
    for i in 0..<n { dual.alpha[i] = phi.view[i] }
    for j in 0..<n { dual.beta[j] = j < n - 1 ? phi.view[n + j] : 0 }

    let g = Rows(n)
    for i in 0..<n {
      for j in 0..<n {
        let x = dual.x[i * n + j]
        for k in 0..<n {
          g.u[(i * n + j) * n + k] = right.u[(i * n + j) * n + k] + x
          g.v[(i * n + j) * n + k] = right.v[(i * n + j) * n + k] + x
        }
      }
    }
    solveRows(g.u, g.v, into: dual.u, dual.v)
  }

  /// Zeroes the entries of rows that are left out or do not exist.
  func clearLeftOut(_ rows: Rows) {
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n {
          if !Self.keepsRow(n, i, j, k) { rows.u[(i * n + j) * n + k] = 0 }
          if place[(i * n + j) * n + k] < 0 { rows.v[(i * n + j) * n + k] = 0 }
        }
      }
    }
    rows.beta[n - 1] = 0
  }

  /// One over the square roots of the system's diagonal; 0 for rows left out.
  func setWeights(_ weights: Rows) {
    let n = n
    weights.all.fill(0)
    for (p, (i, k)) in pairs.enumerated() {
      for j in 0..<n {
        for l in 0..<n where l != j {
          let value = theta.view[(p * n + j) * n + l]
          weights.u[(i * n + j) * n + k] += value
          weights.u[(k * n + l) * n + i] += value
          weights.v[(i * n + j) * n + l] += value
          weights.v[(k * n + l) * n + j] += value
        }
      }
    }
    for index in 0..<2 * n * n * n {
      weights.all[index] = 1 / (weights.all[index] + dualShift).squareRoot()
    }
    for index in 0..<n * n {
      weights.x[index] = 1 / ratio.view[index].squareRoot()
      weights.alpha[index / n] += 1 / ratio.view[index]
      weights.beta[index % n] += 1 / ratio.view[index]
    }
    for i in 0..<n {
      weights.alpha[i] = 1 / weights.alpha[i].squareRoot()
      weights.beta[i] = 1 / weights.beta[i].squareRoot()
    }
    clearLeftOut(weights)
  }

  /// M⁻¹ over the rows R and C that are kept; the duals of the others are 0.
  private func solveRows(
    _ gu: BufferView<Double>, _ gv: BufferView<Double>, into u: BufferView<Double>,
    _ v: BufferView<Double>
  ) {
    let n = n
    let line = Buffer(count: order, repeating: 0.0)
    v.copy(from: gv)
    // v ← g_C − M_CR·K⁻¹·g_R.
    applyInverses(gu, into: u)
    for i in 0..<n {
      for k in i + 1..<max(n, i + 1) {
        let t = theta.view.window(index(i, k) * n * n, n * n)
        for j in 0..<n {
          for l in 0..<n where l != j {
            let value =
              t[j * n + l] * (u[(i * n + j) * n + k] + u[(k * n + l) * n + i])
            v[(i * n + j) * n + l] -= value
            v[(k * n + l) * n + j] -= value
          }
        }
      }
    }
    for index in 0..<n * n * n where place[index] >= 0 { line.view[place[index]] = v[index] }
    let row = MatrixView(line.view, rows: 1, columns: order)
    Cholesky.solveForward(square(schur, order), rows: row)
    Cholesky.solveBackward(square(schur, order), rows: row)
    for index in 0..<n * n * n { v[index] = place[index] >= 0 ? line.view[place[index]] : 0 }
    // u ← K⁻¹·(g_R − M_RC·v).
    let rest = Buffer(count: n * n * n, repeating: 0.0)
    rest.view.copy(from: gu)
    for i in 0..<n {
      for k in i + 1..<max(n, i + 1) {
        let t = theta.view.window(index(i, k) * n * n, n * n)
        for j in 0..<n {
          for l in 0..<n where l != j {
            let value =
              t[j * n + l] * (v[(i * n + j) * n + l] + v[(k * n + l) * n + j])
            rest.view[(i * n + j) * n + k] -= value
            rest.view[(k * n + l) * n + i] -= value
          }
        }
      }
    }
    applyInverses(rest.view, into: u)
    withExtendedLifetime(rest) {}
  }
}
