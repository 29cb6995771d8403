import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

extension RetrievalMethod: ExpressibleByArgument {}

/// `qap retrieve`: ranks the rows of one file for each row of another.
struct Retrieve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rank the rows of TARGET for each row of SOURCE, from known pairs.",
    discussion: """
      Methods: local-cka and local-cka-rbf (alignment of the known pairs extended by query and \
      candidate), linear (least squares on the pairs, cosine; worst with about as many pairs as \
      features), ridge (ridge regression, penalty by leave-one-out), procrustes (rotation), cca \
      (regularized canonical correlations), relative (cosines to the known rows, compared by \
      cosine), asif (the same, sparse), cosine (one space, no pairs). --csls 5 improves most of \
      them, --center improves relative and asif.

      By default all rows in no known pair are queries, and their partners are candidates. With \
      --labels, TARGET has one row per class, the labels give the class of each row of SOURCE, and \
      queries are classified. Ties count as a random choice; matching is the accuracy of the best \
      one-to-one assignment of queries to candidates.

      Examples:
        qap retrieve captions.npy images.npy --base known.npy --method local-cka-rbf
        qap retrieve v.npy classes.npy --labels f.npy --base-size 320 --seeds 0,1,2
      """)

  @Argument(help: "Embeddings of the queries, one row per item: .npy, .npz, .safetensors or .csv.")
  var source: String

  @Argument(help: "Embeddings of the candidates.")
  var target: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      RetrievalMethod.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "name"))
  var method = RetrievalMethod.localCKA

  @OptionGroup var known: RetrieveBaseOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The queries: row numbers (the same for their partners) or pairs.", valueName: "file"))
  var queries: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The class, a row of TARGET, of each row of SOURCE.", valueName: "file"))
  var labels: String?

  @OptionGroup var drop: DropOptions

  @Flag(name: .long, help: "Divide rows by their norms first.")
  var normalize = false

  @Flag(name: .long, help: "Divide columns by their standard deviations, over all rows.")
  var stretch = false

  @Flag(name: .long, help: "Subtract the mean of the known rows first.")
  var center = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Scale scores locally by this number of nearest neighbors (CSLS).", valueName: "k"))
  var csls: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Number of cosines that asif keeps for each row.", valueName: "n"))
  var anchors = 800

  @Option(
    name: .long, help: ArgumentHelp("Power that asif raises cosines to.", valueName: "p"))
  var exponent = 8.0

  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help: ArgumentHelp(
      "Solve the assignment problem: n² memory, n³ time (default: up to 5000 candidates)."))
  var matching: Bool?

  @Option(
    name: .long,
    help: ArgumentHelp("Write the scores, queries × candidates, as .npy.", valueName: "file"))
  var scores: String?

  @OptionGroup var options: TaskOptions

  func validate() throws {
    if scores != nil, try options.seedList().count > 1 {
      throw ValidationError("--scores needs a single seed")
    }
    if scores == "-" { throw ValidationError("--scores needs a file name, not '-'") }
    for case (let name, let value?) in [("--csls", csls), ("--anchors", anchors)] where value < 1 {
      throw ValidationError("\(name) must be at least 1, not \(value)")
    }
    if !(exponent > 0 && exponent.isFinite) {
      throw ValidationError("--exponent must be above 0, not \(exponent)")
    }
    if center, !method.needsBase {
      throw ValidationError("--center needs known pairs, which --method cosine does not use")
    }
    if method.needsBase, known.base == nil, known.baseSize == nil, !known.isElsewhere {
      throw ValidationError(
        "--method \(method.rawValue) needs known pairs: --base, --base-size or --base-source")
    }
  }

  /// The result of one seed.
  struct SeedResult: Encodable {
    let seed: UInt64
    let base: Int
    let queries: Int
    let candidates: Int
    let top1: Double
    let top5: Double
    let top10: Double
    let matching: Double?
  }

  /// The result as JSON.
  private struct Answer: Encodable {
    let source: String
    let target: String
    let method: String
    let center: Bool
    let csls: Int?
    let top1: Double?
    let top5: Double?
    let top10: Double?
    let matching: Double?
    let seeds: [SeedResult]
    let seconds: Double
    let version: String

    enum CodingKeys: String, CodingKey {
      case source, target, method, center, csls, top1, top5, top10, matching, seeds, seconds,
        version
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(source, forKey: .source)
      try container.encode(target, forKey: .target)
      try container.encode(method, forKey: .method)
      try container.encode(center, forKey: .center)
      try container.encode(csls, forKey: .csls)
      try container.encode(top1, forKey: .top1)
      try container.encode(top5, forKey: .top5)
      try container.encode(top10, forKey: .top10)
      try container.encode(matching, forKey: .matching)
      try container.encode(seeds, forKey: .seeds)
      try container.encode(seconds, forKey: .seconds)
      try container.encode(version, forKey: .version)
    }
  }

  func run() throws {
    try reportingFailures {
      try requireOutputs(
        ["--json": options.json.path, "--scores": scores],
        from: EmbeddingInput.paths(source) + EmbeddingInput.paths(target))
      let log = options.log()
      let problem = try RetrieveProblem(self, log: log)
      let results = try options.seedList().map { try run(problem, seed: $0, log: log) }
      let answer = Answer(
        source: source, target: target, method: method.rawValue, center: center, csls: csls,
        top1: mean(results.map(\.top1)),
        top5: mean(results.map(\.top5)), top10: mean(results.map(\.top10)),
        matching: mean(results.map(\.matching)), seeds: results, seconds: log.seconds,
        version: version)
      try options.json.write(
        Originated(
          answer: answer,
          origin: RunOrigin(EmbeddingInput.paths(source) + EmbeddingInput.paths(target))))
      guard !options.json.ownsStandardOutput else { return }
      try Console.print(
        aligned([
          ("method", method.rawValue), ("known pairs", "\(results[0].base)"),
          ("queries", "\(results[0].queries)"), ("candidates", "\(results[0].candidates)"),
          ("top 1", percent(answer.top1)), ("top 5", percent(answer.top5)),
          ("top 10", percent(answer.top10)), ("matching", percent(answer.matching)),
        ]))
    }
  }

  private func run(
    _ problem: RetrieveProblem, seed: UInt64, log: StepLog
  ) throws -> SeedResult {
    let threads = options.threadCount
    let round = try problem.round(seed: seed, threads: threads)
    let (queries, candidates) = (round.source.asked.rows, round.target.asked.rows)
    log.step(
      "seed \(seed): \(round.base) known pairs, \(queries) queries, \(candidates) candidates")
    let solves = labels == nil && (matching ?? (candidates <= 5000))
    if solves {
      try AvailableMemory.require(
        8 * Double(candidates) * Double(candidates), for: "--matching", size: candidates,
        alternative: "--no-matching")
    }
    if scores != nil {
      // Numbers and bytes, which are copied once.
      try AvailableMemory.require(
        24 * Double(queries) * Double(candidates), for: "--scores", size: candidates,
        alternative: "fewer --queries")
    }
    try AvailableMemory.require(
      method.bytes(base: round.base, queries: queries, candidates: candidates),
      for: method.rawValue,
      size: max(round.base, candidates), alternative: "a smaller --base-size or fewer --queries")
    let factors = try ScoreFactors(
      method, source: round.source, target: round.target,
      options: RetrievalOptions(
        centers: center, csls: csls, anchors: anchors, exponent: exponent), threads: threads)
    log.step("scores are products of \(factors.source.columns) numbers")
    if solves, candidates > 2000 {
      log.step(
        "assignment problem of \(candidates) candidates, \(candidates * candidates >> 17) MiB")
    } else if labels == nil, matching == nil, candidates > 5000 {
      log.step("skipping the matching of \(candidates) candidates; --matching enables it")
    }
    let quality = factors.quality(
      truth: round.truth, matching: solves, seed: seed, threads: threads)
    log.step("ranked")
    if let scores {
      try NPY.write(NumericArray(factors.scores(threads: threads)), to: scores)
    }
    return SeedResult(
      seed: seed, base: round.base, queries: queries, candidates: candidates,
      top1: quality.top[0], top5: quality.top[1], top10: quality.top[2],
      matching: quality.matching)
  }
}
