import ArgumentParser
import Foundation
import QAP
import QAPDistribution
import QAPFrontend
import QAPInstanceIO
import QAPReporting

/// `qap-mpi batch`: command lines of `qap`, spread over ranks.
struct BatchCommand: DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Run many command lines of qap, one per rank at a time.",
    discussion: """
      Each line of FILE holds the arguments of a 'qap' command, words with spaces in quotes; lines \
      that begin with # are skipped. Each command writes its own results (--json, --csv, --output, \
      …); its printed output is dropped unless it fails. --state keeps the lines that have \
      succeeded, and these are not run again. Give the commands --threads 1 with one rank per \
      core.

      A sweep over pairs of models and seeds:
        for v in vision/*.npy; do for l in language/*.npy; do for s in $(seq 0 19); do
          echo "match $v $l --seed $s --threads 1 --json runs/$(basename $v)-$(basename $l)-$s.json"
        done; done; done > sweep
        mpirun -n 64 qap-mpi batch sweep --state sweep.done
      """)

  @Argument(help: "The command lines.")
  var file: String

  @Option(
    name: .long, help: ArgumentHelp("File of the lines that have succeeded.", valueName: "file"))
  var state: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The qap program (default: beside qap-mpi, or on the PATH).", valueName: "path"))
  var program: String?

  @Flag(name: .long, help: "No progress.")
  var quiet = false

  /// The result of a line.
  private struct Answer: Codable {
    let status: Int32
    let seconds: Double
    let errors: String
  }

  func coordinate(_ world: World) throws {
    let lines = try readLines()
    var done: Set<String> = []
    if let state {
      try requireWritable(state)
      let text = (try? String(contentsOfFile: state, encoding: .utf8)) ?? ""
      // A line without its end was torn.
      done = Set(
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
    }
    let missing = lines.indices.filter { !done.contains(lines[$0]) }
    var count = lines.count - missing.count
    var failed = 0
    let interruption = Interruption()
    let watch = SignalWatch { interruption.request() }
    let coordinator = JobCoordinator(
      missing, over: world, interruption: interruption, perform: try performer())
    try coordinator.run(
      tick: {},
      finished: { index, bytes in
        let answer = try JSONDecoder().decode(Answer.self, from: Data(bytes))
        count += 1
        if answer.status == 0 {
          try keep(lines[index])
        } else if !interruption.isRequested {
          failed += 1
          Console.error("\(file): \(lines[index])\n\(answer.errors)")
        }
        if !quiet {
          let seconds = Wording.fixed(answer.seconds, 2)
          Console.error(
            "[\(count)/\(lines.count)] status \(answer.status), \(seconds) s: \(lines[index])")
        }
      })
    withExtendedLifetime(watch) {}
    if failed > 0 {
      throw Failure(message: "\(failed) of \(lines.count) command lines failed", status: 1)
    }
  }

  func work(_ world: World) throws {
    let perform = Result { try performer() }
    Worker(over: world, explain: explain).serve(
      instance: { throw Failure.verification("internal error: a batch searches no tree") },
      parameters: .init(), threads: 1, perform: { try perform.get()($0, $1) })
  }

  private func readLines() throws -> [String] {
    let text = String(decoding: try FileAccess.read(file), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }

  /// The function that performs one line.
  private func performer() throws -> @Sendable (Int, Interruption) throws -> [UInt8] {
    let lines = try readLines()
    let program = program ?? Self.qap
    return { index, interruption in
      let words = try BatchCommand.words(lines[index])
      let begin = ContinuousClock.now
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
      process.arguments = (program.contains("/") ? [] : [program]) + words
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      let errors = Pipe()
      process.standardError = errors
      do {
        try process.run()
      } catch {
        throw Failure(message: "\(program) cannot be run; set --program", status: 66)
      }
      let watch = Thread {
        while process.isRunning {
          if interruption.isRequested { return process.terminate() }
          Thread.sleep(forTimeInterval: 0.05)
        }
      }
      watch.start()
      let said = errors.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      let (seconds, attoseconds) = (ContinuousClock.now - begin).components
      // A command that was told to end has not done what its line says.
      let ended = process.terminationReason == .exit ? process.terminationStatus : 128
      return [UInt8](
        try jsonText(
          Answer(
            status: interruption.isRequested ? 130 : ended,
            seconds: Double(seconds) + 1e-18 * Double(attoseconds),
            errors: String(decoding: said.suffix(2000), as: UTF8.self))))
    }
  }

  /// The program beside this one, or the one on the PATH.
  private static var qap: String {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let beside = own.deletingLastPathComponent().appendingPathComponent("qap").path
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : "qap"
  }

  /// The words of a line; quotes of both kinds keep spaces.
  static func words(_ line: String) throws -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let ended = word { words.append(ended) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil else {
      throw Failure(message: "a quote without an end: \(line)", status: 65)
    }
    return words + (word.map { [$0] } ?? [])
  }

  private func keep(_ line: String) throws {
    guard let state else { return }
    try appendLine(Data((line + "\n").utf8), to: state)
  }
}
