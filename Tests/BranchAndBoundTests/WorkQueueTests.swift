import QAPBranchAndBound
import QAPPrimitives
import Testing

private struct Item: WorkQueueItem, Hashable {
  let number: Int
  let depth: Int
  let bound: Double
}

@Suite struct WorkQueueTests {
  @Test func givesTheLeastBoundThenTheDeepestThenTheNewest() {
    for seed in 0..<50 as Range<UInt64> {
      var g = SeededGenerator(seed: seed)
      var queue = WorkQueue<Item>(maxOpen: 40)
      var held: [Item] = []
      for step in 0..<400 {
        if g.below(5) < 3 {
          let item = Item(number: step, depth: g.below(7), bound: Double(g.below(20)))
          queue.insert(item)
          held.append(item)
        } else if g.below(8) == 0 {
          let limit = Double(10 + g.below(12))
          queue.prune(from: limit)
          held.removeAll { $0.bound >= limit }
        } else if let taken = queue.takeNext() {
          let wanted =
            held.count > 40
            ? held.max { ($0.depth, -$0.bound, $0.number) < ($1.depth, -$1.bound, $1.number) }
            : held.min { ($0.bound, -$0.depth, -$0.number) < ($1.bound, -$1.depth, -$1.number) }
          #expect(taken == wanted, "seed \(seed)")
          held.removeAll { $0 == taken }
        }
        #expect(queue.count == held.count && queue.items == held, "seed \(seed)")
        #expect(queue.minBound == held.map(\.bound).min())
        #expect(queue.maxDepth == held.map(\.depth).max())
      }
    }
  }
}
