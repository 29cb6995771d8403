import Foundation
import Synchronization

/// Turns the first Ctrl-C (or SIGTERM) into a request and the second into the end. The end of a
/// terminal (SIGHUP), which may come twice, is a request as well, unless it is ignored (nohup).
public final class SignalWatch {
  private var sources: [any DispatchSourceSignal] = []
  private let seen = Once()

  /// Watches from now on; `request` is called at the first signal.
  public init(request: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "signals")
    let seen = seen
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number, SIG_IGN)
      if number == SIGHUP, isIgnored(before) { continue }
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if seen.hasHappened() {
          if number == SIGHUP { return }
          _exit(130)
        }
        Console.error(
          "qap: stopping; the best solution so far will be reported (Ctrl-C again to abort)")
        request()
      }
      source.resume()
      sources.append(source)
    }
  }
}

/// True for a handler that ignores its signal.
private func isIgnored(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
  unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}

/// Tells whether it has been asked before.
private final class Once: Sendable {
  private let asked = Atomic<Bool>(false)
  func hasHappened() -> Bool { asked.exchange(true, ordering: .relaxed) }
}
