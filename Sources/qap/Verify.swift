import ArgumentParser
import InstanceIO
import QAP
import Reporting
import Verification

/// `qap verify`: an independent check of a solution file.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a solution file against an instance.",
    discussion: """
      Recomputes the objective apart from every solver. Published files differ in orientation: the \
      permutation is tried as location of each facility first, then its inverse. Exit status 0 when \
      the claim holds, 1 when it does not.

      Example: qap verify Instances/qaplib/nug12.dat Instances/qaplib/nug12.sln
      """)

  @Argument(help: "The instance.")
  var file: String

  @Argument(help: "The solution (.sln).")
  var solution: String

  @Option(
    name: .long,
    help: ArgumentHelp("Write the result as JSON; '-' is standard output.", valueName: "path"))
  var json: String?

  private struct Answer: Encodable {
    let instance: String
    let holds: Bool
    let claimed: Double?
    let objective: Double
    let error: Double
    let orientation: String
    let permutation: Int
    let assignment: [Int]
    let version: String
  }

  func run() throws {
    try reportingFailures {
      let instance = try InstanceFile.read(file)
      let resolved = try SolutionFile.read(solution).resolve(against: instance)
      var answers: [Answer] = []
      for (index, one) in resolved.enumerated() {
        let check = checkObjective(of: one.assignment, in: instance, claimed: one.objective)
        guard check.holds else {
          throw Failure.verification("verification failed: two evaluations disagree")
        }
        answers.append(
          Answer(
            instance: instance.name, holds: one.matchesClaim ?? true, claimed: one.claimed,
            objective: check.recomputed, error: check.error, orientation: one.orientation.rawValue,
            permutation: index, assignment: one.assignment.locations, version: version))
      }
      if answers.count == 1 {
        try writeJSON(answers[0], to: json)
      } else {
        try writeJSON(answers, to: json)
      }
      if json != "-" {
        for answer in answers {
          var rows = [
            ("objective", Wording.value(answer.objective)),
            ("claimed", Wording.value(answer.claimed)),
            ("orientation", answer.orientation),
          ]
          if answers.count > 1 { rows.insert(("permutation", "\(answer.permutation + 1)"), at: 0) }
          rows.append(
            (
              "verdict",
              answer.claimed == nil
                ? "valid permutation, nothing claimed"
                : answer.holds ? "holds" : "does not hold in either orientation"
            ))
          try Console.print(aligned(rows))
        }
      }
      if !answers.allSatisfy(\.holds) { throw ExitCode(1) }
    }
  }
}
