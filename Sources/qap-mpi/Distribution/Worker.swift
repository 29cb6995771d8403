import Foundation
import QAP
import QAPBranchAndBound

/// A rank other than 0: works until rank 0 ends it.
public final class Worker {
  /// Seconds between two checks for messages. Waiting inside MPI would take a processor.
  static let nap = 0.0005
  /// Seconds between two signs of life.
  private static let beat = 5.0

  private let transport: any Transport
  private let clock = SolveOptions.monotonicClock()
  private var spoken = 0.0
  private var workers: SearchWorkers?
  private let interruption = Interruption()
  private let answers = Answers()
  /// The message for an error, and the exit status.
  private let explain: (any Error) -> (String, Int32)

  public init(
    over transport: any Transport, explain: @escaping (any Error) -> (String, Int32)
  ) {
    self.transport = transport
    self.explain = explain
  }

  /// Serves rank 0.
  ///
  /// - Parameters:
  ///   - instance: makes the instance, as rank 0 has it.
  ///   - parameters: of the search, as rank 0 has them.
  ///   - tolerance: the optimality tolerance for real data, as rank 0 has it.
  ///   - threads: to search with.
  ///   - perform: does a job of a list, on a separate thread.
  public func serve(
    instance: () throws -> Instance, parameters: BranchAndBound.Parameters,
    tolerance: Double = OptimalityRule.defaultTolerance, threads: Int,
    perform: @escaping @Sendable (Int, Interruption) throws -> [UInt8]
  ) {
    defer { workers?.end() }
    var idleSince = clock()
    do {
      while true {
        var worked = false
        while let (bytes, _) = transport.receive() {
          worked = true
          switch try Message(bytes) {
          case .begin(let basis, let fingerprint):
            try begin(try instance(), basis, fingerprint, parameters, tolerance, threads)
          case .work(let items): workers?.grant(items)
          case .incumbent(let objective): workers?.lower(objective)
          case .recall:
            workers?.recall()
            interruption.request()
          case .job(let index): start(index, perform)
          case .finish: return
          default: throw MessageError("a message that only workers send")
          }
        }
        if try reply() { worked = true }
        let now = clock()
        if now - spoken >= Self.beat { say(.alive) }
        if worked { idleSince = now }
        if !worked {
          Thread.sleep(forTimeInterval: now - idleSince > 5 ? 10 * Self.nap : Self.nap)
        }
      }
    } catch {
      let (text, status) = explain(error)
      say(.failure(text, status: status))
      while true {
        // Rank 0 ends the job, perhaps after what it is at.
        while let (bytes, _) = transport.receive() {
          if case .finish? = try? Message(bytes) { return }
        }
        Thread.sleep(forTimeInterval: 10 * Self.nap)
      }
    }
  }

  private func say(_ message: Message) {
    spoken = clock()
    transport.send(message, to: 0)
  }

  private func begin(
    _ instance: Instance, _ basis: SearchBasis, _ fingerprint: UInt64,
    _ parameters: BranchAndBound.Parameters, _ tolerance: Double, _ threads: Int
  ) throws {
    guard instance.fingerprint == fingerprint else {
      throw MessageError("the instance \(instance.name) is not the one that rank 0 has read")
    }
    let new = try SearchWorkers(
      instance, basis: basis, parameters: parameters,
      rule: instance.optimalityRule(tolerance: tolerance), threads: threads)
    workers = new
    say(.ready(new.threads))
  }

  private func start(
    _ index: Int, _ perform: @escaping @Sendable (Int, Interruption) throws -> [UInt8]
  ) {
    answers.await(index, interruption, perform)
  }

  /// Sends the results; false when there were none.
  private func reply() throws -> Bool {
    var worked = false
    if let items = workers?.takeFinished(), !items.isEmpty {
      worked = true
      say(.report(items))
    }
    for (index, result) in answers.take() {
      worked = true
      say(.answer(index, try result.get()))
    }
    return worked
  }
}
