// The names are those of qapkit.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CQAPKit
import QAP
import QAPBranchAndBound
import QAPInstanceIO
import QAPKit
import QAPRegistry
import QAPReporting
import QAPVerification

/// A run of any kind on an instance, checked, with its certificate checked.
func run(
  _ instance: Instance, _ request: Request, tensor: CallbackTensor? = nil, start: Assignment?,
  pairs: [FixedPair], sense: Sense? = nil, isNegated: Bool = false, seeksAssignments: Bool = true
) throws -> SolveReport {
  let registered = try request.entry()
  if !seeksAssignments, registered.info.output == .assignment {
    throw Failure.argument("\(registered.info.id) proves no bound; try auto")
  }
  if request.keepsProof, registered.info.output == .assignment {
    throw Failure.argument("certificate: \(registered.info.id) proves no bound; try auto")
  }
  let starts = unsafe Int(request.given.starts)
  if starts != 0, registered.info.id != "faq" {
    throw Failure.argument("starts applies only to the method faq")
  }
  var session = try SolveSession(
    instance, sense: isNegated ? .max : sense ?? request.sense, isNegated: isNegated,
    registered: registered,
    options: request.options(ProgressRelay(request, tensor: tensor)),
    methodOptions: MethodOptions(
      starts: starts == 0 ? nil : starts, checkpoint: request.checkpoint,
      seeksAssignments: seeksAssignments))
  session.methodOptions.best = unsafe max(1, Int(request.given.best))
  session.methodOptions.isDistinct = unsafe request.given.distinct != 0
  session.options.pairs = pairs
  session.options.start = start
  session.options.startBound = request.startBound
  let report: SolveReport
  do {
    report = try session.solve()
  } catch {
    // What follows from a failed callback is not the cause.
    try tensor?.requireSuccess()
    throw error
  }
  try tensor?.requireSuccess()
  if let certificate = report.certificate,
    let fault = check(certificate, of: session.instance).fault
  {
    throw VerificationFailure(certificate: fault)
  }
  return report
}

/// The parts of a report beside its JSON.
func texts(_ report: SolveReport) -> [String: String] {
  var texts = ["status": report.termination.sentence(report.rule)]
  if let certificate = report.certificate {
    texts["certificate"] = String(decoding: CertificateFile.format(certificate), as: UTF8.self)
  }
  return texts
}

/// Placements of instances with capacities, whose locations are sites.
private func sited(
  _ pairs: [FixedPair], of instance: Instance, _ name: String
) throws -> [FixedPair] {
  let count = instance.siteCount
  if !instance.sites.isEmpty, let fault = pairs.first(where: { !(0..<count).contains($0.location) })
  {
    throw Failure.argument("\(name): location \(fault.location); expected numbers below \(count)")
  }
  return pairs
}

/// The assignment whose largest term is least.
private func bottleneck(
  _ instance: Instance, _ request: Request, _ tensor: CallbackTensor?, _ pairs: [FixedPair],
  _ sense: Sense
) throws -> ResultBox {
  let given = unsafe request.given
  for (name, isGiven) in unsafe [
    ("method", ![nil, "auto", BranchAndBound.info.id].contains(request.method)),
    ("best", given.best > 1), ("gap", !given.gap.isNaN), ("target", !given.target.isNaN),
    ("iterations", given.iterations != 0), ("starts", given.starts != 0),
    ("start", request.start != nil || request.startBound != nil),
    ("checkpoint", request.checkpoint != nil), ("certificate", request.keepsProof),
  ] where isGiven {
    throw Failure.argument("\(name) does not apply with bottleneck")
  }
  let clock = SolveOptions.monotonicClock()
  var options = request.options(ProgressRelay(request, tensor: tensor))
  options.pairs = pairs
  let outcome = try BottleneckSearch().solve(
    sense == .max ? instance.negated : instance, options: options)
  try tensor?.requireSuccess()
  return try ResultBox(
    BottleneckReport(
      outcome, of: instance, options: options, sense: sense, seconds: clock(),
      version: PackageVersion.text), texts: ["status": outcome.termination.sentence(.exact)])
}

private func solve(
  _ instance: OpaquePointer?, _ options: UnsafePointer<qapkit_options>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?, seeksAssignments: Bool
) -> Int32 {
  unsafe handOutResult(result) {
    let box = unsafe try object(instance, InstanceBox.self, "instance")
    let request = unsafe try Request(options)
    let sense = box.sense == .max ? .max : request.sense
    let instance = try box.instance.forbidding(
      box.instance.placements(
        atSites: try sited(request.forbidden, of: box.instance, "forbidden")))
    var isTaken = [Bool](repeating: false, count: instance.size)
    let pairs = try sited(request.pairs, of: instance, "pairs").map { pair in
      guard let placement = instance.placement(pair, isTaken: &isTaken) else {
        throw Failure.argument("pairs: location \(pair.location) has more facilities than it takes")
      }
      return placement
    }
    if unsafe request.given.bottleneck != 0 {
      return try bottleneck(instance, request, box.tensor, pairs, sense)
    }
    let report = try run(
      instance, request, tensor: box.tensor,
      start: try request.start.map { try assignment($0, of: box.instance, "start") },
      pairs: pairs, sense: sense, seeksAssignments: seeksAssignments)
    return try ResultBox(
      JSONReport(report, version: PackageVersion.text), texts: texts(report))
  }
}

@c @implementation
public func qapkit_solve(
  _ instance: OpaquePointer?, _ options: UnsafePointer<qapkit_options>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe solve(instance, options, result, seeksAssignments: true)
}

@c @implementation
public func qapkit_bound(
  _ instance: OpaquePointer?, _ options: UnsafePointer<qapkit_options>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe solve(instance, options, result, seeksAssignments: false)
}

@c @implementation
public func qapkit_verify(
  _ instance: OpaquePointer?, _ claim: UnsafePointer<CChar>?, _ maximize: Int32,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutResult(result) {
    let box = unsafe try object(instance, InstanceBox.self, "instance")
    guard let text = unsafe try string(claim, "claim") else {
      throw Failure.argument("claim is NULL")
    }
    let answer = try VerifyAnswer(
      Array(text.utf8), of: box.instance, maximizes: maximize != 0 || box.sense == .max)
    try box.tensor?.requireSuccess()
    return try ResultBox(answer)
  }
}

/// The finding of the check of a solution or certificate.
private struct VerifyAnswer: Encodable {
  let instance: String
  let holds: Bool
  let kind: String
  var bound: Double?
  var objective: Double?
  var claimed: Double?
  var assignment: [Int]?
  var fault: String?

  init(_ bytes: [UInt8], of instance: Instance, maximizes: Bool) throws {
    self.instance = instance.name
    if CertificateFile.isCertificate(bytes) {
      let sense: Sense = maximizes ? .max : .min
      let found = check(
        try CertificateFile.parse(bytes, file: "certificate"),
        of: maximizes ? instance.negated : instance)
      (holds, kind, fault) = (found.holds, found.kind, found.fault)
      (bound, claimed) = (sense.value(found.rounded), sense.value(found.claimed))
      return
    }
    let solutions = try SolutionFile.parse(bytes, file: "solution").resolve(against: instance)
    guard let one = solutions.first else {
      throw Failure(Int32(QAPKIT_ERROR_DATA), "solution: it contains no permutation")
    }
    let found = checkObjective(of: one.assignment, in: instance, claimed: one.objective)
    kind = "solution"
    holds = found.holds && one.matchesClaim ?? true
    (objective, claimed) = (found.recomputed, one.claimed)
    assignment = Array(one.assignment.locations.prefix(instance.facilities))
  }
}
