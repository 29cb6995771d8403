import Synchronization

/// A request to end a run, from another thread or a signal handler: `SolveOptions.stop` may ask it.
public final class Interruption: Sendable {
  private let requested = Atomic<Bool>(false)
  /// An interruption that has not been requested yet.
  public init() {}
  /// Asks the run to end soon with the best result so far. Safe from any thread.
  public func request() { requested.store(true, ordering: .relaxed) }
  /// True once the end was asked for.
  public var isRequested: Bool { requested.load(ordering: .relaxed) }
  /// The criterion for `SolveOptions.stop`.
  public var criterion: @Sendable (SearchStatus) -> Termination? {
    { _ in self.isRequested ? .interrupted : nil }
  }
}
