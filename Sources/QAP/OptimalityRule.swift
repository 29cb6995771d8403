/// When a lower bound L proves an objective U optimal: the one definition, for assignments and
/// subsets.
///
/// - Integral data: exactly, L ≥ U, where L has been rounded up to the objective lattice.
/// - Real data: U − L ≤ max(t·(M − L), e), with the tolerance t, the mean objective M over all
///   feasible solutions, and the rounding error e of an objective. A constant added to all costs
///   moves M, L and U together, and a factor scales all three, so neither units nor constants
///   change the verdict.
public struct OptimalityRule: Equatable, Sendable {
  /// The tolerance that applies when none is given.
  public static let defaultTolerance = 1e-6

  /// t, a fraction from 0 to less than 1; nil for integral data, which need none.
  public let tolerance: Double?
  /// M.
  public let mean: Double
  /// e.
  public let error: Double

  /// The rule for integral data.
  public static let exact = OptimalityRule(tolerance: nil, mean: 0, error: 0)

  /// The rule for real data with mean objective `mean`, whose objectives are rounded by `error` at
  /// most.
  public static func real(tolerance: Double, mean: Double, error: Double) -> OptimalityRule {
    precondition(tolerance >= 0 && tolerance < 1, "a tolerance is a fraction from 0 to less than 1")
    return OptimalityRule(tolerance: tolerance, mean: mean, error: error)
  }

  /// The rule for objectives that are changed by `value`, and rounded by `error` then.
  func mapped(_ value: (Double) -> Double, error: Double) -> OptimalityRule {
    tolerance.map { .real(tolerance: $0, mean: value(mean), error: error) } ?? self
  }

  /// By how much the least possible objective may lie below `objective` where that counts as
  /// optimal: the right-hand side of the rule, solved for L.
  public func slack(at objective: Double) -> Double {
    guard let tolerance else { return 0 }
    return max(error, tolerance / (1 - tolerance) * (mean - objective))
  }

  /// The least bound that proves `objective` optimal.
  public func sufficientBound(for objective: Double) -> Double { objective - slack(at: objective) }

  /// True when `bound`, rounded up where the data are integral, proves `objective` optimal; false
  /// when either is unknown.
  public func isProven(objective: Double?, bound: Double?) -> Bool {
    guard let objective, let bound else { return false }
    return bound >= sufficientBound(for: objective)
  }

  /// (U − L)/|U| as a fraction: 0 when U = L; nil when either is unknown, and when U is zero as far
  /// as the data can tell, so that no ratio has a meaning.
  public func gap(objective: Double?, bound: Double?) -> Double? {
    guard let objective, let bound, bound.isFinite else { return nil }
    if objective == bound { return 0 }
    return abs(objective) <= slack(at: objective) ? nil : (objective - bound) / abs(objective)
  }

  /// True when real data give `objective` as 0 but for rounding: a set that is matched to its
  /// rotated copy.
  public func isZeroWithinRounding(_ objective: Double) -> Bool {
    tolerance != nil && abs(objective) <= max(error, 1e-12 * (mean - objective))
  }
}

/// The relative distance between an incumbent and a bound, as a fraction, where nothing is known of
/// the data: (U − L)/|U|; 0 when U = L; nil when U = 0 ≠ L or either is unknown.
public func relativeGap(objective: Double?, bound: Double?) -> Double? {
  OptimalityRule.exact.gap(objective: objective, bound: bound)
}

extension Instance {
  /// The rule for this instance. O(1) for matrices; the first call for a tensor of real costs asks
  /// for all of its blocks, O(n⁴), up to n = 128; beyond, only a bound that equals the objective
  /// proves it.
  ///
  /// - Parameter tolerance: a fraction from 0 (all that rounding allows) to less than 1.
  public func optimalityRule(
    tolerance: Double = OptimalityRule.defaultTolerance
  ) -> OptimalityRule {
    if properties.isIntegral { return .exact }
    let isKnown = properties.tensorSummary.map { $0.values != nil } ?? true
    return .real(
      tolerance: tolerance, mean: meanObjective ?? -.infinity, error: isKnown ? objectiveError : 0)
  }

  /// The mean objective over all assignments, M. O(1) for matrices; the first call for a tensor is
  /// O(n⁴), and beyond n = 128 there is none.
  public var meanObjective: Double? {
    guard let summary = properties.tensorSummary else { return properties.mean + constant }
    return summary.values.map { $0.mean + constant }
  }

  /// The distance of `bound` from the mean objective: a measure of progress that neither units nor
  /// constants change. For a tensor, and for an instance whose assignments all cost the same, the
  /// magnitude of the bound.
  package func spread(below bound: Double) -> Double {
    let spread = properties.tensorSummary == nil ? properties.mean + constant - bound : 0
    return spread > 0 ? spread : abs(bound - constant)
  }

  /// True when `bound` proves that no assignment is better than `objective`, by
  /// `optimalityRule(tolerance:)`.
  public func isProvenOptimal(
    objective: Double?, bound: Double?, tolerance: Double = OptimalityRule.defaultTolerance
  ) -> Bool {
    guard objective != nil, bound != nil else { return false }
    return optimalityRule(tolerance: tolerance).isProven(objective: objective, bound: bound)
  }
}
