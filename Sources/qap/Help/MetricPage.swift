import QAPMatching

/// The description of a metric of `qap match` or a measure of `qap align`.
struct MetricPage {
  private let name: String
  private let meaning: String
  /// Nil for measures, which judge given pairs.
  private let metric: Metric?

  /// Meanings by names without their K.
  private static let meanings = [
    "gw": "Gromov–Wasserstein: the sum of (X − Y)² over all ordered pairs of rows, X and Y the "
      + "Euclidean distances on either side (Mémoli 2011). 0 for a rotated copy. The choice when "
      + "distances of both sides have the same unit; --standardize makes them comparable.",
    "cka": "Centered kernel alignment: the sum of X·Y, X and Y the linear kernels, centered and "
      + "scaled to Frobenius norm 1 (Kornblith and others 2019). Between 0 and 1.",
    "cka-rbf": "cka with Gaussian kernels, whose bandwidth is the lower median of the squared "
      + "distances that are not zero.",
    "cka-debiased": "cka from the unbiased estimate of the independence criterion (Song and others "
      + "2012, eq. 5), for few rows of many features, where cka is near 1 for unrelated sets. May "
      + "be negative.",
    "cka-one-sided": "The variant published as CKA in which only one of both sides is centered.",
    "knn": "The mean share of common ones among the K nearest neighbors on either side, "
      + "mutual k-NN in platonic-rep (Huh and others 2024): knn:10. Between 0 and 1.",
    "inner": "Minus the sum of X·Y, X and Y Euclidean distances: gw without the sums of squares, "
      + "which no match of two equal sides changes.",
    "kl": "The Kullback–Leibler divergence of X from Y, X and Y positive Euclidean distances.",
    "correlation": "The sum of X·Y, X and Y cosine similarities scaled to Frobenius norm 1, not "
      + "centered; 'pearson' in 'align' is centered.",
    "mutual-knn": "Another name of knn:K, with K = 10 as in platonic-rep.",
    "cknna": "cka-debiased of mutual K nearest neighbors only (CKNNA; Huh and others 2024).",
    "cycle-knn": "The share of rows found again among the neighbors in the first set of their "
      + "neighbors in the second (Huh and others 2024).",
    "rsa": "Representational similarity: the Pearson correlation of Euclidean distances "
      + "(Kriegeskorte and others 2008).",
    "rsa-spearman": "rsa with Spearman's rank correlation.",
    "pearson": "The Pearson correlation of the cosines of different rows.",
    "svcca": "The mean of the canonical correlations of the K leading directions (Raghu and others "
      + "2017).",
    "procrustes": "The agreement after the best rotation: the nuclear norm s of the cross product "
      + "of both sets, centered and scaled to norm 1. SciPy's disparity is 1 − s².",
    "linear-predictivity": "The mean correlation of each feature with its ridge regression from "
      + "the other set, by cross-validation, in both directions.",
  ]

  /// The page of the metric or measure called `name`, with or without its K.
  init?(_ name: String) {
    let stem = String(name.prefix { $0 != ":" })
    guard let meaning = Self.meanings[stem],
      stem == name || AlignmentMeasure(name) != nil
    else { return nil }
    self.name = stem == "knn" && name == stem ? "knn:K" : name
    self.meaning = meaning
    metric = Metric(stem == "knn" ? "knn:10" : stem)
  }

  /// The names with a page, as messages list them.
  static var names: [String] {
    Metric.names + AlignmentMeasure.names.filter { !Metric.names.contains($0) }
  }

  /// `qap help NAME`.
  var text: String {
    let facts =
      metric.map {
        [
          (
            "sense", $0.isMaximized ? "maximized: larger is better" : "minimized: smaller is better"
          ),
          (
            "rows",
            $0.normalizesByDefault ? "divided by their norms unless --no-normalize" : "as they are"
          ),
          ("commands", "match, classify, subset, align"),
        ]
      } ?? [("sense", "larger is more alike"), ("commands", "align")]
    return "\(name)\n\n" + meaning.wrapped() + "\n\n"
      + facts.map { $1.wrapped(indent: 12, first: "  " + $0.padded(to: 10)) }
      .joined(separator: "\n")
      + "\n\nEXAMPLE\n"
      + (metric == nil
        ? "qap align vision.npy language.npy --measures \(name)"
        : "qap match vision.npy language.npy --metric \(name == "knn:K" ? "knn:10" : name)")
  }
}
