import QAP
import QAPPrimitives

/// Checks a feasible point of the level-1 RLT dual in whole numbers; see `RLTMultipliers` for what
/// must hold.
///
/// All sums are 128-bit integers of multipliers below 2⁶³, so none can overflow. Costs are integers
/// times the unit, or, for real data, rounded down to whole units with their rounding errors taken
/// off first; so whatever passes is proven. O(n⁴) time, O(n²) memory beside the certificate.
struct RLTCertificateCheck {
  let costs: ClaimCosts
  let point: RLTMultipliers
  /// Costs are integers, and a unit divides 1.
  let isExact: Bool

  /// The fault of the point, in words; nil when there is none.
  func fault() -> String? {
    let (m, n) = (point.facilities, costs.size)
    guard m <= n, m > 0 || n == 0, point.isWellFormed(m, n) else {
      return "numbers for \(m) facilities and \(point.locations) locations, or not that many, "
        + "expected \(n) locations"
    }
    // Beyond these doubles cannot express the unit, or costs in units, with bits to spare.
    guard (-1074...970).contains(point.exponent) else { return "exponent \(point.exponent)" }
    if m < n, let fault = faultOfEmptyLocations() { return fault }
    for i in 0..<m {
      for j in 0..<n where !costs.isForbidden(i, j) {
        guard let own = leader(i, j) else {
          return
            "the leader of \(place(i, j)): too many units, or a multiplier where there is no pair"
        }
        if own < 0 { return "the leader of \(place(i, j)) is \(own) units, below 0" }
      }
    }
    for i in 0..<m {
      for k in i + 1..<max(m, i + 1) {
        if let fault = fault(between: i, and: k) { return fault }
      }
    }
    return nil
  }

  /// The reason why facilities cannot be left out: their costs, or positive multipliers of
  /// locations that may stay empty.
  private func faultOfEmptyLocations() -> String? {
    for i in point.facilities..<costs.size where !costs.isFree(i) {
      return "facility \(costs.facilities[i]) has costs, and no multipliers"
    }
    if point.locationDuals.contains(where: { $0 > 0 })
      || point.columnMultipliers.contains(where: { $0 > 0 })
    {
      return "a multiplier above 0 of a location that may stay empty"
    }
    return nil
  }

  /// The first pair of placements of facilities `i` and `k` with a negative reduced cost.
  private func fault(between i: Int, and k: Int) -> String? {
    let (m, n) = (point.facilities, point.locations)
    for j in 0..<n where !costs.isForbidden(i, j) {
      for l in 0..<n where l != j && !costs.isForbidden(k, l) {
        guard let q = units(costs.pair(i, j, k, l)) else {
          return "the pair \(place(i, j)) \(place(k, l)): too many units"
        }
        let (ij, kl) = (i * n + j, k * n + l)
        let u =
          Int128(point.rowMultipliers[ij * m + k]) + Int128(point.rowMultipliers[kl * m + i])
        let v =
          Int128(point.columnMultipliers[ij * n + l])
          + Int128(point.columnMultipliers[kl * n + j])
        let reduced = q - u - v
        if reduced < 0 {
          return "the pair \(place(i, j)) \(place(k, l)) has the reduced cost \(reduced) units"
        }
      }
    }
    return nil
  }

  /// The leader of `(i, j)` in units; nil when its costs are too many, or when there is a
  /// multiplier where there is no pair.
  private func leader(_ i: Int, _ j: Int) -> Int128? {
    let (m, n) = (point.facilities, point.locations)
    guard let cost = units(costs.single(i, j)) else { return nil }
    var sum = cost - Int128(point.facilityDuals[i]) - Int128(point.locationDuals[j])
    let ij = i * n + j
    guard point.rowMultipliers[ij * m + i] == 0, point.columnMultipliers[ij * n + j] == 0 else {
      return nil
    }
    for k in 0..<m { sum += Int128(point.rowMultipliers[ij * m + k]) }
    for l in 0..<n { sum += Int128(point.columnMultipliers[ij * n + l]) }
    return sum
  }

  private func place(_ i: Int, _ j: Int) -> String {
    "(\(costs.facilities[i]), \(costs.locations[j]))"
  }

  /// The value that a point without fault proves: Σα + Σβ, the costs of fixed pairs, and the
  /// instance's constant, rounded down where a double cannot hold it; nil when it is beyond
  /// doubles.
  var proven: Double? { proven(adding: 0) }

  /// The value that a point without fault proves for assignments with facility `i` at location `j`:
  /// more by the leader.
  func proven(placing i: Int, at j: Int) -> Double? {
    // A facility without costs has no leaders.
    guard i < point.facilities else { return proven }
    return leader(i, j).flatMap { proven(adding: $0) } ?? proven
  }

  private func proven(adding extra: Int128) -> Double? {
    var sum = extra
    for value in point.facilityDuals + point.locationDuals { sum += Int128(value) }
    let fixed = costs.fixed
    if isExact {
      guard let units = units(fixed) else { return nil }
      let value = sumRoundedDown(double(sum + units), costs.instance.constant)
      return value.isFinite ? value : nil
    }
    var whole = fixed
    whole.add(double(sum))
    whole.add(costs.instance.constant)
    return whole.lower.isFinite ? whole.lower : nil
  }

  /// The largest double not above `units · 2^exponent`; infinite beyond all of them.
  private func double(_ units: Int128) -> Double {
    // A shift rounds down.
    let excess = max(0, Int128.bitWidth - units.magnitude.leadingZeroBitCount - 53)
    return Double(
      sign: .plus, exponent: point.exponent + excess, significand: Double(units >> excess))
  }

  /// A sum of costs in units: exactly for integral data, otherwise rounded down; nil when the units
  /// are more than 2¹⁰⁰ or so.
  private func units(_ sum: LowSum) -> Int128? {
    if isExact {
      guard let integer = sum.integer, -point.exponent <= 60, abs(integer) < 1 << 60 else {
        return nil
      }
      return integer << Int128(-point.exponent)
    }
    let scaled = Double(sign: .plus, exponent: -point.exponent, significand: sum.lower)
    guard abs(scaled) < 0x1p100 else { return nil }
    // What is too small for a double is still below zero.
    if scaled == 0, sum.lower < 0 { return -1 }
    return Int128(scaled.rounded(.down))
  }
}
