import Foundation

/// The finished runs of a sweep, a line each under a header, so that it can be broken off at any time.
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

/// The instances of `folder` that its best-known.csv (there or beside it) lists, in the order of the list.
func listedInstances(_ folder: String) throws -> [(instance: String, size: Int, best: Double)] {
  let inside = "\(folder)/best-known.csv"
  let path = FileManager.default.fileExists(atPath: inside) ? inside : "\(folder)/../best-known.csv"
  return try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
    .dropFirst().compactMap { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count >= 3, let size = Int(fields[1]), let best = Double(fields[2]),
        FileManager.default.fileExists(atPath: "\(folder)/\(fields[0]).dat")
      else { return nil }
      return (fields[0], size, best)
    }
}
