import ArgumentParser
import QAP

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
    if let gap, gap > 1 {
      throw ValidationError(
        "--gap is a fraction: \(gap) is \(100 * gap) %, and \(gap / 100) would be \(gap) %")
    }
    if let target, !target.isFinite {
      throw ValidationError("--target must be a number, not \(target)")
    }
  }
}
