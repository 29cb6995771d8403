import Foundation
import QAPInstanceIO

/// The finished runs of a sweep, a line each under a header, so that it can be interrupted at any
/// time.
struct StateFile {
  let path: String

  /// The lines that are there already; makes the file with its header where there is none.
  func open(header: String) throws -> [Substring] {
    let previous = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    if previous.isEmpty { try Data((header + "\n").utf8).write(to: URL(fileURLWithPath: path)) }
    // The last line may be torn.
    if !previous.isEmpty, !previous.hasSuffix("\n") { try append("") }
    return previous.split(whereSeparator: \.isNewline)
  }

  /// Adds a line.
  func append(_ line: String) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data((line + "\n").utf8))
  }
}

/// The fields of a line of comma-separated values without quotes.
func fields(_ line: Substring) -> [String] {
  line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
}

/// The upper median of some values.
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// The instances of `folder` that a list of best known values has, in its order. The list is the
/// file `list`, or else the best-known.csv there or beside it.
func listedInstances(
  _ folder: String, list: String? = nil
) throws -> [(instance: String, size: Int, best: Double)] {
  let listed = try list.map(BestKnown.entries(in:)) ?? BestKnown.entries(near: "\(folder)/*.dat")
  guard !listed.isEmpty else {
    throw MeasurementError(description: "\(folder): there is no best-known.csv in it or beside it")
  }
  return listed.compactMap { entry in
    guard let size = entry.size,
      FileManager.default.fileExists(atPath: "\(folder)/\(entry.instance).dat")
    else { return nil }
    return (entry.instance, size, entry.value)
  }
}
