import ArgumentParser
import QAP
import QAPInstanceIO
import QAPRegistry
import QAPReporting

/// The options of every `compare` command.
public struct SweepOptions: ParsableArguments, Sendable {
  @Argument(help: "The instances, and finished runs (.json).")
  public var files: [String]

  @Option(
    name: .long, help: ArgumentHelp("The methods, separated by commas.", valueName: "a,b,c"))
  public var methods = "gilmore-lawler,projection,hahn-grant,rlt1,auto"

  @Option(name: .long, help: ArgumentHelp("Seconds a run.", valueName: "seconds"))
  public var timeLimit = 10.0

  @Option(name: .long, help: ArgumentHelp("Seeds, from 0.", valueName: "k"))
  public var seeds = 1

  @Option(name: .long, help: ArgumentHelp("Threads per run (default: all).", valueName: "n"))
  public var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Results of another program to add.", valueName: "name=file.csv"))
  public var external: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("File of finished runs, from which a comparison resumes.", valueName: "file")
  )
  public var state: String?

  @Option(name: .long, help: ArgumentHelp("Write a report (HTML).", valueName: "file"))
  public var report: String?

  @Option(name: .long, help: ArgumentHelp("The report's heading.", valueName: "text"))
  public var title: String?

  @Option(name: .long, help: ArgumentHelp("Write all runs as CSV.", valueName: "file"))
  public var csv: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Write all runs as JSON.", valueName: "file"))
  public var json: String?

  @OptionGroup var accuracy: ToleranceOption

  @Flag(name: .long, help: "No progress.")
  public var quiet = false

  public init() {}

  public func validate() throws {
    try validateTimeLimit(timeLimit)
    guard (1...1_000_000).contains(seeds) else {
      throw ValidationError("--seeds must be between 1 and 1000000, not \(seeds)")
    }
    try validateThreads(threads)
    if state == "-" { throw ValidationError("--state needs a file name, not '-'") }
    for entry in external where !entry.contains("=") {
      throw ValidationError("--external needs name=file.csv, not '\(entry)'")
    }
    var names = Set(MethodRegistry.methods.map(\.info.id))
    for (name, _) in external.map(foreign) {
      guard !name.isEmpty, names.insert(name).inserted else {
        throw ValidationError(
          "--external: the name '\(name)' is already used by a method or another file")
      }
    }
  }

  /// Threads a run.
  public var width: Int { threads ?? RunOptions.processors }
  /// Runs side by side.
  public var lanes: Int { max(1, RunOptions.processors / width) }

  /// The parts of `name=file.csv`.
  func foreign(_ entry: String) -> (name: String, path: String) {
    let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
  }

  func foreignRuns(_ entry: String) throws -> [ComparisonRun] {
    let (name, path) = foreign(entry)
    return try ResultsFile.read(path).map {
      ComparisonRun(
        instance: $0.instance, size: $0.size,
        method: name + ($0.method.map { " \($0)" } ?? ""), seed: $0.seed,
        objective: $0.objective, bound: $0.bound, termination: $0.termination,
        seconds: $0.seconds, origin: path)
    }
  }
}
