/// A number for how alike two sets of embeddings of the same things are.
public enum AlignmentMeasure: Hashable, Sendable {
  /// The value of a metric for the pairs as they stand.
  case metric(Metric)
  /// A measure that is no metric of `qap match`.
  case similarity(SimilarityMeasure)
  /// Linear predictivity of each side from the other.
  case linearPredictivity

  /// The names on the command line, for messages.
  public static let names =
    Metric.names + ["mutual-knn:K"]
    + SimilarityMeasure.names.filter { !Metric.names.contains($0) } + ["linear-predictivity"]

  /// The measure called `name`; nil when there is none. "mutual-knn:K" is another name of "knn:K",
  /// and K is 10 for names from platonic-rep that leave it out.
  public init?(_ name: String) {
    if name == "linear-predictivity" {
      self = .linearPredictivity
    } else if let metric = Metric(name) {
      self = .metric(metric)
    } else if let measure = SimilarityMeasure(name) {
      self = .similarity(measure)
    } else if name == "mutual-knn" {
      self = .metric(.neighbors(10))
    } else if name.hasPrefix("mutual-"), let metric = Metric(String(name.dropFirst(7))),
      case .neighbors = metric
    {
      self = .metric(metric)
    } else {
      return nil
    }
  }

  /// Its name on the command line.
  public var name: String {
    switch self {
    case .metric(let metric): metric.name
    case .similarity(let measure): measure.name
    case .linearPredictivity: "linear-predictivity"
    }
  }
}

extension Metric {
  /// Whether `Alignment` can standardize its kernels.
  public var canStandardize: Bool {
    switch self {
    case .gromovWasserstein, .innerProduct: true
    default: false
    }
  }
}
