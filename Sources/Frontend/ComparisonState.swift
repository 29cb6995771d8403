import Foundation
import QAP
import QAPInstanceIO
import QAPReporting

/// The finished runs of a comparison in a file, a line of JSON each, so that it can be resumed.
struct ComparisonState {
  let path: String

  func finishedRuns() throws -> [String: ComparisonRun] {
    guard FileManager.default.fileExists(atPath: path) else { return [:] }
    let bytes = try FileAccess.read(path)
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let decoder = JSONDecoder()
    var runs: [String: ComparisonRun] = [:]
    for (number, line) in lines.enumerated() {
      guard let run = try? decoder.decode(ComparisonRun.self, from: Data(line)) else {
        // The last line may be torn; `keep` drops it.
        let isLast = number == lines.count - 1 && bytes.last != UInt8(ascii: "\n")
        if isLast, line.starts(with: Array("{\"".utf8).prefix(line.count)) { break }
        throw InputError(
          path, line: number + 1, column: 1, found: "something else",
          expected: "a run as 'qap compare --state' keeps it")
      }
      runs[run.key] = run
    }
    return runs
  }

  func keep(_ run: ComparisonRun) throws {
    try appendLine(try jsonText(run), to: path, dropsTornLine: true)
  }
}
