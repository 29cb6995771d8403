import QAP

extension Termination {
  /// The reason as a sentence; `rule` is the rule by which the run's answer is optimal, if it is.
  public func sentence(_ rule: OptimalityRule) -> String {
    switch self {
    case .optimal:
      rule.tolerance.map { "Optimal within the tolerance \($0)." }
        ?? "Optimal: the bound equals the objective."
    case .infeasible: "Infeasible: no assignment avoids all forbidden placements."
    case .gap: "Gap limit reached."
    case .target: "Target objective reached."
    case .time: "Time limit reached."
    case .iterations: "Iteration limit reached."
    case .nodes: "Node limit reached."
    case .memory: "Memory limit reached."
    case .stalled: "Stalled: the method can make no further progress."
    case .interrupted: "Interrupted."
    }
  }
}

/// Numbers as the reports print them.
public enum Wording {
  /// An objective or a bound: integers without a point, others with ten significant digits or so.
  public static func value(_ value: Double?) -> String {
    guard let value else { return "-" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    let size = abs(value)
    guard size >= 1e-4, size < 1e15 else { return scientific(value) }
    // A large constant leaves the decimals their place.
    let digits = max(1, min(9, 9 - Int(size < 1 ? 0 : logarithm10(size))))
    return fixed(value, digits)
  }

  /// Ten significant digits and a power of ten: "5.78e-07".
  private static func scientific(_ value: Double) -> String {
    let parts = "\(value)".split(separator: "e")
    guard parts.count == 2, parts[0].count > 12, let mantissa = Double(parts[0]) else {
      return "\(value)"
    }
    var digits = fixed(mantissa, 9)
    while digits.hasSuffix("0") { digits.removeLast() }
    return (digits.hasSuffix(".") ? String(digits.dropLast()) : digits) + "e" + parts[1]
  }

  /// An objective with what it is zero by.
  public static func objective(_ value: Double?, _ rule: OptimalityRule) -> String {
    guard let value else { return "-" }
    return rule.isZeroWithinRounding(value) ? "0 (within rounding)" : self.value(value)
  }

  /// A gap as a percentage, or a dash where there is none.
  public static func gap(_ fraction: Double?) -> String {
    guard let fraction else { return "–" }
    if fraction == 0 { return "0.00%" }
    return abs(fraction) >= 100 ? ">9999%" : fixed(100 * fraction, 2) + "%"
  }

  /// `value` with `digits` decimals.
  public static func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e17 else { return "\(value)" }
    let number = Int64(scaled)
    let sign = value < 0 && number != 0 ? "-" : ""
    guard digits > 0 else { return sign + String(number) }
    let whole = number / Int64(scale)
    let part = String(number % Int64(scale))
    return sign + String(whole) + "." + String(repeating: "0", count: digits - part.count) + part
  }

  /// A count with an SI-like suffix, at most five characters.
  public static func count(_ count: Int) -> String {
    switch count {
    case ..<10_000: String(count)
    case ..<1_000_000: fixed(Double(count) / 1e3, count < 100_000 ? 1 : 0) + "k"
    case ..<1_000_000_000: fixed(Double(count) / 1e6, count < 100_000_000 ? 1 : 0) + "M"
    default: fixed(Double(count) / 1e9, 1) + "G"
    }
  }

  /// The short name of a method in the log: the initials of `hahn-grant`, the first letters of
  /// `tabu`, and LP for `rlt1-lp`, whose initials are those of `rlt1`.
  public static func tag(_ method: String) -> String {
    if method == "rlt1-lp" { return "LP" }
    let parts = method.split(separator: "-")
    let letters = parts.count > 1 ? parts.map { $0.prefix(1) } : [method.prefix(2)]
    return letters.joined().uppercased()
  }

  private static func logarithm10(_ value: Double) -> Double {
    var digits = 0.0
    var rest = value
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    return digits
  }
}
