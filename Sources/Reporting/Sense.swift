/// Whether a run looks for the least objective or the largest.
///
/// Methods only minimise: a maximisation runs on the negated instance (`Instance.negated`), and here, at
/// the edge, its values get their sign back.
public enum Sense: String, Sendable {
  /// The least objective is the best, and bounds are lower bounds.
  case min
  /// The largest objective is the best, and bounds are upper bounds.
  case max

  /// A value of the instance that was minimised, as the user should see it.
  public func value(_ minimised: Double) -> Double { self == .min ? minimised : 0 - minimised }

  /// Likewise, if there is one.
  public func value(_ minimised: Double?) -> Double? { minimised.map { value($0) } }
}
