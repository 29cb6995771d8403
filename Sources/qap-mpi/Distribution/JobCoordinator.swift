import Foundation
import QAP

/// Rank 0 of a list of jobs that all ranks have: hands out numbers, collects answers, and does jobs
/// itself.
///
/// Every rank is at one job at a time. Which rank does which job depends on when others end; what
/// comes of a job must not.
public final class JobCoordinator {
  private let transport: any Transport
  private let interruption: Interruption
  private let perform: @Sendable (Int, Interruption) throws -> [UInt8]
  private let own = Answers()
  private let clock = SolveOptions.monotonicClock()
  private var waiting: [Int]
  private var held: [Int?]
  private var heard: [Double]

  /// A coordinator for `jobs`, in this order; ends early, with what there is, once `interruption`
  /// is requested.
  public init(
    _ jobs: [Int], over transport: any Transport, interruption: Interruption,
    perform: @escaping @Sendable (Int, Interruption) throws -> [UInt8]
  ) {
    self.transport = transport
    self.interruption = interruption
    self.perform = perform
    waiting = jobs.reversed()
    held = Array(repeating: nil, count: transport.size)
    heard = Array(repeating: 0, count: transport.size)
  }

  /// Does all jobs. `finished` is called with each answer, in the order in which they come; `tick`
  /// is called every few milliseconds, and may request the interruption.
  public func run(tick: () -> Void, finished: (Int, [UInt8]) throws -> Void) throws {
    let begin = clock()
    heard = heard.map { _ in begin }
    for rank in 0..<transport.size { give(rank) }
    var wasInterrupted = false
    var nextTick = begin
    while held.contains(where: { $0 != nil }) {
      var worked = false
      while let (bytes, rank) = transport.receive() {
        worked = true
        try handle(bytes, from: rank, finished)
      }
      for (index, result) in own.take() {
        worked = true
        try settle(index, at: 0, try result.get(), finished)
      }
      if clock() >= nextTick {
        nextTick = clock() + 0.02
        tick()
        for (rank, last) in heard.enumerated()
        where rank > 0 && clock() - last > TreeCoordinator.patience {
          throw DistributionError.silent(rank: rank, seconds: Int(clock() - last))
        }
      }
      if interruption.isRequested, !wasInterrupted {
        wasInterrupted = true
        waiting.removeAll()
        transport.broadcast(.recall)
      }
      if !worked { Thread.sleep(forTimeInterval: Worker.nap) }
    }
  }

  private func give(_ rank: Int) {
    held[rank] = nil
    guard !interruption.isRequested, let job = waiting.popLast() else { return }
    held[rank] = job
    if rank == 0 {
      own.await(job, interruption, perform)
    } else {
      transport.send(.job(job), to: rank)
    }
  }

  private func handle(
    _ bytes: [UInt8], from rank: Int, _ finished: (Int, [UInt8]) throws -> Void
  ) throws {
    heard[rank] = clock()
    switch try Message(bytes, from: rank) {
    case .answer(let index, let answer): try settle(index, at: rank, answer, finished)
    case .alive: break
    default: throw DistributionError.nonsense(rank: rank, text: "what no job needs")
    }
  }

  private func settle(
    _ index: Int, at rank: Int, _ answer: [UInt8], _ finished: (Int, [UInt8]) throws -> Void
  ) throws {
    guard held[rank] == index else {
      throw DistributionError.nonsense(rank: rank, text: "the answer of a job that it did not have")
    }
    try finished(index, answer)
    give(rank)
  }
}
