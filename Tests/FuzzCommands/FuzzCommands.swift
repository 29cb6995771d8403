import Foundation

// Random command lines for the `qap` binary:
//
//     fuzz-commands QAP SEEDS SECONDS [FIRST]
//
// QAP is the binary, SEEDS the folder of tests' small files (Tests/Fuzz/corpus). Line number k
// depends on nothing but k: FIRST repeats a failure. A run must end with a documented status and at
// most one line about it; nothing may trap, and everything ends soon after SIGTERM. Prints each
// fault with the line that shows it; exit status 1 when there was one.

/// The statuses that the help documents.
let documented: Set<Int32> = [0, 1, 64, 65, 66, 69, 74]

/// What came of one command line.
struct Ending {
  let status: Int32
  let wasSignaled: Bool
  let wasInterrupted: Bool
  let isHanging: Bool
  let errors: String
}

/// Runs the binary in `folder` with 3 GB of memory; SIGTERM, which is treated like Ctrl-C, comes
/// after two seconds, the end after twenty.
func run(_ binary: String, _ line: [String], in folder: URL) throws -> Ending {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", "ulimit -v 3000000; exec \"$0\" \"$@\"", binary] + line
  process.currentDirectoryURL = folder
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  let log = folder.deletingLastPathComponent().appendingPathComponent("stderr")
  _ = FileManager.default.createFile(atPath: log.path, contents: nil)
  process.standardError = try FileHandle(forWritingTo: log)
  var environment = ProcessInfo.processInfo.environment
  environment["SWIFT_BACKTRACE"] = "enable=no"
  process.environment = environment
  try process.run()
  let start = Date()
  var (wasInterrupted, isHanging) = (false, false)
  while process.isRunning {
    Thread.sleep(forTimeInterval: 0.002)
    let seconds = -start.timeIntervalSinceNow
    if seconds > 2, !wasInterrupted {
      wasInterrupted = true
      process.terminate()
    }
    if seconds > 20 {
      isHanging = true
      kill(process.processIdentifier, SIGKILL)
      break
    }
  }
  process.waitUntilExit()
  return Ending(
    status: process.terminationStatus, wasSignaled: process.terminationReason == .uncaughtSignal,
    wasInterrupted: wasInterrupted, isHanging: isHanging,
    errors: String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self))
}

/// What is wrong with an ending; nil when nothing is.
func fault(_ ending: Ending, _ line: [String]) -> String? {
  if ending.isHanging { return "does not end" }
  if ending.wasSignaled {
    // Commands without anything to hand over end at once.
    return ending.wasInterrupted && ending.status == SIGTERM ? nil : "signal \(ending.status)"
  }
  guard documented.contains(ending.status) else { return "status \(ending.status)" }
  if ending.status == 1, line.first != "verify" { return "status 1" }
  let lines = ending.errors.split(separator: "\n")
  if [65, 66, 69, 74].contains(ending.status) {
    guard let last = lines.last, last.hasPrefix("qap: ") else { return "no line about the fault" }
    if lines.filter({ $0.hasPrefix("qap: ") && !$0.contains("once more") }).count > 1 {
      return "several lines about the fault"
    }
  }
  return nil
}

