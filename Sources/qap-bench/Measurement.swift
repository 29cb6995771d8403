import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The cost of a finished program, as accounted by the operating system.
struct Measurement {
  /// Seconds from start to end.
  let wall: Double
  /// User and system seconds of all its threads.
  let cpu: Double
  /// The largest resident set, in bytes.
  let peakMemory: Int
  /// Its exit status, or 128 + the signal that ended it.
  let status: Int
  /// The program's standard output.
  let output: Data
}

/// Why a program could not be measured.
struct MeasurementError: Error, CustomStringConvertible {
  let description: String
}

// The one file here that talks to the C library: `wait4` is the only way to a child's peak memory.

/// Runs a program to its end and measures it from outside.
func measure(_ program: String, _ arguments: [String]) throws -> Measurement {
  let output = FileManager.default.temporaryDirectory.appendingPathComponent(
    "qap-bench-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
  defer { try? FileManager.default.removeItem(at: output) }

  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_addopen(
    &actions, 1, output.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)

  var arguments = unsafe ([program] + arguments).map { unsafe strdup($0) }
  unsafe arguments.append(nil)
  defer {
    for index in unsafe arguments.indices { unsafe free(arguments[index]) }
  }
  var child = pid_t()
  let began = ContinuousClock.now
  let failure = unsafe posix_spawnp(&child, program, &actions, nil, arguments, environ)
  guard failure == 0 else {
    throw MeasurementError(
      description: "\(program): cannot be started (\(unsafe String(cString: strerror(failure))))")
  }
  var status: Int32 = 0
  var usage = rusage()
  while unsafe wait4(child, &status, 0, &usage) < 0 {
    guard errno == EINTR else { throw MeasurementError(description: "\(program): lost") }
  }
  let wall = (ContinuousClock.now - began).components
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
  let signal = Int(status & 0x7f)
  return Measurement(
    wall: Double(wall.seconds) + Double(wall.attoseconds) * 1e-18,
    cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime), peakMemory: usage.ru_maxrss * 1024,
    status: signal == 0 ? Int(status >> 8) & 0xff : 128 + signal,
    output: try Data(contentsOf: output))
}

/// The `qap` executable that was built beside this one.
func qapExecutable() -> String {
  URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("qap").path
}

/// The part of `qap`'s JSON that the tables use.
struct RunResult: Decodable {
  let objective: Double?
  let bound: Double?
  let boundUnrounded: Double?
  let relaxationCeiling: Double?
  let constant: Double?
  let accuracy: Double?
  let termination: String
  let iterations: Int
  let nodes: Int
  let seconds: Double
  let trace: [Point]

  struct Point: Decodable {
    let seconds: Double
    let objective: Double?
    let bound: Double?
  }
}

/// Runs `qap` with `--json -` and decodes what it says.
func runQap(_ arguments: [String]) throws -> (result: RunResult, measurement: Measurement) {
  let measurement = try measure(qapExecutable(), arguments + ["--quiet", "--json", "-"])
  guard measurement.status == 0 else {
    throw MeasurementError(
      description: "qap \(arguments.joined(separator: " ")): exit \(measurement.status)")
  }
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return (try decoder.decode(RunResult.self, from: measurement.output), measurement)
}
