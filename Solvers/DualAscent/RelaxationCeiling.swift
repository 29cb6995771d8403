import QAP
import QAPPrimitives

/// An upper estimate of the level-1 RLT relaxation's value from a smoothed dual point, which tells
/// how far its bound can still rise: the objective of a feasible point of the primal.
///
/// A smoothed point has `ŷ = e^(−r/ε)` and `x̂ = e^(−z/ε)`. They satisfy
///
///     Σ_l y(ij,kl) = x(ij),  Σ_k y(ij,kl) = x(ij),  Σ_j x(ij) = 1,  Σ_i x(ij) = 1
///
/// up to what the ascent has not yet settled. Three steps make them a feasible point.
///
/// 1. Newton steps on the smoothed dual, each by conjugate gradients cut short, settle it further.
/// 2. One more such step changes ŷ and x̂ by factors 1 + W[i,j,k] + V[i,j,l] + W[k,l,i] + V[k,l,j],
///    so that tiny entries stay tiny; then the least change of all variables that
///    satisfies the constraints exactly is added. It is a combination of the constraints, too, and
///    its linear system has few different eigenvalues, since renumbering leaves it alone: a dozen
///    conjugate gradients of O(n³) each solve it.
/// 3. Negative entries are removed by mixing in the uniform point, y = 1/n(n−1), x = 1/n.
///
/// The relaxation's value is the least objective of such points, so it cannot lie above the
/// estimate (rounding, some 10⁻¹⁰ of it, apart). O(n³) memory; a conjugate gradient of the first
/// two steps looks at all pairs once, as a sweep does.
final class RelaxationCeiling: @unchecked Sendable {
  private let size: Int
  /// Changes of the multipliers, with the mirrors that make sums over pairs contiguous; their costs
  /// are zero. Relative changes multiply ŷ, absolute ones are added.
  private let relative: RLTDual
  private let absolute: RLTDual
  private let threads: Int
  private let workspaces: [SubmatrixWorkspace]
  private let relativeWorkspaces: [SubmatrixWorkspace]
  private let absoluteWorkspaces: [SubmatrixWorkspace]
  /// True when the run must end immediately.
  private let mustStop: () -> Bool

  /// The bytes that it takes beside the dual.
  static func bytes(size n: Int) -> Int {
    2 * RLTDual.bytes(facilities: n, size: n) + 14 * n * n * n * 8
  }

  /// Nil for sizes of three and less, where the relaxation is exact, and for fewer facilities than
  /// locations.
  init?(_ cost: PairCost, threads: Int, mustStop: @escaping () -> Bool) {
    let n = cost.size
    let zero = Matrix(rows: n, columns: n, repeating: 0.0)
    guard n > 3, cost.facilities == n, let nothing = try? Instance(flow: zero, distance: zero)
    else { return nil }
    size = n
    // Below this size a facility is done before a second thread has woken up.
    let threads = n < 24 ? 1 : threads
    self.threads = threads
    self.mustStop = mustStop
    let zeroCost = PairCost(nothing)
    relative = RLTDual(zeroCost)
    absolute = RLTDual(zeroCost)
    workspaces = (0..<threads).map { _ in SubmatrixWorkspace(cost) }
    relativeWorkspaces = (0..<threads).map { _ in SubmatrixWorkspace(zeroCost) }
    absoluteWorkspaces = (0..<threads).map { _ in SubmatrixWorkspace(zeroCost) }
  }

  /// A smoothed point.
  private struct Smoothed {
    let dual: RLTDual
    let temperature: Double
    let x: Matrix<Double>

    init(_ dual: RLTDual, _ temperature: Double) {
      self.dual = dual
      self.temperature = temperature
      x = Matrix(rows: dual.size, columns: dual.size) { i, j in
        let exponent = min(600, -dual.leaders[i * dual.size + j] / temperature)
        return wideExponential(Wide(repeating: exponent))[0]
      }
    }
  }

