/// The output that a method promises.
public enum MethodOutput: String, Sendable {
  /// Assignments without a bound.
  case assignment
  /// A lower bound (and perhaps assignments met on the way).
  case bound
  /// Both.
  case assignmentAndBound
}
