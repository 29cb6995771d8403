import QAPPrimitives
import Testing

@testable import QAPSemidefinite

/// What follows from the placements that are left.
@Suite struct OpenPlacementsTests {
  /// The assignments of a pattern of open placements, all tried.
  private func assignments(_ size: Int, _ bounds: [Double], below limit: Double) -> [[Int]] {
    var found: [[Int]] = []
    func place(_ taken: [Int]) {
      guard taken.count < size else { return found.append(taken) }
      for j in 0..<size
      where !taken.contains(j) && bounds[taken.count * size + j] < limit {
        place(taken + [j])
      }
    }
    place([])
    return found
  }

  @Test func agreesWithAllAssignments() {
    var generator = SeededGenerator(seed: 4, stream: 0)
    var seen = (none: 0, single: 0, several: 0)
    for round in 0..<2000 {
      let size = 1 + round % 6
      let share = 0.25 + 0.6 * generator.unit()
      let bounds = (0..<size * size).map { _ in generator.unit() }
      let all = assignments(size, bounds, below: share)
      switch OpenPlacements(size: size, bounds: bounds, below: share).outcome() {
      case .none:
        seen.none += 1
        #expect(all.isEmpty)
      case .single(let locations):
        seen.single += 1
        #expect(all == [locations])
      case .several(let forced, let open):
        seen.several += 1
        // Several, or none by a reason that takes more than one line to see.
        #expect(all.count != 1)
        for pair in forced {
          #expect(all.allSatisfy { $0[pair.facility] == pair.location })
        }
        let isOpen = Set(open)
        for one in all {
          #expect(one.indices.allSatisfy { isOpen.contains($0 * size + one[$0]) })
        }
        #expect(open == open.sorted() && open.allSatisfy { bounds[$0] < share })
      }
    }
    #expect(seen.none > 100 && seen.single > 100 && seen.several > 100, "\(seen)")
  }
}
