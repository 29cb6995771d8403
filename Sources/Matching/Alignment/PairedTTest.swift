import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Student's t test for paired samples: whether the mean of the differences is other than zero.
public struct PairedTTest: Equatable, Sendable {
  /// Mean of the differences over its standard error.
  public let t: Double
  /// The probability, if the true mean difference were zero, of a |t| at least as large
  /// (two-sided).
  public let p: Double
  /// Degrees of freedom: pairs − 1.
  public let df: Int

  /// Compares `a[i]` with `b[i]`. Nil for fewer than two pairs, different counts, or differences
  /// that are all equal, when there is no standard error.
  public init?(_ a: [Double], _ b: [Double]) {
    let n = Double(a.count)
    guard a.count == b.count, a.count >= 2 else { return nil }
    let differences = zip(a, b).map { $0 - $1 }
    var sum = CompensatedSum()
    for difference in differences { sum.add(difference) }
    let mean = sum.value / n
    let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    guard variance > 0, variance.isFinite else { return nil }
    df = a.count - 1
    t = mean / (variance / n).squareRoot()
    p = Self.tail(t, df)
  }

  /// P(|T| ≥ |t|) for Student's distribution with `df` degrees of freedom: the regularized
  /// incomplete beta function I_x(df/2, 1/2) at x = df/(df + t²) (Abramowitz and Stegun 26.5.27).
  static func tail(_ t: Double, _ df: Int) -> Double {
    let (nu, square) = (Double(df), t * t)
    let (a, b) = (nu / 2, 0.5)
    let (x, y) = (nu / (nu + square), square / (nu + square))
    if square == 0 { return 1 }
    // Γ(a + 1/2)/Γ(a) by recurrence from 1/√π or √π/2, and 1/B(a, 1/2) = that/√π.
    var ratio = df % 2 == 1 ? 1 / Double.pi.squareRoot() : Double.pi.squareRoot() / 2
    for k in stride(from: df % 2 == 1 ? 1 : 2, to: df, by: 2) {
      ratio *= Double(k + 1) / Double(k)
    }
    let front = exp(a * log(x)) * y.squareRoot() * ratio / Double.pi.squareRoot()
    // The fraction converges fast on its own side of the mean (Numerical Recipes 6.4).
    return x < (a + 1) / (a + b + 2)
      ? front * fraction(a, b, x) / a : 1 - front * fraction(b, a, y) / b
  }

  /// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by the
  /// modified method of Lentz.
  private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / away(1 - (a + b) * x / (a + 1))
    var h = d
    for m in 1...10_000 {
      let k = Double(m)
      let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
      d = 1 / away(1 + even * d)
      c = away(1 + even / c)
      h *= d * c
      let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
      d = 1 / away(1 + odd * d)
      c = away(1 + odd / c)
      let factor = d * c
      h *= factor
      if abs(factor - 1) < 4e-16 { break }
    }
    return h
  }
}
