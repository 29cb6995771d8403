import ArgumentParser
import QAP

/// `--threads`.
public struct ThreadOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Number of threads (default: all).", valueName: "n"))
  var threads: Int?

  public init() {}

  public func validate() throws { try validateThreads(threads) }

  /// The number of threads to use.
  public var threadCount: Int { threads ?? RunOptions.processors }
}
