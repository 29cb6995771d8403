import QAP
import QAPPrimitives

/// The result of checking a certificate.
public struct CertificateCheck: Equatable, Sendable {
  /// The kind of the claim.
  public let kind: String
  /// The bound that was claimed.
  public let claimed: Double
  /// The claim rounded up to a value that objectives can take.
  public let rounded: Double
  /// The value that the numbers prove; nil when they prove nothing.
  public let proven: Double?
  /// Why the claim does not hold; nil when it does.
  public let fault: String?

  /// True when the claim is proven.
  public var holds: Bool { fault == nil }
}

/// Checks `certificate` against the data of `instance`, sharing nothing with any solver.
///
/// Integral instances are checked in exact integer arithmetic; for real ones every cost is rounded
/// down by more than its rounding error first, so that a claim that passes is proven as well. A
/// claim with a threshold is one about the number of terms above it.
///
/// - Returns: the verdict, and the fault where the claim does not hold.
/// - Complexity: O(n⁴); of kind `cube`, that of a search.
public func check(_ certificate: Certificate, of given: Instance) -> CertificateCheck {
  let counting = certificate.threshold.flatMap { countingTerms(above: $0, of: given) }
  let instance = counting ?? given
  var checker = CertificateChecker(certificate: certificate, instance: instance)
  let isMiscounted = certificate.threshold != nil && (counting == nil || certificate.rounded < 1)
  let fault =
    checker.fault()
    ?? (isMiscounted ? "the certificate does not claim that a term exceeds its threshold" : nil)
  return CertificateCheck(
    kind: certificate.proof.kind, claimed: certificate.bound, rounded: certificate.rounded,
    proven: checker.proven, fault: fault)
}

private struct CertificateChecker {
  let certificate: Certificate
  let instance: Instance
  var proven: Double?

  mutating func fault() -> String? {
    let n = instance.size
    guard certificate.size == n else {
      return "the certificate is for \(certificate.size) facilities; the instance has \(n) "
        + "(give the --outliers or --capacity of its run)"
    }
    guard certificate.bound.isFinite, certificate.rounded.isFinite else {
      return "the bound is not a number"
    }
    var facilities = Set(0..<n)
    var locations = Set(0..<n)
    for pair in certificate.pairs {
      guard facilities.remove(pair.facility) != nil, locations.remove(pair.location) != nil else {
        return "the pair \(pair.facility):\(pair.location) is impossible, or contradicts another"
      }
    }
    let costs = ClaimCosts(
      instance: instance, facilities: facilities.sorted(), locations: locations.sorted(),
      pairs: certificate.pairs, forbidden: Set(certificate.forbidden))
    switch certificate.proof {
    case .rlt1(let point):
      let rlt = RLTCertificateCheck(
        costs: costs, point: point,
        isExact: instance.properties.isIntegral && point.exponent <= 0)
      if let fault = rlt.fault() { return fault }
      proven = rlt.proven
    case .projection(let proof):
      switch ProjectionCertificateCheck(costs: costs, proof: proof).result() {
      case .success(let value): proven = value
      case .failure(let fault): return fault.text
      }
    case .tree(let proof):
      var replay = TreeCertificateCheck(costs: costs, proof: proof)
      switch replay.result() {
      case .success(let value): proven = value
      case .failure(let fault): return fault.text
      }
    case .subset(let proof):
      switch TwoClusterCertificateCheck(costs: costs, proof: proof).result() {
      case .success(let value): proven = value
      case .failure(let fault): return fault.text
      }
    case .cube(let proof):
      switch CubeCertificateCheck(costs: costs, proof: proof).result() {
      case .success(let value): proven = value
      case .failure(let fault): return fault.text
      }
    case .semidefinite(let proof):
      switch SemidefiniteCertificateCheck(costs: costs, proof: proof).result() {
      case .success(let found): proven = found.bound
      case .failure(let fault): return fault.text
      }
    }
    guard let proven, certificate.bound <= proven else {
      return
        "the certificate claims the bound \(certificate.bound) but proves "
        + "\(proven.map { "\($0)" } ?? "nothing")"
    }
    return faultOfRounding(costs)
  }

  /// Objectives of an integral instance differ from its constant and the costs that are fixed by
  /// multiples of one number. Nothing else may be rounded up.
  private func faultOfRounding(_ costs: ClaimCosts) -> String? {
    if certificate.rounded <= certificate.bound { return nil }
    guard instance.properties.isIntegral, let proven, costs.fixed.integer != nil else {
      return "the bound of real data is rounded up"
    }
    guard let values = costs.values else { return "the instance has a cost that is not an integer" }
    guard let next = values.next(from: proven) else {
      return "the bound is too large to be rounded up"
    }
    return certificate.rounded <= max(next, proven)
      ? nil : "the bound is rounded up to \(certificate.rounded), beyond the next value, \(next)"
  }
}
