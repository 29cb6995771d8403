import QAP

/// A run in the background.
public struct Solving: Sendable {
  /// The events, until the run ends.
  public let events: AsyncStream<ProgressEvent>
  let task: Task<SolveReport, any Error>

  /// The report, once the run has ended; canceling the task that waits for it ends the run. Throws
  /// the errors of the run.
  public var report: SolveReport {
    get async throws {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    }
  }

  /// Ends the run with the best result so far.
  public func cancel() { task.cancel() }
}
