import Foundation
import QAP
import Synchronization

/// The answers of jobs that separate threads perform.
final class Answers: Sendable {
  private let done = Mutex<[(Int, Result<[UInt8], any Error>)]>([])

  /// Starts a job.
  func await(
    _ index: Int, _ interruption: Interruption,
    _ perform: @escaping @Sendable (Int, Interruption) throws -> [UInt8]
  ) {
    let thread = Thread { [self] in
      let result = Result { try perform(index, interruption) }
      done.withLock { $0.append((index, result)) }
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Takes the results since the last call.
  func take() -> [(Int, Result<[UInt8], any Error>)] {
    done.withLock { done in
      defer { done.removeAll() }
      return done
    }
  }
}
