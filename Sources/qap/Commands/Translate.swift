import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPRegistry

/// `qap translate`: a map between two embedding spaces from unpaired rows.
struct Translate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find a map between two embedding spaces from unpaired rows, or apply one.",
    discussion: """
      SOURCE and TARGET hold rows of the same kind (such as sentences of one language, embedded by \
      two models); no row needs to have a partner, and no pair needs to be known. Both sides are \
      clustered, the centers are assigned to each other by a quadratic assignment problem, and \
      the map that they suggest is refined by linear assignments of random blocks. Known pairs \
      (--pairs, or --pairs-source with --pairs-target) help where the spaces are less alike.

      The agreement is the share of rows that two independent refinements send to the same row. \
      Below 15 % the map is not reliable. A high agreement is no proof.

      With --map a map is applied to the rows of SOURCE, and -o gets them in the target's space.

      Examples:
        qap translate a.npy b.npy -o map.npz --pairs known.txt
        qap translate --map map.npz new.npy -o translated.npy
        qap translate --map map.npz new.npy b.npy --neighbors-output near.csv
      """)

  @Argument(help: "Embeddings, one row per item: .npy, .npz, .safetensors or .csv.")
  var source: String

  @Argument(help: "Embeddings of the other space (with --map, for neighbors).")
  var target: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the map (.npz), or with --map the rows (.npy).", valueName: "file"))
  var output: String?

  @Option(name: .long, help: ArgumentHelp("Apply this map to SOURCE.", valueName: "file"))
  var map: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Known pairs: lines with a row of SOURCE and a row of TARGET, from 0, or .npy.",
      valueName: "file"))
  var pairs: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Embeddings of known pairs in SOURCE's space.", valueName: "file"))
  var pairsSource: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Their partners in TARGET's space, row by row.", valueName: "file"))
  var pairsTarget: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Embeddings in SOURCE's space to validate the map.", valueName: "file"))
  var validSource: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Their partners in TARGET's space, row by row.", valueName: "file"))
  var validTarget: String?

  @OptionGroup var fitting: TranslationSettings

  @Flag(
    name: .long,
    help: ArgumentHelp(
      "Bound the values of assignments of up to 20 centers. The best one need not be the true one.")
  )
  var prove = false

  @OptionGroup var retrieval: NeighborOptions

  @Option(name: .long, help: ArgumentHelp("Time limit in seconds.", valueName: "seconds"))
  var timeLimit: Double?

  @OptionGroup var work: WorkOptions

  @OptionGroup var json: JSONOption

  @Flag(name: .long, help: "No log.")
  var quiet = false

  func validate() throws {
    try validateTimeLimit(timeLimit)
    if map == nil, target == nil {
      throw ValidationError(
        "TARGET is missing; give the embeddings of the other space, or a map with --map")
    }
    if map != nil, (target == nil) != (retrieval.neighborsOutput == nil) {
      throw ValidationError("with --map, TARGET and --neighbors-output belong together")
    }
    for case (let first, let second, let names) in [
      (pairsSource, pairsTarget, "--pairs-source and --pairs-target"),
      (validSource, validTarget, "--valid-source and --valid-target"),
    ] where (first == nil) != (second == nil) {
      throw ValidationError("\(names) belong together")
    }
    if pairs != nil, pairsSource != nil {
      throw ValidationError("--pairs and --pairs-source exclude each other")
    }
    if map != nil, pairs != nil || pairsSource != nil {
      throw ValidationError("known pairs do not apply with --map")
    }
    if map != nil, prove { throw ValidationError("--prove does not apply with --map") }
    if map != nil, output == nil, validSource == nil, retrieval.neighborsOutput == nil {
      throw ValidationError("--map needs -o for the rows, --neighbors-output, or --valid-source")
    }
    if output == "-" { throw ValidationError("--output needs a file name, not '-'") }
    _ = try fitting.options(seed: 0, threads: 1)
  }

  func run() throws {
    try reportingFailures {
      let inputs = [
        source, target, map, pairs, pairsSource, pairsTarget, validSource, validTarget,
      ].compactMap(\.self)
      try requireOutputs(
        [
          "--output": output, "--json": json.path,
          "--neighbors-output": retrieval.neighborsOutput,
        ], from: inputs)
      let log = StepLog(isQuiet: quiet)
      let answer = try map.map { try apply($0, log) } ?? fit(log)
      try json.write(answer)
      if !json.ownsStandardOutput { try Console.print(answer.text) }
    }
  }

  /// Applies a map.
  private func apply(_ path: String, _ log: StepLog) throws -> TranslateAnswer {
    let map = try TranslationMap(file: path)
    let rows = try EmbeddingInput.read(source)
    let threads = work.threadCount
    if let output {
      let moved = try map(rows, threads: threads)
      try NPY.write(NumericArray(moved.values), to: output)
      log.step("\(output): \(moved.rows) rows of \(moved.features) features")
    }
    if let target {
      try retrieval.write(map, rows, EmbeddingInput.read(target), threads: threads)
    }
    return TranslateAnswer(
      source: source, target: target, map: output == nil ? nil : path, rows: (rows.rows, nil),
      features: (map.sourceMean.count, map.targetMean.count), seed: work.seed, threads: threads,
      fit: nil, quality: try quality(map), termination: .iterations, seconds: log.seconds)
  }

  /// Finds a map.
  private func fit(_ log: StepLog) throws -> TranslateAnswer {
    let target = target ?? ""
    let threads = work.threadCount
    let options = try fitting.options(seed: work.seed, threads: threads)
    let x = try EmbeddingInput.read(source)
    let y = try EmbeddingInput.read(target)
    log.step(
      "read \(x.rows) rows of \(x.features) features and \(y.rows) of \(y.features)")
    for side in [x, y] where side.rows < 10 * side.features {
      log.step(
        "warning: \(side.name) has \(side.rows) rows of \(side.features) features; "
          + "maps are rarely found below 10 rows a feature")
    }
    let known = try readPairs(x, y)
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    let limit = timeLimit
    let fit = try Translation(
      from: x, to: y, pairs: known, options: options, proves: prove,
      shouldStop: {
        interruption.isRequested || limit.map { RunClock.seconds() > $0 } ?? false
      }, progress: { log.progress($0) })
    withExtendedLifetime(watch) {}
    if let output {
      try fit.map.write(
        to: output,
        options: [
          ("agreement", fit.agreement ?? .nan), ("power", options.power),
          ("restarts", Double(options.restarts)), ("seed", Double(options.seed)),
        ])
    }
    try retrieval.write(fit.map, x, y, threads: threads)
    let termination: Termination =
      fit.isComplete ? .iterations : interruption.isRequested ? .interrupted : .time
    return TranslateAnswer(
      source: source, target: target, map: output, rows: (x.rows, y.rows),
      features: (x.features, y.features), seed: work.seed, threads: threads, fit: fit,
      quality: try quality(fit.map), termination: termination, seconds: log.seconds)
  }

  private func readPairs(_ x: Embeddings, _ y: Embeddings) throws -> TranslationPairs? {
    if let pairs {
      let rows = try EmbeddingInput.pairs(pairs, rows: (x.rows, y.rows))
      return try TranslationPairs(
        source: x.selecting(rows.map(\.source)), target: y.selecting(rows.map(\.target)))
    }
    guard let pairsSource, let pairsTarget else { return nil }
    return try TranslationPairs(
      source: EmbeddingInput.read(pairsSource), target: EmbeddingInput.read(pairsTarget))
  }

  private func quality(_ map: TranslationMap) throws -> TranslationQuality? {
    guard let validSource, let validTarget else { return nil }
    return try TranslationQuality(
      map,
      on: TranslationPairs(
        source: EmbeddingInput.read(validSource), target: EmbeddingInput.read(validTarget)),
      csls: retrieval.csls, threads: work.threadCount)
  }
}
