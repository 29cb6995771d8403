import ArgumentParser
import QAP

/// Complains of a `--threads` that no run could have.
public func validateThreads(_ threads: Int?) throws {
  if let threads, !(1...256).contains(threads) {
    throw ValidationError("--threads must be between 1 and 256, not \(threads)")
  }
}

/// Complains of a `--time-limit` that is no time.
public func validateTimeLimit(_ seconds: Double?) throws {
  if let seconds, !(seconds > 0 && seconds.isFinite) {
    throw ValidationError("--time-limit must be above 0 seconds, not \(seconds)")
  }
}