/// Lays out the files that command lines name: the corpus without its letters, and what the binary
/// makes.
func prepare(_ folder: URL, seeds: URL, _ binary: String) throws -> [String] {
  for name in try FileManager.default.contentsOfDirectory(atPath: seeds.path) {
    let bytes = try Data(contentsOf: seeds.appendingPathComponent(name))
    try bytes.dropFirst().write(to: folder.appendingPathComponent(name))
  }
  func make(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }
  func rows(_ count: Int, _ columns: Int, _ salt: Int) -> String {
    (0..<count).map { row in
      (0..<columns).map { "\(((row * 31 + $0 * 17 + salt) * 7919) % 97)" }.joined(separator: ",")
    }.joined(separator: "\n") + "\n"
  }
  try make("empty.dat", "")
  try make("one.dat", "1 3 4\n")
  try make("seven.dat", "7\n" + (rows(14, 7, 3).replacingOccurrences(of: ",", with: " ")))
  try make("huge.dat", "3 1e300 -1e300 1 1e200 1 1 1 1 1 1 1 1 -1e7 1 1 1 1 1\n")
  try make("vision.csv", rows(9, 5, 1))
  try make("language.csv", rows(9, 4, 2))
  try make("square.csv", rows(9, 9, 5))
  try make("rows.txt", "0\n1\n2\n3\n4\n")
  try make("labels.txt", "0\n0\n1\n1\n2\n2\n0\n1\n2\n")
  try make("names.txt", (0..<9).map { "name \($0)\n" }.joined())
  try make("peer.csv", "instance,objective,bound,seconds\nseven,100,90,1\n")
  for line in [
    [
      "solve", "seven.dat", "--quiet", "--output", "seven.sln", "--certificate", "seven.cert",
      "--json",
      "run.json",
    ],
    [
      "bound", "seven.dat", "--quiet", "--method", "dnn", "--iterations", "40", "--certificate",
      "dnn7.cert",
    ],
    ["convert", "seven.dat", "seven.npz"], ["convert", "seven.dat", "seven.json"],
    ["prepare", "vision.csv", "-o", "vision.npy"],
    ["prepare", "language.csv", "-o", "language.npy"],
    ["prepare", "square.csv", "-o", "square.npy"],
    [
      "solve", "seven.dat", "--quiet", "--method", "branch-and-bound", "--nodes", "3",
      "--checkpoint",
      "seven.ck",
    ],
    [
      "compare", "seven.dat", "--methods", "2-opt", "--time-limit", "0.2", "--state", "state.jsonl",
    ],
  ] {
    _ = try run(binary, line, in: folder)
  }
  return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}

@main
struct FuzzCommands {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4, let seconds = Double(arguments[3]) else {
      print("usage: fuzz-commands QAP SEEDS SECONDS [FIRST]")
      exit(64)
    }
    let binary = URL(fileURLWithPath: arguments[1]).path
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let folder = scratch.appendingPathComponent("run")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let help = Process()
    let pipe = Pipe()
    help.executableURL = URL(fileURLWithPath: binary)
    help.arguments = ["--experimental-dump-help"]
    help.standardOutput = pipe
    try help.run()
    let grammar = try Grammar(pipe.fileHandleForReading.readDataToEndOfFile())
    let files = try prepare(folder, seeds: URL(fileURLWithPath: arguments[2]), binary)
    let contents = try files.map { try Data(contentsOf: folder.appendingPathComponent($0)) }
    let first = arguments.count > 4 ? UInt64(arguments[4]) ?? 0 : 0
    let start = Date()
    var number = first
    var faults = 0
    var statuses: [Int32: Int] = [:]
    while -start.timeIntervalSinceNow < seconds {
      var words = Words(grammar: grammar, files: files, generator: Generator(state: number))
      let line = words.line()
      let ending = try run(binary, line, in: folder)
      if let fault = fault(ending, line) {
        faults += 1
        let shown = line.map { $0.count > 60 ? "<\($0.count) letters>" : $0 }
        print("line \(number): \(fault): qap \(shown)\n  \(ending.errors.suffix(600))")
        fflush(nil)
      }
      statuses[ending.wasSignaled ? 128 + ending.status : ending.status, default: 0] += 1
      number += 1
      // What one line wrote is no input of the next, so that a line means the same every time.
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
      where !files.contains(name) {
        try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
      }
      for (name, bytes) in zip(files, contents) {
        let file = folder.appendingPathComponent(name)
        if (try? Data(contentsOf: file)) != bytes { try bytes.write(to: file) }
      }
    }
    let counts = statuses.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
    print(
      "\(number - first) command lines, \(faults) faults; statuses: "
        + "\(counts.joined(separator: ", "))"
    )
    exit(faults == 0 ? 0 : 1)
  }
}
