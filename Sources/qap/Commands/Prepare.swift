import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPReporting

extension BaseRule: ExpressibleByArgument {}

/// `qap prepare`: the steps before a match, one by one or together, written to a file.
struct Prepare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Average, select, normalize, project, stretch or cluster embeddings.",
    discussion: """
      The steps come in this order: --labels, --rows, --drop-zero-rows, --normalize, --project, \
      --drop-constant-columns, --stretch, --clusters. The result is an .npy file of doubles with \
      one row per row, class or cluster.

      --project keeps the directions in which NAMES vary most. With class names these are the \
      parts of an embedding that concern classes. --clusters finds clusters by k-means++ from \
      several starts; --base writes the representative row of each cluster, numbered from 0, for \
      --pairs of 'qap match' and --base of 'qap retrieve'.

      Examples:
        qap prepare images.npy --labels classes.npy --normalize -o means.npy
        qap prepare images.npy --project names.npy --dimensions 64 -o p.npy
        qap prepare images.npy --clusters 320 --base base.txt
      """)

  @Argument(help: "Embeddings, one row per item: .npy, .npz, .safetensors or .csv.")
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the result here (.npy).", valueName: "file"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Average rows by class; a file with the class of each row, from 0.", valueName: "file"))
  var labels: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Use only these rows: numbers from 0, one per line, or .npy.", valueName: "file"))
  var rows: String?

  @OptionGroup var drop: DropOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the numbers, from 0, of the rows that are left, for --rows of other commands.",
      valueName: "file"))
  var kept: String?

  @Flag(name: .long, help: "Divide rows by their norms.")
  var normalize = false

  @Option(
    name: .long,
    help: ArgumentHelp("Project onto the main directions of these embeddings.", valueName: "names"))
  var project: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The number of directions (default: half of all).", valueName: "n"))
  var dimensions: Int?

  @Flag(name: .long, help: "Compute the directions of NAMES without centering.")
  var uncentered = false

  @Flag(name: .long, help: "Project onto the affine space through the mean of NAMES.")
  var meanAdjusted = false

  @Flag(name: .long, help: "Divide columns by their standard deviations.")
  var stretch = false

  @Option(name: .long, help: ArgumentHelp("Number of clusters.", valueName: "n"))
  var clusters: Int?

  @Option(name: .long, help: ArgumentHelp("Number of starts of k-means.", valueName: "n"))
  var starts = 10

  @Option(
    name: .long,
    help: ArgumentHelp("Write the cluster of each row, one per line, or .npy.", valueName: "file"))
  var members: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the representative row of each cluster, one per line, or .npy.", valueName: "file"))
  var base: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Choice of the representative: nearest to the center by euclidean distance or by cosine.",
      valueName: "rule"))
  var baseRule = BaseRule.euclidean

  @OptionGroup var work: WorkOptions

  @Option(
    name: .long,
    help: ArgumentHelp("Write a summary as JSON; '-' is standard output.", valueName: "path"))
  var json: String?

  private struct Answer: Encodable {
    let rows: Int
    let features: Int
    let inertia: Double?
    let iterations: Int?
    let version: String
  }

  func validate() throws {
    guard (1...1_000_000).contains(starts) else {
      throw ValidationError("--starts must be between 1 and 1000000, not \(starts)")
    }
    if clusters == nil, members != nil || base != nil {
      throw ValidationError("--members and --base need --clusters")
    }
    if kept != nil, rows == nil, !drop.dropZeroRows {
      throw ValidationError("--kept needs --drop-zero-rows or --rows")
    }
    if project == nil, dimensions != nil || uncentered || meanAdjusted {
      throw ValidationError(
        "--dimensions, --uncentered and --mean-adjusted need --project")
    }
    if output == nil, members == nil, base == nil, kept == nil, json == nil {
      throw ValidationError("give --output, or --clusters with --base or --members")
    }
    if output == "-" { throw ValidationError("--output needs a file name, not '-'") }
  }

  func run() throws {
    try reportingFailures {
      try requireOutputs(
        [
          "--output": output, "--members": members, "--base": base, "--kept": kept, "--json": json,
        ], from: [file])
      var x = try EmbeddingInput.read(file, labels: labels)
      var left = Array(0..<x.rows)
      if let rows {
        left = try EmbeddingInput.rows(rows, of: x.rows)
        x = try x.selecting(left)
      }
      if drop.dropZeroRows {
        let nonzero = try drop.rows(of: x)
        left = nonzero.map { left[$0] }
        x = try x.selecting(nonzero)
      }
      if let kept { try IndexFile.write(left, to: kept) }
      if normalize { x = try x.normalized() }
      if let project { x = try projected(x, on: project) }
      x = try drop.columns(of: x)
      if stretch {
        x.noteNoise()
        x = try x.stretched()
      }
      var result = x.values
      var found: KMeans?
      if let clusters {
        let answer = try cluster(x, clusters)
        found = answer
        result = answer.centers
        if let members { try IndexFile.write(answer.labels, to: members) }
        if let base {
          try IndexFile.write(try answer.representatives(in: x, rule: baseRule), to: base)
        }
      }
      if let output { try NPY.write(NumericArray(result), to: output) }
      try writeJSON(
        Answer(
          rows: result.rows, features: result.columns, inertia: found?.inertia,
          iterations: found?.iterations, version: version), to: json)
      if json == "-" { return }
      var lines = [("rows", "\(result.rows)"), ("features", "\(result.columns)")]
      if let found { lines.append(("inertia", Wording.value(found.inertia))) }
      try Console.print(aligned(lines))
    }
  }

  private func projected(_ x: Embeddings, on names: String) throws -> Embeddings {
    var names = try EmbeddingInput.read(names)
    // Directions in the space that the rows are in.
    if normalize { names = try names.normalized() }
    let projection = try PrincipalComponents(
      names, dimensions: dimensions ?? max(1, names.features / 2), centered: !uncentered)
    return try projection(x, meanAdjusted: meanAdjusted)
  }

  /// Clusters; the first Ctrl-C ends the starts with what they hold.
  private func cluster(_ x: Embeddings, _ count: Int) throws -> KMeans {
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    defer { withExtendedLifetime(watch) {} }
    let (total, shows) = (starts, Console.isTerminal)
    let parameters = KMeansParameters(starts: starts, seed: work.seed, threads: work.threadCount)
    try AvailableMemory.require(
      KMeans.bytes(rows: x.rows, clusters: count, parameters: parameters), for: "k-means",
      size: count, alternative: "fewer clusters or --threads 1")
    let found = try KMeans.cluster(
      x, clusters: count, parameters: parameters,
      shouldStop: { interruption.isRequested },
      progress: { done in if shows { Console.live("k-means: \(done) of \(total) starts") } })
    if shows { Console.live("") }
    return found
  }
}
