import Foundation
import QAP
import QAPBranchAndBound

/// The threads of one rank that search, with the items that they are to search and those that they
/// have finished. All calls, except those of the workers' threads, come from one thread.
public final class SearchWorkers: @unchecked Sendable {
  private let instance: Instance
  private let workers: SubtreeWorkers
  private let condition = NSCondition()
  private let stop = Interruption()
  /// Nodes of one part of a run.
  private let chunk: Int
  // What follows belongs to whoever holds `condition`.
  private var waiting: [WorkItem] = []
  private var finished: [FinishedItem] = []
  private var objective: Double
  private var isEnding = false
  private var busy = 0

  /// The number of threads.
  public let threads: Int
  /// The tree's root, where it is still open.
  public var root: [Subproblem] { workers.root }

  /// Workers that begin immediately; takes as long as `SubtreeWorkers`.
  public init(
    _ instance: Instance, basis: SearchBasis, parameters: BranchAndBound.Parameters,
    rule: OptimalityRule, threads: Int
  ) throws {
    self.instance = instance
    let stop = stop
    workers = try SubtreeWorkers(
      instance, basis: basis, parameters: parameters, rule: rule, threads: threads
    ) { stop.isRequested }
    objective = basis.objective
    chunk = parameters.nodesPerSubproblem
    self.threads = threads
    for index in 0..<threads {
      let thread = Thread { [self] in work(index) }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return body()
  }

  /// Adds items to search.
  public func grant(_ items: [WorkItem]) {
    locked {
      waiting += items
      condition.broadcast()
    }
  }

  /// Searches for assignments better than `objective` from now on.
  public func lower(_ objective: Double) {
    locked { self.objective = min(self.objective, objective) }
  }

  /// Gives everything back, as far as it has been searched.
  public func recall() {
    stop.request()
    locked { condition.broadcast() }
  }

  /// Takes the results since the last call.
  public func takeFinished() -> [FinishedItem] {
    locked {
      defer { finished.removeAll() }
      return finished
    }
  }

  /// Ends all threads, and waits until they are at rest.
  public func end() {
    stop.request()
    condition.lock()
    isEnding = true
    waiting.removeAll()
    condition.broadcast()
    while busy > 0 { condition.wait() }
    condition.unlock()
  }

  /// A bound from which there is nothing better than `objective`.
  public func pruningBound(objective: Double) -> Double {
    workers.pruningBound(objective: objective)
  }

  /// The value that is proven once everything is closed.
  public func provenValue(objective: Double) -> Double { workers.provenValue(objective: objective) }

  /// The work of one thread.
  private func work(_ index: Int) {
    condition.lock()
    while true {
      while waiting.isEmpty, !isEnding { condition.wait() }
      if isEnding { break }
      let item = waiting.removeFirst()
      let held = objective
      busy += 1
      condition.unlock()
      let result = search(item, worker: index, objective: held)
      condition.lock()
      busy -= 1
      if let assignment = result.assignment {
        objective = min(objective, instance.objective(of: assignment))
      }
      finished.append(result)
      if busy == 0 { condition.broadcast() }
    }
    condition.unlock()
  }

  private func search(_ item: WorkItem, worker: Int, objective: Double) -> FinishedItem {
    let subproblem = item.subproblem
    if subproblem.bound >= workers.pruningBound(objective: objective) {
      return FinishedItem(id: item.id, nodes: 0, seconds: 0, left: [], assignment: nil)
    }
    if stop.isRequested {
      return FinishedItem(id: item.id, nodes: 0, seconds: 0, left: [subproblem], assignment: nil)
    }
    let begin = threadSeconds()
    // A long run goes on with what its first part has left, so that rank 0 hears of fewer
    // subproblems.
    let parts = max(1, Double(item.budget / chunk))
    var left = [subproblem]
    var held = objective
    var (nodes, spent) = (0, 0.0)
    var best: Assignment?
    while spent < parts, !stop.isRequested, let next = left.popLast() {
      if next.bound >= workers.pruningBound(objective: held) { continue }
      let outcome = workers.search(
        next, worker: worker, objective: held, budget: min(item.budget, chunk))
      nodes += outcome.nodes
      // The deepest come first in `left`, and are to go on first.
      left += outcome.left.reversed()
      spent += outcome.left.isEmpty ? Double(outcome.nodes) / Double(chunk) : 1
      if let assignment = outcome.assignment {
        best = assignment
        held = instance.objective(of: assignment)
      }
    }
    return FinishedItem(
      id: item.id, nodes: nodes, seconds: threadSeconds() - begin, left: left, assignment: best)
  }
}
