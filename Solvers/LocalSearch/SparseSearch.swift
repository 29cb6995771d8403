import QAP
import QAPPrimitives

/// The search of `tabu` and `memetic` on large sparse instances, where tables of all swaps take
/// gigabytes: two walks in lockstep (see `SparseWalk`), from the caller's assignment, one that is
/// constructed along the flow graph, or at random. The answer depends on the seed and on work
/// limits only, not on the number of threads.
struct SparseSearch {
  private let graph: SparseGraph
  private static let walks = 2

  /// Nil where tables are the better choice.
  init?(_ context: SolveContext) {
    let n = context.instance.size
    guard n >= SparseGraph.minSize, context.hasTime(for: WorkModel.layout(size: n) / 4),
      let graph = SparseGraph(context.instance)
    else { return nil }
    self.graph = graph
  }

  /// Searches until a limit is reached; an iteration looks at one facility, and without a limit on
  /// iterations or time there are 40·n (some twenty seconds for 5,000 facilities and 50,000 flows).
  func run(_ context: SolveContext, iterations: Int?) -> Termination {
    let total = context.plannedIterations(
      iterations, fillsTime: true, default: 40 * graph.size)
    let target = SearchTarget(context)
    context.offerStart()
    var starts = context.start.map { [graph.items($0.locations)] } ?? []
    var generator = SeededGenerator(seed: context.seed, stream: .max)
    let first = Permutation(randomOf: graph.size, using: &generator).images
    offer(first, context, rank: 0)
    if let slots = graph.construct(using: &generator, unless: { context.stopsAtOnce() }) {
      offer(slots, context, rank: 0)
      starts.append(slots)
    }
    if let reason = context.stopReason() { return reason }
    starts.append(first)
    let walks = (0..<min(Self.walks, total)).map {
      SparseWalk(
        graph, slots: starts[$0 % starts.count],
        generator: SeededGenerator(seed: context.seed, stream: UInt64($0)))
    }
    var left = total
    var best = Double.infinity
    // A tenth of a second or so: the objective of an assignment takes O(n²).
    let leg = max(1, 5_000_000 / graph.size)
    while true {
      for (index, walk) in walks.enumerated() where walk.value < best {
        best = walk.value
        offer(walk.slots, context, rank: index)
      }
      if let reason = context.stopReason() { return reason }
      if let found = context.incumbent?.objective, target.isReached(by: found) {
        return target.isOptimal(found) ? .optimal : .target
      }
      if left == 0 { return .iterations }
      let steps = min(leg, max(1, left / walks.count))
      parallelFor(count: walks.count, threads: context.threads) { _, index in
        walks[index].advance(steps)
      }
      let made = min(left, steps * walks.count)
      context.count(iterations: made)
      context.reportWorking()
      left -= made
    }
  }

  private func offer(_ slots: [Int], _ context: SolveContext, rank: Int) {
    if let assignment = Assignment(locations: graph.items(slots)) {
      context.offer(assignment, rank: rank)
    }
  }
}
