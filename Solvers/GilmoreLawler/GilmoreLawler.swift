import QAP
import QAPDualAscent
import QAPLinearAssignment
import QAPPrimitives

/// The Gilmore–Lawler bound (P. C. Gilmore, "Optimal and suboptimal algorithms for the quadratic
/// assignment problem", SIAM J. Appl. Math. 10, 1962; E. L. Lawler, "The quadratic assignment
/// problem", Management Science 9, 1963).
///
/// The leader of (i, j) is what facility i at location j must cost at least:
///
///     leader(i,j) = linear[i,j] + min over the placements of all others of Σ_{k≠i} C[i,j,k,p(k)]
///
/// For matrices that minimum is the scalar product of flow row i, ascending, with distance row j,
/// descending (Hardy, Littlewood and Pólya); for tensors it is an assignment problem of order n −
/// 1. The bound is the assignment problem over the leaders. With matrices up to three versions are
/// tried: rows, columns (when not both are symmetric), and, when one is symmetric, the other
/// replaced by the mean of itself and its transpose.
public struct GilmoreLawler: Method {
  public static let info = MethodInfo(
    id: "gilmore-lawler",
    summary: "one assignment problem over n² lower bounds: cheap, rarely tight",
    paper: "Gilmore 1962, SIAM J. Appl. Math. 10:305-313; Lawler 1963, Manage. Sci. 9:586-599",
    output: .assignmentAndBound, iteration: "one assignment over the leaders",
    supportsTensors: true, isRelabelingInvariant: true)

  /// There is nothing to choose.
  public init() {}

  /// Sorted rows, leaders and the assignment problem, and other versions of the matrices.
  public func bytes(size: Int, isSymmetric: Bool, threads: Int) -> Double {
    (isSymmetric ? 5 : 8) * 8 * Double(size) * Double(size)
  }

  public func run(_ context: SolveContext) throws -> Termination {
    if let reason = context.stopReason() {
      MatrixLeaders.offerBound(to: context)
      return reason
    }
    let instance = context.instance
    switch instance.cost {
    case .koopmansBeckmann
    where !context.keepsProof && context.bound == nil && context.iterationsLeft ?? .max > 4:
      let versions = MatrixLeaders.offerBound(to: context)
      context.count(iterations: versions)
      if versions == 0 { return context.stopReason() ?? .time }
    case .koopmansBeckmann(let flow, let distance):
      for (a, b) in MatrixLeaders.versions(flow, distance, instance.properties) {
        let leaders = MatrixLeaders(instance, a, b, threads: context.threads) {
          Self.isStopped(context)
        }
        guard let leaders else { break }
        try finish(context, leaders.leaders) { a[$0, $2] * b[$1, $3] }
        if let reason = context.stopReason() { return reason }
      }
    case .tensor(let tensor):
      guard let leaders = TensorLeaders(tensor, context).leaders() else {
        return context.stopReason() ?? .stalled
      }
      try finish(context, leaders) { tensor.cost($0, $1, $2, $3) }
    }
    return context.stopReason() ?? .stalled
  }

  /// Small bounds take no noticeable time: only large ones can be stopped.
  private static func isStopped(_ context: SolveContext) -> Bool {
    context.instance.size > 1000 && context.stopsAtOnce()
  }

  /// Solves the assignment over the leaders, and hands over what it proves. `split` is the cost of
  /// a pair that the leader of its first placement pays.
  private func finish(
    _ context: SolveContext, _ leaders: Leaders,
    _ split: @Sendable (Int, Int, Int, Int) -> Double
  ) throws {
    let instance = context.instance
    let (proven, assignment) = leaders.bound(constant: instance.constant) {
      Self.isStopped(context)
    }
    if let assignment { context.offer(assignment) }
    context.count(iterations: 1)
    guard proven > context.bound?.unrounded ?? -.infinity else { return }
    if context.keepsProof {
      try requireMemory(instance.size)
      // With a proof the bound is what the proof proves, which rounding may have moved a little.
      if let certified = proveSplitCosts(context, split) {
        return context.raise(
          to: LowerBound(
            proven: certified.value, method: context.source, for: instance, proof: certified.proof))
      }
    }
    // The value holds without its proof, which takes O(n⁵) time and may have been broken off.
    context.raise(to: LowerBound(proven: proven, method: context.source, for: instance))
  }

  /// A bound takes O(n²) memory, its proof O(n³).
  private func requireMemory(_ size: Int) throws {
    let bytes = 6 * size * size * size * 8
    guard bytes <= 4 << 30 else {
      throw MethodError.tooLarge(
        method: Self.info.id, size: size, needs: "\(bytes >> 20) MiB for a proof",
        alternative: "it without a certificate")
    }
  }
}
