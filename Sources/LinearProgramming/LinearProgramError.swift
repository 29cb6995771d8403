/// The reason why a model can neither be solved nor written.
public enum LinearProgramError: Error, Equatable, CustomStringConvertible {
  /// Some number, bound or name is not one that a solver may be given.
  case invalid(String)
  /// The model is beyond the memory limit, or beyond what the library can count.
  case tooLarge(ModelSize)
  /// The build has no library that solves models.
  case withoutSolver

  public var description: String {
    switch self {
    case .invalid(let what): "linear program: \(what)"
    case .tooLarge(let size): "linear program too large: \(size)"
    case .withoutSolver:
      "linear programs need GLPK, which this build does not have (package trait GLPK)"
    }
  }
}
