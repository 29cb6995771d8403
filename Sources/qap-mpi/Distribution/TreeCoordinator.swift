import Foundation
import QAP
import QAPBranchAndBound

/// An open subproblem, and the item that left it: -1 for what a search begins with.
struct OpenItem: WorkQueueItem {
  let subproblem: Subproblem
  let parent: Int
  var depth: Int { subproblem.pairs.count }
  var bound: Double { subproblem.bound }
}

/// Rank 0 of a search: keeps the list, hands it out, collects the results, and reports to the
/// context.
final class TreeCoordinator {
  private let context: SolveContext
  private let transport: any Transport
  private let workers: SearchWorkers
  private let parameters: BranchAndBound.Parameters
  private let recorder: Recorder?
  private var scheduler: Scheduler<OpenItem>
  private let clock = SolveOptions.monotonicClock()
  private var heard: [Double]
  private var nodes = 0
  private var saved = 0.0
  private var searchSeconds = 0.0
  /// The objective that everybody knows.
  private var told = Double.infinity
  private var reports = 0
  private var coordinationSeconds = 0.0

  private let secondsBetweenSaves: Double
  private let runNodes: Int?
  /// A rank that is not heard of for so long is lost; it sends something every few seconds.
  static let patience = 180.0

  init(
    _ context: SolveContext, over transport: any Transport, workers: SearchWorkers,
    parameters: BranchAndBound.Parameters, recorder: Recorder?, secondsBetweenSaves: Double,
    runNodes: Int?
  ) {
    self.runNodes = runNodes
    self.secondsBetweenSaves = secondsBetweenSaves
    self.context = context
    self.transport = transport
    self.workers = workers
    self.parameters = parameters
    self.recorder = recorder
    scheduler = Scheduler(
      ranks: transport.size, plenty: parameters.batch, maxOpen: parameters.maxOpen)
    heard = Array(repeating: 0, count: transport.size)
  }

  /// Searches until nothing is open or a limit is met.
  func run(from state: SearchState?) throws -> Termination {
    if let state {
      nodes = state.nodes
      for subproblem in state.open {
        scheduler.insert(OpenItem(subproblem: subproblem, parent: -1))
      }
    } else {
      for subproblem in workers.root {
        scheduler.insert(OpenItem(subproblem: subproblem, parent: -1))
      }
    }
    scheduler.join(0, threads: workers.threads)
    let begin = clock()
    heard = heard.map { _ in begin }
    saved = begin
    var nextLook = begin
    while true {
      let worked = try work()
      let now = clock()
      if now >= nextLook || scheduler.openCount == 0 || context.nodesLeft == 0 {
        nextLook = now + 0.02
        publish()
        let reason = context.stopReason()
        if scheduler.openCount == 0 || reason != nil {
          if reason == .interrupted, parameters.checkpoint != nil {
            // Perhaps because a rank has died: what is left of the job may be killed any moment.
            try save()
            context.note(
              "\(nodes) nodes done, \(scheduler.openCount) open; the same command resumes from the "
                + "checkpoint")
          }
          try callBack()
          publish()
          try save()
          tellFigures(clock() - begin)
          return context.stopReason() ?? reason ?? .stalled
        }
        if now - saved >= secondsBetweenSaves { try save() }
        try lookForLostRanks(now)
      }
      if !worked { Thread.sleep(forTimeInterval: Worker.nap) }
    }
  }

  /// Takes in messages and hands out work; false when there was nothing to do.
  private func work() throws -> Bool {
    let start = threadSeconds()
    var worked = false
    while let (bytes, rank) = transport.receive() {
      worked = true
      try handle(bytes, from: rank)
    }
    let own = workers.takeFinished()
    if !own.isEmpty {
      worked = true
      for item in own { try finish(item, at: 0) }
    }
    lowerEverywhere()
    let grants = scheduler.dispatch()
    let longRun = longRun
    for grant in grants {
      let items = grant.items.map { id, item, isShort in
        WorkItem(
          id: id, subproblem: item.subproblem,
          budget: isShort ? Self.shortRun : longRun)
      }
      if grant.rank == 0 {
        workers.grant(items)
      } else {
        transport.send(.work(items), to: grant.rank)
      }
    }
    if worked || !grants.isEmpty { coordinationSeconds += threadSeconds() - start }
    return worked
  }

