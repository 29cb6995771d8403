import QAP
import QAPDualAscent
import QAPLinearProgramming

/// The linear relaxation of Xia and Yuan: as small, and never below the bound that Gilmore and
/// Lawler get from the same halves of the pair costs.
public struct XiaYuan: Method {
  public static let info = MethodInfo(
    id: "xia-yuan",
    summary: "a small linear program that contains the leaders of Gilmore and Lawler",
    paper: "Xia and Yuan 2006, Optim. Methods Softw. 21:805-818", output: .bound,
    iteration: "linear program", supportsTensors: true, maxSize: 30,
    isRelabelingInvariant: false, missingLibrary: LinearModel.canSolve ? nil : "GLPK")

  /// Bytes that the model and its solution may take.
  public var memoryLimit: Int

  /// A relaxation that is declined with `MethodError.tooLarge` when it needs more than
  /// `memoryLimit` bytes.
  public init(memoryLimit: Int = 4 << 30) { self.memoryLimit = memoryLimit }

  public func run(_ context: SolveContext) throws -> Termination {
    try runCompactProgram(Self.info, .xiaYuan, memoryLimit, context)
  }
}
