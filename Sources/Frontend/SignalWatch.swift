import Foundation
import Synchronization

/// Turns the first Ctrl-C (or SIGTERM) into a request and the second into the end.
public final class SignalWatch {
  private var sources: [any DispatchSourceSignal] = []
  private let seen = Once()

  /// Watches from now on; `request` is called at the first signal.
  public init(request: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "signals")
    let seen = seen
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if seen.hasHappened() { _exit(130) }
        Console.error(
          "qap: stopping; the best solution so far will be reported (Ctrl-C again to abort)")
        request()
      }
      source.resume()
      sources.append(source)
    }
  }
}

/// Tells whether it has been asked before.
private final class Once: Sendable {
  private let asked = Atomic<Bool>(false)
  func hasHappened() -> Bool { asked.exchange(true, ordering: .relaxed) }
}
