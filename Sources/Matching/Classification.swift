import QAP
import QAPLinearAssignment
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Classification without labels and without pairs: samples are clustered, the clusters matched to
/// classes by their mutual similarities, and each sample takes the class of its cluster ("It's a
/// (Blind) Match!", section 5.5).
///
/// A solver for `problem.instance` comes from elsewhere; `quality(of:labels:)` judges its answer.
public struct Classification: Sendable {
  /// The cluster of each sample.
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
    /// The share of clusters that were given the class of such a match, or none as in it.
    public let matching: Double
    /// The class of each cluster in it; nil for none, where there are more clusters.
    public let oracle: [Int?]
    /// The mutual information of clusters and classes over the mean of both entropies, whatever
    /// the match.
    public let mutualInformation: Double
    /// The share of pairs of samples on which clusters and classes agree, adjusted for chance
    /// (Hubert and Arabie 1985).
    public let randIndex: Double
  }

  /// Clusters `samples` and sets up the match.
  ///
  /// - Parameters:
  ///   - samples: any number of rows, clustered as they stand.
  ///   - classes: one row a class, such as embeddings of their names.
  ///   - options: how centers and classes are compared.
  ///   - clusterCount: the number of clusters; nil for that of the classes. Of the larger side some
  ///     have no partner.
  ///   - initial: rows of samples as first centers; nil for k-means++.
  /// - Throws: `InputError` for too few samples, and what `MatchingProblem` throws.
  public init(
    samples: Embeddings, classes: Embeddings, options: MatchingOptions,
    clustering: KMeansParameters = KMeansParameters(), clusterCount: Int? = nil,
    initial: [Int]? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: (@Sendable (_ done: Int) -> Void)? = nil, name: String = "classify"
  ) throws {
    let count = clusterCount ?? classes.rows
    guard count > 0 else {
      throw InputError("clusters", found: "\(count)", expected: "at least 1")
    }
    if let initial {
      guard initial.count == count else {
        throw InputError(
          "first centers", found: "\(initial.count) rows", expected: "\(count), one a cluster")
      }
      clusters = try KMeans.cluster(
        samples, initial: initial, parameters: clustering, shouldStop: shouldStop)
    } else {
      clusters = try KMeans.cluster(
        samples, clusters: count, parameters: clustering, shouldStop: shouldStop,
        progress: progress)
    }
    let centers = try Embeddings(clusters.centers, name: "centers of \(samples.name)")
    problem = try MatchingProblem(source: centers, target: classes, options: options, name: name)
    self.classes = classes.rows
  }

  /// The class of each sample when cluster c is given the class `targets[c]`.
  public func labels(of targets: [Int?]) -> [Int?] { clusters.labels.map { targets[$0] } }

  /// Judges the match of cluster c with the class `targets[c]` by the true class of each sample.
  /// Where several matches are best, the oracle's is one of them, whichever comes first in an order
  /// drawn from `seed`.
  ///
  /// - Returns: the accuracies, of this match and of the best one.
  /// - Throws: `InputError` when there is not one label a sample, or one beyond the classes.
  public func quality(
    of targets: [Int?], labels: [Int], seed: UInt64 = 0
  ) throws(InputError) -> Quality {
    let samples = clusters.labels.count
    guard labels.count == samples, labels.allSatisfy({ (0..<classes).contains($0) }) else {
      throw InputError(
        "labels", found: "\(labels.count) labels up to \(labels.max() ?? 0)",
        expected: "\(samples), each below \(classes)")
    }
    let count = clusters.centers.rows
    // The larger side's others have no partner.
    let side = max(count, classes)
    var counts = Matrix<Double>(rows: side, columns: side, repeating: 0)
    for (cluster, label) in zip(clusters.labels, labels) { counts[cluster, label] += 1 }
    var generator = SeededGenerator(seed: seed)
    let order = Array(0..<side).shuffled(using: &generator)
    let solution = solveLinearAssignment(
      Matrix<Double>(rows: side, columns: side) { -counts[$0, order[$1]] })
    let oracle = solution.columnOfRow.prefix(count).map { column -> Int? in
      order[column] < classes ? order[column] : nil
    }
    func share(_ match: [Int?]) -> Double {
      match.enumerated().reduce(0) { sum, pair in
        sum + (pair.element.map { counts[pair.offset, $0] } ?? 0)
      } / Double(samples)
    }
    return Quality(
      accuracy: share(targets), oracleAccuracy: share(oracle),
      matching: Double(zip(targets, oracle).count { $0 == $1 }) / Double(count), oracle: oracle,
      mutualInformation: Self.mutualInformation(counts), randIndex: Self.randIndex(counts))
  }

  /// I(U; V) over the mean of H(U) and H(V), U and V the rows and columns of a table of counts; 1
  /// where both are one class.
  static func mutualInformation(_ counts: Matrix<Double>) -> Double {
    let total = counts.elements.reduce(0, +)
    let (rows, columns) = marginals(counts)
    func entropy(_ sums: [Double]) -> Double {
      sums.reduce(0) { $1 > 0 ? $0 - $1 / total * log($1 / total) : $0 }
    }
    var information = 0.0
    for i in rows.indices {
      for k in columns.indices where counts[i, k] > 0 {
        information += counts[i, k] / total * log(counts[i, k] * total / (rows[i] * columns[k]))
      }
    }
    let mean = (entropy(rows) + entropy(columns)) / 2
    return mean > 0 ? max(0, information) / mean : 1
  }

  /// Pairs of samples together on both sides, less what chance gives, over the most they could be;
  /// 1 where there is no choice.
  static func randIndex(_ counts: Matrix<Double>) -> Double {
    let (rows, columns) = marginals(counts)
    func pairs(_ sums: [Double]) -> Double { sums.reduce(0) { $0 + $1 * ($1 - 1) / 2 } }
    let (a, b) = (pairs(rows), pairs(columns))
    let all = pairs([counts.elements.reduce(0, +)])
    let expected = all > 0 ? a * b / all : 0
    let most = (a + b) / 2
    return most == expected ? 1 : (pairs(counts.elements.array) - expected) / (most - expected)
  }

  private static func marginals(_ counts: Matrix<Double>) -> ([Double], [Double]) {
    (
      (0..<counts.rows).map { row in counts.row(row).reduce(0, +) },
      (0..<counts.columns).map { column in
        (0..<counts.rows).reduce(0) { $0 + counts[$1, column] }
      }
    )
  }
}
