import QAP
import QAPDenseAlgebra
import QAPPrimitives

/// Clusters found by Lloyd's algorithm: each row belongs to its nearest center, and each center is
/// the mean of its rows (S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28,
/// 1982).
public struct KMeans: Sendable {
  /// The center of each cluster, clusters × features.
  public let centers: Matrix<Double>
  /// The cluster of each row.
  public let labels: [Int]
  /// The sum of squared distances between rows and their centers.
  public let inertia: Double
  /// The iterations of the start that counts.
  public let iterations: Int

  /// The bytes that clustering `rows` rows takes: the distance of each row to each center, for each
  /// of the starts that run side by side.
  public static func bytes(
    rows: Int, clusters: Int, parameters: KMeansParameters = KMeansParameters()
  ) -> Double {
    8 * Double(rows) * Double(clusters) * Double(min(parameters.starts, parameters.threads))
  }

  /// Clusters `x` from the best of several k-means++ starts (D. Arthur and S. Vassilvitskii, SODA
  /// 2007; greedy, with 2 + ln k candidates a step). The starts run side by side.
  ///
  /// O(n · clusters · features) an iteration.
  ///
  /// - Parameters:
  ///   - shouldStop: asked between iterations; starts then end with what they hold.
  ///   - progress: called with the number of finished starts, from any thread.
  /// - Throws: `InputError` when there are fewer different rows than clusters asked for.
  public static func cluster(
    _ x: Embeddings, clusters: Int, parameters: KMeansParameters = KMeansParameters(),
    shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: (@Sendable (_ done: Int) -> Void)? = nil
  ) throws(InputError) -> KMeans {
    try requireRows(x, clusters)
    let problem = LloydProblem(x.values)
    let starts = parameters.starts
    let results = ResultSlots(count: starts)
    let done = AtomicCounter()
    // Threads that starts leave idle share the rows of each.
    let inner = max(1, parameters.threads / starts)
    setDenseAlgebraThreads(1)
    parallelFor(count: starts, threads: parameters.threads) { _, index in
      if index > 0, shouldStop() { return }
      var generator = SeededGenerator(seed: parameters.seed, stream: UInt64(index))
      let first = problem.plusPlus(clusters: clusters, threads: inner, using: &generator)
      results.set(
        index,
        problem.descend(
          from: first, parameters: parameters, threads: inner, shouldStop: shouldStop))
      progress?(done.next() + 1)
    }
    let held = results.values.compactMap { $0 }
    guard let best = held.map(\.inertia).min(),
      let result = held.first(where: { $0.inertia == best })
    else { preconditionFailure("the first start never ends without a result") }
    return try checked(result, x)
  }

  /// Clusters `x` from the rows `initial` as first centers, one for each cluster.
  ///
  /// - Throws: `InputError` when there is no such row, or when there are fewer different rows
  ///   than clusters.
  public static func cluster(
    _ x: Embeddings, initial: [Int], parameters: KMeansParameters = KMeansParameters(),
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws(InputError) -> KMeans {
    try requireRows(x, initial.count)
    _ = try x.selecting(initial)
    setDenseAlgebraThreads(1)
    let result = LloydProblem(x.values).descend(
      from: initial, parameters: parameters, threads: parameters.threads, shouldStop: shouldStop)
    return try checked(result, x)
  }

  private static func requireRows(_ x: Embeddings, _ clusters: Int) throws(InputError) {
    guard clusters >= 1, clusters <= x.rows else {
      throw InputError(
        x.name, found: "\(x.rows) rows for \(clusters) clusters",
        expected: "1 to \(x.rows) clusters")
    }
  }

  private static func checked(_ result: KMeans, _ x: Embeddings) throws(InputError) -> KMeans {
    let used = Set(result.labels).count
    guard used < result.centers.rows else { return result }
    let distinct = Set((0..<x.rows).map { Array(x.values.row($0)) }).count
    guard distinct < result.centers.rows else {
      throw InputError(
        x.name, found: "\(used) of \(result.centers.rows) clusters with rows after reseeding",
        expected: "rows in all of them; try another --seed")
    }
    throw InputError(
      x.name, found: "\(distinct) different rows",
      expected: "at least \(result.centers.rows), the number of clusters")
  }
}

/// A place for the result of each parallel start.
private final class ResultSlots: @unchecked Sendable {
  // Unchecked: each start writes its own place, and the places are read when all have ended.
  private let slots: [Slot]
  private final class Slot { var value: KMeans? }

  init(count: Int) { slots = (0..<count).map { _ in Slot() } }

  func set(_ index: Int, _ value: KMeans) { slots[index].value = value }

  var values: [KMeans?] { slots.map(\.value) }
}
