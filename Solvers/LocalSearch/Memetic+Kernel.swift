import Primitives

/// The assignments that a memetic search keeps, the best first.
struct Population {
  struct Member {
    let value: Double
    let locations: [Int]
  }

  private let problem: SwapProblem
  private let capacity: Int
  private(set) var members: [Member] = []

  init(_ problem: SwapProblem, capacity: Int) {
    self.problem = problem
    self.capacity = capacity
  }

  /// True when there are as many members as there is room for.
  var isFull: Bool { members.count >= capacity }

  mutating func removeAll() { members.removeAll() }

  /// Keeps an assignment when it is no copy and there is room, or it is better than the worst, which
  /// then leaves. Returns whether it was kept.
  mutating func take(_ found: (value: Double, locations: [Int])) -> Bool {
    let tolerance = problem.tolerance
    for member in members where abs(member.value - found.value) <= tolerance {
      if member.locations == found.locations { return false }
    }
    if isFull {
      guard let worst = members.last, found.value < worst.value - tolerance else { return false }
      members.removeLast()
    }
    let place = members.firstIndex { $0.value > found.value } ?? members.count
    members.insert(Member(value: found.value, locations: found.locations), at: place)
    return true
  }

  /// A child of two members: O(n).
  func child(using generator: inout SeededGenerator) -> [Int] {
    let a = generator.below(members.count)
    let other = generator.below(members.count - 1)
    let b = other < a ? other : other + 1
    return Population.cross(members[a].locations, members[b].locations, using: &generator)
  }

  /// Uniform crossover: every facility where both parents have it; the others, in random order,
  /// where one of the parents has them if that is still free; the rest at random.
  static func cross(
    _ first: [Int], _ second: [Int], using generator: inout SeededGenerator
  ) -> [Int] {
    let n = first.count
    var child = first
    var isFree = [Bool](repeating: true, count: n)
    var open: [Int] = []
    for i in 0..<n {
      if first[i] == second[i] {
        isFree[first[i]] = false
      } else {
        open.append(i)
      }
    }
    shuffle(&open, using: &generator)
    var homeless: [Int] = []
    for i in open {
      let swap = generator.next() >> 63 == 0
      let (x, y) = swap ? (second[i], first[i]) : (first[i], second[i])
      if isFree[x] {
        child[i] = x
        isFree[x] = false
      } else if isFree[y] {
        child[i] = y
        isFree[y] = false
      } else {
        homeless.append(i)
      }
    }
    var vacant = (0..<n).filter { isFree[$0] }
    shuffle(&vacant, using: &generator)
    for (i, place) in zip(homeless, vacant) { child[i] = place }
    return child
  }

  private static func shuffle(_ values: inout [Int], using generator: inout SeededGenerator) {
    for last in stride(from: values.count - 1, to: 0, by: -1) {
      values.swapAt(last, generator.below(last + 1))
    }
  }
}
