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
    abstract: "Average, choose, normalize, project, stretch or cluster embeddings.",
    discussion: """
      The steps come in this order: --labels, --rows, --normalize, --project, --stretch, --clusters. The \
      result is an .npy file of doubles: a row for each row, class or cluster.

      --project keeps what lies in the directions in which NAMES vary most: of class names, what an \
      embedding has to do with classes. --clusters finds clusters by k-means++ from several starts; \
      --base writes the row that stands for each of them, by number from 0 on, for --pairs of 'qap \
      match' and --base of 'qap retrieve'.

      Examples:
        qap prepare images.npy --labels classes.npy --normalize --output prototypes.npy
        qap prepare images.npy --project names.npy --dimensions 64 --output projected.npy
        qap prepare images.npy --clusters 320 --base base.txt
      """)

  @Argument(help: "Embeddings, a row each: .npy, .npz, .safetensors or .csv.")
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the result here (.npy).", valueName: "file"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Average rows class by class: a class from 0 on for each.", valueName: "file"))
  var labels: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Use these rows only: numbers from 0, one a line, or .npy.", valueName: "file"))
  var rows: String?

  @Flag(name: .long, help: "Divide rows by their norms.")
  var normalize = false

  @Option(
    name: .long,
    help: ArgumentHelp("Project on the main directions of these embeddings.", valueName: "names"))
  var project: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The number of directions (default: half of all).", valueName: "n"))
  var dimensions: Int?

  @Flag(
    name: [.long, .customLong("uncentred")],
    help: "Take the directions of NAMES about zero, not about their mean.")
  var uncentered = false

  @Flag(name: .long, help: "Project on the affine space through the mean of NAMES.")
  var meanAdjusted = false

  @Flag(name: .long, help: "Divide columns by their standard deviations.")
  var stretch = false

  @Option(name: .long, help: ArgumentHelp("Find so many clusters.", valueName: "n"))
  var clusters: Int?

  @Option(name: .long, help: ArgumentHelp("Starts of k-means.", valueName: "n"))
  var starts = 10

  @Option(
    name: .long,
    help: ArgumentHelp("Write the cluster of each row, one a line, or .npy.", valueName: "file"))
  var members: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the row that stands for each cluster, one a line, or .npy.", valueName: "file"))
  var base: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Which row that is: the one nearest to the center by euclidean distance or by cosine.",
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
      throw ValidationError("--starts: found \(starts), expected 1 to 1000000")
    }
    if clusters == nil, members != nil || base != nil {
      throw ValidationError("--members, --base: expected --clusters with them")
    }
    if project == nil, dimensions != nil || uncentered || meanAdjusted {
      throw ValidationError(
        "--dimensions, --uncentered, --mean-adjusted: expected --project with them")
    }
    if output == nil, members == nil, base == nil, json == nil {
      throw ValidationError("expected --output, or --base or --members with --clusters")
    }
    if output == "-" { throw ValidationError("--output: found '-', expected a file") }
  }

  func run() throws {
    try reportingFailures {
      try requireOutputs(
        ["--output": output, "--members": members, "--base": base, "--json": json], from: [file])
      var x = try EmbeddingInput.read(file, labels: labels)
      if let rows { x = try x.selecting(try EmbeddingInput.rows(rows, of: x.rows)) }
      if normalize { x = try x.normalized() }
      if let project { x = try projected(x, on: project) }
      if stretch { x = try x.stretched() }
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
