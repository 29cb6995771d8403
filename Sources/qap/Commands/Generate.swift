import ArgumentParser
import QAP
import QAPFrontend
import QAPGeneration
import QAPInstanceIO

/// `qap generate`: an instance of a known family.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Generate an instance of a known family.",
    discussion: """
      Families:
      \(Family.all.map { "  \($0.id): \($0.summary)" }.joined(separator: "\n"))
      A published name (\(Family.publishedNames.prefix(3).joined(separator: ", ")), …) generates \
      that instance.

      Example: qap generate taillard-uniform --size 40 --seed 1 --output u40.dat
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
      "Write the planted assignment here (.sln); drezner and rectilinear plant an optimal one.",
      valueName: "file"))
  var planted: String?

  @OptionGroup var json: JSONOption

  @Flag(name: .long, help: "List families and published names.")
  var list = false

  func run() throws {
    try reportingFailures {
      if list {
        try Console.print(aligned(Family.all.map { ($0.id, $0.summary) }))
        try Console.print("published: " + Family.publishedNames.joined(separator: " "))
        return
      }
      guard let family else {
        throw Failure.usage(
          "no family given; choose one of \(Family.all.map(\.id).joined(separator: ", "))")
      }
      let generated = try make(family)
      try requireOutputs(
        ["--output": output, "--planted": planted, "--json": json.path], from: [])
      if planted != nil, generated.planted == nil {
        throw Failure.usage(
          "--planted: \(family) plants no assignment; "
            + "planted-gw, drezner and rectilinear do")
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
