import ArgumentParser
import QAP

/// `--threads` and `--seed`.
public struct WorkOptions: ParsableArguments {
  @OptionGroup var threads: ThreadOptions

  @Option(name: .long, help: ArgumentHelp("Random seed.", valueName: "k"))
  public var seed: UInt64 = 0

  public init() {}

  /// The number of threads to use.
  public var threadCount: Int { threads.threadCount }
}
