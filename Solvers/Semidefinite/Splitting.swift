import QAP
import QAPDenseAlgebra
import QAPLinearAssignment
import QAPPrimitives

/// The state of the splitting method, and its step.
///
/// The relaxation min ⟨L, Y⟩ over Y = VRVᵀ, R ⪰ 0, trace R = n + 1, and Y in the box 0 ≤ Y ≤ 1 with
/// Y[0,0] = 1 and zeros where two placements exclude each other, is split into its two sets, which
/// are projected on in turn; the multiplier Z of Y = VRVᵀ takes a step of 0.9·β after each.
final class Splitting: @unchecked Sendable {
  let size: Int
  private(set) var face: FacialReduction
  /// L, Y and Z.
  let cost: LiftedMatrix
  let primal: LiftedMatrix
  let multiplier: LiftedMatrix
  /// X = VRVᵀ within a step, Y + Z/β between steps, and free for others then (see `restore`).
  let scratch: LiftedMatrix
  private(set) var projection: SpectralProjection
  /// ‖Y − X‖ and ‖Y − last Y‖ after a step.
  private(set) var primalResidual = Double.infinity
  private(set) var dualResidual = Double.infinity
  private(set) var penalty: Double
  /// An estimate of the largest eigenvalue of VᵀZV: the part of W = Vᵀ(Y + Z/β)V that the last
  /// projection removed, times β.
  private(set) var eigenvalue = -Double.infinity
  private let firstPenalty: Double
  private var steps = 0
  private let isAtCenter: Bool
  private let parameters: DoublyNonnegative.Parameters
  private let threads: Int
  private let assignments: LinearAssignmentSolver
  private let factor: LiftedFactor
  private let caps: [Buffer<Double>]
  private let residuals: Buffer<Double>

  /// Begins at the center of all assignments with no multiplier, or at `state`, which is taken
  /// over and has the placements of `costs`; with `keepsPenalty` its penalty, too.
  init(
    _ costs: LiftedCosts, parameters: DoublyNonnegative.Parameters,
    from state: RelaxationState? = nil, keepsPenalty: Bool = true, threads: Int
  ) {
    let n = costs.size
    let set = costs.matrix.placements
    precondition(state.map { $0.placements.places == set.places } ?? true, "a state of other rows")
    size = n
    face = FacialReduction(set)
    cost = costs.matrix
    primal = state?.primal ?? LiftedMatrix(set)
    multiplier = state?.multiplier ?? LiftedMatrix(set)
    scratch = LiftedMatrix(set)
    projection = SpectralProjection(order: face.order, threads: threads)
    self.parameters = parameters
    self.threads = threads
    factor = LiftedFactor(threads: threads)
    assignments = LinearAssignmentSolver(capacity: n)
    firstPenalty = parameters.penalty * Double(n) * costs.scale
    penalty = (keepsPenalty ? state?.penalty : nil) ?? firstPenalty
    caps = (0..<threads).map { _ in Buffer(count: set.count, repeating: 1.0) }
    residuals = Buffer(count: 2 * set.count, repeating: 0)
    isAtCenter = state == nil && set.isWhole
    if state == nil { startAtCenter() }
    restore()
  }

  /// Where the splitting stands, for another to go on from; this one is not to step any more. Takes
  /// as long as the eigenvalue of a bound. No assignment with a placement that is left out costs
  /// less than `floor`.
  func makeState(floor: Double = .infinity) -> RelaxationState {
    scratch.border.copy(from: multiplier.border)
    scratch.corner = multiplier.corner
    parallelFor(count: multiplier.places, threads: threads) { _, place in
      self.scratch.row(place).copy(from: self.multiplier.row(place))
    }
    face.compress(scratch, into: projection.matrix, threads: threads)
    return RelaxationState(
      primal: primal, multiplier: multiplier,
      eigenvalue: projection.largestEigenvalue() ?? 0, penalty: penalty, floor: floor)
  }

  /// Goes on with the placements of `set` alone, which must be among those at hand: the matrices,
  /// that of the costs included, lose the rows of all others. False when `set` leaves no room for
  /// more than one assignment; nothing has changed then.
  func restrict(to set: PlacementSet) -> Bool {
    let next = FacialReduction(set)
    guard next.order >= 2 else { return false }
    let rows = primal.placements.indices(of: set)
    let start = projection.makeStart(order: next.order) { [face] vector, target in
      face.carry(vector, over: rows, to: next, into: target)
    }
    for matrix in [cost, primal, multiplier, scratch] { matrix.restrict(to: set) }
    face = next
    // The memory of the old one is free before the new one takes its own.
    projection = SpectralProjection(order: 1, threads: 1)
    projection = SpectralProjection(order: face.order, threads: threads, start: start)
    restore()
    return true
  }

  /// Y of the mean of all assignments, or the rest of it.
  private func startAtCenter() {
    let (n, set) = (size, primal.placements)
    primal.corner = 1
    primal.border.fill(1 / Double(n))
    let together = n > 1 ? 1 / Double(n * (n - 1)) : 0
    for index in 0..<set.count {
      let row = primal.row(index)
      row.fill(together)
      for other in set.ofFacility[set.facility(index)] { row[other] = 0 }
      for other in set.ofLocation[set.location(index)] { row[other] = 0 }
      row[index] = 1 / Double(n)
    }
  }

