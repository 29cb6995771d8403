import ArgumentParser
import QAP
import QAPFrontend
import QAPGeneration
import QAPInstanceIO

/// `qap generate`: an instance of a known family.
struct Generate: ParsableCommand {
  private static let families = Family.all.map {
    $0.summary.wrapped(indent: 4, first: "  \($0.id): ")
  }.joined(separator: "\n")

  static let configuration = CommandConfiguration(
    abstract: "Generate an instance of a known family, or two embedding spaces.",
    discussion: """
      Families:
      \(families)
        planted-spaces: two unpaired spaces, for 'qap translate' (.npz)
      A published name (\(Family.publishedNames.prefix(3).joined(separator: ", ")), …) generates \
      that instance.

      Examples:
        qap generate taillard-uniform --size 40 --seed 1 --output u40.dat
        qap generate planted-spaces --size 5000 --modes 80 --output spaces.npz
      """)

  @Argument(help: "The family, or the name of a published instance.")
  var family: String?

  @Option(name: .long, help: ArgumentHelp("The number of facilities.", valueName: "n"))
  var size: Int?

  @Option(name: .long, help: ArgumentHelp("Random seed.", valueName: "k"))
  var seed: UInt64 = 0

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write (default: text on standard output).", valueName: "file"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the planted assignment here (.sln); optimal for drezner, rectilinear, hypercube.",
      valueName: "file"))
  var planted: String?

  @OptionGroup var json: JSONOption

  @Option(
    name: .long, help: ArgumentHelp("Modes of planted-spaces (default: 40).", valueName: "n"))
  var modes: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Common dimensions of planted-spaces (default: 24 at most).", valueName: "n")
  )
  var dimensions: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Deviation of the noise of planted-spaces (default: 0.05).", valueName: "x"))
  var noise: Double?

  @Flag(name: .long, help: "List families and published names.")
  var list = false

  func run() throws {
    try reportingFailures {
      if list {
        try Console.print(
          aligned(
            Family.all.map { ($0.id, $0.summary) } + [
              ("planted-spaces", "two unpaired embedding spaces that a rotation relates")
            ]))
        try Console.print("published: " + Family.publishedNames.joined(separator: " "))
        return
      }
      guard let family else {
        throw Failure.usage(
          "no family given; choose one of \(Family.all.map(\.id).joined(separator: ", "))")
      }
      if family == "planted-spaces" { return try writeSpaces() }
      if modes != nil || dimensions != nil || noise != nil {
        throw Failure.usage("--modes, --dimensions and --noise apply only to planted-spaces")
      }
      let generated = try make(family)
      try requireOutputs(
        ["--output": output, "--planted": planted, "--json": json.path], from: [])
      if planted != nil, generated.planted == nil {
        throw Failure.usage(
          "--planted: \(family) plants no assignment; "
            + "planted-gw, drezner, rectilinear, hypercube and multi-level do")
      }
      if json.ownsStandardOutput, output == nil {
        throw Failure.usage(
          "--json -: the instance goes to standard output; name a file (--output)")
      }
      if let output {
        try InstanceFile.write(generated.instance, to: output)
      } else {
        // QAPLIB has no place for the constant of a planted pair.
        let instance = generated.instance
        let text =
          instance.constant == 0
          ? try QAPLIB.format(instance, file: "standard output")
          : try JSONInstance.format(instance, file: "standard output")
        try Console.print(.init(text))
      }
      // After the instance, which may turn out to have no place in its format.
      if let planted, let assignment = generated.planted {
        try SolutionFile.write(
          assignment, objective: generated.instance.objective(of: assignment), to: planted)
      }
      try json.write(
        Answer(
          instance: generated.instance.name, size: generated.instance.size, seed: seed,
          optimum: generated.optimum, planted: generated.planted?.locations, version: version))
    }
  }

  /// The result for programs; `optimum` is null where the family does not know it, `planted`
  /// (locations from 0) where it plants nothing.
  private struct Answer: Encodable {
    let instance: String
    let size: Int
    let seed: UInt64
    let optimum: Double?
    let planted: [Int]?
    let version: String

    private enum CodingKeys: String, CodingKey {
      case instance, size, seed, optimum, planted, version
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(instance, forKey: .instance)
      try container.encode(size, forKey: .size)
      try container.encode(seed, forKey: .seed)
      try container.encode(optimum, forKey: .optimum)
      try container.encode(planted, forKey: .planted)
      try container.encode(version, forKey: .version)
    }
  }

  /// Writes two spaces with `--size` rows each, and pairs for validation.
  private func writeSpaces() throws {
    guard let output, output != "-" else {
      throw Failure.usage("planted-spaces needs --output, the archive (.npz) for its four arrays")
    }
    guard planted == nil, json.path == nil else {
      throw Failure.usage("--planted and --json do not apply to planted-spaces")
    }
    try requireWritable(output)
    let spaces = try PlantedSpaces(
      modes: modes ?? 40, dimensions: dimensions, noise: noise ?? 0.05)
    let rows = size ?? 2_000
    try AvailableMemory.require(
      24 * Double(max(0, rows)) * Double(spaces.features.source + spaces.features.target),
      for: "planted-spaces", size: rows, alternative: "a smaller --size")
    let generated = try spaces.generate(rows: rows, seed: seed)
    try NPZ.writeArrays(
      [
        ("source", NumericArray(generated.source)), ("target", NumericArray(generated.target)),
        ("valid_source", NumericArray(generated.validSource)),
        ("valid_target", NumericArray(generated.validTarget)),
      ], to: output)
  }

  private func make(_ name: String) throws -> Generated {
    if let family = Family.named(name) {
      // Two matrices of numbers, and as text.
      let n = Double(size ?? 0)
      try AvailableMemory.require(
        2 * n * n * 32, for: name, size: size ?? 0, alternative: "a smaller --size")
      return try family.generate(size: size, seed: seed)
    }
    if let instance = Family.published(name) {
      guard size == nil || size == instance.size else {
        throw Failure.usage("--size: \(name) has \(instance.size) facilities, not \(size!)")
      }
      return Generated(instance)
    }
    throw Failure.usage(
      "unknown family '\(name)'; choose one of \(Family.all.map(\.id).joined(separator: ", ")), "
        + "or a "
        + "published name (see --list)")
  }
}
