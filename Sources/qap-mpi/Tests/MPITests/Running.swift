import Foundation
import Testing

/// The result of a run under mpirun.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// The JSON object on standard output.
  func object() throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any],
      "no JSON object: \(output) \(errors)")
  }
}

/// The root of QAPKit.
let kitRoot = (0..<5).reduce(URL(fileURLWithPath: #filePath)) { folder, _ in
  folder.deletingLastPathComponent()
}

/// A bundled instance.
func bundled(_ name: String) -> String {
  kitRoot.appendingPathComponent("Instances/qaplib/\(name).dat").path
}

/// The `qap-mpi` binary that was built with these tests: beside the test bundle.
let binary: String = {
  let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  var folder = own.deletingLastPathComponent()
  while folder.path != "/" {
    let candidate = folder.appendingPathComponent("qap-mpi").path
    var isFolder: ObjCBool = false
    if unsafe FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
      !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate)
    {
      return candidate
    }
    folder.deleteLastPathComponent()
  }
  return "/nonexistent/qap-mpi"
}()

/// Starts `mpirun --oversubscribe -n RANKS qap-mpi …`, with output going to files so that no pipe
/// can fill up.
final class Run {
  let process = Process()
  private let folder: URL

  init(ranks: Int, _ arguments: [String]) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["mpirun", "--oversubscribe", "-n", "\(ranks)", binary] + arguments
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] {
      _ = FileManager.default.createFile(
        atPath: folder.appendingPathComponent(name).path, contents: nil)
    }
    process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent("out"))
    process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("err"))
    try process.run()
  }

  /// The processes of the ranks: those that run the binary itself.
  var rankProcesses: [Int32] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { Int32($0) }.filter { process in
      let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
      // pid (name) state parent …
      let fields = status.split(separator: ")").last?.split(separator: " ") ?? []
      return fields.count > 1 && Int32(fields[1]) == self.process.processIdentifier
        && status.contains("(qap-mpi)")
    }.sorted()
  }

  /// Waits for the end.
  func finish() throws -> Outcome {
    process.waitUntilExit()
    defer { try? FileManager.default.removeItem(at: folder) }
    func read(_ name: String) throws -> String {
      try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
    let status = process.terminationStatus
    return Outcome(
      status: process.terminationReason == .exit ? status : 128 + status,
      output: try read("out"), errors: try read("err"))
  }
}

/// Runs the binary on a number of ranks to its end.
func qapMPI(ranks: Int = 4, _ arguments: String...) throws -> Outcome {
  try Run(ranks: ranks, arguments).finish()
}

/// Calls `body` with the path of a fresh folder, which is removed afterward.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}
