import ArgumentParser
import QAP

/// Checks the number of `--threads`.
///
/// - Throws: `ValidationError`.
public func validateThreads(_ threads: Int?) throws {
  if let threads, !(1...256).contains(threads) {
    throw ValidationError("--threads must be between 1 and 256, not \(threads)")
  }
}

/// Checks the seconds of `--time-limit`.
///
/// - Throws: `ValidationError`.
public func validateTimeLimit(_ seconds: Double?) throws {
  if let seconds, !(seconds > 0 && seconds.isFinite) {
    throw ValidationError("--time-limit must be above 0 seconds, not \(seconds)")
  }
}
