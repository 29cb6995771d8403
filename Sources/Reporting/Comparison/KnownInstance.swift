import QAP

/// An instance of a comparison: when two values contradict each other, and a bound other than those
/// of the runs.
public struct KnownInstance: Sendable {
  let rule: OptimalityRule
  /// The sense of its objective; everything else is in terms of a minimization.
  let sense: Sense
  let bound: (value: Double, name: String)?
  /// The rule for solvers that compute with tolerances, on integral data as well.
  private let claims: OptimalityRule
  /// The largest fault of such a solver on integral data: less than half a step between objectives.
  private let largestSlack: Double

  /// `given` with a bound in its sense that was proven for it, where no run proves one.
  public init(
    _ given: Instance, sense: Sense = .min,
    tolerance: Double = OptimalityRule.defaultTolerance, bound: LowerBound? = nil
  ) {
    self.sense = sense
    let instance = sense == .max ? given.negated : given
    rule = instance.optimalityRule(tolerance: tolerance)
    claims = .real(
      tolerance: OptimalityRule.defaultTolerance, mean: instance.meanObjective ?? -.infinity,
      error: instance.objectiveError)
    largestSlack = instance.properties.lattice.map { 0.499 * $0.step } ?? .infinity
    self.bound = bound.map { (sense.value($0.value), "the bound of \($0.method)") }
  }

  /// The distance by which a claim may lie below `value` without contradicting it.
  func slack(at value: Double) -> Double { min(claims.slack(at: value), largestSlack) }
}
