import QAPBranchAndBound

/// The distribution of work over ranks: the queue, the work at ranks, and the waiting ranks. Knows
/// nothing of messages or clocks, so the simulation decides by the same code as the search.
///
/// A rank holds some items ahead of those that its threads are at, so that none waits for a
/// message. Unfinished work that a rank gives back goes to the next rank that asks.
public struct Scheduler<Item: WorkQueueItem> {
  /// Items with their numbers, for one rank.
  public struct Grant {
    public let rank: Int
    public var items: [(id: Int, item: Item, isShort: Bool)]
  }

  /// The queue that a rank stands in.
  private enum Place { case none, idle, content }

  private struct Rank {
    /// Items that it works at, and those that it holds at most.
    var threads = 0
    var room = 0
    var out: [Int: Item] = [:]
    var place = Place.none
  }

  private var ranks: [Rank]
  private var queue: WorkQueue<Item>
  /// Ranks with idle threads, and those that could hold more ahead.
  private var idle = Queue()
  private var content = Queue()
  private var nextID = 0
  /// Items that are out.
  public private(set) var outCount = 0
  /// Runs are short until this number of items is open, so that all ranks get work soon.
  private var plenty: Int
  private let ahead: Int

  /// A scheduler for `ranks` ranks, none of which is ready. A rank holds `ahead` items for each
  /// thread in addition to the one at work. `plenty` is the least number of open items for long
  /// runs, `maxOpen` the number beyond which the deepest are taken first.
  public init(ranks: Int, plenty: Int, maxOpen: Int, ahead: Int = 1) {
    self.ranks = Array(repeating: Rank(), count: ranks)
    self.plenty = plenty
    self.ahead = ahead
    queue = WorkQueue(maxOpen: maxOpen)
  }

  /// Threads of all ranks that are there.
  public private(set) var threadCount = 0

  /// Items that are open: in the queue or out.
  public var openCount: Int { queue.count + outCount }

  /// Everything that is open.
  public var open: [Item] { queue.items + ranks.flatMap { $0.out.values } }

  /// The least bound of everything that is open.
  public var minBound: Double? {
    let out = ranks.lazy.flatMap { $0.out.values }.map(\.bound).min()
    guard let held = queue.minBound else { return out }
    return out.map { min($0, held) } ?? held
  }

  /// The number of items that are out at `rank`.
  public func outCount(_ rank: Int) -> Int { ranks[rank].out.count }

  /// A rank is there, with a number of threads.
  public mutating func join(_ rank: Int, threads: Int) {
    threadCount += threads - ranks[rank].threads
    ranks[rank].threads = threads
    ranks[rank].room = threads * (1 + ahead)
    plenty = max(plenty, ranks.reduce(0) { $0 + $1.room })
    enqueue(rank)
  }

  /// Something is open.
  public mutating func insert(_ item: Item) { queue.insert(item) }

  /// An item has come back; nil when it was not out at this rank.
  public mutating func finish(_ id: Int, at rank: Int) -> Item? {
    guard let item = ranks[rank].out.removeValue(forKey: id) else { return nil }
    outCount -= 1
    enqueue(rank)
    return item
  }

  /// Drops what waits with at least this bound.
  public mutating func prune(from limit: Double) { queue.prune(from: limit) }

  private mutating func enqueue(_ rank: Int) {
    if ranks[rank].out.count < ranks[rank].threads {
      // Who was content may have run dry since; its old place is passed over.
      if ranks[rank].place == .idle { return }
      ranks[rank].place = .idle
      idle.append(rank)
    } else if ranks[rank].out.count < ranks[rank].room, ranks[rank].place == .none {
      ranks[rank].place = .content
      content.append(rank)
    }
  }

  /// The next rank to be given something. Items kept ahead are out of others' reach, so no rank
  /// gets that while there is little.
  private mutating func nextRank() -> Int? {
    while let rank = idle.popFirst() {
      if ranks[rank].place == .idle { return rank }
    }
    guard queue.count >= ranks.count else { return nil }
    while let rank = content.popFirst() {
      if ranks[rank].place == .content { return rank }
    }
    return nil
  }

  /// Hands out work where possible: first to ranks with idle threads.
  public mutating func dispatch() -> [Grant] {
    var grants: [Grant] = []
    var places: [Int: Int] = [:]
    while !queue.isEmpty, let rank = nextRank() {
      ranks[rank].place = .none
      let isShort = openCount < plenty
      guard let item = queue.takeNext() else { break }
      let id = nextID
      nextID += 1
      ranks[rank].out[id] = item
      outCount += 1
      enqueue(rank)
      if let place = places[rank] {
        grants[place].items.append((id, item, isShort))
      } else {
        places[rank] = grants.count
        grants.append(Grant(rank: rank, items: [(id, item, isShort)]))
      }
    }
    return grants
  }

  /// A queue of ranks.
  private struct Queue {
    private var ranks: [Int] = []
    private var head = 0

    mutating func append(_ rank: Int) { ranks.append(rank) }

    mutating func popFirst() -> Int? {
      guard head < ranks.count else { return nil }
      head += 1
      let rank = ranks[head - 1]
      if head > 64, 2 * head > ranks.count {
        ranks.removeFirst(head)
        head = 0
      }
      return rank
    }
  }
}
