import QAPPrimitives

/// Data that cannot be an instance.
public enum InstanceError: Error, Equatable, CustomStringConvertible {
  /// There are no facilities.
  case empty
  /// A matrix has the wrong shape.
  case shape(what: String, found: String, expected: String)
  /// An entry is NaN or infinite.
  case notFinite(what: String, row: Int, column: Int)
  /// A placement of a facility or at a location that there is not.
  case placement(FixedPair, facilities: Int, locations: Int)
  /// Some objective would exceed `Instance.maxObjective`.
  case overflow

  public var description: String {
    switch self {
    case .empty: "found 0 facilities, expected at least 1"
    case .shape(let what, let found, let expected): "\(what): found \(found), expected \(expected)"
    case .notFinite(let what, let row, let column):
      "\(what)[\(row), \(column)]: found NaN or infinity, expected a finite number"
    case .placement(let pair, let facilities, let locations):
      "found facility \(pair.facility) at location \(pair.location), expected facilities below "
        + "\(facilities) and locations below \(locations)"
    case .overflow: "found objectives beyond 1e150, expected data that can be summed and squared"
    }
  }
}
