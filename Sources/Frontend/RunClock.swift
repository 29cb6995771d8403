import QAP

/// The clock of the program: time limits and reported seconds count from its start, reading
/// included.
public enum RunClock {
  /// Seconds since `start` was first called.
  public static let seconds = SolveOptions.monotonicClock()

  /// Starts the clock; the first thing that a program does.
  public static func start() { _ = seconds() }
}
