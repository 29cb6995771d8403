import QAP
import QAPDenseAlgebra
import QAPDualAscent
import QAPPrimitives

/// The bound that a multiplier Z proves, whatever Z is.
///
/// Lifted assignments are Y = VRVᵀ with R ⪰ 0 and trace R = n + 1, so ⟨Z, Y⟩ ≤ (n + 1)·λmax(VᵀZV)
/// and
///
///     f(x) = ⟨L + Z, Y⟩ − ⟨Z, Y⟩ + c ≥ RLT(L + Z) − (n + 1)·λmax(VᵀZV) + c
///
/// where RLT is any feasible point of the level-1 RLT dual for the costs L + Z. Z is rounded to
/// whole multiples of the unit of L first: L + Z is then exact in doubles. The largest eigenvalue
/// is bounded by a number t for which a Cholesky factorization of tI − VᵀZV succeeds, lowered by
/// its backward error.
final class SafeBound: @unchecked Sendable {
  /// A bound, and what proves it.
  struct Proven {
    let value: Double
    /// Lower bounds on the excess over `value` of an assignment with facility i at location j, at
    /// i·n + j; empty when not requested.
    let excess: [Double]
    let proof: () -> BoundProof
  }

  /// The costs, perhaps of some placements only: bounds hold for the assignments of these then.
  private let costs: LiftedCosts
  private var face: FacialReduction
  private let constant: Double
  private let threads: Int
  private let rounds: Int

  init(_ costs: LiftedCosts, constant: Double, rounds: Int, threads: Int) {
    self.costs = costs
    face = FacialReduction(costs.matrix.placements)
    self.constant = constant
    self.rounds = rounds
    self.threads = threads
  }

  /// Follows costs that have been restricted to fewer placements; `face` is that of these.
  func restrict(to face: FacialReduction) { self.face = face }

  /// The bound that `multiplier` proves, if it is above `least`; nil otherwise, when numbers are
  /// beyond doubles, or when `shouldStop` said so.
  ///
  /// - Parameters:
  ///   - scratch: overwritten.
  ///   - projection: its matrix is overwritten.
  ///   - near: a guess at the largest eigenvalue of VᵀZV.
  ///   - knows: true where that is more than a guess, but for rounding.
  ///   - gap: what the bound was away from where it is wanted, when known: for large orders, where
  ///     the last digits of the eigenvalue take most of the time, the bound may be lower than it
  ///     could be by a `share` of it.
  ///   - placements: asks for what each placement costs beyond the bound, too.
  /// - Complexity: O(n⁶) for the eigenvalue, some n² assignment problems of order n − 1.
  func evaluate(
    _ multiplier: LiftedMatrix, scratch: LiftedMatrix, projection: SpectralProjection,
    near: Double = -.infinity, knows: Bool = false, gap: Double = 0, share: Double = 1e-3,
    above least: Double,
    placements: Bool = false,
    shouldStop: () -> Bool
  ) throws -> Proven? {
    guard round(multiplier, into: scratch) else { return nil }
    let n = costs.size
    let shifted = ShiftedTensor(costs.matrix, scratch)
    let instance = try Instance(cost: .tensor(shifted))
    guard
      let relaxed = TensorAscent(instance, threads: threads).bound(
        rounds: rounds, placements: placements, shouldStop: shouldStop)
    else { return nil }
    let corner = scratch.corner
    // There are no certificates for a part of the placements.
    let lattice = scratch.placements.isWhole ? LatticeFrame(scratch) : nil
    let norm = scratch.frobenius
    face.compress(scratch, into: projection.matrix, threads: threads)
    guard let top = knows ? near : projection.largestEigenvalue(), top.isFinite else { return nil }
    if shouldStop() { return nil }
    let order = Double(n + 1)
    guard relaxed.value + corner + constant + costs.offset - order * top > least else { return nil }

    // t, a little above what rounding may hide, and above what a checker's own rounding asks for.
    let unit = Double(sign: .plus, exponent: costs.exponent, significand: 1)
    let rounding =
      0x1p-53 * (face.restricted?.conditioning ?? 100 * Double(n + 8)) * norm
    let margin = max(unit, 8 * rounding, 0x1p-44 * abs(top))
    let slack = gap.isFinite ? share * gap : 0
    // Objectives are sums of n² costs.
    let tolerance = max(slack, 1e-7 * costs.scale * Double(n * n)) / order
    guard
      let (t, error) = eigenvalueBound(
        multiplier, scratch, projection, from: top, near: near, margin: margin,
        tolerance: tolerance, shouldStop)
    else { return nil }
    let checked = lattice?.error(of: t + margin) ?? 0
    let bound = t + 2 * (error + rounding) + 4 * checked
    let units = (bound / unit).rounded(.up)
    guard abs(units) < 0x1p50 else { return nil }
    let eigenvalue = units * unit
    let terms = [
      relaxed.value, corner, constant, costs.offset, -order * (eigenvalue + 2 * checked),
    ]
    let magnitude = terms.reduce(0) { $0 + abs($1) }
    let value = (terms.reduce(0, +) - 0x1p-50 * magnitude).nextDown
    guard value.isFinite else { return nil }
    let integers = { (x: Double) in Int64(x / unit) }
    let exponent = costs.exponent
    return Proven(value: value, excess: relaxed.excess) { [self] in
      _ = round(multiplier, into: scratch)
      // The border may hold what the single costs lost: VᵀZV is the same.
      let (n, shifts) = (costs.size, costs.shifts)
      let border = (0..<n * n).map {
        integers(scratch.border[$0] - (shifts.facility[$0 / n] + shifts.location[$0 % n]) / 2)
      }
      return .semidefinite(
        SemidefiniteProof(
          exponent: exponent, eigenvalue: Int64(units),
          corner: integers(scratch.corner + costs.offset), border: border,
          block: scratch.lowerTriangle.map(integers), multipliers: relaxed.multipliers()))
    }
  }

