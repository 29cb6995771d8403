/// A measure of how alike two sets of embeddings of the same things are that is no metric of `qap
/// match`.
public enum SimilarityMeasure: Hashable, Sendable {
  /// Centered kernel alignment of linear kernels without the bias of few rows, from the unbiased
  /// estimate of the independence criterion (Song and others 2012, eq. 5).
  case debiasedCKA
  /// The same of mutual k-nearest neighbors only (CKNNA; Huh and others 2024).
  case neighborCKA(Int)
  /// The share of rows found again among the neighbors in the first set of their neighbors in the
  /// second (cycle k-NN; Huh and others 2024).
  case neighborCycles(Int)
  /// Representational similarity: the Pearson correlation of Euclidean distances (Kriegeskorte and
  /// others 2008).
  case rsa
  /// The same with Spearman's rank correlation.
  case rankedRSA
  /// The Pearson correlation of cosines of different rows.
  case pearson
  /// The mean of the canonical correlations of the k leading directions (SVCCA; Raghu and others
  /// 2017).
  case canonical(Int)
  /// The agreement of both sets after the best rotation: the nuclear norm s of their cross product,
  /// sets centered and scaled to norm 1; the squared Procrustes distance is 2 − 2s, SciPy's
  /// disparity 1 − s².
  case procrustes

  /// The names on the command line; K is 10 where it is left out.
  static let names = [
    "cka-debiased", "cknna:K", "cycle-knn:K", "rsa", "rsa-spearman", "pearson", "svcca:K",
    "procrustes",
  ]

  /// The measure called `name`; nil when there is none.
  init?(_ name: String) {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let stem = parts.first else { return nil }
    if parts.count == 1, let plain = Self.plain[name] {
      self = plain
      return
    }
    let count = parts.count == 1 ? 10 : Int(parts[1])
    guard let count, count > 0 else { return nil }
    switch stem {
    case "cknna": self = .neighborCKA(count)
    case "cycle-knn": self = .neighborCycles(count)
    case "svcca": self = .canonical(count)
    default: return nil
    }
  }

  private static let plain: [String: SimilarityMeasure] = [
    "cka-debiased": .debiasedCKA, "rsa": .rsa, "rsa-spearman": .rankedRSA, "pearson": .pearson,
    "procrustes": .procrustes,
  ]

  /// Its name on the command line.
  public var name: String {
    switch self {
    case .debiasedCKA: "cka-debiased"
    case .neighborCKA(let count): "cknna:\(count)"
    case .neighborCycles(let count): "cycle-knn:\(count)"
    case .rsa: "rsa"
    case .rankedRSA: "rsa-spearman"
    case .pearson: "pearson"
    case .canonical(let count): "svcca:\(count)"
    case .procrustes: "procrustes"
    }
  }

  /// Whether rows are normalized first unless the caller says otherwise.
  public var normalizesByDefault: Bool {
    switch self {
    case .debiasedCKA, .canonical, .procrustes: false
    default: true
    }
  }
}
