import QAP
import QAPDenseAlgebra
import QAPPrimitives
import QAPSymmetry

/// The splitting for costs whose locations form an association scheme, as those of hypercubes and
/// tori do: `Splitting` in the space of lifted matrices that the scheme's symmetry leaves as they
/// are, where a step costs an eigendecomposition of order n for each class instead of one of order
/// n².
///
/// The relaxation has a solution in that space (E. de Klerk and R. Sotirov, "Exploiting group
/// symmetry in semidefinite programming relaxations of the quadratic assignment problem", Math.
/// Prog. 122, 2010): Y = Σ_t X_t ⊗ A_t with a symmetric n × n matrix X_t over facilities for each
/// class t. With the eigenvalues P[s,t] of A_t, Y is positive semidefinite exactly when all W_s =
/// Σ_t P[s,t] X_t are. On the face of lifted assignments W_s e = 0 for s > 0, and what belongs to
/// the constant vectors is known but for the trace.
///
/// Facilities may be those that form the scheme; then the roles are transposed. Single costs must
/// be the same for all points of the scheme.
final class SchemeRelaxation {
  private let n: Int
  private let scheme: AssociationScheme
  private let isOfFacilities: Bool
  /// L, Y, Z, and X or Y + Z/β: a matrix for each class, and one number for the border.
  private let cost, y, z, x: Buffer<Double>
  /// The corners of Z and of X or Y + Z/β.
  private var zCorner = 0.0
  private var xCorner = 1.0
  private let cap: Buffer<Double>
  /// W_s, whose eigenvectors take its place, one after the other, and their eigenvalues.
  private let blocks, values: Buffer<Double>
  private let solver: SymmetricEigenSolver
  private let parameters: DoublyNonnegative.Parameters
  private let firstPenalty: Double
  private var penalty: Double
  private var threshold = 0.0
  /// Steps so far.
  private(set) var steps = 0
  private var residuals = (primal: Double.infinity, dual: Double.infinity)

  private var count: Int { scheme.valencies.count }
  private var square: Int { n * n }

  /// Nil unless `cost`, with the lifted costs `lifted` of all placements, is of this kind.
  ///
  /// - Complexity: O(n³) for a few rounds that tell.
  init?(_ cost: PairCost, _ lifted: LiftedCosts, parameters: DoublyNonnegative.Parameters) {
    let n = cost.size
    guard n >= 4, lifted.matrix.placements.isWhole,
      case .product(let flow, let distance) = cost.kind
    else { return nil }
    func isConstant(_ index: (Int, Int) -> Int) -> Bool {
      (0..<n).allSatisfy { a in
        let first = index(a, 0)
        return (0..<n).allSatisfy {
          lifted.matrix.row(index(a, $0))[index(a, $0)] == lifted.matrix.row(first)[first]
        }
      }
    }
    if isConstant({ $0 * n + $1 }), let found = AssociationScheme(distance) {
      (scheme, isOfFacilities) = (found, false)
    } else if isConstant({ $1 * n + $0 }), let found = AssociationScheme(flow) {
      (scheme, isOfFacilities) = (found, true)
    } else {
      return nil
    }
    self.n = n
    self.parameters = parameters
    let (count, square) = (scheme.valencies.count, n * n)
    func matrices() -> Buffer<Double> { Buffer(count: count * square + 1, repeating: 0) }
    (self.cost, y, z, x, cap) = (matrices(), matrices(), matrices(), matrices(), matrices())
    blocks = Buffer(count: count * square, repeating: 0)
    values = Buffer(count: count * n, repeating: 0)
    solver = SymmetricEigenSolver(capacity: n)
    firstPenalty = parameters.penalty * Double(n) * lifted.scale
    penalty = firstPenalty
    for t in 0..<count {
      let point = (0..<n).first { scheme.classes[$0] == t } ?? 0
      for a in 0..<n {
        for b in 0..<n where (a == b) == (t == 0) {
          let at = t * square + a * n + b
          self.cost.view[at] = lifted.matrix.row(place(a, 0))[place(b, point)]
          y.view[at] = 1 / Double(n * (a == b ? 1 : n - 1))
          cap.view[at] = 1
        }
      }
    }
    (y.view[count * square], cap.view[count * square]) = (1 / Double(n), 1)
    x.view.copy(from: y.view)
  }

  private func place(_ a: Int, _ point: Int) -> Int {
    isOfFacilities ? point * n + a : a * n + point
  }

  /// Steps until X and Y meet, `limit` times at most.
  func run(limit: Int, shouldStop: () -> Bool) {
    setDenseAlgebraThreads(1)
    while steps < limit, !isSolved, !shouldStop(), project() { update() }
    _ = project()
  }

  /// True when X and Y have met.
  var isSolved: Bool {
    max(residuals.primal, residuals.dual) <= SchemeRelaxation.accuracy * Double(n + 1)
  }

  /// The distance of X from Y, and of Y from the last one, at which they have met, in units of
  /// their trace.
  private static let accuracy = 1e-6

