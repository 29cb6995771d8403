import Foundation
import Testing

/// Every way to fail: one line on standard error, nothing on standard output, and the status that
/// the help promises.
@Suite struct ErrorTests {
  /// A command line that fails, and how. "@" stands for a bundled file, "%" for the test's folder.
  struct Case: Sendable, CustomStringConvertible {
    let line: String
    let status: Int32
    let says: String
    init(_ line: String, _ status: Int32, _ says: String) {
      (self.line, self.status, self.says) = (line, status, says)
    }
    var description: String { line }
  }

  static let cases: [Case] = [
    // Usage.
    Case("nonsense", 64, "there is no command 'nonsense'"),
    Case("solv @nug12.dat", 64, "did you mean 'solve'?"),
    Case("solve @nug12.dat --gap -1", 64, "--gap must be a fraction of at least 0, not -1.0"),
    Case("solve @nug12.dat --method tabu --nodes 5", 64, "tabu searches no tree"),
    Case("solve @nug12.dat --method rlt1 --checkpoint %/a.ck", 64, "rlt1 searches no tree"),
    Case("solve @nug12.dat --method tabu --gap 0.1", 64, "tabu proves no bound"),
    Case("convert --flow @a.npy %/out.npz", 64, "need each other"),
    Case("solve", 64, "file"),
    Case("solve @nug12.dat extra", 64, "extra"),
    Case("solve @nug12.dat --nonsense", 64, "--nonsense"),
    Case("solve @nug12.dat --method tabou", 64, "did you mean tabu?"),
    Case("solve @nug12.dat --method tabou", 64, "hahn-grant"),
    Case("solve @nug12.dat --method xyzzyxyzzy", 64, "hahn-grant"),
    Case("bound @nug12.dat --method tabu", 64, "proves no bound"),
    Case("solve @nug12.dat --time-limit 0", 64, "--time-limit"),
    Case("solve @nug12.dat --time-limit inf", 64, "--time-limit"),
    Case("solve @nug12.dat --time-limit soon", 64, "soon"),
    Case("solve @nug12.dat --iterations 0", 64, "--iterations"),
    Case("solve @nug12.dat --threads 0", 64, "--threads"),
    Case("solve @nug12.dat --threads 257", 64, "--threads"),
    Case("solve @nug12.dat --gap=-0.1", 64, "--gap"),
    Case(
      "solve @nug12.dat --gap 5", 64, "--gap is a fraction: 5.0 is 500.0 %, and 0.05 would be 5.0 %"
    ),
    Case("help sovle", 64, "did you mean 'solve'?"),
    Case("solve @nug12.dat --gap nan", 64, "--gap"),
    Case("solve @nug12.dat --target nan", 64, "--target"),
    Case("solve @nug12.dat --seed=-1", 64, "--seed"),
    Case("solve @nug12.dat --output -", 64, "--output"),
    Case("solve @nug12.dat --certificate -", 64, "--certificate"),
    Case("solve @nug12.dat --method tabu --certificate %/x.cert", 64, "proves no bound"),
    Case("solve @nug12.dat --pairs %/letters.dat", 65, "letters.dat:2:3: found x"),
    Case("solve @nug12.dat --pairs %/none.txt", 66, "none.txt: No such file"),
    Case("solve @bur26a.dat --method projection --quiet", 69, "symmetric; try gilmore-lawler"),
    Case("generate", 64, "taillard-uniform"),
    Case("generate nonsense", 64, "nonsense"),
    Case("generate grid --size 0", 64, "0"),
    Case("generate tai12a --size 13", 64, "--size"),
    Case("generate grid --planted %/p.sln", 64, "--planted"),
    Case("solve %/letters.dat --json %/letters.dat", 65, "letters.dat:2:3"),
    Case("solve @nug12.dat --json @nug12.dat", 64, "which is read, cannot be the output"),
    Case("solve @nug12.dat --json %/a --certificate %/a", 64, "which --json writes"),
    Case("match @a.npy @b.npy --sizes 4 --nodes 1", 64, "--nodes"),
    Case("match @a.npy @b.npy --sizes 4 --starts 3", 64, "--starts"),
    Case("match @a.npy @b.npy --best 0", 64, "--best must be between"),
    Case("intramodal @a.npy --labels @b --shots 9223372036854775807", 64, "--shots"),
    // Bad data: file, line and column, what was found and what was expected.
    Case("solve %/letters.dat", 65, "letters.dat:2:3: found x, expected a finite number"),
    Case("info %/letters.dat", 65, "letters.dat:2:3"),
    Case("bound %/short.dat", 65, "short.dat:"),
    Case("solve %/empty.dat", 65, "empty.dat"),
    Case("solve %/broken.json", 65, "broken.json"),
    Case("solve %/broken.npz", 65, "broken.npz"),
    Case("convert %/letters.dat %/out.json", 65, "letters.dat:2:3"),
    Case("solve %/misspelt.json", 65, "the unknown member \"liner\", expected \"linear\""),
    Case("convert @nug12.dat %/out.xyz", 65, ".xyz"),
    Case("verify @nug12.dat @nug14.sln", 65, "14"),
    Case("verify @nug12.dat %/letters.dat", 65, "letters.dat"),
    Case("solve @nug12.dat --start @nug14.sln", 65, "14"),
    // No such input.
    Case("solve %/none.dat", 66, "none.dat: No such file"),
    Case("bound %/none.dat", 66, "none.dat: No such file"),
    Case("info %/none.dat", 66, "none.dat: No such file"),
    Case("convert %/none.dat %/out.npz", 66, "none.dat: No such file"),
    Case("verify %/none.dat @nug12.sln", 66, "none.dat: No such file"),
    Case("verify @nug12.dat %/none.sln", 66, "none.sln: No such file"),
    Case("solve @nug12.dat --start %/none.sln", 66, "none.sln: No such file"),
    // Refused, with the size and another way.
    Case("bound %/large.dat --method hahn-grant --quiet", 69, "size 900"),
    Case("bound %/large.dat --method hahn-grant --quiet", 69, "try gilmore-lawler"),
    // Input and output.
    Case("solve %", 74, "directory"),
    Case("solve @nug12.dat --output %/none/a.sln", 74, "none/a.sln: the folder"),
    Case("solve @nug12.dat --output %", 74, "is a folder"),
    Case("solve @nug12.dat --json %/none/a.json", 74, "none/a.json: the folder"),
    Case("bound @nug12.dat --json %/none/a.json", 74, "none/a.json: the folder"),
    Case("convert @nug12.dat %/none/out.npz", 74, "none/out.npz: the folder"),
    Case("generate grid --output %/none/out.dat", 74, "none/out.dat: the folder"),
    Case("info @nug12.dat --json %/none/a.json", 74, "none/a.json"),
    Case("verify @nug12.dat @nug12.sln --json %/none/a.json", 74, "none/a.json"),
    Case("methods --json %/none/a.json", 74, "none/a.json"),
  ]

