/// Open subproblems: the least bound comes first, among equals the deepest, and of those the
/// newest; beyond a number of items the deepest first, which lets the queue grow no further.
///
/// A heap for each depth: O(n + log N) for each of N items.
public struct WorkQueue<Item: WorkQueueItem> {
  /// An item, and when it came.
  private struct Entry {
    let item: Item
    let stamp: Int

    func precedes(_ other: Entry) -> Bool {
      item.bound < other.item.bound || item.bound == other.item.bound && stamp > other.stamp
    }
  }

  private var heaps: [[Entry]] = []
  /// The number of items.
  public private(set) var count = 0
  private var stamp = 0
  private let maxOpen: Int

  /// An empty queue; the deepest items come first while it holds more than `maxOpen`.
  public init(maxOpen: Int) { self.maxOpen = maxOpen }

  /// True when nothing is left.
  public var isEmpty: Bool { count == 0 }

  /// Everything, in the order in which it came.
  public var items: [Item] {
    heaps.flatMap { $0 }.sorted { $0.stamp < $1.stamp }.map(\.item)
  }

  /// The least bound.
  public var minBound: Double? { heaps.compactMap { $0.first?.item.bound }.min() }

  /// The depth of the deepest item; nil when nothing is left.
  public var maxDepth: Int? { heaps.lastIndex { !$0.isEmpty } }

  /// Adds an item.
  public mutating func insert(_ item: Item) {
    while heaps.count <= item.depth { heaps.append([]) }
    count += 1
    stamp += 1
    heaps[item.depth].append(Entry(item: item, stamp: stamp))
    var child = heaps[item.depth].count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if !heaps[item.depth][child].precedes(heaps[item.depth][parent]) { break }
      heaps[item.depth].swapAt(parent, child)
      child = parent
    }
  }

  /// Adds items, one after the other.
  public mutating func insert(_ items: some Sequence<Item>) { for item in items { insert(item) } }

  /// Takes the item whose turn it is.
  ///
  /// - Returns: nil when the queue is empty.
  public mutating func takeNext() -> Item? {
    var depth: Int?
    if count > maxOpen {
      depth = maxDepth
    } else {
      var least = Double.infinity
      for (index, heap) in heaps.enumerated() {
        guard let bound = heap.first?.item.bound, depth == nil || bound <= least else { continue }
        (depth, least) = (index, bound)
      }
    }
    return depth.map { takeTop($0) }
  }

  /// Takes everything, in the order in which it came.
  public mutating func takeAll() -> [Item] {
    defer { removeAll() }
    return items
  }

  /// Drops everything.
  public mutating func removeAll() { (heaps, count) = ([], 0) }

  private mutating func takeTop(_ depth: Int) -> Item {
    count -= 1
    let last = heaps[depth].removeLast()
    guard let top = heaps[depth].first else { return last.item }
    heaps[depth][0] = last
    settle(0, in: depth)
    return top.item
  }

  private mutating func settle(_ start: Int, in depth: Int) {
    var parent = start
    while true {
      var first = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heaps[depth].count && heaps[depth][child].precedes(heaps[depth][first]) {
        first = child
      }
      if first == parent { return }
      heaps[depth].swapAt(parent, first)
      parent = first
    }
  }

  /// Drops all items of at least this bound.
  public mutating func prune(from limit: Double) {
    for depth in heaps.indices where heaps[depth].contains(where: { $0.item.bound >= limit }) {
      heaps[depth].removeAll { $0.item.bound >= limit }
      for start in stride(from: heaps[depth].count / 2 - 1, through: 0, by: -1) {
        settle(start, in: depth)
      }
    }
    count = heaps.reduce(0) { $0 + $1.count }
  }
}
