import Foundation
import Testing

/// Checkpoint files of `qap solve`: always there, never believed when they were changed.
@Suite struct CheckpointTests {
  /// However early a run ends, and by the end of its terminal as well.
  @Test func autoLeavesACheckpoint() throws {
    try withFolder { folder in
      let path = "\(folder)/a.ck"
      let first = try qap(
        "solve", bundled("nug30.dat"), "--checkpoint", path, "--time-limit", "0.5", "--quiet",
        "--json", "-")
      #expect(first.status == 0, "\(first.errors)")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(
        text.contains("incumbent 1") && text.contains("open 1\n") && text.contains("checksum"))
      let run = try Run(["solve", bundled("nug30.dat"), "--checkpoint", "\(folder)/b.ck"])
      run.wait(for: "\n*")
      kill(run.process.processIdentifier, SIGHUP)
      kill(run.process.processIdentifier, SIGHUP)
      let outcome = try run.finish()
      #expect(outcome.status == 0 && outcome.output.contains("Interrupted."))
      #expect(FileManager.default.fileExists(atPath: "\(folder)/b.ck"))
    }
  }

  /// Without one of its open subproblems a search would end with a false proof.
  @Test func aChangedCheckpointIsRefused() throws {
    try withFolder { folder in
      let path = "\(folder)/a.ck"
      let solve = [
        "solve", bundled("nug20.dat"), "--method", "branch-and-bound", "--checkpoint", path,
        "--quiet", "--nodes", "20",
      ]
      #expect(try Run(solve).finish().status == 0)
      var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      let open = try #require(lines.firstIndex { $0.hasPrefix("open ") })
      let count = try #require(Int(lines[open].dropFirst(5)))
      #expect(count > 1)
      lines[open] = "open \(count - 1)"
      lines.remove(at: open + 1)
      try (lines.joined(separator: "\n") + "\n").write(
        toFile: path, atomically: true, encoding: .utf8)
      let outcome = try Run(solve).finish()
      #expect(outcome.status == 65 && outcome.errors.contains("do not fit the checksum"))
    }
  }
}
