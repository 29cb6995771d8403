import ArgumentParser
import Foundation
import QAPFrontend
import QAPInstanceIO
import QAPReporting

/// `qap plot`: a run as a picture.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a run as SVG: incumbent and bound over time, or a match.",
    discussion: """
      RUN.json is the --json output of 'qap solve', 'bound', 'match' or 'classify'.

      A match is drawn as rows of SOURCE against rows of TARGET; with --truth correct pairs lie on \
      the diagonal, with --names rows have names. Rows that share names, classes (of 'classify \
      --labels') and too many rows are drawn as a table of counts. --picture time draws any run \
      over time.

      Examples:
        qap solve Instances/qaplib/nug20.dat --json run.json
        qap plot run.json -o run.svg
        qap match V.npy L.npy --truth identity --names classes.txt --json match.json
        qap plot match.json -o match.svg
      """)

  /// The kind of picture.
  enum Picture: String, CaseIterable, ExpressibleByArgument {
    case match, time
  }

  @Argument(help: "The run.")
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The picture to write (SVG).", valueName: "file"))
  var output: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "match or time (default: match for matches).", valueName: "name"))
  var picture: Picture?

  func run() throws {
    try reportingFailures {
      try requireOutputs(["--output": output], from: [file])
      let bytes = try FileAccess.read(file)
      let run: TracedRun
      do {
        run = try JSONDecoder().decode(TracedRun.self, from: Data(bytes))
      } catch {
        throw DataError(
          file: file, found: "something else", expected: "a run as 'qap solve --json' writes it")
      }
      let picture = try draw(run)
      try writeOutput(Data(picture.utf8), to: output)
    }
  }

  private func draw(_ run: TracedRun) throws -> String {
    switch picture ?? (run.match == nil ? .time : .match) {
    case .match:
      guard let picture = run.matchPicture else {
        throw DataError(
          file: file, found: "nothing matched", expected: "a run of 'qap match' that found a match")
      }
      return picture
    case .time:
      guard let picture = run.convergencePicture else {
        throw DataError(
          file: file, found: "no objective and no bound over time",
          expected: "a run with a trace, as 'qap solve --json' writes it")
      }
      return picture
    }
  }
}
