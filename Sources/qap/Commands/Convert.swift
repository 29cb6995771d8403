import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO

/// `qap convert`: the same instance in another format, or one made of two matrices.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert an instance between .dat, .json, .npz, .npy and .qplib.",
    discussion: """
      The extension of OUT selects the format. IN may be packed by gzip, or '-' for standard input.

      --flow and --distance make an instance of two matrices: tables (.csv), .npy, arrays of an \
      archive (FILE.npz:NAME), sparse matrices of SciPy (.npz), or edge lists, which have a line \
      "i j" or "i j weight" for each nonzero entry (a list of two or three lines is read as a \
      matrix unless its name ends in .edges). Matrices of few entries stay sparse in an .npz OUT.

      Examples:
        qap convert Instances/qaplib/nug12.dat nug12.npz
        qap convert --flow edges.txt --undirected --distance d.csv instance.npz
      """)

  @Argument(help: "The instance to read; with --flow, the file to write.")
  var input: String

  @Argument(help: "The file to write.")
  var output: String?

  @Option(name: .long, help: ArgumentHelp("The flow matrix.", valueName: "file"))
  var flow: String?

  @Option(name: .long, help: ArgumentHelp("The distance matrix.", valueName: "file"))
  var distance: String?

  @Option(name: .long, help: ArgumentHelp("The linear term.", valueName: "file"))
  var linear: String?

  @Flag(name: .long, help: "Let each line of an edge list stand for both directions.")
  var undirected = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The number of the first vertex in edge lists, 0 or 1 (default: 0 where a 0 occurs).",
      valueName: "n"))
  var edgesFrom: Int?

  @Flag(name: .long, help: "Maximize the objective of --flow and --distance.")
  var maximize = false

  func validate() throws {
    guard (flow == nil) == (distance == nil) else {
      throw ValidationError("--flow and --distance need each other")
    }
    guard flow == nil || output == nil else {
      throw ValidationError("--flow and --distance take the place of IN; give OUT alone")
    }
    guard flow != nil || output != nil else { throw ValidationError("give the file to write") }
    guard edgesFrom == nil || edgesFrom == 0 || edgesFrom == 1 else {
      throw ValidationError("--edges-from must be 0 or 1, not \(edgesFrom ?? 0)")
    }
    if flow == nil, linear != nil || undirected || edgesFrom != nil || maximize {
      throw ValidationError(
        "--linear, --undirected, --edges-from and --maximize apply only with --flow and --distance")
    }
  }

  func run() throws {
    try reportingFailures {
      let target = output ?? input
      let inputs = [output == nil ? nil : input, flow, distance, linear].compactMap(\.self)
      try requireSeparate(["OUT": target], from: inputs)
      try requireWritable(target)
      let stated = try joined() ?? readInstance(input)
      try InstanceFile.write(stated.instance, sense: stated.sense, to: target)
    }
  }

  /// The instance of `--flow` and `--distance`; nil without them.
  private func joined() throws -> StatedInstance? {
    guard let flow, let distance else { return nil }
    var reader = MatrixFile()
    reader.base = edgesFrom
    reader.isUndirected = undirected
    var flows = try reader.read(flow)
    reader.size = flows.rows
    let distances = try reader.read(distance, note: Console.note)
    // An edge list names no vertex behind its last edge: the distances say how many there are.
    reader.size = max(flows.rows, distances.rows)
    flows = try reader.read(flow, note: Console.note)
    let linear = try linear.map { try MatrixFile().read($0) }
    do {
      return StatedInstance(
        instance: try Instance(
          name: URL(fileURLWithPath: input).deletingPathExtension().lastPathComponent, flow: flows,
          distance: distances, linear: linear?.dense), sense: maximize ? .max : .min)
    } catch {
      throw error.inside("\(flow), \(distance)")
    }
  }
}
