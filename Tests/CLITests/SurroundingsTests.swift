import Foundation
import Testing

/// The binary where the world around it is not as it should be: full disks, little memory, other
/// languages, files from other systems.
@Suite(.serialized) struct SurroundingsTests {
  /// Runs the shell's `script`, in which `$qap` is the binary and the working folder is `folder`.
  private func shell(_ script: String, in folder: String) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    var environment = ProcessInfo.processInfo.environment
    environment["qap"] = binary.path
    environment["nug12"] = bundled("nug12.dat")
    process.environment = environment
    for name in [".out", ".err"] {
      _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
    }
    process.standardOutput = FileHandle(forWritingAtPath: "\(folder)/.out")
    process.standardError = FileHandle(forWritingAtPath: "\(folder)/.err")
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: try String(contentsOfFile: "\(folder)/.out", encoding: .utf8),
      errors: try String(contentsOfFile: "\(folder)/.err", encoding: .utf8))
  }

  private func isOneLine(_ outcome: Outcome) -> Bool {
    outcome.errors.hasPrefix("qap: ") && outcome.errors.filter { $0 == "\n" }.count == 1
  }

  // MARK: Memory

  /// A million rows: n² numbers are terabytes, and that is said before anything is allocated.
  @Test(arguments: [
    "match x.npy x.npy", "match x.npy x.npy --metric cka --method 2-opt --no-normalize",
    "match x.npy x.npy --sizes 10", "subset x.npy x.npy --size 10",
    "retrieve x.npy x.npy --base-size 10 --matching",
    "retrieve x.npy x.npy --base-size 10 --no-matching --scores s.npy",
    "retrieve x.npy x.npy --base-size 500000 --method relative",
    "retrieve x.npy x.npy --base-size 500000 --base-rule kmeans", "classify x.npy x.npy",
    "prepare x.npy --clusters 900000 --output p.npy",
  ])
  func manyRowsAreRefused(_ line: String) throws {
    try withFolder { folder in
      let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 2), }"
      var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
      bytes += Array(header.padding(toLength: 117, withPad: " ", startingAt: 0).utf8) + [10]
      bytes += (0..<2_000_000).map { UInt8($0 % 251 + 1) }
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/x.npy"))
      let outcome = try shell(
        "\"$qap\" \(line)\(line.hasPrefix("retrieve") ? " --quiet" : "")", in: folder)
      #expect(outcome.status == 69, "\(outcome)")
      let last = outcome.errors.split(separator: "\n").last ?? ""
      #expect(last.contains("MiB of memory, of which") && last.contains("try"), "\(outcome.errors)")
    }
  }

  // MARK: Disks

  @Test(arguments: [
    "solve $nug12 --iterations 10 --quiet --json /dev/full",
    "solve $nug12 --iterations 10 --quiet --output /dev/full",
    "bound $nug12 --iterations 3 --quiet --certificate /dev/full", "info $nug12 --json /dev/full",
    "methods --json /dev/full", "compare $nug12 --methods gilmore-lawler --quiet --csv /dev/full",
    "compare $nug12 --methods gilmore-lawler --quiet --report /dev/full",
  ])
  func fullDisksAreReported(_ line: String) throws {
    try withFolder { folder in
      let outcome = try shell("\"$qap\" \(line)", in: folder)
      #expect(outcome.status == 74 && isOneLine(outcome), "\(outcome)")
      #expect(outcome.errors.contains("No space left"), "\(outcome.errors)")
    }
  }

  /// A disk that fills up half-way leaves the old file, and nothing else.
  @Test func oldFilesSurviveAFullDisk() throws {
    // The thread sanitizer's own table is a file, and cannot be that small.
    guard ProcessInfo.processInfo.environment["TSAN_OPTIONS"] == nil else { return }
    try withFolder { folder in
      let old = try file(folder, "x.json", "old")
      // Files end at 4 KiB.
      let outcome = try shell(
        "\"$qap\" generate taillard-uniform --size 60 -o g.dat; ulimit -f 4; "
          + "\"$qap\" convert g.dat x.json", in: folder)
      #expect(outcome.status == 74 && isOneLine(outcome), "\(outcome)")
      #expect(outcome.errors.contains("x.json: File too large"), "\(outcome.errors)")
      #expect(try String(contentsOfFile: old, encoding: .utf8) == "old")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.allSatisfy { !$0.hasSuffix(".tmp") }, "\(left)")
    }
  }

  @Test func readOnlyFoldersAreReported() throws {
    try withFolder { folder in
      // Nobody makes files there, root neither.
      let outcome = try shell(
        "\"$qap\" solve $nug12 --iterations 10 --quiet --output /sys/kernel/x.sln", in: folder)
      #expect(outcome.status == 74 && isOneLine(outcome), "\(outcome)")
      #expect(outcome.errors.contains("/sys/kernel"), "\(outcome.errors)")
    }
  }

  @Test(arguments: ["info", "solve", "verify $nug12", "plot -o x.svg"])
  func endlessDevicesAreNoInput(_ command: String) throws {
    try withFolder { folder in
      let outcome = try shell("\"$qap\" \(command) /dev/zero", in: folder)
      #expect(outcome.status == 74 && isOneLine(outcome), "\(outcome)")
      #expect(outcome.errors.contains("is a device"), "\(outcome.errors)")
    }
  }

  // MARK: Memory

  /// What does not fit is refused with what it would need and what there is.
  @Test func littleMemoryIsARefusal() throws {
    // A sanitizer reserves terabytes for itself.
    guard ProcessInfo.processInfo.environment["ASAN_OPTIONS"] == nil,
      ProcessInfo.processInfo.environment["TSAN_OPTIONS"] == nil
    else { return }
    try withFolder { folder in
      for (method, size) in [("hahn-grant", 400), ("rlt1", 300)] {
        let outcome = try shell(
          "\"$qap\" generate taillard-uniform --size \(size) -o g.npz; ulimit -v 1500000; "
            + "\"$qap\" bound g.npz --method \(method) --quiet --time-limit 1", in: folder)
        #expect(outcome.status == 69 && isOneLine(outcome), "\(outcome)")
        #expect(outcome.errors.contains("it needs"), "\(outcome.errors)")
        #expect(outcome.errors.contains("try gilmore-lawler"), "\(outcome.errors)")
      }
      // OpenBLAS finds no room for its threads here.
      let tight = try shell("ulimit -v 250000; timeout -s KILL 60 \"$qap\" info $nug12", in: folder)
      #expect(tight.status == 0 && tight.output.contains("12"), "\(tight)")
      // Whatever the room, there is an answer or a word: copies, texts of small numbers, packed
      // arrays.
      let setting =
        "(echo 1200; yes '0 1 0 2' | head -n 720000) > g.dat; \"$qap\" convert g.dat g.npz; "
        + "yes '0,1,0,2,0,3' | head -n 1000000 > rows.csv"
      _ = try shell(setting, in: folder)
      for (line, rooms) in [
        (
          "solve g.dat --maximize --method gilmore-lawler --time-limit 5 --quiet",
          [270, 300, 350, 400]
        ),
        ("convert g.dat h.json", [270, 300, 350, 450]), ("info g.npz", [270, 300, 350]),
        ("match rows.csv rows.csv --quiet", [350, 700]),
      ] {
        for room in rooms {
          let outcome = try shell("ulimit -v \(room)000; \"$qap\" \(line)", in: folder)
          #expect([0, 69].contains(outcome.status), "\(line), \(room): \(outcome)")
        }
      }
      // Kernels of so many rows are refused by their memory, with the way that needs none.
      let kernels = try shell(
        "yes '1,0\n0,1\n1,1\n3,2' | head -n 5000 > many.csv; ulimit -v 450000; "
          + "\"$qap\" match many.csv many.csv --metric cka --method tabu --quiet", in: folder)
      #expect(kernels.status == 69 && isOneLine(kernels), "\(kernels)")
      for part in ["size 5000", "MiB of memory", "matches by blocks"] {
        #expect(kernels.errors.contains(part), "\(kernels.errors)")
      }
      // A file of holes, so that no disk is filled.
      let holes = try shell(
        "truncate -s 1500M big.dat; ulimit -v 1500000; \"$qap\" info big.dat", in: folder)
      #expect(holes.status == 69 && isOneLine(holes), "\(holes)")
      #expect(holes.errors.contains("needs about 3000 MiB"), "\(holes.errors)")
    }
  }

  // MARK: Pipes and signals

  @Test(arguments: [
    "methods", "generate taillard-uniform --size 300", "solve $nug12 --iterations 10", "manual",
    "info $nug12", "compare $nug12 --methods gilmore-lawler",
  ])
  func headEndsQuietly(_ line: String) throws {
    try withFolder { folder in
      let outcome = try shell(
        "\"$qap\" \(line) 2>/dev/null | head -n 1; exit ${PIPESTATUS[0]}", in: folder)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.filter { $0 == "\n" }.count == 1)
    }
  }

  /// SIGTERM is the first Ctrl-C: the result, the files and status 0.
  @Test(arguments: ["auto", "branch-and-bound", "tabu", "memetic", "rlt1"])
  func terminationReturnsWhatIsHeld(_ method: String) throws {
    try withFolder { folder in
      let run = try Run([
        "solve", bundled("tai64c.dat"), "--method", method, "--output", "\(folder)/x.sln", "--json",
        "\(folder)/x.json",
      ])
      run.wait(for: "\n*")
      run.process.terminate()
      let outcome = try run.finish()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("Interrupted."), "\(outcome.output)")
      #expect(try qap("verify", bundled("tai64c.dat"), "\(folder)/x.sln").status == 0)
      #expect(FileManager.default.fileExists(atPath: "\(folder)/x.json"))
    }
  }

  // MARK: Languages and homes

  @Test(arguments: [
    "LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8", "LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8", "LC_ALL=C",
    "-u HOME -u LANG -u LC_ALL", "HOME=/nonexistent TMPDIR=/nonexistent",
  ])
  func numbersAreTheSameEverywhere(_ environment: String) throws {
    try withFolder { folder in
      let line =
        "\"$qap\" solve $nug12 --method hahn-grant --iterations 9 --timeless-log --gap 0.2 2>&1; "
        + "\"$qap\" info $nug12; \"$qap\" generate planted-gw --size 5 -o /dev/stdout || true; "
        + "\"$qap\" relax $nug12 --formulation kaufman-broeckx --export x.lp; cksum x.lp; "
        + "\"$qap\" solve $nug12 --method FAQ || true"
      let plain = try shell(line, in: folder)
      let other = try shell(
        "env \(environment) qap=\"$qap\" nug12=$nug12 bash -c '\(line)'", in: folder)
      #expect(plain.status == 0 && plain.output.contains("."))
      #expect(other.output == plain.output)
      // The shell complains of languages that are not installed; the binary must not.
      let errors = { (outcome: Outcome) in
        outcome.errors.split(separator: "\n").filter { !$0.contains("setlocale") }
      }
      #expect(errors(other) == errors(plain))
    }
  }

  // MARK: Sizes

  @Test func oneFacilityIsSolvedByEveryMethod() throws {
    try withFolder { folder in
      let path = try file(folder, "one.dat", "1 3 4\n")
      let listed = try qap("methods", "--json", "-").output
      let methods = try JSONSerialization.jsonObject(with: Data(listed.utf8))
      let ids = try #require(methods as? [[String: Any]]).compactMap { $0["method"] as? String }
      #expect(ids.count >= 13)
      for id in ids {
        let run = try qap("solve", path, "--method", id, "--quiet", "--json", "-")
        #expect(run.status == 0, "\(id): \(run.errors)")
        let object = try run.object()
        for key in ["objective", "bound"] {
          let value = object[key] as? Double
          #expect(value == nil || value == 12, "\(id): \(key)")
        }
        #expect(object["objective"] is Double || object["bound"] is Double, "\(id)")
      }
      for command in ["info", "estimate", "relax"] {
        #expect(try qap(command, path).status == 0, "\(command)")
      }
    }
  }
}
