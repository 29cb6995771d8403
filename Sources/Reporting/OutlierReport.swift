import QAP

/// A run's JSON with the facilities and locations that stay without each other, and the rows that
/// people read about them.
public struct OutlierReport<Base: Encodable>: Encodable {
  private let base: Base
  private let cost: Double
  /// The facilities without a location, from 0; nil before the first assignment.
  private let facilities: [Int]?
  private let locations: [Int]?

  /// A report on the unmatched of `report`, each at the price `cost`, beside the JSON `base`.
  public init(_ base: Base, _ report: SolveReport, cost: Double) {
    self.base = base
    self.cost = cost
    let places = report.locations
    facilities = places.map { places in places.indices.filter { places[$0] < 0 } }
    locations = places.map { places in
      let taken = Set(places)
      return report.sites.filter { $0 >= 0 && !taken.contains($0) }
    }
  }

  private enum Key: String, CodingKey {
    case cost = "outlier_cost"
    case facilities = "unmatched_facilities"
    case locations = "unmatched_locations"
  }

  public func encode(to encoder: any Encoder) throws {
    try base.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(cost, forKey: .cost)
    try container.encode(facilities, forKey: .facilities)
    try container.encode(locations, forKey: .locations)
  }

  /// Names and values for the answer that people read; numbers count from 1.
  public var rows: [(String, String)] {
    guard let facilities, let locations else { return [] }
    func list(_ name: String, _ numbers: [Int]) -> String {
      let shown = numbers.prefix(12).map { String($0 + 1) }.joined(separator: " ")
      return numbers.isEmpty
        ? "no \(name)" : "\(name) \(shown)\(numbers.count > 12 ? " …" : "")"
    }
    let count = facilities.count + locations.count
    return [
      ("unmatched", list("facilities", facilities) + ", " + list("locations", locations)),
      (
        "",
        "(objective and bound include \(count) × \(Wording.value(cost)) = "
          + "\(Wording.value(Double(count) * cost)) for them)"
      ),
    ]
  }
}
