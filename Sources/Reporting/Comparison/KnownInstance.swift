import QAP

/// An instance of a comparison: when two values contradict each other, and a bound other than those
/// of the runs.
public struct KnownInstance: Sendable {
  let rule: OptimalityRule
  let bound: (value: Double, name: String)?
  /// The rule for solvers that compute with tolerances, on integral data as well.
  private let claims: OptimalityRule
  /// The largest fault of such a solver on integral data: less than half a step between objectives.
  private let largestSlack: Double

  /// `instance` with a bound that was proven for it, where no run proves one.
  public init(
    _ instance: Instance, tolerance: Double = OptimalityRule.defaultTolerance,
    bound: LowerBound? = nil
  ) {
    rule = instance.optimalityRule(tolerance: tolerance)
    claims = .real(
      tolerance: OptimalityRule.defaultTolerance, mean: instance.meanObjective ?? -.infinity,
      error: instance.objectiveError)
    largestSlack = instance.properties.lattice.map { 0.499 * $0.step } ?? .infinity
    self.bound = bound.map { ($0.value, "the bound of \($0.method)") }
  }

  /// The distance by which a claim may lie below `value` without contradicting it.
  func slack(at value: Double) -> Double { min(claims.slack(at: value), largestSlack) }
}
