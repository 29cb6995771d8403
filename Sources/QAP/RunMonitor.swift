import Synchronization

/// Clock, limits and listener of one run: the surroundings of every ledger.
package final class RunMonitor: Sendable {
  /// The limits of the run.
  package let limits: Limits
  /// The caller's own reason to stop.
  package let stop: (@Sendable (SearchStatus) -> Termination?)?
  /// The tolerance within which real data count as optimal.
  package let tolerance: Double
  /// Whether anybody listens.
  package let hasObserver: Bool
  private let observer: Mutex<(@Sendable (ProgressEvent) -> Void)?>
  private let clock: @Sendable () -> Double
  private let origin: Double

  /// The surroundings that `options` ask for; the clock starts now unless they say when it did.
  package init(_ options: SolveOptions) {
    limits = options.limits
    stop = options.stop
    tolerance = options.tolerance
    hasObserver = options.observer != nil
    observer = Mutex(options.observer)
    clock = options.clock
    origin = options.origin ?? clock()
  }

  /// Seconds since the run began.
  package var seconds: Double { clock() - origin }

  /// Seconds left of the time limit; nil without one.
  package var secondsLeft: Double? { limits.time.map { max(0, $0.seconds - seconds) } }

  /// Tells the listener.
  package func send(_ event: ProgressEvent) { observer.withLock { $0?(event) } }

  /// A point of the history, at `status`.
  package func point(_ status: SearchStatus, _ source: String) -> TracePoint {
    TracePoint(
      seconds: status.seconds, objective: status.objective, bound: status.bound, source: source)
  }
}