  /// The estimate at `dual`, smoothed at `temperature`, which Newton steps leave better settled
  /// than it was; infinite when it stays far from settled, or when the run must end.
  ///
  /// - Parameter passes: the approximate number of passes over all pairs.
  func value(of dual: RLTDual, temperature: Double, passes: Int) -> Double {
    let n = size
    settle(dual, temperature, passes: 2 * passes / 3)
    let point = Smoothed(dual, temperature)
    var lacking = residuals(of: point)
    let change = newtonStep(&lacking, point, steps: passes / 3, keepsLeast: true)
    guard !mustStop(), let rest = leastChange(lacking) else { return .infinity }
    load(change, into: relative)
    load(rest, into: absolute)
    let x = Matrix<Double>(rows: n, columns: n) { i, j in
      point.x[i, j] * (1 + change.ofPlacement(i, j, n)) + Double(n) * rest.ofPlacement(i, j, n)
    }
    let pairs = examine(point)
    var objective = pairs.objective
    var uniform = pairs.uniform / Double(n * (n - 1))
    var least = Double(n - 1) * pairs.least
    for i in 0..<n {
      for j in 0..<n {
        objective += dual.cost.linear[i, j] * x[i, j]
        uniform += dual.cost.linear[i, j] / Double(n)
        least = min(least, x[i, j])
      }
    }
    let lack = max(0, -least) * Double(n)
    let share = lack / (1 + lack)
    let value = (1 - share) * objective + share * uniform + dual.cost.constant
    return value.isFinite ? value : .infinity
  }

  /// Newton steps on `Σα + Σβ − ε Σ x − ε Σ y`, halved until it rises.
  func settle(_ dual: RLTDual, _ temperature: Double, passes: Int) {
    var left = passes
    var point = Smoothed(dual, temperature)
    var lacking = residuals(of: point)
    var value = smoothedValue(point, lacking)
    while left > 0, !mustStop(), lacking.dot(lacking) > 1e-16 {
      var rest = lacking
      let direction = newtonStep(&rest, point, steps: min(left, 30), keepsLeast: false)
      left -= 30
      var moved = 0.0
      var step = 1.0
      while true {
        move(dual, by: direction, temperature * (step - moved))
        moved = step
        let next = Smoothed(dual, temperature)
        let nextLacking = residuals(of: next)
        let nextValue = smoothedValue(next, nextLacking)
        left -= 1
        if nextValue > value {
          (point, lacking, value) = (next, nextLacking, nextValue)
          break
        }
        step *= 0.4
        if step < 0.005 || mustStop() {
          return move(dual, by: direction, -temperature * moved)
        }
      }
    }
  }

  /// The smoothed dual's objective, of which the residuals know the sum over y.
  private func smoothedValue(_ point: Smoothed, _ lacking: ConstraintNumbers) -> Double {
    let n = size
    var placements = 0.0
    var pairs = 0.0
    for i in 0..<n {
      for j in 0..<n {
        placements += point.x[i, j]
        for k in 0..<n where k != i {
          pairs += point.x[i, j] - lacking.u[(i * n + j) * n + k]
        }
      }
    }
    let value = point.dual.value - point.temperature * (placements + 0.5 * pairs)
    return value.isFinite ? value : -.infinity
  }

  /// Adds `factor` times the numbers to the multipliers.
  private func move(_ dual: RLTDual, by w: ConstraintNumbers, _ factor: Double) {
    let (n, stride) = (size, dual.stride)
    for i in 0..<n {
      for j in 0..<n {
        let line = (i * n + j) * stride
        for k in 0..<n {
          let at = (i * n + j) * n + k
          if k != i {
            dual.rowMultipliers[line + k] += factor * w.u[at]
            dual.rowMirror[(k * n + i) * stride + j] = dual.rowMultipliers[line + k]
          }
          if k != j {
            dual.columnMultipliers[line + k] += factor * w.v[at]
            dual.columnMirror[(k * n + i) * stride + j] = dual.columnMultipliers[line + k]
          }
        }
        dual.leaders[i * n + j] -= factor * w.ofPlacement(i, j, n)
      }
      dual.facilityDuals[i] += factor * w.a[i]
      dual.locationDuals[i] += factor * w.b[i]
    }
  }

  /// The residuals of the constraints at the smoothed point.
  private func residuals(of point: Smoothed) -> ConstraintNumbers {
    var result = sums(point, changedBy: nil)
    result.combine(-1, 0, result)
    let n = size
    for i in 0..<n {
      result.a[i] = (0..<n).reduce(1) { $0 - point.x[i, $1] }
      result.b[i] = (0..<n).reduce(1) { $0 - point.x[$1, i] }
    }
    return result
  }

