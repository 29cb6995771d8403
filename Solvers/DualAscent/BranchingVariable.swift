import QAP

/// A facility, or a location, with all its placements.
package enum BranchingVariable: Equatable, Sendable {
  /// The placements of a facility.
  case facility(Int)
  /// The placements at a location.
  case location(Int)

  /// The placement of the line with what it is not about: the location of a facility, or the
  /// facility at a location.
  package func placement(_ other: Int) -> FixedPair {
    switch self {
    case .facility(let facility): FixedPair(facility: facility, location: other)
    case .location(let location): FixedPair(facility: other, location: location)
    }
  }
}
