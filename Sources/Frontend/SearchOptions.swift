import ArgumentParser
import QAP

/// The method that looks for an assignment, and how good is good enough.
public struct SearchOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The method; see 'qap methods'.", valueName: "id"))
  public var method = "auto"

  @OptionGroup public var goal: GoalOptions

  public init() {}
}
