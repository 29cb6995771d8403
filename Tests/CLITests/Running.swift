import Foundation
import Testing

/// What a run of the `qap` binary left.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// The JSON object on standard output.
  func object() throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any],
      "no JSON object: \(output)")
  }
}

/// The root of the package.
let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// A bundled instance or solution.
func bundled(_ name: String) -> String {
  packageRoot.appendingPathComponent("Instances/qaplib/\(name)").path
}

/// The `qap` binary that was built with these tests: beside the test bundle.
let binary: URL = {
  let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  var folder = own.deletingLastPathComponent()
  while folder.path != "/" {
    let candidate = folder.appendingPathComponent("qap")
    if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    folder.deleteLastPathComponent()
  }
  return URL(fileURLWithPath: "/nonexistent/qap")
}()

/// Starts the binary, with output going to files so that no pipe can fill up.
final class Run {
  let process = Process()
  private let folder: URL

  /// Starts it with `arguments`, in `directory` if one is given.
  init(_ arguments: [String], in directory: URL? = nil) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    process.executableURL = binary
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = directory }
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] {
      _ = FileManager.default.createFile(
        atPath: folder.appendingPathComponent(name).path, contents: nil)
    }
    process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent("out"))
    process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("err"))
    try process.run()
  }

  /// What it has written to standard error so far.
  var errorsSoFar: String {
    (try? String(contentsOf: folder.appendingPathComponent("err"), encoding: .utf8)) ?? ""
  }

  /// Waits until standard error contains `text`, at most a minute.
  func wait(for text: String) {
    for _ in 0..<1200 where !errorsSoFar.contains(text) && process.isRunning {
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// Waits for the end.
  func finish() throws -> Outcome {
    process.waitUntilExit()
    defer { try? FileManager.default.removeItem(at: folder) }
    let status = process.terminationStatus
    return Outcome(
      status: process.terminationReason == .exit ? status : 128 + status,
      output: try String(contentsOf: folder.appendingPathComponent("out"), encoding: .utf8),
      errors: errorsSoFar)
  }
}

/// Runs the binary to its end.
func qap(_ arguments: String...) throws -> Outcome { try Run(arguments).finish() }

/// Calls `body` with the path of a fresh folder, which is removed afterward.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// Writes a file into a folder and returns its path.
func file(_ folder: String, _ name: String, _ text: String) throws -> String {
  let path = "\(folder)/\(name)"
  try text.write(toFile: path, atomically: true, encoding: .utf8)
  return path
}
