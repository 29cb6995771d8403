/// Why a run ended.
public enum Termination: String, Sendable, CaseIterable {
  /// The incumbent equals the rounded bound: nothing better exists.
  case optimal
  /// No assignment contains the fixed pairs and avoids the forbidden placements.
  case infeasible
  /// The relative gap fell to the one asked for.
  case gap
  /// The objective reached the target asked for.
  case target
  /// The time limit.
  case time
  /// The iteration limit, or the method's own.
  case iterations
  /// The node limit.
  case nodes
  /// The memory limit.
  case memory
  /// The method can make no further progress.
  case stalled
  /// The user, or the calling program, asked for an end.
  case interrupted
}