  /// The left sides of the constraints, Σ_l y − x and so on, at ŷ and x̂, or at ŷ and x̂ times the
  /// relative change by `w`: one pass over all pairs.
  private func sums(_ point: Smoothed, changedBy w: ConstraintNumbers?) -> ConstraintNumbers {
    let n = size
    let dual = point.dual
    let temperature = point.temperature
    if let w { load(w, into: relative) }
    let isChanged = w != nil
    let found = (0..<2).map { _ in Buffer(count: n * n * dual.stride, repeating: 0.0) }
    let (rows, columns) = (found[0].view, found[1].view)
    defer { withExtendedLifetime(found) {} }
    for i in 0..<n {
      parallelFor(count: n, threads: threads) { worker, j in
        let workspace = self.workspaces[worker]
        dual.assemble(i, j, workspace)
        let y = workspace.solver.costs
        let stride = dual.stride
        let change = self.relativeWorkspaces[worker].solver.costs
        if isChanged { self.relative.assemble(i, j, self.relativeWorkspaces[worker]) }
        let ofColumn = columns.window((i * n + j) * stride, stride)
        var row = 0
        for k in 0..<n where k != i {
          var ofRow = Wide(repeating: 0)
          for l in Swift.stride(from: 0, to: stride, by: 8) {
            let r = y.wide(row * stride + l)
            var e = RelaxationCeiling.exponentials(r, temperature)
            if isChanged {
              e *= Wide(repeating: 0) - change.wide(row * stride + l)
              // In the padding and in column j this was 0 times infinity.
              e.replace(with: 0, where: r .== .infinity)
            }
            ofRow += e
            ofColumn.store(ofColumn.wide(l) + e, l)
          }
          rows[(i * n + j) * stride + k] = ofRow.total
          row += 1
        }
      }
    }
    var result = ConstraintNumbers(size: n)
    for i in 0..<n {
      for j in 0..<n {
        let x = point.x[i, j] * (w.map { $0.ofPlacement(i, j, n) } ?? 1)
        result.a[i] += x
        result.b[j] += x
        for k in 0..<n {
          let at = (i * n + j) * n + k
          let line = (i * n + j) * dual.stride
          if k != i { result.u[at] = rows[line + k] - x }
          if k != j { result.v[at] = columns[line + k] - x }
        }
      }
    }
    return result
  }

  /// Some steps of conjugate gradients, preconditioned by the diagonal, on the Newton system of the
  /// smoothed dual; `lacking` becomes what the changed point lacks. One pass over all pairs a step.
  /// With `keepsLeast` the step that lacks least counts, otherwise the last.
  private func newtonStep(
    _ lacking: inout ConstraintNumbers, _ point: Smoothed, steps: Int, keepsLeast: Bool
  ) -> ConstraintNumbers {
    let n = size
    var solution = ConstraintNumbers(size: n)
    var inverse = ConstraintNumbers(size: n)
    for i in 0..<n {
      for j in 0..<n {
        let x = max(point.x[i, j], 1e-9 / Double(n))
        for k in 0..<n {
          let at = (i * n + j) * n + k
          inverse.u[at] = k == i ? 0 : 0.5 / x
          inverse.v[at] = k == j ? 0 : 0.5 / x
        }
      }
      (inverse.a[i], inverse.b[i]) = (1, 1)
    }
    var scaled = lacking.times(inverse)
    var direction = scaled
    var norm = lacking.dot(scaled)
    let goal = 1e-6 * norm
    var least = (norm: lacking.dot(lacking), solution: solution, lacking: lacking)
    for _ in 0..<steps {
      guard norm > goal, !mustStop() else { break }
      let image = sums(point, changedBy: direction)
      let curvature = direction.dot(image)
      guard curvature > 0, curvature.isFinite else { break }
      let step = norm / curvature
      solution.combine(1, step, direction)
      lacking.combine(1, -step, image)
      if keepsLeast, lacking.dot(lacking) < least.norm {
        least = (lacking.dot(lacking), solution, lacking)
      }
      scaled = lacking.times(inverse)
      let next = lacking.dot(scaled)
      direction.combine(next / norm, 1, scaled)
      norm = next
    }
    guard keepsLeast else { return solution }
    lacking = least.lacking
    return least.solution
  }

