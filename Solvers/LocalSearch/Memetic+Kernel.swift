import QAPPrimitives

/// The assignments that a memetic search keeps, the best first. Twins (see
/// `InterchangeableFacilities`) are not distinguished: a member is identified by which group each
/// location has.
struct Population {
  struct Member {
    let value: Double
    /// Location → group.
    let groups: [Int]
  }

  private let problem: SwapProblem
  private(set) var capacity: Int
  private(set) var members: [Member] = []

  init(_ problem: SwapProblem, capacity: Int) {
    self.problem = problem
    self.capacity = capacity
  }

  /// True when there are as many members as there is room for.
  var isFull: Bool { members.count >= capacity }

  /// Begins again with `members`, at most `capacity` of them.
  mutating func restart(capacity: Int, with members: [Member] = []) {
    self.capacity = capacity
    self.members = members.sorted { $0.value < $1.value }
  }

  /// Keeps an assignment when it is no copy and there is room, or it is better than the worst,
  /// which then leaves. Returns whether it was kept.
  ///
  /// - Complexity: O(n), and O(n) more for every equal value.
  mutating func take(_ found: (value: Double, locations: [Int])) -> Bool {
    let tolerance = problem.tolerance
    var groups = [Int](repeating: 0, count: found.locations.count)
    for (r, place) in found.locations.enumerated() { groups[place] = problem.grouping.group[r] }
    for member in members where abs(member.value - found.value) <= tolerance {
      if member.groups == groups { return false }
    }
    if isFull {
      guard let worst = members.last, found.value < worst.value - tolerance else { return false }
      members.removeLast()
    }
    let place = members.firstIndex { $0.value > found.value } ?? members.count
    members.insert(Member(value: found.value, groups: groups), at: place)
    return true
  }

  /// A child of two members, facility → location.
  ///
  /// - Complexity: O(n).
  func child(using generator: inout SeededGenerator) -> [Int] {
    let a = generator.below(members.count)
    let other = generator.below(members.count - 1)
    let b = other < a ? other : other + 1
    return Population.cross(
      members[a].groups, members[b].groups, grouping: problem.grouping, using: &generator)
  }

  /// Uniform crossover: every location has the group that both parents give it; the others, in
  /// random order, that of one of the parents as long as there are facilities of that group left;
  /// the rest at random. Returns facility → location.
  static func cross(
    _ first: [Int], _ second: [Int], grouping: InterchangeableFacilities,
    using generator: inout SeededGenerator
  ) -> [Int] {
    let n = first.count
    var places = [Int](repeating: 0, count: n)
    // The next facility of each group that has no location yet, and the one after its last.
    var next: [Int] = []
    var end: [Int] = []
    for r in 0..<n where grouping.groupStart[r] == r {
      next.append(r)
      end.append(grouping.groupEnd[r])
    }
    func settle(_ group: Int, at location: Int) -> Bool {
      guard next[group] < end[group] else { return false }
      places[next[group]] = location
      next[group] += 1
      return true
    }
    var open: [Int] = []
    for location in 0..<n {
      if first[location] != second[location] || !settle(first[location], at: location) {
        open.append(location)
      }
    }
    shuffle(&open, using: &generator)
    var vacant: [Int] = []
    for location in open {
      let isFirst = generator.next() >> 63 == 0
      let (x, y) =
        isFirst ? (first[location], second[location]) : (second[location], first[location])
      if !settle(x, at: location), !settle(y, at: location) { vacant.append(location) }
    }
    var homeless: [Int] = []
    for group in next.indices { homeless += next[group]..<end[group] }
    shuffle(&homeless, using: &generator)
    for (facility, location) in zip(homeless, vacant) { places[facility] = location }
    return places
  }

  private static func shuffle(_ values: inout [Int], using generator: inout SeededGenerator) {
    for last in stride(from: values.count - 1, to: 0, by: -1) {
      values.swapAt(last, generator.below(last + 1))
    }
  }
}
