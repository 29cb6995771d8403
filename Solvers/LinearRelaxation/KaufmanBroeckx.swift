import QAP
import QAPDualAscent
import QAPLinearProgramming

/// The linear relaxation of Kaufman and Broeckx, or of Xia and Yuan, through GLPK's simplex method.
///
/// Small and weak: it serves as a yardstick, and as an exact formulation for tiny instances. See
/// `KaufmanBroeckxProgram` for the program and for how its duals become a proof.
public struct KaufmanBroeckx: Method {
  public static let info = MethodInfo(
    id: "kaufman-broeckx", summary: "a small linear program: weak bounds, a yardstick",
    paper: "Kaufman and Broeckx 1978, Eur. J. Oper. Res. 2:207-211", output: .bound,
    iteration: "linear program", supportsTensors: true, maxSize: 30,
    isRelabelingInvariant: false, missingLibrary: LinearModel.canSolve ? nil : "GLPK")

  /// Bytes that the model and its solution may take.
  public var memoryLimit: Int

  /// A relaxation that is declined with `MethodError.tooLarge` when it needs more than
  /// `memoryLimit` bytes.
  public init(memoryLimit: Int = 4 << 30) { self.memoryLimit = memoryLimit }

  public func run(_ context: SolveContext) throws -> Termination {
    try runCompactProgram(Self.info, .kaufmanBroeckx, memoryLimit, context)
  }
}

/// Solves one of the two programs and proves what its duals say.
func runCompactProgram(
  _ info: MethodInfo, _ formulation: Formulation, _ memoryLimit: Int, _ context: SolveContext
) throws -> Termination {
  if let library = info.missingLibrary {
    throw MethodError.unavailable(
      method: info.id, library: library, alternative: "gilmore-lawler")
  }
  let n = context.instance.size
  let size = formulation.size(of: n)
  let memoryLimit = context.memoryLimit(memoryLimit)
  guard n <= info.maxSize ?? n, size.bytes <= memoryLimit else {
    throw MethodError.tooLarge(
      method: info.id, size: n, needs: "\(size) (supported up to n = 30)",
      alternative: "gilmore-lawler")
  }
  context.report(.nan, as: "lp_value")
  if let reason = context.stopReason() { return reason }
  let program = KaufmanBroeckxProgram(context.instance, leaders: formulation == .xiaYuan)
  let unit = program.unit
  let solution = try program.model(isInteger: false, unit: unit).solve(
    LinearOptions(
      timeLimit: context.secondsLeft, memoryLimit: memoryLimit,
      shouldStop: { context.stopsAtOnce() }))
  context.count(iterations: 1)
  if solution.status == .optimal, let value = solution.objective {
    context.report(value * unit + program.constant, as: "lp_value")
  } else {
    context.note("the linear program was not solved: \(solution.status.rawValue)")
  }
  // Any duals prove something, those of an unfinished solve too.
  let (row, column) = program.multipliers(solution.rowDuals)
  prove(context, row: row, column: column, improving: false)
  if let reason = context.stopReason() {
    MatrixLeaders.offerBound(to: context, always: true)
    return reason
  }
  return solution.status == .timeLimit ? .time : .stalled
}
