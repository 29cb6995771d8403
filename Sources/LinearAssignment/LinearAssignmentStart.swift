import QAPPrimitives

/// Where a solve starts.
public enum LinearAssignmentStart: Sendable {
  /// Column minima, then reduction of the unassigned rows.
  case cold
  /// The column duals as they stand; any finite values are valid, good ones save work. Rows prefer
  /// the column they were last assigned to when it is among their cheapest.
  case warm
}
