/// The options of a `Translation`.
public struct TranslationOptions: Sendable {
  /// Numbers of clusters; each is tried with every restart. Fewer than the rows of either side.
  public var clusters: [Int]
  /// Restarts of the clustering for each number of clusters.
  public var restarts: Int
  /// The power of the singular values in the kernel of the centers: 1 for the linear kernel, 0.5
  /// for one that is whitened by half.
  public var power: Double
  /// Rows that a restart draws on each side.
  public var batch: Int
  /// Starts of k-means in each restart.
  public var clusteringStarts: Int
  /// Rows of a block in each stage of the refinement.
  public var blocks: [Int]
  /// Epochs of each stage, as many numbers as `blocks`.
  public var epochs: [Int]
  /// Independent refinements; their agreement tells whether the map is reliable.
  public var repeats: Int
  /// The weight of one known pair, in matched rows.
  public var pairWeight: Double
  /// Seed of every random choice.
  public var seed: UInt64
  /// Threads to use; the result does not depend on them.
  public var threads: Int

  /// The defaults, each replaceable by name.
  public init(
    clusters: [Int] = [15, 30, 60], restarts: Int = 6, power: Double = 0.5, batch: Int = 5000,
    clusteringStarts: Int = 1, blocks: [Int] = [500, 1000], epochs: [Int] = [15, 6],
    repeats: Int = 2, pairWeight: Double = 10, seed: UInt64 = 0, threads: Int = 1
  ) {
    self.clusters = clusters
    self.restarts = restarts
    self.power = power
    self.batch = batch
    self.clusteringStarts = clusteringStarts
    self.blocks = blocks
    self.epochs = epochs
    self.repeats = repeats
    self.pairWeight = pairWeight
    self.seed = seed
    self.threads = max(1, threads)
  }

  /// The published pipeline: 30 restarts of 30 clusters with the linear kernel, then 100 blocks of
  /// up to 10,000 rows (Schnaus, Dagès, Cremers, Wang and Isola, arXiv 2610.09411).
  public static let published = TranslationOptions(
    clusters: [30], restarts: 30, power: 1, blocks: [10_000], epochs: [100])
}
