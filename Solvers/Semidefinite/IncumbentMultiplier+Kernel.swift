import QAPPrimitives

/// The ways to change T, with D its positive part and R the nearest point with the conditions (a)
/// to (c) of `IncumbentMultiplier`.
enum IncumbentPass {
  /// R of T.
  case enter
  /// T + 1.8(R − T + D), R of T − 2D.
  case reflect
  /// R of T − D.
  case project
  /// The same, compared with the last such point.
  case approach

  /// The multiple of D that is taken off before R.
  var removal: Double {
    switch self {
    case .enter: 0
    case .reflect: 2
    case .project, .approach: 1
    }
  }

  private var weight: Double { self == .reflect ? 1.8 : 1 }
  private var share: Double { self == .reflect ? 1.8 : 0 }

  /// The new element of T.
  @inline(__always)
  func mix(_ t: Double, _ r: Double, _ d: Double) -> Double {
    (1 - weight) * t + weight * r + share * d
  }

  /// The elements of a row that have no sum to keep: R is at least `bound`. Returns ‖R − T + D‖²
  /// and, where there are `old` points, ⟨T − R, R − old⟩.
  @inline(__always)
  func apply(
    _ t: BufferView<Double>, _ d: BufferView<Double>, bound: BufferView<Double>,
    old: BufferView<Double>
  ) -> (movement: Double, overshoot: Double) {
    let (removal, weight, share) = (removal, weight, share)
    let keep = 1 - weight
    let compares = old.count > 0
    var (movement, overshoot) = (Wide(repeating: 0), Wide(repeating: 0))
    var at = 0
    while at &+ 8 <= t.count {
      let (ts, ds, least) = (t.wide(at), d.wide(at), bound.wide(at))
      var r = ts - ds * removal
      r.replace(with: least, where: r .< least)
      let change = r - ts + ds
      movement += change * change
      if compares { overshoot += (ts - r) * (r - old.wide(at)) }
      t.store(ts * keep + r * weight + ds * share, at)
      at &+= 8
    }
    var sums = (movement: movement.total, overshoot: overshoot.total)
    while at < t.count {
      let r = max(t[at] - removal * d[at], bound[at])
      let change = r - t[at] + d[at]
      sums.movement += change * change
      if compares { sums.overshoot += (t[at] - r) * (r - old[at]) }
      t[at] = mix(t[at], r, d[at])
      at &+= 1
    }
    return sums
  }
}

/// The entries of a row beside the known assignment and the border.
struct IncumbentLine {
  let before: BufferView<Double>
  let removed: BufferView<Double>
  /// E before, and after `settle`.
  let shifted: BufferView<Double>
  /// The two entries that may be negative.
  let isFree: (Int, Int)

  /// Moves the entries by one number, and to zero where they would be negative and must not, so
  /// that they add up to `sum`: Newton steps on a convex, piecewise linear function.
  func settle(sum: Double) {
    let count = shifted.count
    var shift = 0.0
    for _ in 0..<60 {
      var (total, slope) = (0.0, 0.0)
      for at in 0..<count {
        let x = shifted[at] + shift
        if x > 0 || at == isFree.0 || at == isFree.1 {
          total += x
          slope += 1
        }
      }
      let step = (sum - total) / slope
      shift += step
      if abs(step) <= 1e-14 * (abs(shift) + abs(sum)) { break }
    }
    for at in 0..<count {
      let x = shifted[at] + shift
      shifted[at] = x > 0 || at == isFree.0 || at == isFree.1 ? x : 0
    }
  }
}
