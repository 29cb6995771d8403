import Foundation

/// What this process may still allocate, so that too large a wish is refused with a word instead of ended
/// by the system.
public enum AvailableMemory {
  /// Bytes: what the system has to give, or less where a limit is set (`ulimit -v`).
  public static var bytes: Int {
    var least =
      field("MemAvailable:", of: "/proc/meminfo")
      ?? Int(
        clamping: ProcessInfo.processInfo.physicalMemory)
    var limit = rlimit()
    if unsafe getrlimit(.init(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < 1 << 50 {
      let used = field("VmSize:", of: "/proc/self/status") ?? 0
      least = min(least, max(0, Int(limit.rlim_cur) - used))
    }
    return least
  }

  /// A line like "MemAvailable:   123 kB" in bytes.
  private static func field(_ name: String, of path: String) -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
    return nil
  }
}
