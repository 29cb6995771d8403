/// Why a solve ended.
public enum LinearStatus: String, Sendable, CaseIterable {
  /// An optimal solution, as far as floating point can tell.
  case optimal
  /// No point satisfies the constraints.
  case infeasible
  /// The objective has no lower limit.
  case unbounded
  /// Either of the two; presolving does not always tell which.
  case infeasibleOrUnbounded
  /// The time is up.
  case timeLimit
  /// The iterations are used up.
  case iterationLimit
  /// The caller asked for an end.
  case interrupted
  /// The library met numbers it could not handle, or did not converge.
  case numericalFailure
}
