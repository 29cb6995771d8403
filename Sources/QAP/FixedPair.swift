/// A facility that must stand at a location, both 0-based.
public struct FixedPair: Hashable, Sendable {
  /// The facility.
  public let facility: Int
  /// Its location.
  public let location: Int

  /// Facility `facility` at location `location`, both numbered from 0. Whether an instance has them
  /// is checked where the pair is used.
  public init(facility: Int, location: Int) {
    self.facility = facility
    self.location = location
  }
}