  /// The locations of the assignment nearest to the border of Y.
  func nearestLocations() -> [Int] {
    assignments.prepare(size: size)
    for i in 0..<size {
      for j in 0..<size { assignments.costs[i * assignments.stride + j] = 1 }
      for index in primal.placements.ofFacility[i] {
        assignments.costs[i * assignments.stride + primal.placements.location(index)] =
          -primal.border[index]
      }
    }
    assignments.solve(.cold)
    return (0..<size).map { assignments.columnOfRow[$0] }
  }

  /// Writes Y + Z/β to the scratch matrix again, after others used it.
  func restore() {
    let inverse = 1 / penalty
    scratch.corner = primal.corner + multiplier.corner * inverse
    for place in 0..<primal.places {
      scratch.border[place] = primal.border[place] + multiplier.border[place] * inverse
    }
    parallelFor(count: primal.places, threads: threads) { _, place in
      let (y, z, m) = (
        self.primal.row(place), self.multiplier.row(place), self.scratch.row(place)
      )
      for at in 0..<y.count { m[at] = y[at] + z[at] * inverse }
    }
  }

  /// One step; false when the decomposition fails, or numbers outgrow doubles.
  func step() -> Bool { project() && update() }

  /// The first half of a step: X, the projection of Y + Z/β; false when the decomposition fails.
  func project() -> Bool {
    // The center lies in both sets: its projection is known.
    if steps > 0 || !isAtCenter {
      face.compress(scratch, into: projection.matrix, threads: threads)
      // An error well below what Y and X differ by does not slow the splitting down.
      let tolerance = 0.03 * min(primalResidual, 1)
      guard
        projection.project(
          trace: Double(size + 1), tolerance: tolerance, residual: primalResidual)
      else { return false }
      factor.take(projection, face, places: scratch.places)
      factor.multiply(into: scratch)
      eigenvalue = penalty * projection.threshold
    }
    steps += 1
    return true
  }

  /// True between the halves of a step, where the projection found all of R.
  var hasWholeProjection: Bool { projection.rank > 0 && !projection.isCapped }

  /// True between the halves of a step, where a decomposition has found the largest eigenvalue that
  /// `withSpectralMultiplier` leaves.
  var knowsEigenvalue: Bool { projection.rank > 0 && projection.isWhole }

  /// Calls `body` between the halves of a step with the multiplier replaced by Z + β(Y − X). The
  /// largest eigenvalue of Vᵀ(Z + β(Y − X))V is β·θ, with θ the threshold of the projection, so
  /// that its bound loses nothing there: it comes earlier than that of Z after the step. `body` may
  /// overwrite the scratch matrix.
  func withSpectralMultiplier<Result>(_ body: () throws -> Result) rethrows -> Result {
    shiftMultiplier(by: penalty)
    defer {
      factor.multiply(into: scratch)
      shiftMultiplier(by: -penalty)
    }
    return try body()
  }

  /// Z ← Z + factor·(Y − X).
  private func shiftMultiplier(by factor: Double) {
    multiplier.corner += factor * (primal.corner - scratch.corner)
    for place in 0..<primal.places {
      multiplier.border[place] += factor * (primal.border[place] - scratch.border[place])
    }
    parallelFor(count: primal.places, threads: threads) { _, place in
      let (y, x, z) = (
        self.primal.row(place), self.scratch.row(place), self.multiplier.row(place)
      )
      for at in 0..<z.count { z[at] += factor * (y[at] - x[at]) }
    }
  }

  /// The second half of a step, from X; false when numbers outgrow doubles.
  func update() -> Bool {
    let next = parameters.nextPenalty(
      after: penalty, first: firstPenalty, step: steps,
      residuals: (primalResidual, dualResidual), size: size)
    let kernel = SplittingStep(
      penalty: penalty, relaxed: parameters.overRelaxation * penalty, nextPenalty: next)
    // The corner of Y is 1; that of Z takes both steps.
    multiplier.corner += 2 * kernel.relaxed * (1 - scratch.corner)
    scratch.corner = 1 + multiplier.corner / next
    let open = primal.places
    let whole = caps[0].view.window(0, open)
    whole.fill(1)
    let zero = residuals.view.window(0, scratch.places)
    zero.fill(0)
    let border = kernel.row(
      primal.border, multiplier.border, scratch.border, cost: zero, cap: whole)
    let set = primal.placements
    parallelFor(count: primal.places, threads: threads) { worker, place in
      let cap = self.caps[worker].view.window(0, open)
      cap.fill(1)
      for other in set.ofFacility[set.facility(place)] { cap[other] = 0 }
      for other in set.ofLocation[set.location(place)] { cap[other] = 0 }
      cap[place] = 1
      let sums = kernel.row(
        self.primal.row(place), self.multiplier.row(place), self.scratch.row(place),
        cost: self.cost.row(place), cap: cap)
      self.residuals.view[2 &* place] = sums.primal
      self.residuals.view[2 &* place &+ 1] = sums.dual
    }
    var (primalSum, dualSum) = (2 * border.primal, 2 * border.dual)
    for place in 0..<primal.places {
      primalSum += residuals.view[2 * place]
      dualSum += residuals.view[2 * place + 1]
    }
    primalResidual = primalSum.squareRoot()
    dualResidual = dualSum.squareRoot()
    penalty = next
    return penalty.isFinite && primalResidual.isFinite && dualResidual.isFinite
  }
}
