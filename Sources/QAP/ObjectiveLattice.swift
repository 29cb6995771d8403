/// The values an integral instance can take: `offset + step · ℤ`.
///
/// `step` is the gcd of the off-diagonal, diagonal and linear parts. Between two lattice points
/// there is no objective, so a proven bound may be rounded up to the next one.
public struct ObjectiveLattice: Equatable, Sendable {
  /// The constant of the objective: a lattice point.
  public let offset: Double
  /// The distance between lattice points; positive.
  public let step: Double

  /// The smallest lattice point not below `bound`.
  ///
  /// `bound` must be proven, or already lowered by its rigorous error; rounding then keeps it
  /// valid: every operation here is monotone and exact on lattice points (a non-zero offset costs
  /// one unit in the last place, which is taken off first).
  public func roundedUp(_ bound: Double) -> Double {
    guard bound.isFinite else { return bound }
    let relative = offset == 0 ? bound : (bound - offset).nextDown
    let steps = (relative / step).rounded(.up)
    guard abs(steps * step) < 0x1p53 else { return bound }
    return max(bound, offset + steps * step)
  }
}

/// The greatest common divisor of integers held as doubles below 2⁵³.
struct CommonDivisor {
  private(set) var value: Int64 = 0

  mutating func include(_ number: Double) {
    if value == 1 || number == 0 { return }
    var a = value
    var b = Int64(abs(number))
    while b != 0 { (a, b) = (b, a % b) }
    value = a
  }
}
