import ArgumentParser
import Foundation

/// Solves small problems in one process for a long time and fails when its memory grows.
@main
struct Soak: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Repeats every method, format and check in one process; memory must stay flat.",
    discussion: """
      A round runs every method of the catalog on a small random instance, writes and verifies the \
      certificates, goes through the file formats, matches embeddings, chooses subsets and reads \
      faulty data. After each round memory is measured; a line a minute is printed. Exit status 1 \
      when memory has grown between the second quarter of the time and the last.
      """)

  @Option(help: "How long.")
  var seconds = 3600.0

  func run() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let start = ContinuousClock.now
    func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
    var work = Work(folder: folder.path)
    var record = MemoryRecord()
    var (round, printed) = (0, -60.0)
    print("minute  rounds   resident MiB  allocated MiB")
    while elapsed() < seconds {
      try work.round(round)
      round += 1
      let sample = try Memory.now(seconds: elapsed())
      record.append(sample)
      if sample.seconds - printed >= 60 {
        printed = sample.seconds
        print(
          String(format: "%6.1f  %6d", sample.seconds / 60, round),
          mebibytes(Double(sample.resident)), mebibytes(Double(sample.allocated)), separator: "   ")
        fflush(nil)
      }
    }
    for (kind, count) in work.done.sorted(by: { $0.key < $1.key }) { print("\(count) × \(kind)") }
    if let (early, late) = record.medians(\.resident),
      let (earlyHeap, lateHeap) = record.medians(\.allocated)
    {
      print(
        "resident \(mebibytes(early)) MiB in the second quarter, \(mebibytes(late)) in the last; "
          + "allocated \(mebibytes(earlyHeap)), \(mebibytes(lateHeap))")
    }
    if let growth = record.growth {
      print(growth)
      throw ExitCode(1)
    }
    print("flat over \(round) rounds in \(Int(elapsed())) s")
  }
}