  @Test(arguments: cases)
  func failsAsPromised(_ example: Case) throws {
    try withFolder { folder in
      _ = try file(folder, "letters.dat", "2\n1 x\n1 1\n0 0\n0 0\n")
      _ = try file(folder, "short.dat", "3\n1 2 3\n4 5 6\n")
      _ = try file(folder, "empty.dat", "")
      _ = try file(folder, "broken.json", "{\"flow\": [[1,")
      _ = try file(folder, "misspelt.json", "{\"flow\":[[1]],\"distance\":[[2]],\"liner\":[[3]]}")
      _ = try file(folder, "broken.npz", "PK\u{3}\u{4}nonsense")
      if example.line.contains("large.dat") {
        let row = Array(repeating: "1", count: 900).joined(separator: " ") + "\n"
        _ = try file(folder, "large.dat", "900\n" + String(repeating: row, count: 1800))
      }
      let arguments = example.line.split(separator: " ").map {
        String($0).replacing("@", with: bundled("") + "/").replacing("%", with: folder)
      }
      let outcome = try Run(arguments).finish()
      #expect(outcome.status == example.status, "\(example)\n\(outcome.errors)")
      #expect(outcome.errors.contains(example.says), "\(example)\n\(outcome.errors)")
      #expect(outcome.output.isEmpty, "\(example)")
      if example.status != 64 {
        #expect(
          outcome.errors.hasPrefix("qap: ") && outcome.errors.filter { $0 == "\n" }.count == 1,
          "\(example): more than a line\n\(outcome.errors)")
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasPrefix("out") || $0.hasSuffix(".sln") }
      #expect(left.isEmpty, "\(example) left \(left)")
    }
  }

  /// An unset variable of a script is no file, and nothing is computed for it.
  @Test func emptyNamesAreRefused() throws {
    let outcome = try qap("solve", bundled("nug12.dat"), "--output", "")
    #expect(outcome.status == 64 && outcome.errors.contains("name is empty"))
  }

  /// Numbers at the ends of their ranges are numbers.
  @Test func extremesAreNoTraps() throws {
    try withFolder { folder in
      let long = try qap(
        "bound", bundled("nug12.dat"), "--method", "rlt1", "--iterations", "9223372036854775807",
        "--time-limit", "0.2", "--quiet")
      #expect(long.status == 0, "\(long.errors)")
      let least = "-170141183460469231731687303715884105728"
      let huge = try file(
        folder, "huge.json", "{\"flow\": [[0,\(least)],[1,0]], \"distance\": [[0,1],[2,0]]}")
      let proven = try qap(
        "bound", huge, "--method", "gilmore-lawler", "--certificate", "\(folder)/c", "--quiet")
      #expect(proven.status == 0, "\(proven.errors)")
      #expect(try qap("verify", huge, "\(folder)/c").status == 0)
      let rows = (0..<8).map { "\($0),1\n" }.joined()
      let labels = try file(folder, "labels.txt", "0\n1\n0\n1\n0\n1\n0\n2147483646\n")
      let absurd = try qap(
        "intramodal", try file(folder, "x.csv", rows), "--labels", labels, "--quiet")
      #expect(absurd.status == 65 && absurd.errors.contains("class 2147483646"))
    }
  }

  /// What could not be written is told when everything else has been.
  @Test func whatIsMissingIsToldLast() throws {
    try withFolder { folder in
      let side = try file(folder, "c.csv", "0,1,2\n1,0,3\n2,3,0\n5,1,1\n0,0,9\n")
      let json = "\(folder)/x.json"
      let subset = try qap(
        "subset", side, side, "--size", "3", "--time-limit", "0.00001", "--certificate",
        "\(folder)/c", "--json", json, "--quiet")
      #expect(subset.status == 74 && subset.output.contains("size"), "\(subset.errors)")
      #expect(FileManager.default.fileExists(atPath: json), "\(subset.errors)")
      try? FileManager.default.removeItem(atPath: json)
      let solution = "\(folder)/x.sln"
      let bound = try qap(
        "solve", bundled("nug12.dat"), "--method", "kaufman-broeckx", "--time-limit", "0.00001",
        "--output", solution, "--json", json, "--quiet")
      #expect(bound.status == 74 && bound.output.contains("status"), "\(bound.errors)")
      #expect(FileManager.default.fileExists(atPath: json))
    }
  }

  /// The exit status of `qap line`, with more of the shell's words after it.
  private func status(_ line: String, _ more: String) throws -> String {
    let (shell, pipe) = (Process(), Pipe())
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", "'\(binary.path)' \(line) \(more)"]
    shell.standardOutput = pipe
    try shell.run()
    shell.waitUntilExit()
    return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }

  /// A full disk is an error of output.
  @Test(arguments: ["methods", "solve '\(bundled("nug12.dat"))' --iterations 10 --quiet"])
  func fullDiskIsReported(_ line: String) throws {
    #expect(try status(line, ">/dev/full 2>/dev/null; echo $?") == "74\n")
  }

  /// A reader that has gone away ends nothing badly: no death by SIGPIPE either, which would fail
  /// scripts that run under `pipefail`.
  @Test(arguments: [
    "generate tai256c", "solve '\(bundled("nug12.dat"))' --iterations 10", "methods",
  ])
  func closedPipeIsNoError(_ line: String) throws {
    #expect(try status(line, "2>&1 | true; echo ${PIPESTATUS[0]}") == "0\n")
  }

  /// Numbers so large that their squares are infinite still make JSON.
  @Test func infoSurvivesHugeNumbers() throws {
    try withFolder { folder in
      let run = try qap(
        "info", file(folder, "huge.dat", "2\n1e200 1\n1 1\n0 0\n0 0\n"), "--json", "-")
      #expect(run.status == 0, "\(run.errors)")
      let object = try run.object()
      // σ/μ of (1e200, 1, 1, 1) is √3.
      #expect(abs((object["flow_dominance"] as? Double ?? 0) - 173.205) < 0.001)
      #expect(object["distance_dominance"] is NSNull)
    }
  }

  /// Of two files asked for, none is left when the first cannot be made.
  @Test func generateLeavesNothingHalfDone() throws {
    try withFolder { folder in
      func generate(_ name: String) throws -> Outcome {
        try qap(
          "generate", "planted-gw", "--size", "6", "--output", "\(folder)/\(name)", "--planted",
          "\(folder)/p.sln")
      }
      let refused = try generate("p.dat")
      #expect(refused.status == 65, "QAPLIB's format has no place for a constant")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty, "\(left)")
      let made = try generate("p.json")
      #expect(made.status == 0)
      let verified = try qap("verify", "\(folder)/p.json", "\(folder)/p.sln")
      #expect(verified.status == 0)
    }
  }

  /// A help text that is folded twice has short lines in the middle of its sentences.
  @Test(arguments: ["", "solve", "bound", "verify", "info", "convert", "generate", "methods"])
  func helpIsFoldedOnce(_ command: String) throws {
    let run = try Run(command.split(separator: " ").map(String.init) + ["--help"]).finish()
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
    for (line, next) in zip(lines, lines.dropFirst()) where line.count < 40 {
      let goesOn = line.last.map { !".:,)>]".contains($0) } ?? false
      let startsLow = next.first?.isLowercase ?? false
      #expect(!(goesOn && startsLow && line.first != " "), "\(command): \(line) / \(next)")
    }
  }
}
