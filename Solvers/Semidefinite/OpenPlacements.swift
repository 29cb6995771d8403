import QAP

/// The placements that an assignment cheaper than some limit may still contain, and their
/// consequences from them.
struct OpenPlacements {
  /// The placements that remain to be decided.
  enum Outcome {
    /// No assignment is left.
    case none
    /// One assignment is left: the location of each facility.
    case single([Int])
    /// Several may be left, which all contain the `forced` pairs, and none but the `open`
    /// placements, i·n + j ascending.
    case several(forced: [FixedPair], open: [Int])
  }

  private let size: Int
  private var isOpen: [Bool]

  /// Those of n² placements, facility by facility, whose `bounds` are below `limit`.
  init(size: Int, bounds: [Double], below limit: Double) {
    self.size = size
    isOpen = bounds.map { $0 < limit }
  }

  /// Follows up facilities and locations with one placement left, as long as there are any. A
  /// bipartite graph with a single perfect matching always has such an end to begin from.
  ///
  /// - Complexity: O(n³).
  func outcome() -> Outcome {
    var isOpen = isOpen
    var location = [Int](repeating: -1, count: size)
    var isTaken = [Bool](repeating: false, count: size)
    var forced: [FixedPair] = []
    var isChanging = true
    while isChanging {
      isChanging = false
      for a in 0..<size {
        for isFacility in [true, false] where isFacility ? location[a] < 0 : !isTaken[a] {
          let left = (0..<size).filter { isOpen[isFacility ? a * size + $0 : $0 * size + a] }
          guard let first = left.first else { return .none }
          guard left.count == 1 else { continue }
          let (i, j) = isFacility ? (a, first) : (first, a)
          location[i] = j
          isTaken[j] = true
          forced.append(FixedPair(facility: i, location: j))
          for b in 0..<size {
            isOpen[i * size + b] = false
            isOpen[b * size + j] = false
          }
          isChanging = true
        }
      }
    }
    if forced.count == size { return .single(location) }
    for pair in forced { isOpen[pair.facility * size + pair.location] = true }
    return .several(forced: forced, open: isOpen.indices.filter { isOpen[$0] })
  }
}
