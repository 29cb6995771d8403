/// A number for how alike two sets of embeddings of the same things are.
public enum AlignmentMeasure: Hashable, Sendable {
  /// The value of a metric for the pairs as they stand.
  case metric(Metric)
  /// Linear predictivity of each side from the other.
  case linearPredictivity

  /// The names on the command line, for messages.
  public static let names = Metric.names + ["linear-predictivity"]

  /// The measure called `name`; nil when there is none.
  public init?(_ name: String) {
    if name == "linear-predictivity" {
      self = .linearPredictivity
    } else if let metric = Metric(name) {
      self = .metric(metric)
    } else {
      return nil
    }
  }

  /// Its name on the command line.
  public var name: String {
    switch self {
    case .metric(let metric): metric.name
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
