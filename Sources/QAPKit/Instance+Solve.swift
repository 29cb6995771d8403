import Dispatch
import QAP
import QAPRegistry

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Instance {
  /// Finds an assignment and proves a bound on how good any can be.
  ///
  /// The objective is recomputed apart from the solver before this returns.
  ///
  /// - Parameters:
  ///   - method: an id of `MethodRegistry.methods`.
  ///   - limits: when to stop early; `target` in the caller's sense.
  ///   - sense: `.max` for the largest objective; the bound is then an upper bound.
  ///   - seed: the seed of every random choice.
  ///   - threads: 1 to 256; nil for one a processor. The answer does not depend on it unless a time
  ///     limit strikes.
  ///   - start: an assignment to start from.
  ///   - pairs: facilities fixed at locations; the bound then holds for such assignments only.
  ///   - tolerance: the gap between objective and bound, relative to the mean objective above the
  ///     bound, that counts as optimal for real data (`OptimalityRule`).
  ///   - keepsProof: keep the proof of the bound, for `SolveReport.certificate`.
  ///   - observer: called on every event, from any thread, one call at a time.
  /// - Returns: the report of the run.
  /// - Throws: `MethodError` when the method declines or an argument is out of range, and
  ///   `VerificationFailure`.
  public func solve(
    method: String = "auto", limits: Limits = Limits(), sense: Sense = .min, seed: UInt64 = 0,
    threads: Int? = nil, start: Assignment? = nil, pairs: [FixedPair] = [],
    tolerance: Double = OptimalityRule.defaultTolerance, keepsProof: Bool = false,
    observer: (@Sendable (ProgressEvent) -> Void)? = nil
  ) throws -> SolveReport {
    try run(
      method: method, limits: limits, sense: sense, seed: seed, threads: threads, start: start,
      pairs: pairs, tolerance: tolerance, keepsProof: keepsProof, observer: observer)
  }

  /// Finds an assignment and proves a bound on a separate thread; canceling the task ends the run
  /// with the best result so far.
  ///
  /// The parameters are those of the synchronous method of this name.
  ///
  /// - Returns: the report of the run.
  /// - Throws: `MethodError` and `VerificationFailure`, as the synchronous method does.
  public func solve(
    method: String = "auto", limits: Limits = Limits(), sense: Sense = .min, seed: UInt64 = 0,
    threads: Int? = nil, start: Assignment? = nil, pairs: [FixedPair] = [],
    tolerance: Double = OptimalityRule.defaultTolerance, keepsProof: Bool = false,
    observer: (@Sendable (ProgressEvent) -> Void)? = nil
  ) async throws -> SolveReport {
    let interruption = Interruption()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // A run takes its threads for seconds or hours: not those that tasks share.
        DispatchQueue.global().async {
          continuation.resume(
            with: Result {
              try run(
                method: method, limits: limits, sense: sense, seed: seed, threads: threads,
                start: start, pairs: pairs, tolerance: tolerance, keepsProof: keepsProof,
                observer: observer, interruption: interruption)
            })
        }
      }
    } onCancel: {
      interruption.request()
    }
  }

  /// Solves in the background and reports progress as a sequence.
  ///
  ///     let run = instance.solving(limits: Limits(time: .seconds(10)))
  ///     for await event in run.events { print(event) }
  ///     let report = try await run.report
  ///
  /// Events wait for their reader, the newest 1,000 of them, so that none holds up the run.
  ///
  /// - Returns: the run, whose events and report can be awaited.
  public func solving(
    method: String = "auto", limits: Limits = Limits(), sense: Sense = .min, seed: UInt64 = 0,
    threads: Int? = nil, start: Assignment? = nil, pairs: [FixedPair] = [],
    tolerance: Double = OptimalityRule.defaultTolerance, keepsProof: Bool = false
  ) -> Solving {
    let (events, continuation) = AsyncStream.makeStream(
      of: ProgressEvent.self, bufferingPolicy: .bufferingNewest(1_000))
    let task = Task {
      defer { continuation.finish() }
      return try await solve(
        method: method, limits: limits, sense: sense, seed: seed, threads: threads, start: start,
        pairs: pairs, tolerance: tolerance, keepsProof: keepsProof,
        observer: { continuation.yield($0) })
    }
    return Solving(events: events, task: task)
  }

  /// Checks the arguments and solves; `isNegated` as in `SolveSession`.
  func run(
    method: String, limits: Limits, sense: Sense, isNegated: Bool = false, seed: UInt64,
    threads: Int?, start: Assignment? = nil, pairs: [FixedPair],
    tolerance: Double = OptimalityRule.defaultTolerance, keepsProof: Bool = false,
    observer: (@Sendable (ProgressEvent) -> Void)?, interruption: Interruption = Interruption()
  ) throws -> SolveReport {
    guard let registered = MethodRegistry.method(method) else {
      throw MethodError.parameter(
        name: "method", found: method,
        expected: "one of \(MethodRegistry.choices(insteadOf: method))")
    }
    let count = threads ?? ProcessInfo.processInfo.activeProcessorCount
    guard (1...256).contains(count) else {
      throw MethodError.parameter(name: "threads", found: "\(count)", expected: "1 to 256")
    }
    guard tolerance >= 0, tolerance < 1 else {
      throw MethodError.parameter(
        name: "tolerance", found: "\(tolerance)", expected: "a fraction from 0 to less than 1")
    }
    let options = SolveOptions(
      limits: limits, stop: interruption.criterion, tolerance: tolerance, seed: seed,
      threads: count, start: start,
      pairs: pairs, keepsProof: keepsProof, observer: observer)
    return try SolveSession(
      self, sense: sense, isNegated: isNegated, registered: registered, options: options
    ).solve()
  }
}
