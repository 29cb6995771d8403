import Foundation
import InstanceIO
import Reporting

/// The finished runs of a comparison in a file, a line of JSON each, so that it can be broken off.
struct ComparisonState {
  let path: String

  func finishedRuns() throws -> [String: ComparisonRun] {
    guard FileManager.default.fileExists(atPath: path) else { return [:] }
    let lines = try FileAccess.read(path).split(separator: UInt8(ascii: "\n"))
    let decoder = JSONDecoder()
    var runs: [String: ComparisonRun] = [:]
    for (number, line) in lines.enumerated() {
      guard let run = try? decoder.decode(ComparisonRun.self, from: Data(line)) else {
        // The last line may be torn.
        if number == lines.count - 1 { break }
        throw DataError(
          file: path, line: number + 1, column: 1, found: "something else",
          expected: "a run as 'qap compare --state' keeps it")
      }
      runs[run.key] = run
    }
    return runs
  }

  func keep(_ run: ComparisonRun) throws {
    let manager = FileManager.default
    if !manager.fileExists(atPath: path) { try FileAccess.write([], to: path) }
    do {
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      defer { try? file.close() }
      let end = try file.seekToEnd()
      var text = try jsonText(run)
      if end > 0 {
        // A torn line is ended before the next begins.
        try file.seek(toOffset: end - 1)
        if try file.read(upToCount: 1) != Data("\n".utf8) { text = Data("\n".utf8) + text }
      }
      try file.write(contentsOf: text)
    } catch {
      throw Failure.output("\(path): cannot be written")
    }
  }
}
