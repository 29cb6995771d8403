import ArgumentParser
import QAP

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
