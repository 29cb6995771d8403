import Foundation
import Testing

/// Whole outputs of `qap`, compared with the files of `Snapshots`: log without times, result, JSON,
/// help and errors. `QAP_UPDATE_SNAPSHOTS=1` writes the files; review the difference before it is
/// committed.
@Suite struct SnapshotTests {
  /// A command line of one snapshot, relative to the root of the checkout.
  struct Snapshot: CustomTestStringConvertible, Sendable {
    let name: String
    let line: String
    var testDescription: String { name }
  }

  static let snapshots = [
    Snapshot(name: "solve", line: "solve Instances/qaplib/nug12.dat --timeless-log --threads 2"),
    Snapshot(
      name: "solve-json",
      line: "solve Instances/qaplib/nug12.dat --method tabu --iterations 2000 --quiet --json -"),
    Snapshot(
      name: "solve-tabu",
      line: "solve Instances/qaplib/tai25a.dat --method tabu --iterations 5000 --timeless-log"),
    Snapshot(
      name: "bound",
      line: "bound Instances/qaplib/nug12.dat --method hahn-grant --iterations 20 --timeless-log"),
    Snapshot(
      name: "match",
      line: "match Instances/embeddings/vision-effnetlite0.npy "
        + "Instances/embeddings/language-wordnet.npy --standardize --truth identity "
        + "--rows Instances/embeddings/rows-effnetlite0-wordnet-10.txt "
        + "--names Instances/embeddings/classes.txt --timeless-log"),
    Snapshot(name: "verify", line: "verify Instances/qaplib/nug12.dat Instances/qaplib/nug12.sln"),
    Snapshot(name: "info", line: "info Instances/qaplib/chr12a.dat"),
    Snapshot(name: "methods", line: "methods"),
    Snapshot(name: "help", line: "help"),
    Snapshot(name: "help-solve", line: "help solve"),
    Snapshot(name: "help-log", line: "help log"),
    Snapshot(name: "help-status", line: "help status"),
    Snapshot(name: "help-rlt1", line: "help rlt1"),
    Snapshot(name: "error-no-file", line: "solve missing.dat"),
    Snapshot(name: "error-option", line: "solve Instances/qaplib/nug12.dat --gap=-1"),
    Snapshot(name: "error-method", line: "solve Instances/qaplib/nug12.dat --method tabuu"),
    Snapshot(name: "error-data", line: "solve Instances/embeddings/classes.txt"),
    Snapshot(
      name: "error-size", line: "bound Instances/qaplib/tai30a.dat --method rlt1-lp --quiet"),
    Snapshot(name: "error-certificate", line: "verify Instances/qaplib/nug12.dat LICENSE"),
  ]

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Snapshots")

  @Test(arguments: snapshots)
  func outputIsUnchanged(_ snapshot: Snapshot) throws {
    let run = try Run(snapshot.line.split(separator: " ").map(String.init), in: packageRoot)
    let outcome = try run.finish()
    let text = Self.masked(
      "$ qap \(snapshot.line)\n-- status \(outcome.status)\n-- standard output\n\(outcome.output)"
        + "-- standard error\n\(outcome.errors)")
    let file = Self.folder.appendingPathComponent("\(snapshot.name).txt")
    if ProcessInfo.processInfo.environment["QAP_UPDATE_SNAPSHOTS"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let expectedLines = expected.components(separatedBy: "\n")
    for (number, (line, expected)) in zip(lines, expectedLines).enumerated() {
      try #require(line == expected, "\(snapshot.name).txt:\(number + 1)")
    }
    #expect(lines.count == expectedLines.count, "\(snapshot.name).txt")
  }

  /// Every file belongs to a snapshot.
  @Test func noFileIsLeftOver() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    let names = Set(Self.snapshots.map { "\($0.name).txt" })
    #expect(Set(files) == names)
  }

  /// Times are zero; the default number of threads is that of the machine.
  private static func masked(_ text: String) -> String {
    text.replacing(#/"seconds":[0-9.e+-]+/#, with: "\"seconds\":0")
      .replacing(#/"threads":[0-9]+/#, with: "\"threads\":0")
  }
}
