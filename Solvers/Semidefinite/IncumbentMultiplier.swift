import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// A multiplier that proves a known assignment x* optimal, where the relaxation is exact there.
///
/// With E = L + Z and y* = (1; x*) such a multiplier satisfies
///
///     (a)  E ≥ 0 on pairs of placements that do not exclude each other, on the diagonal and the
///          border; free where they do
///     (b)  E = 0 on pairs of placements of x*, on their diagonal and border; Z[0,0] = ⟨L, y*y*ᵀ⟩
///     (c)  E[p,0] + Σ_k E[p,k*] = (Ly*)[p] − (r[i] + r[j*])/2 for every placement p = (i, j) not
///          in x*, with k* the placement of facility k in x*, j* the facility at j there, and
///          r[k] = (Ly*)[k*]
///     (d)  VᵀZV ⪯ 0
///
/// as then f(x) − c = ⟨E, Y⟩ − ⟨Z, Y⟩ ≥ f(x*) − c: by (b) and (c), Zy* is orthogonal to the face.
/// The nearest point with (a) to (c) takes one number for each p, that with (d) the positive part
/// of VᵀZV. Reflections at both sets (Douglas and Rachford) come near a common point, accelerated
/// alternating projections nearer. Whatever the end is, `SafeBound` says what it proves.
///
/// Where costs are products the start is close already: with L = −a[i,k]·b[j,l] and a and b of one
/// norm, E[ij,kl] ≈ ½t(a[i,k] − b[j,l])² leaves Z = −½(1 − t)(A⊗I − I⊗B)² on the face but for
/// terms that (b) and (c) settle.
final class IncumbentMultiplier: @unchecked Sendable {
  /// The locations of x*.
  let locations: [Int]
  /// ‖R − T + D‖ of the last reflection: how far apart the two sets still seem to be.
  private(set) var movement = Double.infinity
  /// The largest rank of a positive part that there was at the last step.
  var rank: Int { projection.rank }
  private(set) var face: FacialReduction
  private(set) var projection: SpectralProjection
  /// T, and later the point that projections are extrapolated to.
  let point: LiftedMatrix
  /// D, the positive part of T; others may use it in between (see `withMultiplier`).
  let scratch: LiftedMatrix
  private let cost: LiftedMatrix
  /// The last point of the projections.
  private var last: LiftedMatrix?
  private var momentum = 1.0
  /// Reflections so far: ranks swell in the first ones.
  private var steps = 0
  private let factor: LiftedFactor
  private let threads: Int
  private let facilityAt: [Int]
  /// The rows of x*, facility by facility.
  private var known: [Int] = []
  private var isKnown: [Bool] = []
  /// The right-hand sides of (c), by row.
  private var sums: [Double] = []
  /// ⟨L, y*y*ᵀ⟩.
  private var value = 0.0
  /// Vᵀy*, of length one.
  private var direction = Buffer(count: 0, repeating: 0.0)
  private let workspaces: [Buffer<Double>]

  /// Begins at x*; `costs` must hold its placements.
  init(_ costs: LiftedCosts, _ cost: PairCost, locations: [Int], threads: Int) {
    let n = costs.size
    self.locations = locations
    self.cost = costs.matrix
    self.threads = threads
    facilityAt = (0..<n).map { j in locations.firstIndex(of: j) ?? 0 }
    face = FacialReduction(costs.matrix.placements)
    point = LiftedMatrix(costs.matrix.placements)
    scratch = LiftedMatrix(costs.matrix.placements)
    factor = LiftedFactor(threads: threads)
    projection = IncumbentMultiplier.projection(face, threads: threads)
    workspaces = (0..<threads).map { _ in
      Buffer(count: costs.matrix.places + 5 * (n + 1), repeating: 0)
    }
    prepare()
    start(cost, scale: costs.scale)
    pass(.enter)
  }

  /// Eigenvalues are looked for by iteration at all orders: they are near zero.
  private static func projection(
    _ face: FacialReduction, threads: Int, start: SpectralProjection.Start? = nil
  ) -> SpectralProjection {
    let order = face.order
    let limit = order >= 300 ? order / 9 : nil
    return SpectralProjection(
      order: order, threads: threads, maxRank: limit, start: start,
      iterates: true)
  }

