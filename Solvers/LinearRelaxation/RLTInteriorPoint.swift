import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// A primal–dual interior point method for the level-1 RLT linear program that knows its structure.
///
///     minimize   Σ q(ij,kl) y(ij,kl) + Σ L[i,j] x[i,j],   x, y ≥ 0, one y for each pair i < k, j ≠ l
///     R(i,j,k):  Σ_l y(ij,kl) − x[i,j] = 0       dual u[i,j,k]
///     C(i,j,l):  Σ_k y(ij,kl) − x[i,j] = 0       dual v[i,j,l]
///     F(i):      Σ_j x[i,j] = 1                  dual α[i]
///     G(j):      Σ_i x[i,j] = 1                  dual β[j]
///
/// The method is Mehrotra's predictor–corrector (SIAM Journal on Optimization 2, 1992). General
/// solvers are slow here because of the fill of the normal matrix A·Θ·Aᵀ of order 2n²(n − 1) + 2n.
/// But a variable y meets R-rows of one pair {i, k} only, so the R-rows fall into blocks of 2n that
/// are eliminated for next to nothing; x is kept aside as n² dense columns. One Cholesky
/// factorization of order n(n − 1)(n − 2), less some, remains: an eighth of the work, and a quarter
/// of the memory. Where it loses accuracy, in the last steps of degenerate instances, the whole
/// normal matrix takes its place.
///
/// The rows are dependent, n² + n(n − 1) + (n − 1)² + 1 times over. As many, in a fixed pattern
/// (`keepsRow`, `keepsColumn`), are left out, their duals being 0.
///
/// O(n⁹/3) time an iteration, O(n⁶) memory. The same result for any number of threads.
final class RLTInteriorPoint {
  /// The instance's costs, divided by `unit`.
  private let costs: Columns
  private let unit: Double
  private let n: Int
  private let pairs: [(i: Int, k: Int)]
  /// The iterates: x and y, the reduced costs, and the duals.
  private let point: Columns
  private let slack: Columns
  private let dual: Rows
  private let system: NormalSystem
  /// Takes over when `system` is no longer accurate enough; nil before, and where memory does not
  /// allow.
  private var fullSystem: FullNormalSystem?
  private let memoryLimit: Int

  /// The state of a run after a step.
  struct Progress {
    var iteration: Int
    /// The largest of the relative gap between primal and dual objective, the violation of any row,
    /// and that of any reduced cost, in the program's own unit.
    var merit: Double
  }

  /// The reason why a run ended.
  enum Outcome: Sendable { case optimal, iterations, interrupted, numericalFailure }

  init(_ cost: PairCost, threads: Int, memoryLimit: Int) {
    n = cost.size
    let table = PairTable(cost)
    pairs = table.pairs
    self.memoryLimit = memoryLimit
    (point, slack, costs) = (Columns(n), Columns(n), Columns(n))
    dual = Rows(n)
    system = NormalSystem(size: n, threads: threads)
    costs.y.copy(from: table.values)
    costs.x.copy(from: cost.linear.elements)
    let largest = costs.all.array.reduce(0) { max($0, abs($1)) }
    unit = largest > 0 ? largest : 1
    for index in costs.indices { costs.all[index] /= unit }
  }

  /// The bytes that a program of size `n` takes at least: the normal matrix, and the vectors.
  static func bytes(size n: Int) -> Double {
    let (order, size) = (Double(NormalSystem.order(size: n)), Double(n))
    return 8 * (order * order + size * size * order + 20 * size * size * size * size)
  }

  /// The objective of the primal iterate, without the instance's constant.
  var value: Double { unit * dot(costs.all, point.all) }

  /// u and v of the dual iterate, (i·n + j)·n + k or l each.
  var multipliers: (row: [Double], column: [Double]) {
    (dual.u.array.map { $0 * unit }, dual.v.array.map { $0 * unit })
  }

  /// The number of variables with a reduced cost of at least `least`.
  func countSlacks(atLeast least: Double) -> Int {
    slack.indices.count { slack.isVariable($0) && unit * slack.all[$0] >= least }
  }

