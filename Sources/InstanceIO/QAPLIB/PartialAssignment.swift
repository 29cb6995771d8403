import QAP
import QAPPrimitives

/// Locations of some facilities, as a file: a solution file (`.sln`) in which 0 stands for a
/// facility without a location. Numbers count from 1; a header "n value" or "n" is optional.
public struct PartialAssignment: Equatable, Sendable {
  /// The location of each facility, from 0; nil where it is open.
  public let locations: [Int?]

  /// Wraps locations, none of which may occur twice.
  public init(locations: [Int?]) { self.locations = locations }

  /// Facilities and locations that belong together.
  public var pairs: [FixedPair] {
    locations.enumerated().compactMap { facility, location in
      location.map { FixedPair(facility: facility, location: $0) }
    }
  }

  /// Reads the locations of at most `size` facilities from the contents of `file`.
  ///
  /// - Throws: `InputError` when they are none.
  /// - Complexity: O(bytes).
  public static func parse(
    _ bytes: [UInt8], file: String, size: Int
  ) throws(InputError) -> PartialAssignment {
    var scanner = TextScanner(bytes, file: file)
    var (values, offsets): ([Double], [Int]) = ([], [])
    while scanner.skipSpace() {
      let start = scanner.position
      guard let value = scanner.number(), value.isFinite else {
        throw scanner.unexpected(at: start, expected: "a location from 1, or 0 for none")
      }
      values.append(value)
      offsets.append(start)
      // Solutions are written with commas, too.
      while !scanner.isAtEnd, scanner.bytes[scanner.position] == UInt8(ascii: ",") {
        scanner.position += 1
      }
    }
    // "n value", or n, may stand in front; n tells where there are fewer locations than facilities.
    let header = values.count - size
    let first =
      (0...2).contains(header)
      ? header : (1...2).first { values.first == Double(values.count - $0) } ?? 0
    guard values.count - first <= size, values.count > first else {
      throw InputError(
        file, found: "\(values.count - first) locations", expected: "one for each of \(size)")
    }
    var (locations, seen): ([Int?], Set<Int>) = ([], [])
    for index in first..<values.count {
      let value = values[index]
      guard value >= 0, value <= Double(size), value == value.rounded() else {
        throw scanner.unexpected(
          at: offsets[index], expected: "a location from 1 to \(size), or 0 for none")
      }
      if value > 0, !seen.insert(Int(value)).inserted {
        throw scanner.error(
          at: offsets[index], found: "location \(Int(value)) again", expected: "each once")
      }
      locations.append(value > 0 ? Int(value) - 1 : nil)
    }
    return PartialAssignment(locations: locations)
  }
}
