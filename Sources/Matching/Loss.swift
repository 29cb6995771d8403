import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The cost of two similarities that a match puts in one place, in factorized form:
///
///     loss(x, y) = f1(x) + f2(y) − h1(x)·h2(y)
///
/// so that Σ loss(X[i,k], Y[p(i),p(k)]) is a quadratic assignment problem with flow −h1(X),
/// distance h2(Y) and the constant Σf1(X) + Σf2(Y) (Peyré, Cuturi and Solomon 2016, proposition 1).
public enum Loss: Sendable {
  /// (x − y)², the Gromov–Wasserstein loss.
  case squared
  /// −x·y.
  case innerProduct
  /// x·log(x/y) − x + y for x ≥ 0 and y > 0, the Kullback–Leibler divergence; 0 where both are
  /// zero.
  case kullbackLeibler

  /// The part that depends on x alone.
  public func f1(_ x: Double) -> Double {
    switch self {
    case .squared: x * x
    case .innerProduct: 0
    case .kullbackLeibler: x > 0 ? x * log(x) - x : 0
    }
  }

  /// The part that depends on y alone.
  public func f2(_ y: Double) -> Double {
    switch self {
    case .squared: y * y
    case .innerProduct: 0
    case .kullbackLeibler: y
    }
  }

  /// The factor that depends on x.
  public func h1(_ x: Double) -> Double { x }

  /// The factor that depends on y; 0 for y = 0 under Kullback–Leibler, where x must be zero too.
  public func h2(_ y: Double) -> Double {
    switch self {
    case .squared: 2 * y
    case .innerProduct: y
    case .kullbackLeibler: y > 0 ? log(y) : 0
    }
  }

  /// The loss itself, in its direct form.
  public func callAsFunction(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .squared: (x - y) * (x - y)
    case .innerProduct: -x * y
    case .kullbackLeibler: x > 0 ? x * log(x / y) - x + y : y
    }
  }

  /// The loss from the factors that an assignment problem holds, `flow` = −h1(x) and `distance` =
  /// h2(y). On the diagonal, where Kullback–Leibler compares two distances of 0, it is 0.
  func ofFactors(_ flow: Double, _ distance: Double, isDiagonal: Bool) -> Double {
    switch self {
    case .innerProduct: flow * distance
    case .squared: (flow + distance / 2) * (flow + distance / 2)
    case .kullbackLeibler: isDiagonal ? 0 : flow * distance + f1(-flow) + exp(distance)
    }
  }

  /// Σ f1(X) + Σ f2(Y), summed with compensation: what all matches of the two have in common.
  public func constant(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Double {
    if case .innerProduct = self { return 0 }
    var sum = CompensatedSum()
    for value in x.elements { sum.add(f1(value)) }
    for value in y.elements { sum.add(f2(value)) }
    return sum.value
  }
}
