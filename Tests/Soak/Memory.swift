import CAllocator
import Foundation

/// What the process holds at a moment.
struct Memory {
  /// Seconds since the soak began.
  var seconds: Double
  /// Bytes that are resident.
  var resident: Int
  /// Bytes that the allocator has given out and not got back.
  var allocated: Int

  /// What it holds now.
  static func now(seconds: Double) throws -> Memory {
    // The second field is the number of resident pages.
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    let heap = mallinfo2()
    return Memory(
      seconds: seconds, resident: pages * Int(getpagesize()),
      allocated: Int(heap.uordblks) + Int(heap.hblkhd))
  }
}

/// The memory of a whole soak, a sample at the end of a round of work each.
struct MemoryRecord {
  private(set) var samples: [Memory] = []

  mutating func append(_ sample: Memory) { samples.append(sample) }

  /// The medians of a quantity over the second and the last quarter. The first quarter is left out:
  /// pools and caches fill in it, and every kind of work reaches its peak.
  func medians(_ quantity: (Memory) -> Int) -> (early: Double, late: Double)? {
    guard samples.count >= 16 else { return nil }
    func median(_ range: Range<Int>) -> Double {
      let sorted = samples[range].map(quantity).sorted()
      return Double(sorted[sorted.count / 2])
    }
    let quarter = samples.count / 4
    return (median(quarter..<2 * quarter), median(samples.count - quarter..<samples.count))
  }

  /// What has grown after the warm-up, in words; nil when nothing has.
  ///
  /// What the allocator has given out is the same after every round when nothing leaks, so that 256
  /// KiB is a leak. Resident memory also holds what the allocator keeps for itself, which settles
  /// slowly: 16 MiB.
  var growth: String? {
    guard let allocated = medians(\.allocated), let resident = medians(\.resident) else {
      return "too few rounds to tell: give it more seconds"
    }
    if allocated.late - allocated.early > 256 * 1024 {
      return "allocated memory grew from \(mebibytes(allocated.early)) to "
        + "\(mebibytes(allocated.late)) MiB"
    }
    if resident.late - resident.early > 16 * 1024 * 1024 {
      return "resident memory grew from \(mebibytes(resident.early)) to "
        + "\(mebibytes(resident.late)) MiB"
    }
    return nil
  }
}

/// `bytes` in MiB with two decimals.
func mebibytes(_ bytes: Double) -> String { String(format: "%.2f", bytes / 1_048_576) }
