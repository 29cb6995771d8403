import Foundation
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import Synchronization

/// A log of steps on standard error, each with the seconds since the beginning.
final class StepLog: Sendable {
  private let begin = ContinuousClock.now
  /// Seconds at the last line.
  private let last = Mutex(0.0)
  private let isQuiet: Bool

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Seconds since the beginning.
  var seconds: Double { (ContinuousClock.now - begin) / .seconds(1) }

  /// A line.
  func step(_ text: String) {
    guard !isQuiet else { return }
    last.withLock { $0 = seconds }
    let time = String(format: "%8.2f", seconds)
    Console.error("\(time)  \(text)")
  }

  /// Runs `work`, which tells nothing, and says every five seconds that it goes on.
  func whileWorking<Result>(_ text: String, _ work: () -> Result) -> Result {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 2, repeating: 5)
    timer.setEventHandler { self.step(text) }
    timer.resume()
    defer { timer.cancel() }
    return work()
  }

  /// A line about work in progress, two seconds after the last line at the earliest.
  func progress(_ text: @autoclosure () -> String) {
    guard !isQuiet, last.withLock({ seconds - $0 > 2 }) else { return }
    step(text())
  }
}