  /// Y and the multiplier at the spectral side (see `Splitting.withSpectralMultiplier`) over all
  /// placements, once `run` has ended.
  func makeState(threads: Int) -> RelaxationState {
    let (primal, multiplier) = (LiftedMatrix(size: n), LiftedMatrix(size: n))
    let end = count * square
    func spectral(_ at: Int) -> Double { z.view[at] + penalty * (y.view[at] - x.view[at]) }
    (primal.corner, multiplier.corner) = (1, zCorner + penalty * (1 - xCorner))
    primal.border.fill(y.view[end])
    multiplier.border.fill(spectral(end))
    for a in 0..<n {
      for point in 0..<n {
        let rows = (primal.row(place(a, point)), multiplier.row(place(a, point)))
        for b in 0..<n {
          for other in 0..<n {
            let at = scheme.classes[point * n + other] * square + a * n + b
            rows.0[place(b, other)] = y.view[at]
            rows.1[place(b, other)] = spectral(at)
          }
        }
      }
    }
    return RelaxationState(
      primal: primal, multiplier: multiplier, eigenvalue: penalty * threshold, penalty: penalty)
  }

  /// X ← the projection of Y + Z/β; false when a decomposition fails, with X as it was.
  private func project() -> Bool {
    let (n, count, square) = (n, count, square)
    let x = x.view
    var total = 0.0
    for t in 0..<count {
      total += Double(n * scheme.valencies[t]) * x.window(t * square, square).sum
    }
    let size = Double(n)
    let head = 0.5 * (xCorner + 2 * size * x[count * square] + total / (size * size))
    for s in 1..<count {
      let block = blocks.view.window(s * square, square)
      block.fill(0)
      for t in 0..<count {
        let (factor, part) = (scheme.eigenvalues[s, t], x.window(t * square, square))
        for at in 0..<square { block[at] += factor * part[at] }
      }
      center(block)
      guard solver.decompose(block, values.view.window(s * n, n), size: n) else { return false }
    }
    steps += 1
    settle(head)
    // W_s again, then X_t = (1/n) Σ_s m_s P[s,t] / k_t · W_s.
    let middle = max(0, head - threshold)
    (xCorner, x[count * square]) = (middle / 2, middle / (2 * size))
    x.window(0, count * square).fill(middle / (2 * size * size))
    let sum = blocks.view.window(0, square)
    for s in 1..<count {
      sum.fill(0)
      for k in 1..<n {
        let weight = values.view[s * n + k] - threshold
        guard weight > 0 else { continue }
        let vector = blocks.view.window(s * square + k * n, n)
        for a in 0..<n {
          let (factor, row) = (weight * vector[a], sum.window(a &* n, n))
          for b in 0..<n { row[b] += factor * vector[b] }
        }
      }
      for t in 0..<count {
        let factor =
          Double(scheme.multiplicities[s]) * scheme.eigenvalues[s, t]
          / (size * Double(scheme.valencies[t]))
        let part = x.window(t * square, square)
        for at in 0..<square { part[at] += factor * sum[at] }
      }
    }
    return true
  }

  /// Makes row and column sums zero, and the constant vector the eigenvector of the least
  /// eigenvalue.
  private func center(_ block: BufferView<Double>) {
    var means = [Double](repeating: 0, count: n)
    var norm = 0.0
    for a in 0..<n {
      let row = block.window(a * n, n)
      means[a] = row.sum / Double(n)
      for b in 0..<n { norm += row[b] * row[b] }
    }
    let shift = means.reduce(0, +) / Double(n) - (2 * norm.squareRoot() + 1) / Double(n)
    for a in 0..<n {
      for b in 0..<n { block[a * n + b] += shift - means[a] - means[b] }
    }
  }

  /// Finds the threshold θ for which the positive parts of all eigenvalues less θ add up to n + 1.
  private func settle(_ head: Double) {
    var all = [(value: head, weight: 1.0)]
    for s in 1..<count {
      let weight = Double(scheme.multiplicities[s])
      for k in 1..<n { all.append((values.view[s * n + k], weight)) }
    }
    all.sort { $0.value > $1.value }
    var (sum, weight) = (0.0, 0.0)
    for (index, entry) in all.enumerated() {
      sum += entry.value * entry.weight
      weight += entry.weight
      threshold = (sum - Double(n + 1)) / weight
      if index + 1 == all.count || all[index + 1].value <= threshold { return }
    }
  }

  /// Y and Z from X, as in `Splitting.update`.
  private func update() {
    let next = parameters.nextPenalty(
      after: penalty, first: firstPenalty, step: steps, residuals: residuals, size: n)
    let kernel = SplittingStep(
      penalty: penalty, relaxed: parameters.overRelaxation * penalty, nextPenalty: next)
    zCorner += 2 * kernel.relaxed * (1 - xCorner)
    xCorner = 1 + zCorner / next
    var (primal, dual) = (0.0, 0.0)
    for t in 0...count {
      let (start, length) = (t * square, t < count ? square : 1)
      func part(_ buffer: Buffer<Double>) -> BufferView<Double> {
        buffer.view.window(start, length)
      }
      let sums = kernel.row(part(y), part(z), part(x), cost: part(cost), cap: part(cap))
      let weight = t < count ? Double(n * scheme.valencies[t]) : 2 * Double(square)
      primal += weight * sums.primal
      dual += weight * sums.dual
    }
    residuals = (primal.squareRoot(), dual.squareRoot())
    penalty = next
  }
}
