import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The probability that a pair is right: a logistic function of its margin relative to the mean
/// loss of a swap, of the number of pairs, and of the correlation of the similarities that the
/// match puts in one place. None depends on the metric's unit or constant.
///
/// The coefficients were fitted to blind matches of 20 sets of real embeddings; BENCHMARKS.md has
/// the figures on encoders that were left out of the fit.
struct MarginCalibration: Sendable {
  private static let intercept = 1.2694
  private static let ofMargin = 0.6836
  private static let ofCount = -0.9666
  private static let ofCorrelation = 6.8856

  private let typical: Double
  private let offset: Double

  /// - Parameters:
  ///   - typical: the mean loss of a swap of two pairs.
  ///   - count: the number of pairs.
  ///   - correlation: the correlation of the similarities of the two sides, in the order of the
  ///     match.
  init(typical: Double, count: Int, correlation: Double) {
    self.typical = typical
    let bounded = min(max(correlation, -1 + 1e-9), 1 - 1e-9)
    offset =
      Self.intercept + Self.ofCount * log(Double(max(1, count)))
      + Self.ofCorrelation * atanh(bounded)
  }

  /// The probability for a margin, 0 to 1; 0 when the swap improves the match.
  func callAsFunction(_ margin: Double) -> Double {
    guard typical > 0, margin >= 0 else { return 0 }
    return 1 / (1 + exp(-(offset + Self.ofMargin * log(max(margin / typical, 1e-4)))))
  }
}
