import QAP

// Never inlined: Swift 6.3's optimizer fails on `report.objective ?? .nan` in a client's release
// build when it looks through them.
extension SolveReport {
  /// The best objective found; nil before the first assignment.
  @inline(never)
  public var objective: Double? { incumbent?.objective }
  /// The best assignment found, those facilities included that pad the instance; nil before the
  /// first.
  @inline(never)
  public var assignment: Assignment? { incumbent?.assignment }
  /// Why the run ended.
  public var status: Termination { termination }
}
