import ArgumentParser
import QAP

/// `--json`: where the result goes for programs.
public struct JSONOption: ParsableArguments {
  @Option(
    name: .customLong("json"),
    help: ArgumentHelp("Write the result as JSON; '-' is standard output.", valueName: "path"))
  public var path: String?

  public init() {}

  /// True when standard output belongs to the JSON alone.
  public var ownsStandardOutput: Bool { path == "-" }

  /// Writes `value` where the option says, if it is given.
  ///
  /// - Throws: `FileError` or `Failure` when it cannot be written.
  public func write(_ value: some Encodable) throws { try writeJSON(value, to: path) }
}
