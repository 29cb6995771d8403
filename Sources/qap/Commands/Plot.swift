import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPReporting

/// `qap plot`: a run as a picture.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a run: incumbent and bound over time, a match, or a study of embeddings.",
    discussion: """
      RUN.json is the --json output of 'qap solve', 'bound', 'match' or 'classify', or of a study: \
      'match --sizes' (accuracy over size), 'align' (alignment over shuffling), 'retrieve' (ranks) \
      or 'intramodal' (histograms of cosines). The picture is .svg, or .png or .pdf with \
      rsvg-convert.

      A match is drawn as rows of SOURCE against rows of TARGET; with --truth correct pairs lie on \
      the diagonal, with --names rows have names. Rows that share names, classes (of 'classify \
      --labels') and too many rows are drawn as a table of counts. --picture time draws any run \
      over time.

      Examples:
        qap solve Instances/qaplib/nug20.dat --json run.json
        qap plot run.json -o run.svg
        qap match V.npy L.npy --truth identity --names classes.txt --json match.json
        qap plot match.json -o match.svg
        qap match V.npy L.npy --standardize --sizes 10,20,30 --json sizes.json
        qap plot sizes.json -o sizes.svg
      """)

  /// The kind of picture.
  enum Picture: String, CaseIterable, ExpressibleByArgument {
    case match, time
  }

  @Argument(help: "The run.")
  var file: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The picture to write: .svg, .png or .pdf.", valueName: "file"))
  var output: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "match or time (default: match for matches).", valueName: "name"))
  var picture: Picture?

  func run() throws {
    try reportingFailures {
      _ = try PictureFile.format(output)
      try requireOutputs(["--output": output], from: [file])
      let bytes = try FileAccess.read(file)
      let decoder = JSONDecoder()
      let svg: String
      if let run = try? decoder.decode(TracedRun.self, from: Data(bytes)) {
        svg = try draw(run)
      } else if let study = try? decoder.decode(StudyPicture.self, from: Data(bytes)) {
        if picture != nil {
          throw Failure.usage("--picture: \(file) is a study, which has one picture only")
        }
        svg = study.svg
      } else {
        throw InputError(
          file, found: "something else",
          expected: "a run as 'qap solve --json' writes it, or a study of embeddings")
      }
      try PictureFile.write(svg, to: output)
    }
  }

  private func draw(_ run: TracedRun) throws -> String {
    switch picture ?? (run.match == nil ? .time : .match) {
    case .match:
      guard let picture = run.matchPicture else {
        throw InputError(
          file, found: "nothing matched", expected: "a run of 'qap match' that found a match")
      }
      return picture
    case .time:
      guard let picture = run.convergencePicture else {
        throw InputError(
          file, found: "no objective and no bound over time",
          expected: "a run with a trace, as 'qap solve --json' writes it")
      }
      return picture
    }
  }
}
