/// Capacities: several locations stand for one site (see `Instance.sites`).
extension Instance {
  /// The number of sites; without capacities, of locations.
  public var siteCount: Int { sites.max().map { $0 + 1 } ?? size }

  /// A placement at a site as one at its next free location, which is then taken; nil when the site
  /// is full.
  package func placement(_ pair: FixedPair, isTaken: inout [Bool]) -> FixedPair? {
    if sites.isEmpty { return pair }
    guard let free = sites.indices.first(where: { sites[$0] == pair.location && !isTaken[$0] })
    else { return nil }
    isTaken[free] = true
    return FixedPair(facility: pair.facility, location: free)
  }

  /// Placements at sites as placements at all of their locations.
  package func placements(atSites pairs: [FixedPair]) -> [FixedPair] {
    if sites.isEmpty { return pairs }
    return pairs.flatMap { pair in
      sites.indices.filter { sites[$0] == pair.location }.map {
        FixedPair(facility: pair.facility, location: $0)
      }
    }
  }
}
