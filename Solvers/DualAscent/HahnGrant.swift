import QAP
import QAPLinearAssignment
import QAPPrimitives

/// The dual ascent of Hahn and Grant, "Lower bounds for the quadratic assignment problem based upon
/// a dual formulation", Operations Research 46 (1998), on the level-1 RLT dual in O(n³) memory.
///
/// A round visits the facilities by their smallest leader. At each pair (facility i, location j) it
/// solves the (n−1) × (n−1) assignment problem over the submatrix of reduced pair costs and moves
/// the value into the leader; the submatrices of one facility share no pair and are treated in
/// parallel with the same result. Then the facility's smallest leader moves into `α[i]`, which is
/// the bound's gain, and the remainders are spread over the rows of the submatrices. Spreading at
/// once rather than after the round lets the later facilities use it: 509.5 against 501.4 on nug12
/// after fifty rounds. The assignment problem over the leaders is solved at the start, where it
/// moves the linear costs, and after each round for a candidate; every assignment met is a
/// candidate for the incumbent. The roles of facilities and locations can be transposed; three
/// rounds of each direction decide which one is followed.
///
/// Valid for asymmetric, negative and real costs, diagonals, linear terms, constants and tensors.
/// Coordinate ascent stops some percent short of the relaxation's value. A round costs n²
/// assignment problems: O(n⁵) time at most, usually less.
public struct HahnGrant: Method {
  public static let info = MethodInfo(
    id: "hahn-grant", summary: "dual ascent on the level-1 RLT relaxation",
    paper: "Hahn and Grant 1998", output: .assignmentAndBound, iteration: "round",
    supportsTensors: true, isRelabelingInvariant: false)

  /// Length and accuracy of the ascent.
  public var parameters: Parameters

  /// An ascent with `parameters`, which are checked when it runs.
  public init(_ parameters: Parameters = Parameters()) { self.parameters = parameters }

  public func run(_ context: SolveContext) throws -> Termination {
    try parameters.validate()
    let size = context.instance.size
    let bytes = RLTDual.bytes(facilities: context.instance.facilities, size: size)
    let memoryLimit = context.memoryLimit(parameters.memoryLimit)
    guard bytes <= memoryLimit else {
      throw MethodError.tooLarge(
        method: HahnGrant.info.id, size: size,
        needs: "\(bytes >> 20) MiB (the limit is \(memoryLimit >> 20) MiB)",
        alternative: "gilmore-lawler")
    }
    let planned = context.plannedIterations(parameters.rounds, default: .max)
    if context.startMultipliers == nil { MatrixLeaders.offerBound(to: context) }
    var ascent = DualAscent(context, transposed: false)
    if parameters.comparesDirections, size > 1, size <= 100,
      context.instance.facilities == size, planned >= 4 * probe
    {
      // Visiting locations instead of facilities can climb higher or less high by some percent, and
      // a few rounds tell.
      let other = DualAscent(context, transposed: true)
      for _ in 0..<probe {
        for candidate in [ascent, other] {
          if let reason = context.stopReason() { return candidate.ended(reason) }
          guard candidate.round() != nil else { return candidate.ended() }
          advance(context)
        }
      }
      if other.proven > ascent.proven { ascent = other }
    }
    var history = [ascent.proven]
    while true {
      if let reason = context.stopReason() { return ascent.ended(reason) }
      if context.status.iterations >= planned { return .iterations }
      guard let value = ascent.round() else { return ascent.ended() }
      advance(context)
      history.append(value)
      if history.count > parameters.patience {
        let gain = value - history[history.count - 1 - parameters.patience]
        if gain <= parameters.tolerance * context.instance.spread(below: value) {
          return context.stopReason() ?? .stalled
        }
      }
    }
  }

  private func advance(_ context: SolveContext) {
    context.count(iterations: 1)
    context.reportWorking()
  }

  /// Rounds in which two directions are compared.
  private var probe: Int { 3 }
}

/// The climbing state of one run.
final class DualAscent: @unchecked Sendable {
  let context: SolveContext
  let dual: RLTDual
  /// The value that the multipliers last proved.
  private(set) var proven = -Double.infinity
  /// Facilities and locations have been transposed.
  private let transposed: Bool
  private let threads: Int
  private let workspaces: [SubmatrixWorkspace]
  private let leaderSolver: LinearAssignmentSolver
  /// The leaders as they were before each facility settled, for the order of the next round and for
  /// a candidate.
  private let leadersMet: Buffer<Double>
  /// The best objective met in each submatrix of the row at work, and its assignment.
  private let objectives: Buffer<Double>
  private let candidates: Buffer<Int>

  init(_ context: SolveContext, transposed: Bool, padded: Bool = false) {
    self.context = context
    self.transposed = transposed
    let given = PairCost(context.instance, padded: padded)
    let cost = transposed ? given.transposed : given
    let (m, n) = (cost.facilities, cost.size)
    dual = RLTDual(cost)
    // Below this size a facility is done before a second thread has woken up.
    threads = n < 20 ? 1 : context.threads
    workspaces = (0..<threads).map { _ in SubmatrixWorkspace(cost) }
    leaderSolver = LinearAssignmentSolver(capacity: n)
    leadersMet = Buffer(count: m * n, repeating: 0)
    objectives = Buffer(count: n, repeating: 0)
    candidates = Buffer(count: n * n, repeating: 0)
    if let start = context.startMultipliers, !padded {
      dual.load(transposed ? start.transposed : start)
      prove()
    }
    leadersMet.view.copy(from: dual.leaders)
    dual.reduceLeaders(leaderSolver)
    for i in 0..<m { dual.settleFacility(i) }
  }