  /// Runs until gap and violations are at most `tolerance`.
  ///
  /// - Parameters:
  ///   - shouldStop: asked between steps, and some times within one.
  ///   - report: called at the start and after each step.
  func run(
    iterations: Int, tolerance: Double, shouldStop: () -> Bool, report: (Progress) -> Void
  ) -> Outcome {
    start()
    var best = Double.infinity
    var stalled = 0
    var iteration = 0
    while true {
      let primal = primalResiduals()
      let reduced = dualResiduals()
      let dualValue = dual.sumOfAssignmentDuals
      let gap = abs(dot(costs.all, point.all) - dualValue) / max(1, abs(dualValue))
      let merit = max(gap, primal.largest, reduced.largest)
      guard merit.isFinite else { return .numericalFailure }
      report(Progress(iteration: iteration, merit: merit))
      if merit <= tolerance { return .optimal }
      stalled = merit < 0.9 * best ? 0 : stalled + 1
      best = min(best, merit)
      if stalled > 8 { return .numericalFailure }
      if iteration == iterations { return .iterations }
      if shouldStop() { return .interrupted }
      switch advance(primal, reduced, shouldStop) {
      case .factored: iteration += 1
      case .interrupted: return .interrupted
      case .notPositiveDefinite: return .numericalFailure
      }
    }
  }

  /// b − A·x.
  private func primalResiduals() -> Rows {
    let rows = Rows(n)
    rows.setToRightHandSides()
    multiply(point, into: rows, scale: -1)
    return rows
  }

  /// c − Aᵀλ − s.
  private func dualResiduals() -> Columns {
    let columns = Columns(n)
    multiplyTransposed(dual, into: columns)
    for index in columns.indices {
      columns.all[index] = costs.all[index] - columns.all[index] - slack.all[index]
    }
    return columns
  }

  /// One step: predictor, corrector, and both step lengths.
  private func advance(
    _ primal: Rows, _ reduced: Columns, _ shouldStop: () -> Bool
  ) -> Cholesky.Outcome {
    let count = Double(point.count)
    let complementarity = dot(point.all, slack.all) / count
    // Predictor: straight towards complementarity zero.
    let target = Columns(n)
    for index in target.indices { target.all[index] = -point.all[index] * slack.all[index] }
    system.prepare(point, slack, complementarity)
    var predictor: (dx: Columns, ds: Columns, dual: Rows)?
    while predictor == nil {
      let outcome =
        fullSystem?.factor(system, shouldStop: shouldStop) ?? system.factor(shouldStop: shouldStop)
      if outcome == .factored { predictor = direction(primal, reduced, target) }
      if outcome == .interrupted || (predictor == nil && !useFullSystem()) { return outcome }
    }
    guard let (dx, ds, _) = predictor else { return .notPositiveDefinite }
    let (a, b) = (step(point, dx), step(slack, ds))
    var ahead = 0.0
    for index in point.indices {
      ahead += (point.all[index] + a * dx.all[index]) * (slack.all[index] + b * ds.all[index])
    }
    let ratio = ahead / count / complementarity
    let center = ratio * ratio * ratio * complementarity
    // Corrector.
    for index in target.indices where point.isVariable(index) {
      target.all[index] =
        center - point.all[index] * slack.all[index] - dx.all[index] * ds.all[index]
    }
    guard let (ex, es, change) = direction(primal, reduced, target) else {
      // Accurate enough for the predictor, but not for this: once more from the start.
      return useFullSystem() ? advance(primal, reduced, shouldStop) : .notPositiveDefinite
    }
    let (forward, dualForward) = (0.995 * step(point, ex), 0.995 * step(slack, es))
    for index in point.indices {
      point.all[index] += forward * ex.all[index]
      slack.all[index] += dualForward * es.all[index]
    }
    for index in dual.indices { dual.all[index] += dualForward * change.all[index] }
    return .factored
  }

  /// The larger system is not in use yet, and memory allows it.
  private var canUseFullSystem: Bool {
    let order = Double(FullNormalSystem.order(size: n))
    return fullSystem == nil && Self.bytes(size: n) + 8 * order * order <= Double(memoryLimit)
  }

  /// Changes to the larger system, if that can be done.
  private func useFullSystem() -> Bool {
    guard canUseFullSystem else { return false }
    fullSystem = FullNormalSystem(size: n, threads: system.threads)
    return true
  }

  /// The center of the primal feasible points, and slacks of the size of the costs.
  private func start() {
    let size = Double(n)
    let mean = costs.all.array.reduce(0) { $0 + abs($1) } / Double(point.count)
    for index in point.indices where point.isVariable(index) {
      point.all[index] = index < point.y.count ? 1 / (size * (size - 1)) : 1 / size
      slack.all[index] = max(costs.all[index], 0) + (mean > 0 ? mean : 1)
    }
    // What is no variable takes part in nothing: zero times one.
    for index in point.indices where !point.isVariable(index) { slack.all[index] = 1 }
  }