  /// The least change that removes the residuals, by conjugate gradients (Hestenes and Stiefel
  /// 1952); nil when they do not settle.
  private func leastChange(_ lacking: ConstraintNumbers) -> ConstraintNumbers? {
    var solution = ConstraintNumbers(size: size)
    var residual = lacking
    var direction = lacking
    var norm = residual.dot(residual)
    // Sums in doubles leave some 10⁻¹⁵ of each variable, whatever is done.
    let goal = max(1e-24 * norm, 1e-28)
    for _ in 0..<100 {
      if norm <= goal { return solution }
      let image = direction.normalProduct(size)
      let curvature = direction.dot(image)
      guard curvature > 0, curvature.isFinite else { break }
      let step = norm / curvature
      solution.combine(1, step, direction)
      residual.combine(1, -step, image)
      let next = residual.dot(residual)
      direction.combine(next / norm, 1, residual)
      norm = next
    }
    return norm <= 1e-20 ? solution : nil
  }

  @inline(__always)
  private static func exponentials(_ r: Wide, _ temperature: Double) -> Wide {
    var exponent = r * (-1 / temperature)
    exponent.replace(with: 600, where: exponent .> 600)
    return wideExponential(exponent)
  }

  /// Puts W and V where sums over pairs find them.
  private func load(_ w: ConstraintNumbers, into change: RLTDual) {
    let (n, stride) = (size, change.stride)
    for i in 0..<n {
      for j in 0..<n {
        let line = (i * n + j) * stride
        for k in 0..<n {
          let at = (i * n + j) * n + k
          if k != i {
            change.rowMultipliers[line + k] = w.u[at]
            change.rowMirror[(k * n + i) * stride + j] = w.u[at]
          }
          if k != j {
            change.columnMultipliers[line + k] = w.v[at]
            change.columnMirror[(k * n + i) * stride + j] = w.v[at]
          }
        }
      }
    }
  }

  /// The pairs' part of the objective at the settled point, at a point of ones, and the least y:
  /// the second pass.
  private func examine(
    _ point: Smoothed
  ) -> (objective: Double, uniform: Double, least: Double) {
    let n = size
    let (dual, temperature) = (point.dual, point.temperature)
    let found = (0..<3).map { _ in Buffer(count: n, repeating: 0.0) }
    let (objectives, uniforms, leasts) = (found[0].view, found[1].view, found[2].view)
    defer { withExtendedLifetime(found) {} }
    parallelFor(count: n, threads: threads) { worker, i in
      let workspace = self.workspaces[worker]
      let relative = self.relativeWorkspaces[worker]
      let absolute = self.absoluteWorkspaces[worker]
      let stride = dual.stride
      let zero = Wide(repeating: 0)
      var (objective, uniform, least) = (zero, zero, Wide(repeating: .infinity))
      for j in 0..<n {
        dual.assemble(i, j, from: i + 1, workspace)
        self.relative.assemble(i, j, from: i + 1, relative)
        self.absolute.assemble(i, j, from: i + 1, absolute)
        let reduced = workspace.solver.costs
        let (factors, added) = (relative.solver.costs, absolute.solver.costs)
        let line = (i * n + j) * stride
        for k in i + 1..<n {
          let start = (k - i - 1) * stride
          let u = dual.rowMultipliers[line + k]
          for l in Swift.stride(from: 0, to: stride, by: 8) {
            let r = reduced.wide(start + l)
            // The pair's own cost: what was taken off is put back.
            var q = r + u + dual.columnMultipliers.wide(line + l)
            q += dual.rowMirror.wide((i * n + k) * stride + l)
            q += dual.columnMirror.wide((j * n + k) * stride + l)
            // Without costs an assembled line is what the multipliers add, with its sign turned.
            let e = RelaxationCeiling.exponentials(r, temperature)
            var y = e * (1 - factors.wide(start + l)) - added.wide(start + l)
            let isNone = r .== .infinity
            q.replace(with: zero, where: isNone)
            y.replace(with: zero, where: isNone)
            objective += q * y
            uniform += q
            y.replace(with: .infinity, where: isNone)
            least = lanewiseMinimum(least, y)
          }
        }
      }
      objectives[i] = objective.total
      uniforms[i] = uniform.total
      leasts[i] = least.smallest
    }
    return (
      objectives.array.reduce(0, +), uniforms.array.reduce(0, +),
      leasts.array.reduce(.infinity, min)
    )
  }
}