  /// Nodes of a run. Reports of many ranks are made fewer by longer runs, unless so little is open
  /// that some might soon be without work.
  private var longRun: Int {
    let least = parameters.nodesPerSubproblem
    let threads = scheduler.threadCount
    if scheduler.openCount < 4 * threads { return least }
    return max(least, runNodes ?? least * min(16, threads / 32))
  }

  /// Nodes of a run while there is not work for everybody.
  static let shortRun = 20

  private func handle(_ bytes: [UInt8], from rank: Int) throws {
    heard[rank] = clock()
    switch try Message(bytes, from: rank) {
    case .ready(let threads): scheduler.join(rank, threads: max(1, threads))
    case .report(let items): for item in items { try finish(item, at: rank) }
    case .alive: break
    default: throw DistributionError.nonsense(rank: rank, text: "a message that only rank 0 sends")
    }
  }

  private func finish(_ item: FinishedItem, at rank: Int) throws {
    guard let done = scheduler.finish(item.id, at: rank) else {
      throw DistributionError.nonsense(rank: rank, text: "an item that it did not have")
    }
    reports += 1
    nodes += item.nodes
    searchSeconds += item.seconds
    if let assignment = item.assignment {
      guard assignment.size == context.instance.size else {
        throw DistributionError.nonsense(rank: rank, text: "an assignment of another size")
      }
      context.offer(assignment, rank: rank)
    }
    for subproblem in item.left {
      scheduler.insert(OpenItem(subproblem: subproblem, parent: item.id))
    }
    context.count(nodes: item.nodes, open: scheduler.openCount)
    context.count(iterations: item.nodes)
    recorder?.add(
      SubtreeRecord(
        id: item.id, parent: done.parent, depth: done.depth, bound: done.bound, nodes: item.nodes,
        seconds: item.seconds))
  }

  /// Tells everybody of a better assignment, and drops what it prunes.
  private func lowerEverywhere() {
    guard let objective = context.incumbent?.objective, objective < told else { return }
    if told < .infinity {
      transport.broadcast(.incumbent(objective))
      workers.lower(objective)
    }
    told = objective
    scheduler.prune(from: workers.pruningBound(objective: objective))
  }

  /// Raises the bound to the least that is open.
  private func publish() {
    defer { context.reportWorking() }
    guard let objective = context.incumbent?.objective else { return }
    let proven = workers.provenValue(objective: objective)
    context.count(nodes: 0, open: scheduler.openCount)
    context.raise(
      to: LowerBound(
        proven: min(proven, scheduler.minBound ?? proven), method: context.source,
        for: context.instance))
  }

  /// Has everything that is out given back, so that nothing is lost.
  private func callBack() throws {
    guard scheduler.outCount > 0 else { return }
    transport.broadcast(.recall)
    workers.recall()
    let end = clock() + 10
    while scheduler.outCount > 0, clock() < end {
      var worked = false
      while let (bytes, rank) = transport.receive() {
        worked = true
        try handle(bytes, from: rank)
      }
      for item in workers.takeFinished() { try finish(item, at: 0) }
      if !worked { Thread.sleep(forTimeInterval: Worker.nap) }
    }
  }

  private func lookForLostRanks(_ now: Double) throws {
    for (rank, last) in heard.enumerated() where rank > 0 && now - last > Self.patience {
      try save()
      throw DistributionError.silent(rank: rank, seconds: Int(now - last))
    }
  }

  /// Saves everything that is open, the work at ranks included.
  private func save() throws {
    saved = clock()
    try recorder?.flush(reports: reports, coordinationSeconds: coordinationSeconds)
    guard let store = parameters.checkpoint else { return }
    let state = SearchState(
      assignment: context.incumbent?.assignment, nodes: nodes,
      open: scheduler.open.map(\.subproblem))
    try store.save(state, context.instance)
  }

  /// Wall-clock seconds of the search alone, processor seconds spent below subproblems, and those
  /// that rank 0 spent on reports.
  private func tellFigures(_ seconds: Double) {
    context.report(seconds, as: "tree_seconds")
    context.report(searchSeconds, as: "subtree_seconds")
    context.report(coordinationSeconds, as: "lead_seconds")
    context.report(Double(reports), as: "reports")
  }
}

/// Processor seconds of the calling thread.
func threadSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