  /// All that follows from x* and the placements at hand.
  private func prepare() {
    let (n, set) = (cost.size, cost.placements)
    known = (0..<n).map { k in
      guard let row = set.index(of: k * n + locations[k]) else {
        preconditionFailure("the known assignment is not among the placements")
      }
      return row
    }
    isKnown = [Bool](repeating: false, count: set.count)
    for row in known { isKnown[row] = true }
    let images = (0..<set.count).map { row in
      let line = cost.row(row)
      return known.reduce(0.0) { $0 + line[$1] }
    }
    let r = known.map { images[$0] }
    value = r.reduce(0, +)
    sums = (0..<set.count).map { row in
      images[row] - 0.5 * (r[set.facility(row)] + r[facilityAt[set.location(row)]])
    }
    let y = Buffer(count: set.count + 1, repeating: 0.0)
    direction = Buffer(count: face.order, repeating: 0)
    y.view[0] = 1
    for row in known { y.view[row + 1] = 1 }
    face.compress(y.view, into: direction.view)
    let length = Double(n + 1).squareRoot()
    for at in 0..<face.order { direction.view[at] /= length }
    withExtendedLifetime(y) {}
  }

  /// T before (a) to (c) are enforced.
  private func start(_ cost: PairCost, scale: Double) {
    let (n, set) = (cost.size, point.placements)
    // In units of the mean cost: it suits relaxations of all sizes.
    let between = (n < 80 ? 1 : 1.5) * scale
    let kernels = Kernels(cost)
    let t = IncumbentMultiplier.share
    parallelFor(count: set.count, threads: threads) { _, row in
      let (z, l) = (self.point.row(row), self.cost.row(row))
      let (i, j) = (set.facility(row), set.location(row))
      for column in 0..<set.count {
        let (k, m) = (set.facility(column), set.location(column))
        if row == column {
          z[column] = -l[column]
        } else if i == k || j == m {
          let step = self.isKnown[row] || self.isKnown[column] ? 0.5 * between : between
          z[column] = step + (kernels?.excluded(i, j, k, m, t) ?? 0)
        } else if let kernels {
          let difference = kernels.a[i, k] - kernels.b[j, m]
          let square = difference * difference
          let floor = IncumbentMultiplier.softness * kernels.variance
          z[column] = 0.5 * t * square * square / (square + floor) - l[column]
        } else {
          z[column] = 0
        }
      }
    }
  }

  /// The part t of the squares that E takes, and below which squares it takes less.
  private static let share = 0.7
  private static let softness = 0.5
  /// Over-relaxation of reflections.
  private static let relaxation = 1.8

  /// D, the positive part of T on the face orthogonal to y*; false when numbers are not finite.
  private func split(tolerance: Double, rounds: Int, room: Double) -> Bool {
    scratch.corner = point.corner
    scratch.border.copy(from: point.border)
    parallelFor(count: point.places, threads: threads) { _, row in
      self.scratch.row(row).copy(from: self.point.row(row))
    }
    face.compress(scratch, into: projection.matrix, threads: threads)
    deflate()
    guard
      projection.project(
        trace: nil, tolerance: tolerance, residual: .infinity, rounds: rounds, room: room)
    else {
      return false
    }
    factor.take(projection, face, places: scratch.places)
    factor.multiply(into: scratch)
    return true
  }

  /// W ← (I − vvᵀ)W(I − vvᵀ) for the direction v of y*, the lower triangle.
  private func deflate() {
    let (order, w, v) = (face.order, projection.matrix, direction.view)
    let images = Buffer(count: order, repeating: 0.0)
    let image = images.view
    for r in 0..<order {
      let line = w.window(r * order, order)
      var sum = 0.0
      let head = v[r]
      for c in 0..<r {
        sum += line[c] * v[c]
        image[c] += line[c] * head
      }
      image[r] += sum + line[r] * head
    }
    var whole = 0.0
    for at in 0..<order { whole += v[at] * image[at] }
    // W − vgᵀ − gvᵀ with g = Wv − ½(vᵀWv)v.
    for at in 0..<order { image[at] -= 0.5 * whole * v[at] }
    parallelFor(count: order, threads: threads) { _, r in
      let line = w.window(r &* order, order)
      let (head, g) = (v[r], image[r])
      for c in 0...r { line[c] -= head * image[c] + g * v[c] }
    }
    withExtendedLifetime(images) {}
  }

