/// Open subproblems: the least bound comes first, and among equals the deepest; beyond a number of
/// items the deepest first, which lets the queue grow no further.
///
/// A heap for each depth: O(n + log N) for each of N items.
public struct WorkQueue<Item: WorkQueueItem> {
  private var heaps: [[Item]] = []
  /// The number of items.
  public private(set) var count = 0
  private let maxOpen: Int

  /// An empty queue; the deepest items come first while it holds more than `maxOpen`.
  public init(maxOpen: Int) { self.maxOpen = maxOpen }

  /// True when nothing is left.
  public var isEmpty: Bool { count == 0 }

  /// Everything, in no particular order.
  public var items: [Item] { heaps.flatMap { $0 } }

  /// The least bound.
  public var leastBound: Double? { heaps.compactMap { $0.first?.bound }.min() }

  /// Adds an item.
  public mutating func insert(_ item: Item) {
    while heaps.count <= item.depth { heaps.append([]) }
    count += 1
    heaps[item.depth].append(item)
    var child = heaps[item.depth].count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if heaps[item.depth][parent].bound <= heaps[item.depth][child].bound { break }
      heaps[item.depth].swapAt(parent, child)
      child = parent
    }
  }

  /// Takes the item whose turn it is.
  public mutating func takeNext() -> Item? {
    var depth: Int?
    if count > maxOpen {
      depth = heaps.lastIndex { !$0.isEmpty }
    } else {
      var least = Double.infinity
      for (index, heap) in heaps.enumerated() {
        guard let bound = heap.first?.bound, depth == nil || bound <= least else { continue }
        (depth, least) = (index, bound)
      }
    }
    return depth.map { takeTop($0) }
  }

  private mutating func takeTop(_ depth: Int) -> Item {
    count -= 1
    let last = heaps[depth].removeLast()
    guard let top = heaps[depth].first else { return last }
    heaps[depth][0] = last
    settle(0, in: depth)
    return top
  }

  private mutating func settle(_ start: Int, in depth: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heaps[depth].count && heaps[depth][child].bound < heaps[depth][least].bound {
        least = child
      }
      if least == parent { return }
      heaps[depth].swapAt(parent, least)
      parent = least
    }
  }

  /// Drops all items of at least this bound.
  public mutating func prune(from limit: Double) {
    for depth in heaps.indices where heaps[depth].contains(where: { $0.bound >= limit }) {
      heaps[depth].removeAll { $0.bound >= limit }
      for start in stride(from: heaps[depth].count / 2 - 1, through: 0, by: -1) {
        settle(start, in: depth)
      }
    }
    count = heaps.reduce(0) { $0 + $1.count }
  }
}
