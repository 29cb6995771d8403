import QAP
import QAPInstanceIO
import QAPVerification

/// An answer that does not hold: a fault of the program.
public struct VerificationFailure: Error, CustomStringConvertible {
  public let description: String

  init(_ text: String) { description = "verification failed: \(text)" }

  /// A certificate has the `fault`.
  public init(certificate fault: String) { self.init("the certificate does not hold: \(fault)") }

  /// Throws unless the objective is what it claims to be and `bound` does not exceed it.
  public static func require(
    _ check: ObjectiveCheck, bound: Double?
  ) throws(VerificationFailure) {
    if let pair = check.forbidden {
      throw VerificationFailure(
        "facility \(pair.facility) at location \(pair.location) is forbidden")
    }
    guard check.holds else {
      throw VerificationFailure("the objective is \(check.recomputed), not \(check.claimed)")
    }
    if let bound, bound > check.recomputed + check.error {
      throw VerificationFailure(
        "the bound \(bound) exceeds the objective \(check.recomputed)")
    }
  }
}
