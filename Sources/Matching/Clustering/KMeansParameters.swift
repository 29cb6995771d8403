/// The options of `KMeans`.
public struct KMeansParameters: Sendable {
  /// The number of independent starts; the one of least inertia counts, the first among equals.
  public var starts: Int
  /// Iterations of one start at most.
  public var iterations: Int
  /// A start ends when its centers move by less than this, in the square and altogether, times the
  /// mean variance of the features.
  public var tolerance: Double
  /// Seed of the starts' random choices.
  public var seed: UInt64
  /// Threads to use; the result does not depend on them.
  public var threads: Int

  /// The defaults, each replaceable by name.
  public init(
    starts: Int = 10, iterations: Int = 300, tolerance: Double = 1e-4, seed: UInt64 = 0,
    threads: Int = 1
  ) {
    precondition(starts > 0 && iterations > 0 && tolerance >= 0, "k-means needs a start")
    self.starts = starts
    self.iterations = iterations
    self.tolerance = tolerance
    self.seed = seed
    self.threads = max(1, threads)
  }
}
