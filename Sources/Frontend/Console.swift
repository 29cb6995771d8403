import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The one file here that talks to the C library: descriptors, terminals and signals.

/// Standard output and standard error.
public enum Console {
  /// Prints a line to standard error. A closed standard error is not a failure.
  public static func error(_ line: String) {
    _ = write(Data((line + "\n").utf8), to: STDERR_FILENO)
  }

  /// Says something about the input that the user may want to know; `--quiet` does not silence it.
  public static func note(_ line: String) { error("qap: \(line)") }

  /// Prints a line to standard output.
  ///
  /// - Throws: `Failure` when standard output cannot be written.
  public static func print(_ line: String) throws { try print(Data((line + "\n").utf8)) }

  /// Writes to standard output. A reader that has gone away (as in `qap … | head -1`) is no error;
  /// a full disk is.
  ///
  /// - Throws: `Failure` when standard output cannot be written.
  public static func print(_ data: Data) throws {
    if let problem = write(data, to: STDOUT_FILENO), problem != EPIPE {
      throw Failure.output("standard output: \(unsafe String(cString: strerror(problem)))")
    }
  }

  /// Shows a passing line on a terminal; the empty string wipes it.
  public static func live(_ text: String) {
    _ = write(Data("\r\u{1B}[K\(text)".utf8), to: STDERR_FILENO)
  }

  /// From now on a reader that goes away, and a file that grows beyond `ulimit -f`, show as errors
  /// of `write`, not as a silent death.
  public static func turnSignalsIntoErrors() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }

  /// Where memory is limited (`ulimit -v`), ends the program without waiting for OpenBLAS at exit:
  /// those of its threads that got no memory for their buffers ask for it again and again.
  public static func endWithoutIdleThreads() {
    var limit = rlimit()
    guard unsafe getrlimit(.init(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < 1 << 50 else {
      return
    }
    _ = unsafe on_exit(
      { status, _ in
        fflush(nil)
        _exit(status)
      }, nil)
  }

  /// True when standard error is a terminal.
  public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes everything; returns the error number where that fails.
  private static func write(_ data: Data, to descriptor: Int32) -> Int32? {
    unsafe data.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = unsafe Glibc.write(
          descriptor, bytes.baseAddress! + offset, bytes.count - offset)
        if written > 0 {
          offset += written
        } else if errno != EINTR && errno != EAGAIN {
          return errno
        }
      }
      return nil
    }
  }
}
