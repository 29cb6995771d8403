import QAP

/// The placements that lifted matrices have rows for: all n² of them, or those that are still open.
///
/// Row `index` of a matrix belongs to facility `facilities[index]` at location `locations[index]`;
/// rows are in the order of i·n + j.
final class PlacementSet: Sendable {
  /// The number of facilities, and of locations: n.
  let size: Int
  /// The placements i·n + j, ascending.
  let places: [Int]
  /// The rows of each facility.
  let ofFacility: [Range<Int>]
  /// The rows of each location, ascending.
  let ofLocation: [[Int]]

  /// All placements of n facilities.
  convenience init(size n: Int) { self.init(size: n, places: Array(0..<n * n)) }

  /// The ascending `places`.
  init(size n: Int, places: [Int]) {
    size = n
    self.places = places
    var ranges: [Range<Int>] = []
    var locations = [[Int]](repeating: [], count: n)
    var first = 0
    for i in 0..<n {
      var end = first
      while end < places.count, places[end] < (i + 1) * n {
        locations[places[end] - i * n].append(end)
        end += 1
      }
      ranges.append(first..<end)
      first = end
    }
    precondition(first == places.count, "placements are ascending and below n²")
    ofFacility = ranges
    ofLocation = locations
  }

  /// Whether so much is gained by leaving placements out of `set`, `open` of which remain, that it
  /// is worth a new beginning.
  static func isWorthRestricting(_ set: PlacementSet, to open: Int) -> Bool {
    Double(open) < 0.93 * Double(set.count)
  }

  /// The number of placements.
  var count: Int { places.count }
  /// True when no placement is missing.
  var isWhole: Bool { count == size * size }
  /// The facility of row `index`.
  func facility(_ index: Int) -> Int { places[index] / size }
  /// The location of row `index`.
  func location(_ index: Int) -> Int { places[index] % size }

  /// The row of placement i·n + j; nil where it is missing.
  ///
  /// - Complexity: O(log n).
  func index(of place: Int) -> Int? {
    let range = ofFacility[place / size]
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low < range.upperBound && places[low] == place ? low : nil
  }

  /// True when all placements of `assignment` are there.
  func contains(_ assignment: Assignment) -> Bool {
    assignment.locations.enumerated().allSatisfy { index(of: $0 * size + $1) != nil }
  }

  /// The rows that the placements of `part` have here; all of them must be here.
  func indices(of part: PlacementSet) -> [Int] {
    part.places.map { place in
      guard let index = index(of: place) else {
        preconditionFailure("a set is not restricted to placements that it lacks")
      }
      return index
    }
  }
}
