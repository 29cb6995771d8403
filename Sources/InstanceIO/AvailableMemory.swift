import QAP

#if canImport(FoundationEssentials)
  import FoundationEssentials
  import Glibc
#else
  import Foundation
#endif

/// The memory that this process may still allocate, so that too large a request is refused before
/// the system ends the process.
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
      least = min(least, max(0, Int(limit.rlim_cur) - used - reserved))
    }
    return least
  }

  /// Address space that threads may still need: without room for their stacks they wait for ever.
  private static let reserved = 40 << 20

  /// Checks that a computation fits into memory, before it allocates anything.
  ///
  /// - Parameters:
  ///   - bytes: the memory needed at the same time; at most 16 MiB is never refused.
  ///   - what: the command or the step that needs it.
  ///   - size: the number of rows, items or facilities that the need comes from.
  ///   - alternative: an option or a method that needs less.
  /// - Throws: `MethodError.tooLarge` when this process may not allocate that much.
  public static func require(
    _ bytes: Double, for what: String, size: Int, alternative: String
  ) throws(MethodError) {
    guard bytes > 0x1p24, bytes > Double(self.bytes) else { return }
    throw .memory(what, size: size, bytes: bytes, available: self.bytes, alternative: alternative)
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
