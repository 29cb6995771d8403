import QAP
import QAPPrimitives

/// A measure of the spread of an instance's numbers, which decides the kind of search.
///
/// Dominance is 100 times the standard deviation over the mean of a matrix's entries (T. E.
/// Vollmann and E. S. Buffa, "The facilities layout problem in perspective", Management Science 12,
/// 1966). Uniformly random matrices have about 60, grids of locations more than 100, and instances
/// that imitate real ones several hundred.
public struct FlowDominance: Sendable {
  /// The flow matrix's dominance, 0 when its mean is zero.
  public let flowDominance: Double
  /// The distance matrix's dominance, 0 when its mean is zero.
  public let distanceDominance: Double

  /// True for instances without structure to speak of: good assignments have little in common.
  public var isUniform: Bool { max(flowDominance, distanceDominance) <= 80 }

  /// Looks at both matrices once, O(n²); nil for a tensor.
  public init?(_ instance: Instance) {
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { return nil }
    flowDominance = FlowDominance.dominance(of: flow) ?? 0
    distanceDominance = FlowDominance.dominance(of: distance) ?? 0
  }

  /// 100 times the standard deviation over the magnitude of the mean; nil when the mean is zero, or
  /// as good as zero beside the largest entry.
  ///
  /// - Complexity: O(n²).
  public static func dominance(of matrix: Matrix<Double>) -> Double? {
    // The ratio does not depend on the unit; this one keeps squares of huge entries finite.
    let unit = matrix.elements.reduce(0) { Swift.max($0, abs($1)) }
    guard unit > 0 else { return nil }
    let count = Double(matrix.elements.count)
    let mean = matrix.elements.reduce(0) { $0 + $1 / unit } / count
    guard abs(mean) > 1e-9 else { return nil }
    let variance =
      matrix.elements.reduce(0) { $0 + ($1 / unit - mean) * ($1 / unit - mean) } / count
    return 100 * variance.squareRoot() / abs(mean)
  }
}