  /// The least t that was found for which tI − VᵀZV has a Cholesky factorization, with its backward
  /// error; nil when there was none, or when `shouldStop` said so.
  ///
  /// `top` is the largest eigenvalue, or below it where it was found by iteration; `near` may be
  /// nearer to it then, on either side. A factorization takes less time than iterating any further,
  /// so the rest is left to bisection.
  private func eigenvalueBound(
    _ multiplier: LiftedMatrix, _ scratch: LiftedMatrix, _ projection: SpectralProjection,
    from top: Double, near: Double, margin least: Double, tolerance: Double,
    _ shouldStop: () -> Bool
  ) -> (t: Double, error: Double)? {
    let isExact = !projection.findsEigenvaluesByIteration
    let start = isExact ? top : max(top, near)
    var margin = isExact ? least : max(least, 0.1 * tolerance)
    var (t, low) = (start + margin, top)
    var best: (t: Double, error: Double)?
    var (growths, failures) = (0, 0)
    while growths < 12 {
      guard round(multiplier, into: scratch) else { return best }
      face.compress(scratch, into: projection.matrix, threads: threads)
      if let error = factorError(projection.matrix, t) {
        best = (t, error)
      } else {
        low = t
        if best != nil { failures += 1 }
      }
      if let best {
        if isExact || best.t - low <= tolerance || failures == 2 { return best }
        t = 0.5 * (low + best.t)
      } else {
        growths += 1
        margin *= 8
        t = start + margin
      }
      if shouldStop() { return best }
    }
    return best
  }

  /// Z rounded to whole units; false when that takes too many of them.
  private func round(_ z: LiftedMatrix, into result: LiftedMatrix) -> Bool {
    let unit = Double(sign: .plus, exponent: costs.exponent, significand: 1)
    let limit = 0x1p46 * unit
    func rounded(_ x: Double) -> Double { (x / unit).rounded() * unit }
    result.corner = rounded(z.corner)
    var fits = abs(result.corner) < limit
    for place in 0..<z.places {
      result.border[place] = rounded(z.border[place])
      fits = fits && abs(result.border[place]) < limit
    }
    let shifter = 0x1.8p52 * unit
    let owned = Buffer(count: z.places, repeating: 0.0)
    let faults = owned.view
    parallelFor(count: z.places, threads: threads) { _, place in
      let (from, to) = (z.row(place), result.row(place))
      var largest = 0.0
      for at in 0..<from.count {
        let x = (from[at] + shifter) - shifter
        to[at] = x
        largest = max(largest, abs(x))
      }
      faults[place] = largest < limit ? 0 : 1
    }
    return withExtendedLifetime(owned) { fits && faults.sum == 0 }
  }