  /// The largest step up to 1 that keeps `value + step·change` at zero or above.
  private func step(_ value: Columns, _ change: Columns) -> Double {
    var step = 1.0
    for index in value.indices where change.all[index] < 0 && value.isVariable(index) {
      step = min(step, -value.all[index] / change.all[index])
    }
    return step
  }

  /// Solves the Newton equations
  ///
  ///     A·dx = primal,  Aᵀ·dλ + ds = reduced,  s·dx + x·ds = target
  ///
  /// with proximal terms: −ρ·dx in the second and +δ·dλ in the first, which keep the matrices
  /// within reach of doubles and vanish with the step (Friedlander and Orban 2012). Nil when the
  /// factors are not accurate enough and more accurate ones can be had.
  private func direction(
    _ primal: Rows, _ reduced: Columns, _ target: Columns
  ) -> (dx: Columns, ds: Columns, dual: Rows)? {
    // Eliminating dy = θ·(Aᵀdλ + target/y − reduced) leaves rows and x.
    let shift = Columns(n)
    for index in 0..<point.y.count where point.isVariable(index) {
      shift.all[index] =
        system.theta.view[index] * (target.all[index] / point.all[index] - reduced.all[index])
    }
    let right = Rows(n)
    right.all.copy(from: primal.all)
    multiply(shift, into: right, scale: -1)
    for index in 0..<n * n {
      right.x[index] = reduced.x[index] - target.x[index] / point.x[index]
    }
    system.clearLeftOut(right)
    let dual = Rows(n)
    let left = krylov(right, into: dual)
    if left > 1e-5, canUseFullSystem { return nil }

    let image = Columns(n)
    multiplyTransposed(dual, into: image)
    let dx = Columns(n)
    let ds = Columns(n)
    for index in 0..<point.y.count where point.isVariable(index) {
      dx.all[index] =
        system.theta.view[index]
        * (image.all[index] + target.all[index] / point.all[index] - reduced.all[index])
      ds.all[index] =
        reduced.all[index] - image.all[index] + system.primalShift * dx.all[index]
    }
    // Where x is not small its slack is, and comes more accurately from the complementarity.
    for index in 0..<n * n {
      dx.x[index] = dual.x[index]
      ds.x[index] =
        point.x[index] > slack.x[index]
        ? (target.x[index] - slack.x[index] * dx.x[index]) / point.x[index]
        : reduced.x[index] - image.x[index] + system.xShift * dx.x[index]
    }
    return (dx, ds, dual)
  }

  /// The reduced system applied to (dλ, dφ, dx), as `NormalSystem` states it with its shifts.
  private func apply(_ unknown: Rows, into result: Rows) {
    let image = Columns(n)
    multiplyTransposed(unknown, into: image)
    let flow = Columns(n)
    for index in 0..<point.y.count where point.isVariable(index) {
      flow.all[index] = image.all[index] * system.theta.view[index]
    }
    for index in 0..<n * n { flow.x[index] = unknown.x[index] }
    for index in 0..<2 * n * n * n { result.all[index] = system.dualShift * unknown.all[index] }
    result.alpha.fill(0)
    result.beta.fill(0)
    multiply(flow, into: result, scale: 1)
    for index in 0..<n * n {
      result.x[index] = image.x[index] - system.ratio.view[index] * unknown.x[index]
    }
    system.clearLeftOut(result)
  }

