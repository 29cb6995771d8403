import ArgumentParser
import QAP
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// Where the known pairs of `qap retrieve` come from.
struct RetrieveBaseOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The known pairs: row numbers (both sides) or pairs of them; .npy or text.",
      valueName: "file"))
  var base: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Known pairs from other files: the source side.", valueName: "file"))
  var baseSource: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Known pairs from other files: the target side, row by row.", valueName: "file"))
  var baseTarget: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Number of known pairs to choose for each seed.", valueName: "n"))
  var baseSize: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Rule of that choice: uniform, kmeans (nearest to the centers) or kmeans-cosine.",
      valueName: "rule"))
  var baseRule = RetrieveBaseRule.uniform

  @Option(
    name: .long,
    help: ArgumentHelp("The side that k-means clusters: source or target.", valueName: "side"))
  var baseOf = RetrieveBaseSide.target

  func validate() throws {
    guard (baseSource == nil) == (baseTarget == nil) else {
      throw ValidationError("--base-source and --base-target must be given together")
    }
    if base != nil, baseSize != nil {
      throw ValidationError("give either --base or --base-size")
    }
    if let baseSize, baseSize < 2 {
      throw ValidationError("--base-size must be at least 2, not \(baseSize)")
    }
  }

  /// True when known pairs and queries are from different files.
  var isElsewhere: Bool { baseSource != nil }

  /// Chooses `count` rows of a pool of pairs, row i of both sides being a pair.
  func choose(
    _ count: Int, source: Embeddings, target: Embeddings, seed: UInt64, threads: Int
  ) throws -> [Int] {
    guard count <= source.rows else {
      throw InputError(
        source.name, found: "\(source.rows) pairs to choose from",
        expected: "at least \(count), for --base-size")
    }
    if baseRule == .uniform {
      var generator = SeededGenerator(seed: seed)
      return Array((0..<source.rows).shuffled(using: &generator).prefix(count))
    }
    let clustered = baseOf == .source ? source : target
    let parameters = KMeansParameters(seed: seed, threads: threads)
    try AvailableMemory.require(
      KMeans.bytes(rows: clustered.rows, clusters: count, parameters: parameters), for: "k-means",
      size: count, alternative: "--base-rule uniform")
    let clusters = try KMeans.cluster(clustered, clusters: count, parameters: parameters)
    let rows = try clusters.representatives(
      in: clustered, rule: baseRule == .kmeans ? .euclidean : .cosine)
    // One row can be nearest to two centers.
    return Set(rows).sorted()
  }
}