  /// One reflection at both sets; false when numbers are not finite.
  func reflect() -> Bool {
    let tolerance = movement.isFinite ? 1e-4 * movement : .infinity
    guard split(tolerance: tolerance, rounds: 1, room: steps < 8 ? .infinity : 1.7) else {
      return false
    }
    steps += 1
    movement = pass(.reflect).movement.squareRoot()
    return movement.isFinite
  }

  /// Leaves the reflections for projections, or for others from a point that holds nothing of the
  /// way it came; false when numbers are not finite.
  func settle() -> Bool {
    guard split(tolerance: 1e-4 * movement, rounds: 2, room: 2) else { return false }
    pass(.project)
    last = nil
    momentum = 1
    return true
  }

  /// The first half of a projection step: D, nearly exactly where a bound is to follow. False when
  /// numbers are not finite.
  func beginProjection(forBound: Bool) -> Bool {
    split(tolerance: (forBound ? 1e-6 : 1e-4) * movement, rounds: forBound ? 3 : 2, room: 3)
  }

  /// The second half of a projection step.
  func endProjection() {
    let previous = last ?? copyOfPoint()
    last = previous
    let overshoot = pass(.approach).overshoot
    let next = overshoot > 0 ? 1 : 0.5 * (1 + (1 + 4 * momentum * momentum).squareRoot())
    let factor = next > 1 ? (momentum - 1) / next : 0
    momentum = next
    @Sendable func extrapolate(_ now: BufferView<Double>, _ old: BufferView<Double>) {
      for at in 0..<now.count {
        let z = now[at]
        now[at] = z + factor * (z - old[at])
        old[at] = z
      }
    }
    extrapolate(point.border, previous.border)
    parallelFor(count: point.places, threads: threads) { _, row in
      extrapolate(self.point.row(row), previous.row(row))
    }
  }

  private func copyOfPoint() -> LiftedMatrix {
    let copy = LiftedMatrix(point.placements)
    copy.corner = point.corner
    copy.border.copy(from: point.border)
    parallelFor(count: point.places, threads: threads) { _, row in
      copy.row(row).copy(from: self.point.row(row))
    }
    return copy
  }

  /// Calls `body` between the halves of a projection step with the point T − D, whose VᵀZV has no
  /// eigenvalue above zero but for the error of D. `body` may overwrite the scratch matrix.
  func withMultiplier<Result>(_ body: () throws -> Result) rethrows -> Result {
    addScratch(-1)
    defer {
      factor.multiply(into: scratch)
      addScratch(1)
    }
    return try body()
  }

  private func addScratch(_ sign: Double) {
    point.corner += sign * scratch.corner
    for row in 0..<point.places { point.border[row] += sign * scratch.border[row] }
    parallelFor(count: point.places, threads: threads) { _, row in
      let (t, d) = (self.point.row(row), self.scratch.row(row))
      for at in 0..<t.count { t[at] += sign * d[at] }
    }
  }

  /// Goes on with the placements of `set` alone, as `Splitting.restrict` does; x* must be among
  /// them. Between steps.
  func restrict(to set: PlacementSet) -> Bool {
    let next = FacialReduction(set)
    guard next.order >= 2 else { return false }
    let rows = point.placements.indices(of: set)
    let start = projection.makeStart(order: next.order) { [face] vector, target in
      face.carry(vector, over: rows, to: next, into: target)
    }
    for matrix in [cost, point, scratch] + (last.map { [$0] } ?? []) { matrix.restrict(to: set) }
    face = next
    projection = SpectralProjection(order: 1, threads: 1)
    projection = IncumbentMultiplier.projection(face, threads: threads, start: start)
    momentum = 1
    prepare()
    return true
  }