  /// One round over all facilities. Returns the proven value, or nil when the context asked for an
  /// end in the middle and `toTheEnd` is false.
  func round(toTheEnd: Bool = false) -> Double? {
    let n = dual.size
    // A facility is n assignment problems of this size: a second's work where they are this large.
    let asksOften = !toTheEnd && n > 100
    for i in facilityOrder() {
      parallelFor(count: n, threads: threads) { worker, j in
        if asksOften, self.context.stopsAtOnce() { return }
        let workspace = self.workspaces[worker]
        self.dual.ascend(i, j, workspace)
        self.keepCandidate(j, workspace)
      }
      // The multipliers are feasible after every pair.
      if asksOften, context.stopsAtOnce() { return nil }
      for j in 0..<n { leadersMet.view[i * n + j] = dual.leaders[i * n + j] }
      dual.settleFacility(i)
      offerBestCandidate()
      if !toTheEnd, context.stopsAtOnce() { return nil }
    }
    offerLeaderAssignment()
    prove()
    return proven
  }

  /// Makes whatever the multipliers hold feasible and tight by `rounds` rounds; false when the
  /// context asked for an end in the middle and `toTheEnd` is false.
  @discardableResult
  func settle(rounds: Int, toTheEnd: Bool = false) -> Bool {
    leadersMet.view.copy(from: dual.leaders)
    dual.reduceLeaders(leaderSolver)
    for _ in 0..<rounds where round(toTheEnd: toTheEnd) == nil { return false }
    return true
  }

  /// Offers what the multipliers prove as they stand, even in the middle of a round.
  func prove() {
    guard let exact = dual.makeExact(threads: threads, workspaces, leaderSolver) else { return }
    let before = proven
    proven = exact.value
    // The best bound may have come without a proof.
    let held = context.keepsProof ? before : context.bound?.unrounded ?? -.infinity
    guard proven > held else { return }
    context.raise(
      to: LowerBound(
        proven: proven, method: context.source, for: context.instance,
        proof: context.keepsProof ? proof(exact) : nil))
  }

  /// Ends between two rounds for a `reason`, or in the middle of one, with the value proven by
  /// once.
  func ended(_ reason: Termination? = nil) -> Termination {
    let hasNone = proven == -.infinity
    // The proof looks at n⁴/2 pairs: beyond this size it would keep the user waiting, which is
    // worth it only for a first certificate, or for a tensor's first bound.
    let isQuick = dual.size <= 150
    let isNeeded = hasNone && (context.keepsProof || dual.cost.isTensor)
    if isNeeded || isQuick && (hasNone || reason == nil) { prove() }
    if context.bound == nil { MatrixLeaders.offerBound(to: context, always: true) }
    return reason ?? context.stopReason() ?? .interrupted
  }

  private func proof(_ exact: RLTDual.Proven) -> BoundProof {
    let proof = dual.proof(exponent: exact.exponent)
    guard transposed, case .rlt1(let multipliers) = proof else { return proof }
    return .rlt1(multipliers.transposed)
  }

  /// Facilities by the smallest leader they had in the last round; ties by index.
  private func facilityOrder() -> [Int] {
    let (m, n) = (dual.facilities, dual.size)
    let least = (0..<m).map { i in
      (0..<n).reduce(Double.infinity) { min($0, leadersMet.view[i * n + $1]) }
    }
    return (0..<m).sorted { (least[$0], $0) < (least[$1], $1) }
  }

  private func keepCandidate(_ j: Int, _ workspace: SubmatrixWorkspace) {
    let n = dual.size
    guard dual.facilities > 1 else {
      objectives.view[j] = .infinity
      return
    }
    let locations = workspace.locations.view
    objectives.view[j] = dual.objective(locations)
    candidates.view.window(j * n, n).copy(from: locations)
  }

  private func offerLeaderAssignment() {
    dual.solve(leadersMet.view, leaderSolver)
    offer((0..<dual.facilities).map { leaderSolver.columnOfRow[$0] })
  }

  private func offerBestCandidate() {
    let n = dual.size
    var best = 0
    for j in 1..<max(1, n) where objectives.view[j] < objectives.view[best] { best = j }
    let held = context.incumbent?.objective ?? .infinity
    guard objectives.view[best] < held else { return }
    offer((0..<dual.facilities).map { candidates.view[best * n + $0] })
  }

  /// Offers the facilities' locations; facilities that pad the instance take the other locations.
  private func offer(_ locations: [Int]) {
    let taken = Set(locations)
    let whole = locations + (0..<dual.size).filter { !taken.contains($0) }
    guard let assignment = Assignment(locations: whole) else { return }
    context.offer(transposed ? assignment.inverse : assignment)
  }
}
