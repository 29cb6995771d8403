/// The bounds that a method has proven over time, and what they promise.
struct BoundHistory: Equatable, Sendable {
  private(set) var points: [(seconds: Double, bound: Double)] = []

  static func == (a: BoundHistory, b: BoundHistory) -> Bool {
    a.points.elementsEqual(b.points) { $0 == $1 }
  }

  /// Records the bound after `seconds`; only improvements count.
  mutating func add(_ bound: Double, at seconds: Double) {
    if let last = points.last, bound <= last.bound { return }
    points.append((seconds, bound))
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

  /// The bound to expect at `end`, when the gains of equal spans of time go on falling as they did:
  /// a geometric series through three looks at the last half of the time until `now`. Nil before
  /// there are that many.
  func predicted(at end: Double, now: Double) -> Double? {
    let span = now / 4
    guard span > 0, let a = bound(at: now - 2 * span), let b = bound(at: now - span),
      let c = points.last?.bound
    else { return nil }
    if c <= b { return c }
    let ratio = min(1.2, max(0.02, b > a ? (c - b) / (b - a) : 1))
    var (value, gain, time) = (c, c - b, now)
    while time < end, gain > 1e-12 * abs(value) {
      gain *= ratio
      let part = min(1, (end - time) / span)
      value += gain * part
      time += span
    }
    return value
  }
}
