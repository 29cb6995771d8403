import QAP
import QAPAutomatic
import QAPBranchAndBound
import QAPInstanceIO
import QAPVerification

/// A run from the caller's instance to an answer that was checked: prepare, solve, verify, write.
/// Every door goes through it, so that limits, sense and files mean the same everywhere.
public struct SolveSession: Sendable {
  /// The instance to minimize.
  public let instance: Instance
  /// The caller's sense, in which events and the report are expressed.
  public let sense: Sense
  /// The method to run.
  public let registered: RegisteredMethod
  /// The options of the run: limits in the caller's sense, everything else as methods see it.
  public var options: SolveOptions
  /// The options of the method.
  public var methodOptions: MethodOptions
  /// The caller's objective is that of `instance` but for the sign.
  private let negatesOutput: Bool

  /// A run of `registered` on `given`.
  ///
  /// - Parameters:
  ///   - sense: `.max` for the largest objective.
  ///   - isNegated: `given` is the negative of the maximized objective, as matching makes it.
  /// - Throws: `MethodError.tooLarge` when there is no memory for the negative of `given`.
  public init(
    _ given: Instance, sense: Sense = .min, isNegated: Bool = false, registered: RegisteredMethod,
    options: SolveOptions = SolveOptions(), methodOptions: MethodOptions = MethodOptions()
  ) throws(MethodError) {
    if sense == .max && !isNegated {
      try AvailableMemory.require(
        8 * Double(given.size) * Double(given.size), for: "--maximize", size: given.size,
        alternative: "minimizing the negative")
    }
    instance = sense == .max && !isNegated ? given.negated : given
    negatesOutput = sense == .max && !isNegated
    self.sense = sense
    self.registered = registered
    self.options = options
    self.methodOptions = methodOptions
  }

  /// The options as methods see them.
  private var minimizing: SolveOptions {
    var result = options
    result.limits.target = sense.value(options.limits.target)
    if let time = options.limits.time {
      // An assignment that is offered when time is over, and its verification.
      let size = instance.size
      let reserved =
        WorkModel.seconds(ticks: WorkModel.objective(size: size), threads: 1)
        + WorkModel.seconds(ticks: WorkModel.verification(size: size), threads: options.threads)
      result.limits.time = .seconds(max(0, time.seconds - reserved))
    }
    if let observer = options.observer, sense == .max {
      result.observer = { [sense] in observer($0.inSense(sense)) }
    }
    return result
  }

  /// A context to run a part of a method in.
  public var context: SolveContext {
    SolveContext(instance: instance, options: minimizing, source: registered.info.id)
  }

  /// Solves, and recomputes the objective the slow obvious way.
  ///
  /// - Returns: the report of the run.
  /// - Throws: `MethodError` when the method declines or an option is out of range, and
  ///   `VerificationFailure`.
  public func solve() throws -> SolveReport {
    let report = try instance.solve(with: try method(), options: minimizing)
    try verify(report)
    return report.inSense(sense)
  }

  /// The method, followed by the search for other assignments, if they are wanted.
  private func method() throws(MethodError) -> any Method {
    let first = registered.make(methodOptions)
    if methodOptions.best == 1 { return first }
    guard registered.info.output != .bound else {
      throw .parameter(
        name: "best", found: "the method \(registered.info.id)",
        expected: "one that finds assignments, such as auto")
    }
    var parameters = BranchAndBound.Parameters()
    if registered.info.id == Automatic.info.id, options.limits.time == nil {
      let (planned, node) = (Automatic.Parameters(), WorkModel.node(size: instance.size))
      parameters.budget = BranchAndBound.Budget(
        worthwhile: Int(planned.treeTicks / node), otherwise: Int(planned.otherTreeTicks / node))
    }
    return first.ranking(
      methodOptions.best, isDistinct: methodOptions.isDistinct, parameters: parameters)
  }

  private func verify(_ report: SolveReport) throws(VerificationFailure) {
    guard let incumbent = report.incumbent else { return }
    let check = checkObjective(
      of: incumbent.assignment, in: instance, claimed: incumbent.objective,
      threads: options.threads)
    try VerificationFailure.require(
      check, bound: report.bound.map { max($0.unrounded, $0.value) })
    for other in report.ranking?.assignments.dropFirst() ?? [] {
      try VerificationFailure.require(
        checkObjective(
          of: other.assignment, in: instance, claimed: other.objective, threads: options.threads),
        bound: nil)
    }
  }

  /// Writes the assignment of a report of this session, if there is one, as a solution file (.sln)
  /// of the caller's instance.
  ///
  /// - Throws: `FileError`.
  public func writeSolution(_ report: SolveReport, to path: String) throws {
    guard let incumbent = report.incumbent else { return }
    // The report's sign is the caller's; an instance that was given negated is verified as it is.
    let objective = negatesOutput ? incumbent.objective : sense.value(incumbent.objective)
    try SolutionFile.write(incumbent.assignment, objective: objective, to: path)
  }

  /// Checks the certificate of a report of this session as `qap verify` does, and writes it, if
  /// there is one.
  ///
  /// - Throws: `VerificationFailure` and `FileError`.
  public func writeCertificate(_ report: SolveReport, to path: String) throws {
    guard let certificate = report.certificate else { return }
    if let fault = check(certificate, of: instance).fault {
      throw VerificationFailure(certificate: fault)
    }
    try CertificateFile.write(certificate, to: path)
  }
}
