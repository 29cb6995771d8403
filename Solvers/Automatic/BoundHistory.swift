#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The bounds that the doubly nonnegative relaxation has proven over time, and what they promise.
struct BoundHistory: Sendable {
  struct Point: Equatable, Sendable {
    let seconds: Double
    let bound: Double
    /// ‖Y − X‖ of the splitting.
    let residual: Double
  }

  private(set) var points: [Point] = []

  /// Records the bound after `seconds`; only improvements count.
  mutating func add(_ bound: Double, residual: Double, at seconds: Double) {
    if let last = points.last, bound <= last.bound { return }
    points.append(Point(seconds: seconds, bound: bound, residual: residual))
  }

  /// The bound as it stood after `seconds`; nil before the first one.
  func bound(at seconds: Double) -> Double? {
    points.last { $0.seconds <= seconds }?.bound
  }

  /// The gain of the bound in the last third of the time until `now`; nil before two bounds can be
  /// compared.
  func recentGain(until now: Double) -> Double? {
    guard let before = bound(at: now * 2 / 3), let last = points.last else { return nil }
    return last.bound - before
  }

  /// The bound to expect at `end`; nil before two bounds came with residuals, and while residuals
  /// do not fall.
  ///
  /// Bounds rise late: what they lack falls with the residual to the power 1.7, as measured on
  /// instances of QAPLIB from n = 25 to 32, while the residual itself falls by equal factors in
  /// equal times.
  func predicted(at end: Double) -> Double? {
    guard let last = points.last, last.residual.isFinite,
      let before = points.last(where: {
        $0.residual.isFinite && $0.seconds <= 0.85 * last.seconds
      }) ?? points.dropLast().last(where: { $0.residual.isFinite })
    else { return nil }
    guard last.residual < before.residual, last.seconds > before.seconds else { return nil }
    let rate = log(before.residual / last.residual) / (last.seconds - before.seconds)
    let final = last.residual * exp(-rate * max(0, end - last.seconds))
    let slope =
      (last.bound - before.bound)
      / (pow(before.residual, Self.power) - pow(last.residual, Self.power))
    return last.bound + slope * (pow(last.residual, Self.power) - pow(final, Self.power))
  }

  private static let power = 1.7
}
