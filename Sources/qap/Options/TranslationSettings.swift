import ArgumentParser
import QAPMatching

/// The options of `qap translate` that a preset sets.
struct TranslationSettings: ParsableArguments {
  /// A set of options.
  enum Preset: String, CaseIterable, ExpressibleByArgument {
    case standard, published
  }

  @Option(
    name: .long,
    help: ArgumentHelp(
      "standard, or published: 30 restarts of 30 clusters, linear kernel, 100 epochs of blocks of "
        + "10000. The options below replace parts of it.", valueName: "name"))
  var preset = Preset.standard

  @Option(
    name: .long,
    help: ArgumentHelp("Numbers of clusters to try (default: 15,30,60).", valueName: "list"))
  var clusters: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Restarts for each number of clusters (default: 6).", valueName: "n"))
  var restarts: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Power of the singular values in the centers' kernel; 1 is linear (default: 0.5).",
      valueName: "p"))
  var power: Double?

  @Option(
    name: .long,
    help: ArgumentHelp("Rows of each side in a restart (default: 5000).", valueName: "n"))
  var batch: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Starts of k-means in each restart (default: 1).", valueName: "n"))
  var kmeansStarts: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Rows of a block, for each stage (default: 500,1000).", valueName: "list"))
  var blocks: String?

  @Option(
    name: .long, help: ArgumentHelp("Epochs of each stage (default: 15,6).", valueName: "list"))
  var epochs: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Independent refinements (default: 2).", valueName: "n"))
  var `repeat`: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Weight of a known pair, in rows matched by blocks (default: 10).", valueName: "w"))
  var pairWeight: Double?

  /// The options of a fit.
  ///
  /// - Throws: `ValidationError` for numbers out of range.
  func options(seed: UInt64, threads: Int) throws -> TranslationOptions {
    var options = preset == .published ? .published : TranslationOptions()
    options.seed = seed
    options.threads = threads
    func numbers(_ text: String?, _ option: String, from least: Int) throws -> [Int]? {
      try text.map {
        try list($0, option, "numbers from \(least) to 100000") {
          Int($0).flatMap { (least...100_000).contains($0) ? $0 : nil }
        }
      }
    }
    func number(_ value: Int?, _ option: String, _ range: ClosedRange<Int>) throws -> Int? {
      guard let value, !range.contains(value) else { return value }
      throw ValidationError(
        "\(option) must be between \(range.lowerBound) and \(range.upperBound), not \(value)")
    }
    if let given = try numbers(clusters, "--clusters", from: 3) { options.clusters = given }
    if let given = try numbers(blocks, "--blocks", from: 2) { options.blocks = given }
    if let given = try numbers(epochs, "--epochs", from: 0) { options.epochs = given }
    if let given = try number(restarts, "--restarts", 1...10_000) { options.restarts = given }
    if let given = try number(batch, "--batch", 2...100_000_000) { options.batch = given }
    if let given = try number(kmeansStarts, "--kmeans-starts", 1...1_000) {
      options.clusteringStarts = given
    }
    if let given = try number(`repeat`, "--repeat", 1...100) { options.repeats = given }
    if let power {
      guard power > 0, power <= 2 else {
        throw ValidationError("--power must be above 0 and at most 2, not \(power)")
      }
      options.power = power
    }
    if let pairWeight {
      guard pairWeight >= 0, pairWeight < 1e9 else {
        throw ValidationError("--pair-weight must be from 0 to 1e9, not \(pairWeight)")
      }
      options.pairWeight = pairWeight
    }
    guard options.blocks.count == options.epochs.count else {
      throw ValidationError(
        "--blocks and --epochs need as many numbers as each other, not \(options.blocks.count) "
          + "and \(options.epochs.count)")
    }
    return options
  }
}
