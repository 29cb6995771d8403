import ArgumentParser
import QAP
import QAPBranchAndBound
import QAPRegistry

/// Options for more than one answer.
public struct RankingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of best assignments to list (default: 1), proven where the method proves bounds.",
      valueName: "n"))
  public var best: Int?

  @Flag(name: .long, help: "With --best: count assignments that are equal up to symmetry as one.")
  public var distinct = false

  @Flag(
    name: .long,
    help: "Decide whether the optimum is unique, and by how much the second best is worse.")
  public var unique = false

  public init() {}

  public func validate() throws {
    let max = RankedSearch<BranchAndBound>.maxWanted
    if let best, !(1...max).contains(best) {
      throw ValidationError("--best must be between 1 and \(max), not \(best)")
    }
    if distinct, wanted == 1 {
      throw ValidationError("--distinct applies only with --best or --unique")
    }
  }

  /// The number of assignments that are wanted.
  public var wanted: Int { max(best ?? 1, unique ? 2 : 1) }

  /// Sets the list in `options`, and refuses options that contradict it.
  func apply(
    to options: inout MethodOptions, goal: GoalOptions?, checkpoint: String?
  ) throws {
    guard wanted > 1 else { return }
    for (name, isGiven) in [
      ("--gap", goal?.gap != nil), ("--target", goal?.target != nil),
      ("--checkpoint", checkpoint != nil),
    ] where isGiven {
      throw Failure.usage("\(name) does not apply with --best or --unique")
    }
    (options.best, options.isDistinct) = (wanted, distinct)
  }
}
