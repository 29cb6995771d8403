import ArgumentParser
import QAP

/// The method that looks for an assignment, and how good is good enough.
public struct SearchOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The method; see 'qap methods'.", valueName: "id"))
  public var method = "auto"

  @OptionGroup public var goal: GoalOptions

  public init() {}
}

/// Options for the quality at which a run may stop.
public struct GoalOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Stop at this relative gap (0.01 is 1 %).", valueName: "fraction"))
  public var gap: Double?

  @Option(name: .long, help: ArgumentHelp("Stop at this objective.", valueName: "value"))
  public var target: Double?

  public init() {}

  public func validate() throws {
    if let gap, !(gap >= 0 && gap.isFinite) {
      throw ValidationError("--gap must be a fraction of at least 0, not \(gap)")
    }
    if let target, !target.isFinite {
      throw ValidationError("--target must be a number, not \(target)")
    }
  }
}

/// `--tolerance`.
public struct ToleranceOption: ParsableArguments, Sendable {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Tolerance of \"optimal\" for real data, as a share of the distance from the mean "
        + "objective to the bound.", valueName: "fraction"))
  public var tolerance = OptimalityRule.defaultTolerance

  public init() {}

  public func validate() throws {
    guard tolerance >= 0, tolerance < 1 else {
      throw ValidationError("--tolerance must be at least 0 and below 1, not \(tolerance)")
    }
  }
}

/// `--threads`.
public struct ThreadOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Number of threads (default: all).", valueName: "n"))
  var threads: Int?

  public init() {}

  public func validate() throws { try validateThreads(threads) }

  /// The number of threads to use.
  public var threadCount: Int { threads ?? RunOptions.processors }
}

/// `--threads` and `--seed`.
public struct WorkOptions: ParsableArguments {
  @OptionGroup var threads: ThreadOptions

  @Option(name: .long, help: ArgumentHelp("Random seed.", valueName: "k"))
  public var seed: UInt64 = 0

  public init() {}

  /// The number of threads to use.
  public var threadCount: Int { threads.threadCount }
}

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
  public func write(_ value: some Encodable) throws { try writeJSON(value, to: path) }
}

/// Complains of a `--threads` that no run could have.
public func validateThreads(_ threads: Int?) throws {
  if let threads, !(1...256).contains(threads) {
    throw ValidationError("--threads must be between 1 and 256, not \(threads)")
  }
}

/// Complains of a `--time-limit` that is no time.
public func validateTimeLimit(_ seconds: Double?) throws {
  if let seconds, !(seconds > 0 && seconds.isFinite) {
    throw ValidationError("--time-limit must be above 0 seconds, not \(seconds)")
  }
}
