import QAP
import QAPPrimitives

/// The criterion of a good match: a kernel on either side and a loss between them.
public enum Metric: Hashable, Sendable {
  /// Gromov–Wasserstein: Euclidean distances, Σ(X − Y)², least. (The sum of squares over all
  /// ordered pairs, neither halved nor averaged.)
  case gromovWasserstein
  /// Centered kernel alignment of linear kernels, greatest.
  case cka
  /// Centered kernel alignment of Gaussian kernels with median bandwidth, greatest.
  case ckaGaussian
  /// The same without the bias that few rows of many features have: of the unbiased estimate of
  /// HSIC; see `Kernel.debiasedAndScaled`. Greatest.
  case ckaDebiased
  /// The one-sided variant that was published as CKA; see `Kernel.centeredOnOneSide`. Greatest.
  case ckaOneSided
  /// The mean share of common ones among the k nearest neighbors, greatest.
  case neighbors(Int)
  /// Euclidean distances, −ΣX·Y, least.
  case innerProduct
  /// Euclidean distances, the Kullback–Leibler divergence of X from Y, least.
  case kullbackLeibler
  /// Cosines scaled to Frobenius norm 1, not centered, ΣX·Y, greatest.
  case correlation

  /// The names on the command line, for messages.
  public static let names = [
    "gw", "cka", "cka-rbf", "cka-debiased", "cka-one-sided", "knn:K", "inner", "kl", "correlation",
  ]

  /// The metric called `name`; nil when there is none.
  public init?(_ name: String) {
    switch name {
    case "gw": self = .gromovWasserstein
    case "cka": self = .cka
    case "cka-rbf": self = .ckaGaussian
    case "cka-debiased": self = .ckaDebiased
    case "cka-one-sided": self = .ckaOneSided
    case "inner": self = .innerProduct
    case "kl": self = .kullbackLeibler
    case "correlation": self = .correlation
    default:
      guard name.hasPrefix("knn:"), let count = Int(name.dropFirst(4)), count > 0 else {
        return nil
      }
      self = .neighbors(count)
    }
  }

  /// Its name on the command line.
  public var name: String {
    switch self {
    case .gromovWasserstein: "gw"
    case .cka: "cka"
    case .ckaGaussian: "cka-rbf"
    case .ckaDebiased: "cka-debiased"
    case .ckaOneSided: "cka-one-sided"
    case .neighbors(let count): "knn:\(count)"
    case .innerProduct: "inner"
    case .kullbackLeibler: "kl"
    case .correlation: "correlation"
    }
  }

  /// Whether rows are normalized first unless the caller says otherwise.
  public var normalizesByDefault: Bool {
    switch self {
    case .cka, .ckaGaussian, .ckaDebiased: false
    default: true
    }
  }

  /// True when the greatest value is the best. The value is then minus the sum of losses.
  public var isMaximized: Bool {
    switch self {
    case .gromovWasserstein, .innerProduct, .kullbackLeibler: false
    case .cka, .ckaGaussian, .ckaDebiased, .ckaOneSided, .neighbors, .correlation: true
    }
  }

  /// True when it is maximized and convex over doubly stochastic matrices, as both kernels are
  /// positive semidefinite. Frank–Wolfe then stops at a vertex near its start.
  public var isConvex: Bool {
    switch self {
    case .cka, .ckaGaussian, .correlation: true
    default: false
    }
  }

  /// The loss; minus it is the value of a metric that is maximized.
  public var loss: Loss {
    switch self {
    case .gromovWasserstein: .squared
    case .kullbackLeibler: .kullbackLeibler
    default: .innerProduct
    }
  }

  /// The kernel of `x`, n × n, of rows that are normalized and stretched already.
  ///
  /// - Throws: `InputError` when these rows have none.
  public func kernel(
    of x: Embeddings, threads: Int = 1
  ) throws(InputError) -> Matrix<Double> {
    switch self {
    case .gromovWasserstein, .innerProduct, .kullbackLeibler:
      Kernel.distances(x.values, threads: threads)
    case .cka:
      try Kernel.centeredAndScaled(
        Kernel.linear(x.values, threads: threads), name: x.name, threads: threads)
    case .ckaGaussian:
      try Kernel.centeredAndScaled(
        try Kernel.gaussian(x.values, name: x.name, threads: threads), name: x.name,
        threads: threads)
    case .ckaDebiased:
      try Kernel.debiasedAndScaled(
        Kernel.linear(x.values, threads: threads), name: x.name, threads: threads)
    case .ckaOneSided:
      try Kernel.centeredOnOneSide(x, threads: threads)
    case .neighbors(let count):
      try Kernel.neighbors(x.values, count: count, name: x.name, threads: threads)
    case .correlation:
      try Kernel.scaled(Kernel.cosine(x, threads: threads), name: x.name, threads: threads)
    }
  }

  /// The kernel that a matrix of similarities or distances is, once centered and scaled as the
  /// metric does.
  ///
  /// - Throws: `InputError` for a matrix that is not square, and for a metric that needs the
  ///   rows themselves.
  func kernel(
    precomputed x: Embeddings, threads: Int
  ) throws(InputError) -> Matrix<Double> {
    guard x.values.isSquare else {
      throw InputError(
        x.name, found: "\(x.rows) × \(x.features) numbers",
        expected: "a square matrix, as --precomputed says")
    }
    switch self {
    case .gromovWasserstein, .innerProduct, .kullbackLeibler: return x.values
    case .cka: return try Kernel.centeredAndScaled(x.values, name: x.name, threads: threads)
    case .ckaDebiased:
      return try Kernel.debiasedAndScaled(x.values, name: x.name, threads: threads)
    case .correlation: return try Kernel.scaled(x.values, name: x.name, threads: threads)
    case .ckaGaussian, .ckaOneSided, .neighbors:
      throw InputError(
        x.name, found: "a matrix for the metric \(name), which needs embeddings",
        expected: "gw, inner, kl, cka, cka-debiased or correlation with --precomputed")
    }
  }

  /// The loss of each two true pairs: element (i, k) is loss(x[i, k], y[i, k]) of the kernels `x`
  /// and `y`, n × n. Its sum is the sum of losses of the match i ↔ i; over a subset of rows and
  /// columns, that of the subset's.
  public func pairLosses(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Matrix<Double> {
    precondition(x.rows == y.rows && x.columns == y.columns, "kernels of different shapes")
    let loss = loss
    return Matrix(rows: x.rows, columns: x.columns, startingFrom: 0) { out in
      x.withView { x in
        y.withView { y in
          for index in 0..<out.count { out[index] = loss(x[index], y[index]) }
        }
      }
    }
  }
}