  /// Moves T to the nearest point with (a) to (c), or by it.
  @discardableResult
  private func pass(_ kind: IncumbentPass) -> (movement: Double, overshoot: Double) {
    let (n, set) = (cost.size, point.placements)
    let owned = Buffer(count: 2 * set.count, repeating: 0.0)
    let results = owned.view
    let none = results.window(0, 0)
    parallelFor(count: set.count, threads: threads) { worker, row in
      if self.isKnown[row] { return }
      let space = self.workspaces[worker].view
      let bound = space.window(0, set.count)
      let (t, d, l) = (self.point.row(row), self.scratch.row(row), self.cost.row(row))
      let old = kind == .approach ? self.last?.row(row) ?? none : none
      for at in 0..<set.count { bound[at] = -l[at] }
      let (i, j) = (set.facility(row), set.location(row))
      for other in set.ofFacility[i] { bound[other] = -.infinity }
      for other in set.ofLocation[j] { bound[other] = -.infinity }
      bound[row] = -l[row]
      // The entries beside x*, the border last.
      let line = IncumbentLine(
        before: space.window(set.count, n + 1),
        removed: space.window(set.count &+ (n &+ 1), n + 1),
        shifted: space.window(set.count &+ 2 &* (n &+ 1), n + 1),
        isFree: (i, self.facilityAt[j]))
      for k in 0..<n {
        let at = self.known[k]
        line.before[k] = t[at]
        line.removed[k] = d[at]
        line.shifted[k] = t[at] - kind.removal * d[at] + l[at]
        (t[at], d[at], bound[at]) = (0, 0, -.infinity)
      }
      line.before[n] = self.point.border[row]
      line.removed[n] = self.scratch.border[row]
      line.shifted[n] = line.before[n] - kind.removal * line.removed[n]
      var sums = kind.apply(t, d, bound: bound, old: old)
      line.settle(sum: self.sums[row])
      for k in 0...n {
        let lift = k < n ? l[self.known[k]] : 0
        let nearest = line.shifted[k] - lift
        let value = kind.mix(line.before[k], nearest, line.removed[k])
        let change = nearest - line.before[k] + line.removed[k]
        sums.movement += 2 * change * change
        if k == n {
          if kind == .approach, let last = self.last {
            sums.overshoot +=
              2 * (line.before[k] - nearest) * (nearest - last.border[row])
          }
          self.point.border[row] = value
        } else {
          let at = self.known[k]
          if kind == .approach {
            sums.overshoot += 2 * (line.before[k] - nearest) * (nearest - old[at])
          }
          t[at] = value
          d[at] = line.removed[k]
          self.point.row(at)[row] = value
        }
      }
      results[2 &* row] = sums.movement
      results[2 &* row &+ 1] = sums.overshoot
    }
    for row in known {
      let (t, d, l) = (point.row(row), scratch.row(row), cost.row(row))
      for at in known { t[at] = kind.mix(t[at], -l[at], d[at]) }
      point.border[row] = kind.mix(point.border[row], 0, scratch.border[row])
    }
    point.corner = kind.mix(point.corner, value, scratch.corner)
    var (movement, overshoot) = (0.0, 0.0)
    for row in 0..<set.count {
      movement += results[2 * row]
      overshoot += results[2 * row + 1]
    }
    return withExtendedLifetime(owned) { (movement, overshoot) }
  }
}

/// The factors of L = −a[i,k]·b[j,l], scaled to one norm, and their squares.
private struct Kernels {
  let a: Matrix<Double>
  let b: Matrix<Double>
  let squareOfA: Matrix<Double>
  let squareOfB: Matrix<Double>
  /// The mean of a[i,k]² over i ≠ k.
  let variance: Double

  /// Nil where costs are no products, or all zero.
  init?(_ cost: PairCost) {
    guard case .product(let flow, let distance) = cost.kind else { return nil }
    func norm(_ x: Matrix<Double>) -> Double {
      x.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let (f, d) = (norm(flow), 0.5 * norm(distance))
    guard f > 0, d > 0, f.isFinite, d.isFinite else { return nil }
    let ratio = (d / f).squareRoot()
    let n = cost.size
    a = flow.map { $0 * ratio }
    b = distance.map { -0.5 * $0 / ratio }
    squareOfA = gemm(1, a, .plain, a, .plain)
    squareOfB = gemm(1, b, .plain, b, .plain)
    variance = f * d / Double(max(1, n * (n - 1)))
  }

  /// E for two placements that exclude each other.
  func excluded(_ i: Int, _ j: Int, _ k: Int, _ l: Int, _ t: Double) -> Double {
    i == k
      ? 0.5 * (t * b[j, l] * b[j, l] - (1 - t) * (squareOfB[j, l] - squareOfA[i, i]))
      : 0.5 * (t * a[i, k] * a[i, k] - (1 - t) * (squareOfA[i, k] - squareOfB[j, j]))
  }
}