  /// A bound on −λmin(tI − W) when its factorization succeeds, W the lower triangle in `matrix`,
  /// which is destroyed: γ·trace with γ of some N·2⁻⁵³ (Demmel 1989; Higham 2002, theorem 10.3).
  /// Nil otherwise.
  private func factorError(_ matrix: BufferView<Double>, _ t: Double) -> Double? {
    let order = face.order
    var trace = 0.0
    for index in 0..<order {
      let line = matrix.window(index * order, order)
      for other in 0..<index { line[other] = -line[other] }
      line[index] = t - line[index]
      trace += abs(line[index])
    }
    let outcome = Cholesky.factor(
      MatrixView(matrix, rows: order, columns: order), threads: threads)
    return outcome == .factored ? 2 * Double(order + 8) * 0x1p-53 * trace : nil
  }
}

/// L + Z as a tensor of costs.
final class ShiftedTensor: CostTensor {
  private let costs: LiftedMatrix
  private let shift: LiftedMatrix
  /// The cost of a pair with a placement that is left out: more than others cost, whatever it is,
  /// as assignments with such placements are not asked for. Nil when none are left out.
  private let missing: Double?
  let size: Int
  let isIntegral = false
  let isSymmetric = true

  init(_ costs: LiftedMatrix, _ shift: LiftedMatrix) {
    self.costs = costs
    self.shift = shift
    size = costs.size
    let set = costs.placements
    guard !set.isWhole else {
      missing = nil
      return
    }
    var largest = 0.0
    for row in 0..<costs.places {
      let (l, z) = (costs.row(row), shift.row(row))
      for at in 0..<l.count
      where set.facility(at) != set.facility(row) && set.location(at) != set.location(row) {
        largest = max(largest, abs(l[at] + z[at]))
      }
    }
    missing = 8 * largest
  }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    if let missing {
      for at in 0..<block.count { block[at] = missing }
      guard let row = costs.placements.index(of: i * size + j) else { return }
      let (l, z) = (costs.row(row), shift.row(row))
      for (at, place) in costs.placements.places.enumerated() { block[place] = l[at] + z[at] }
      return
    }
    let (l, z) = (costs.row(i * size + j), shift.row(i * size + j))
    for at in 0..<block.count { block[at] = l[at] + z[at] }
  }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    var (place, other) = (i * size + j, k * size + l)
    if let missing {
      guard let row = costs.placements.index(of: place),
        let column = costs.placements.index(of: other)
      else {
        return missing
      }
      (place, other) = (row, column)
    }
    let sum = costs.row(place)[other] + shift.row(place)[other]
    return place == other ? sum + 2 * shift.border[place] : sum
  }
}

/// The rounding error of a checker that factors BᵀZB for the basis B of `SemidefiniteProof`.
private struct LatticeFrame {
  let order: Int
  /// trace BᵀB and trace BᵀZB.
  let size: Double
  let trace: Double

  init(_ z: LiftedMatrix) {
    let n = z.size
    order = (n - 1) * (n - 1) + 1
    let last = n - 1
    var trace = 0.0
    for k in 0..<last {
      for l in 0..<last {
        let corners = [k * n + l, k * n + last, last * n + l, last * n + last]
        let signs = [1.0, -1, -1, 1]
        for (a, p) in corners.enumerated() {
          for (b, q) in corners.enumerated() { trace += signs[a] * signs[b] * z.row(p)[q] }
        }
      }
    }
    let factor = Double(sign: .plus, exponent: -2 * Double(n).exponentAsInt, significand: 1)
    var whole = Double(n * n) * z.corner + 2 * Double(n) * z.border.sum
    for place in 0..<z.places { whole += z.row(place).sum }
    self.trace = trace + factor * whole
    size = 4 * Double(order - 1) + factor * Double(2 * n * n)
  }

  /// The error, with room for that of this computation.
  func error(of t: Double) -> Double {
    2.5 * Double(order + 8) * 0x1p-53 * (abs(t) * size + abs(trace))
  }
}

extension Double {
  fileprivate var exponentAsInt: Int { Int(exponent) }
}

extension LiftedMatrix {
  /// The Frobenius norm.
  fileprivate var frobenius: Double {
    var sum = corner * corner
    for place in 0..<places { sum += 2 * border[place] * border[place] }
    for at in 0..<block.count { sum += block[at] * block[at] }
    return sum.squareRoot()
  }

  /// The elements (p, q) of the block with q ≤ p, row by row.
  fileprivate var lowerTriangle: [Double] {
    var result: [Double] = []
    result.reserveCapacity(places * (places + 1) / 2)
    for p in 0..<places {
      let line = row(p)
      for q in 0...p { result.append(line[q]) }
    }
    return result
  }
}
