import QAPBranchAndBound
import QAPDistribution
import QAPPrimitives
import Testing

private struct Item: WorkQueueItem, Hashable {
  let number: Int
  let depth: Int
  let bound: Double
}

@Suite struct SchedulerTests {
  /// Items are neither lost nor given twice; no rank holds more than fits; no rank is idle without
  /// reason.
  @Test func nothingIsLostAndNobodyIsForgotten() {
    for seed in 0..<100 as Range<UInt64> {
      var g = SeededGenerator(seed: seed)
      let count = 1 + g.below(6)
      let threads = (0..<count).map { _ in 1 + g.below(3) }
      var scheduler = Scheduler<Item>(ranks: count, plenty: 8, maxOpen: 30)
      var joined: Set<Int> = []
      var out: [(rank: Int, id: Int, item: Item)] = []
      var waiting: Set<Item> = []
      var ids: Set<Int> = []
      for step in 0..<600 {
        switch g.below(4) {
        case 0:
          let rank = g.below(count)
          if joined.insert(rank).inserted { scheduler.join(rank, threads: threads[rank]) }
        case 1:
          for part in 0..<g.below(5) {
            let item = Item(number: 10 * step + part, depth: g.below(5), bound: g.unit())
            scheduler.insert(item)
            waiting.insert(item)
          }
        default:
          if !out.isEmpty {
            let done = out.remove(at: g.below(out.count))
            #expect(scheduler.finish(done.id, at: done.rank) == done.item)
            #expect(scheduler.finish(done.id, at: done.rank) == nil)
          }
        }
        for grant in scheduler.dispatch() {
          for (id, item, _) in grant.items {
            #expect(ids.insert(id).inserted && waiting.remove(item) != nil, "seed \(seed)")
            out.append((grant.rank, id, item))
          }
        }
        for rank in 0..<count {
          let held = out.count { $0.rank == rank }
          #expect(held == scheduler.outCount(rank))
          #expect(held <= (joined.contains(rank) ? 2 * threads[rank] : 0), "seed \(seed)")
          let isIdle = joined.contains(rank) && held < threads[rank]
          #expect(!isIdle || waiting.isEmpty, "seed \(seed), step \(step): rank \(rank) waits")
        }
        #expect(scheduler.openCount == waiting.count + out.count)
        #expect(Set(scheduler.open) == waiting.union(out.map(\.item)))
        let least = (waiting.map(\.bound) + out.map(\.item.bound)).min()
        #expect(scheduler.minBound == least)
      }
    }
  }
}
