import QAP
import QAPLinearAssignment
import QAPPrimitives

/// Classification without labels and without pairs: samples are clustered, the clusters matched to
/// classes by their mutual similarities, and each sample takes the class of its cluster ("It's a
/// (Blind) Match!", section 5.5).
///
/// A solver for `problem.instance` comes from elsewhere; `quality(of:labels:)` judges its answer.
public struct Classification: Sendable {
  /// The cluster of each sample, as many clusters as classes.
  public let clusters: KMeans
  /// The match of cluster centers (source) to classes (target).
  public let problem: MatchingProblem
  /// The number of classes.
  public let classes: Int

  /// The quality of a classification.
  public struct Quality: Equatable, Sendable {
    /// The share of samples whose cluster was given their class.
    public let accuracy: Double
    /// The greatest share that any one-to-one match of clusters and classes can reach.
    public let oracleAccuracy: Double
    /// The share of clusters that were given the class of such a match.
    public let matching: Double
    /// The class of each cluster in it.
    public let oracle: [Int]
  }

  /// Clusters `samples` and sets up the match.
  ///
  /// - Parameters:
  ///   - samples: any number of rows, clustered as they stand.
  ///   - classes: one row a class, such as embeddings of their names.
  ///   - options: how centers and classes are compared.
  ///   - initial: rows of samples as first centers; nil for k-means++.
  /// - Throws: `InputError` for too few samples, and what `MatchingProblem` throws.
  public init(
    samples: Embeddings, classes: Embeddings, options: MatchingOptions,
    clustering: KMeansParameters = KMeansParameters(), initial: [Int]? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: (@Sendable (_ done: Int) -> Void)? = nil, name: String = "classify"
  ) throws {
    if let initial {
      guard initial.count == classes.rows else {
        throw InputError(
          "first centers", found: "\(initial.count) rows",
          expected: "\(classes.rows), one a class")
      }
      clusters = try KMeans.cluster(
        samples, initial: initial, parameters: clustering, shouldStop: shouldStop)
    } else {
      clusters = try KMeans.cluster(
        samples, clusters: classes.rows, parameters: clustering, shouldStop: shouldStop,
        progress: progress)
    }
    let centers = try Embeddings(clusters.centers, name: "centers of \(samples.name)")
    problem = try MatchingProblem(source: centers, target: classes, options: options, name: name)
    self.classes = classes.rows
  }

  /// The class of each sample when cluster c is given the class `targets[c]`.
  public func labels(of targets: [Int]) -> [Int] { clusters.labels.map { targets[$0] } }

  /// Judges the match of cluster c with the class `targets[c]` by the true class of each sample.
  /// Where several matches are best, the oracle's is one of them, whichever comes first in an order
  /// drawn from `seed`.
  ///
  /// - Throws: `InputError` when there is not one label a sample, or one beyond the classes.
  public func quality(
    of targets: [Int], labels: [Int], seed: UInt64 = 0
  ) throws(InputError) -> Quality {
    let samples = clusters.labels.count
    guard labels.count == samples, labels.allSatisfy({ (0..<classes).contains($0) }) else {
      throw InputError(
        "labels", found: "\(labels.count) labels up to \(labels.max() ?? 0)",
        expected: "\(samples), each below \(classes)")
    }
    var counts = Matrix<Double>(rows: classes, columns: classes, repeating: 0)
    for (cluster, label) in zip(clusters.labels, labels) { counts[cluster, label] += 1 }
    var generator = SeededGenerator(seed: seed)
    let order = Array(0..<classes).shuffled(using: &generator)
    let solution = solveLinearAssignment(
      Matrix<Double>(rows: classes, columns: classes) { -counts[$0, order[$1]] })
    let oracle = solution.columnOfRow.map { order[$0] }
    func share(_ match: [Int]) -> Double {
      match.enumerated().reduce(0) { $0 + counts[$1.offset, $1.element] } / Double(samples)
    }
    return Quality(
      accuracy: share(targets), oracleAccuracy: share(oracle),
      matching: Double(zip(targets, oracle).count { $0 == $1 }) / Double(classes), oracle: oracle)
  }
}
