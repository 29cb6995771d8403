import QAPBranchAndBound

/// A discrete-event simulation of a search over many ranks: the ranks, the messages and the leader,
/// with the subtrees of a recorded search.
///
/// The search's `Scheduler` distributes the work. A run below a subproblem takes the
/// recorded time, and leaves the recorded items; a message takes `latency`, and what it waits for
/// the receiver to look; rank 0 treats one report after the other, `secondsPerReport` each. Not
/// simulated: that another order finds assignments sooner or later, and what messages of one
/// node cost another's.
public struct Simulation: Sendable {
  /// The settings of a simulation.
  public struct Settings: Equatable, Sendable {
    public var ranks: Int
    /// Threads a rank.
    public var threads = 1
    /// Seconds per message.
    public var latency = 20e-6
    /// Seconds of rank 0 for a report; nil for the recorded ones.
    public var secondsPerReport: Double?
    /// Cores that all ranks share; nil for one a thread.
    public var cores: Int?
    /// The number of parallel copies of the recorded search: a larger one with subtrees of the same
    /// kind.
    public var copies = 1
    /// See `Scheduler`.
    public var plenty = 32
    public var maxOpen = 200_000

    public init(ranks: Int) { self.ranks = ranks }
  }

  /// The result of a simulation.
  public struct Outcome: Equatable, Sendable {
    /// Wall-clock seconds.
    public var seconds: Double
    /// Seconds of one thread below subproblems.
    public var work: Double
    /// The share of the time in which the leader processes reports.
    public var coordinatorShare: Double
    /// Work over time: how many threads that never wait would be as fast.
    public var speedup: Double
  }

  private let recording: SubtreeRecording
  /// The places in `recording.subtrees` of what each item left.
  private let children: [[Int]]
  private let roots: [Int]

  /// A simulation of the search behind `recording`.
  public init(_ recording: SubtreeRecording) {
    self.recording = recording
    var places: [Int: Int] = [:]
    for (place, one) in recording.subtrees.enumerated() { places[one.id] = place }
    var children = [[Int]](repeating: [], count: recording.subtrees.count)
    var roots: [Int] = []
    for (place, one) in recording.subtrees.enumerated() {
      if let parent = places[one.parent] {
        children[parent].append(place)
      } else {
        roots.append(place)
      }
    }
    self.children = children
    self.roots = roots
  }

  /// The most threads that the coordinator can keep at work: what a subtree takes over what its
  /// report takes.
  public func saturation(secondsPerReport: Double? = nil) -> Double {
    let work = recording.subtrees.reduce(0) { $0 + $1.seconds }
    let lead = secondsPerReport ?? recording.secondsPerReport
    return work / (lead * Double(max(1, recording.subtrees.count)))
  }

  /// Runs the simulation.
  ///
  /// - Complexity: O(log) for each of some thousands of events a simulated second.
  public func run(_ settings: Settings) -> Outcome {
    var course = Course(settings, recording, children)
    for _ in 0..<settings.copies { for place in roots { course.open(place) } }
    return course.run()
  }

  private struct Item: WorkQueueItem {
    let place: Int
    let depth: Int
    let bound: Double
  }

  private enum Event {
    /// Items reach a rank.
    case grant(rank: Int, items: [(id: Int, place: Int)])
    /// A thread is done with an item.
    case done(rank: Int, id: Int, place: Int)
    /// The coordinator sees a report.
    case report(rank: Int, id: Int, place: Int)
  }

  /// One run of a simulation.
  private struct Course {
    private let settings: Settings
    private let recording: SubtreeRecording
    private let children: [[Int]]
    private let lead: Double
    /// The factor by which shared cores slow everything down.
    private let stretch: Double
    private var scheduler: Scheduler<Item>
    private var events = EventQueue()
    private var waiting: [[(id: Int, place: Int)]]
    private var idle: [Int]
    private var coordinatorIsFree = 0.0
    private var leaderBusy = 0.0
    private var work = 0.0
    private var end = 0.0

    init(_ settings: Settings, _ recording: SubtreeRecording, _ children: [[Int]]) {
      self.settings = settings
      self.recording = recording
      self.children = children
      lead = settings.secondsPerReport ?? recording.secondsPerReport
      let threads = settings.ranks * settings.threads
      stretch = settings.cores.map { max(1, Double(threads) / Double($0)) } ?? 1
      scheduler = Scheduler(
        ranks: settings.ranks, plenty: settings.plenty, maxOpen: settings.maxOpen)
      for rank in 0..<settings.ranks { scheduler.join(rank, threads: settings.threads) }
      waiting = Array(repeating: [], count: settings.ranks)
      idle = Array(repeating: settings.threads, count: settings.ranks)
    }

    mutating func open(_ place: Int) {
      let record = recording.subtrees[place]
      scheduler.insert(Item(place: place, depth: record.depth, bound: record.bound))
    }

    mutating func run() -> Outcome {
      handOut(at: 0)
      while let (time, event) = events.popFirst() {
        switch event {
        case .grant(let rank, let items):
          waiting[rank] += items
          start(rank, at: time)
        case .done(let rank, let id, let place):
          idle[rank] += 1
          start(rank, at: time)
          // The rank's own thread for messages looks every nap, and so does the leader.
          let delay = rank == 0 ? 0.5 * Worker.nap : Worker.nap + settings.latency
          events.insert(time + delay, .report(rank: rank, id: id, place: place))
        case .report(let rank, let id, let place):
          coordinatorIsFree = max(coordinatorIsFree, time) + lead
          leaderBusy += lead
          end = coordinatorIsFree
          _ = scheduler.finish(id, at: rank)
          for child in children[place] { open(child) }
          handOut(at: coordinatorIsFree)
        }
      }
      return Outcome(
        seconds: end, work: work, coordinatorShare: end > 0 ? leaderBusy / end : 0,
        speedup: end > 0 ? work / end : 1)
    }

    private mutating func handOut(at time: Double) {
      for grant in scheduler.dispatch() {
        let delay = grant.rank == 0 ? 0 : 0.5 * Worker.nap + settings.latency
        events.insert(
          time + delay,
          .grant(rank: grant.rank, items: grant.items.map { ($0.id, $0.item.place) }))
      }
    }

    private mutating func start(_ rank: Int, at time: Double) {
      while idle[rank] > 0, !waiting[rank].isEmpty {
        idle[rank] -= 1
        let (id, place) = waiting[rank].removeFirst()
        let seconds = recording.subtrees[place].seconds
        work += seconds
        events.insert(time + stretch * seconds, .done(rank: rank, id: id, place: place))
      }
    }
  }

  /// Events by time; those of one time in the order in which they were added.
  private struct EventQueue {
    private var heap: [(time: Double, number: Int, event: Event)] = []
    private var number = 0

    private func precedes(_ a: Int, _ b: Int) -> Bool {
      (heap[a].time, heap[a].number) < (heap[b].time, heap[b].number)
    }

    mutating func insert(_ time: Double, _ event: Event) {
      heap.append((time, number, event))
      number += 1
      var child = heap.count - 1
      while child > 0, precedes(child, (child - 1) / 2) {
        heap.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
    }

    mutating func popFirst() -> (Double, Event)? {
      guard let first = heap.first else { return nil }
      let last = heap.removeLast()
      if !heap.isEmpty {
        heap[0] = last
        var parent = 0
        while true {
          var least = parent
          for child in [2 * parent + 1, 2 * parent + 2]
          where child < heap.count && precedes(child, least) { least = child }
          if least == parent { break }
          heap.swapAt(parent, least)
          parent = least
        }
      }
      return (first.time, first.event)
    }
  }
}