  /// Solves the reduced system by GMRES (Saad and Schultz 1986), preconditioned from the right by
  /// its factors, which near the optimum are not accurate enough by themselves. Residuals are
  /// measured in units of the square roots of the system's diagonal. Returns the residual of the
  /// residual, as a fraction.
  private func krylov(_ right: Rows, into solution: Rows) -> Double {
    let weights = Rows(n)
    system.setWeights(weights)
    func scaledNorm(_ rows: Rows) -> Double {
      var sum = 0.0
      for index in 0..<rows.all.count { sum += rows.all[index] * rows.all[index] }
      return sum.squareRoot()
    }
    func scale(_ rows: Rows) {
      for index in 0..<rows.all.count { rows.all[index] *= weights.all[index] }
    }
    func unscale(_ rows: Rows) {
      for index in 0..<rows.all.count where weights.all[index] > 0 {
        rows.all[index] /= weights.all[index]
      }
    }
    var basis: [Rows] = []
    var directions: [Rows] = []
    var columns: [[Double]] = []
    var rotations: [(c: Double, s: Double)] = []
    let first = Rows(n)
    first.all.copy(from: right.all)
    scale(first)
    let size = scaledNorm(first)
    guard size > 0 else { return 0 }
    for index in 0..<first.all.count { first.all[index] /= size }
    basis.append(first)
    var rest = [size]
    for step in 0..<12 {
      let start = Rows(n)
      start.all.copy(from: basis[step].all)
      unscale(start)
      let direction = Rows(n)
      if let fullSystem {
        fullSystem.solve(start, system, into: direction)
      } else {
        system.solve(start, into: direction)
      }
      directions.append(direction)
      let image = Rows(n)
      apply(direction, into: image)
      scale(image)
      var column: [Double] = []
      for other in basis {
        var product = 0.0
        for index in 0..<image.all.count { product += image.all[index] * other.all[index] }
        for index in 0..<image.all.count { image.all[index] -= product * other.all[index] }
        column.append(product)
      }
      let norm = scaledNorm(image)
      column.append(norm)
      for (index, rotation) in rotations.enumerated() {
        let (a, b) = (column[index], column[index + 1])
        column[index] = rotation.c * a + rotation.s * b
        column[index + 1] = rotation.c * b - rotation.s * a
      }
      let radius = (column[step] * column[step] + column[step + 1] * column[step + 1]).squareRoot()
      guard radius > 0, radius.isFinite else {
        directions.removeLast()
        break
      }
      let rotation = (c: column[step] / radius, s: column[step + 1] / radius)
      rotations.append(rotation)
      column[step] = radius
      columns.append(column)
      rest.append(-rotation.s * rest[step])
      rest[step] *= rotation.c
      if abs(rest[step + 1]) <= 1e-8 * size || norm == 0 { break }
      for index in 0..<image.all.count { image.all[index] /= norm }
      basis.append(image)
    }
    var weight = [Double](repeating: 0, count: directions.count)
    for row in directions.indices.reversed() {
      var sum = rest[row]
      for column in row + 1..<max(directions.count, row + 1) {
        sum -= columns[column][row] * weight[column]
      }
      weight[row] = sum / columns[row][row]
    }
    for (step, direction) in directions.enumerated() {
      for index in 0..<solution.all.count {
        solution.all[index] += weight[step] * direction.all[index]
      }
    }
    return abs(rest[directions.count]) / size
  }

  private func dot(_ a: BufferView<Double>, _ b: BufferView<Double>) -> Double {
    var sum = CompensatedSum()
    for index in 0..<a.count { sum.add(a[index] * b[index]) }
    return sum.value
  }

  /// `rows += scale · A·columns`.
  private func multiply(_ columns: Columns, into rows: Rows, scale: Double) {
    let n = n
    for (p, (i, k)) in pairs.enumerated() {
      for j in 0..<n {
        for l in 0..<n where l != j {
          let y = scale * columns.y[(p * n + j) * n + l]
          rows.u[(i * n + j) * n + k] += y
          rows.u[(k * n + l) * n + i] += y
          rows.v[(i * n + j) * n + l] += y
          rows.v[(k * n + l) * n + j] += y
        }
      }
    }
    for i in 0..<n {
      for j in 0..<n {
        let x = scale * columns.x[i * n + j]
        for k in 0..<n where k != i { rows.u[(i * n + j) * n + k] -= x }
        for l in 0..<n where l != j { rows.v[(i * n + j) * n + l] -= x }
        rows.alpha[i] += x
        rows.beta[j] += x
      }
    }
  }

  /// `columns = Aᵀ·rows`.
  private func multiplyTransposed(_ rows: Rows, into columns: Columns) {
    let n = n
    for (p, (i, k)) in pairs.enumerated() {
      for j in 0..<n {
        for l in 0..<n where l != j {
          columns.y[(p * n + j) * n + l] =
            rows.u[(i * n + j) * n + k] + rows.u[(k * n + l) * n + i]
            + rows.v[(i * n + j) * n + l] + rows.v[(k * n + l) * n + j]
        }
      }
    }
    for i in 0..<n {
      for j in 0..<n {
        var sum = rows.alpha[i] + rows.beta[j]
        for k in 0..<n where k != i { sum -= rows.u[(i * n + j) * n + k] }
        for l in 0..<n where l != j { sum -= rows.v[(i * n + j) * n + l] }
        columns.x[i * n + j] = sum
      }
    }
  }
}
