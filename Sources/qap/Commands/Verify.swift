import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPReporting
import QAPVerification

/// `qap verify`: an independent check of a solution or of a bound.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a solution or the certificate of a bound against an instance.",
    discussion: """
      For a solution (.sln; the JSON of a run; or the solution of a program of 'qap relax' by \
      HiGHS, GLPK, Gurobi, SCIP, CBC or CPLEX) the objective is recomputed independently of the \
      solvers. Published .sln files differ in orientation: the permutation is tried as the \
      location of each facility, then inverted. For a certificate (written by --certificate) the \
      proof is checked: in exact integers for integral instances, with safe rounding for real \
      ones. The exit status is 0 when the claim holds and 1 when it does not.

      Examples:
        qap verify Instances/qaplib/nug12.dat Instances/qaplib/nug12.sln
        qap bound Instances/qaplib/nug12.dat --method rlt1 --certificate nug12.cert
        qap verify Instances/qaplib/nug12.dat nug12.cert
      """)

  @Argument(help: "The instance.")
  var file: String

  @Argument(help: "The solution (.sln, .json, .sol) or certificate (.cert).")
  var claim: String

  @OptionGroup var placements: PlacementOptions

  @OptionGroup var layers: LayerOptions

  @OptionGroup var json: JSONOption

  @Flag(name: .long, help: "The certificate proves an upper bound (written with --maximize).")
  var maximize = false

  private var log: StepLog { StepLog(isQuiet: false) }
  private static let checking = "checking the proof"

  private struct Answer: Encodable {
    let instance: String
    let holds: Bool
    /// The first forbidden placement, in words.
    let fault: String?
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
      let bytes = try FileAccess.read(claim)
      if SubsetCertificateFile.isCertificate(bytes) {
        return try verify(try SubsetCertificateFile.parse(bytes, file: claim))
      }
      let stated = try layers.read(file, isMaximized: maximize)
      let instance = try placements.apply(to: stated.instance)
      if CertificateFile.isCertificate(bytes) {
        var command = self
        if stated.sense == .max { command.maximize = true }
        return try command.verify(
          try CertificateFile.parse(bytes, file: claim),
          of: command.maximize ? instance.negated : instance)
      }
      if let other = try StatedAssignment.parse(bytes, file: claim, instance: instance) {
        return try verify(other, of: instance)
      }
      let resolved = try SolutionFile.parse(bytes, file: claim).resolve(against: instance)
      var answers: [Answer] = []
      for (index, one) in resolved.enumerated() {
        let check = checkObjective(of: one.assignment, in: instance, claimed: one.objective)
        guard check.holds || check.forbidden != nil else {
          throw Failure.verification("verification failed: two evaluations disagree")
        }
        answers.append(
          Answer(
            instance: instance.name,
            holds: one.matchesClaim ?? true && check.forbidden == nil,
            fault: fault(check), claimed: one.claimed,
            objective: check.recomputed, error: check.error, orientation: one.orientation.rawValue,
            permutation: index, assignment: one.assignment.locations, version: version))
      }
      if answers.count == 1 {
        try json.write(answers[0])
      } else {
        try json.write(answers)
      }
      if !json.ownsStandardOutput {
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
              answer.fault.map { "does not hold: \($0)" }
                ?? (answer.claimed == nil
                  ? "valid permutation without a claimed objective"
                  : answer.holds ? "holds" : "does not hold in either orientation")
            ))
          try Console.print(aligned(rows))
        }
      }
      if !answers.allSatisfy(\.holds) { throw ExitCode(1) }
    }
  }

  /// The first forbidden placement of an assignment, in words.
  private func fault(_ check: ObjectiveCheck) -> String? {
    check.forbidden.map {
      "facility \($0.facility + 1) at location \($0.location + 1) is forbidden"
    }
  }

  /// Checks the assignment of a run's JSON or of another solver. A program that maximizes may be
  /// stated as one that minimizes the negative.
  private func verify(_ stated: StatedAssignment, of instance: Instance) throws {
    guard stated.locations.isComplete(for: instance),
      let assignment = stated.locations.completed(for: instance)
    else {
      throw InputError(
        claim, found: "\(stated.locations.pairs.count) placed facilities",
        expected: "all \(instance.facilities)")
    }
    let objective = instance.objective(of: assignment)
    // Other programs are exact up to a fraction of what assignments differ by.
    let spread = instance.meanObjective.map { abs($0 - objective) } ?? 0
    func matches(_ claimed: Double) -> Bool {
      abs(claimed - objective) <= 1e-6 * max(abs(objective), spread, 1e-300)
    }
    let check = checkObjective(of: assignment, in: instance, claimed: objective)
    guard check.holds || check.forbidden != nil else {
      throw Failure.verification("verification failed: two evaluations disagree")
    }
    let holds = check.forbidden == nil && stated.claimed.map { matches($0) || matches(-$0) } ?? true
    let answer = Answer(
      instance: instance.name, holds: holds, fault: fault(check), claimed: stated.claimed,
      objective: check.recomputed, error: check.error,
      orientation: SolutionOrientation.forward.rawValue, permutation: 0,
      assignment: assignment.locations, version: version)
    try json.write(answer)
    if !json.ownsStandardOutput {
      try Console.print(
        aligned([
          ("objective", Wording.value(answer.objective)),
          ("claimed", Wording.value(answer.claimed)),
          (
            "verdict",
            answer.fault.map { "does not hold: \($0)" }
              ?? (answer.claimed == nil
                ? "valid assignment without a claimed objective"
                : answer.holds ? "holds" : "does not hold")
          ),
        ]))
    }
    if !answer.holds { throw ExitCode(1) }
  }

  /// Checks the certificate of a subset problem, whose costs are the file.
  private func verify(_ certificate: SubsetCertificate) throws {
    let size = certificate.size
    let problem: SubsetProblem
    do {
      problem = try SubsetFile.read(file, size: size)
    } catch let error as InputError where error.kind == .argument {
      throw InputError(
        claim, found: "a subset of \(size)", expected: "\(error.expected) of \(file)")
    }
    let found = log.whileWorking(Verify.checking) {
      check(certificate, of: maximize ? problem.negated : problem)
    }
    try say(found, of: problem.name, pairs: [], subsets: problem)
  }

  /// Checks a certificate and says what it found.
  private func verify(_ certificate: Certificate, of instance: Instance) throws {
    let found = log.whileWorking(Verify.checking) { check(certificate, of: instance) }
    guard let threshold = certificate.threshold else {
      return try say(
        found, of: instance.name, pairs: certificate.pairs, forbidden: certificate.forbidden)
    }
    let least =
      found.holds ? leastTerm(above: threshold, of: instance).map { sense.value($0) } : nil
    try json.write(
      LargestTermAnswer(
        instance: instance.name, holds: found.holds, kind: found.kind,
        threshold: sense.value(threshold), bound: least, fault: found.fault, version: version))
    if !json.ownsStandardOutput {
      let term = maximize ? "smallest term" : "largest term"
      try Console.print(
        aligned([
          (term, least.map { "\(maximize ? "at most" : "at least") \(Wording.value($0))" } ?? "-"),
          ("threshold", "\(Wording.value(sense.value(threshold))), which no assignment reaches"),
          ("proof", found.kind),
          ("verdict", found.fault.map { "does not hold: \($0)" } ?? "holds"),
        ]))
    }
    if !found.holds { throw ExitCode(1) }
  }

  private struct LargestTermAnswer: Encodable {
    let instance: String
    let holds: Bool
    let kind: String
    let threshold: Double
    /// The least that the largest term of an assignment can be.
    let bound: Double?
    let fault: String?
    let version: String
  }

  /// Says what a check found.
  private func say(
    _ check: CertificateCheck, of name: String, pairs: [FixedPair], forbidden: [FixedPair] = [],
    subsets: SubsetProblem? = nil
  ) throws {
    try json.write(
      BoundAnswer(
        instance: name, holds: check.holds, kind: check.kind,
        bound: sense.value(check.rounded),
        boundUnrounded: sense.value(check.claimed), proven: sense.value(check.proven),
        pairs: pairs.map { [$0.facility, $0.location] },
        forbidden: forbidden.isEmpty ? nil : forbidden.map { [$0.facility, $0.location] },
        size: subsets?.size,
        items: subsets?.items, fault: check.fault, version: version))
    if !json.ownsStandardOutput {
      var rows = [
        ("bound", Wording.value(sense.value(check.rounded))),
        ("unrounded", Wording.value(sense.value(check.claimed))),
        ("proof", check.kind), ("verdict", check.fault.map { "does not hold: \($0)" } ?? "holds"),
      ]
      if let subsets {
        rows.insert(("subsets", "\(subsets.size) of \(subsets.items) items"), at: 2)
      }
      if !pairs.isEmpty {
        let pairs = pairs.map { "\($0.facility):\($0.location)" }
        rows.insert(("with", pairs.joined(separator: " ")), at: 2)
      }
      if !forbidden.isEmpty {
        rows.insert(("without", "\(forbidden.count) placements, listed in the certificate"), at: 2)
      }
      try Console.print(aligned(rows))
    }
    if !check.holds { throw ExitCode(1) }
  }

  private var sense: Sense { maximize ? .max : .min }

  private struct BoundAnswer: Encodable {
    let instance: String
    let holds: Bool
    let kind: String
    let bound: Double
    let boundUnrounded: Double
    let proven: Double?
    let pairs: [[Int]]
    let forbidden: [[Int]]?
    /// Of a subset problem: how many are chosen, out of how many.
    let size: Int?
    let items: Int?
    let fault: String?
    let version: String

    enum CodingKeys: String, CodingKey {
      case instance, holds, kind, bound, proven, pairs, forbidden, size, items, fault,
        version
      case boundUnrounded = "bound_unrounded"
    }
  }
}
