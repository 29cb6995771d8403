import ArgumentParser
import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPPrimitives
import QAPReporting

/// `qap plot`: a run as a picture.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a run: incumbent and bound over time, a match, or a study of embeddings.",
    discussion: """
      RUN.json is the --json output of 'qap solve', 'bound', 'match' or 'classify', or of a study: \
      'match --sizes' (accuracy over size), 'align' (alignment over shuffling), 'retrieve' \
      (ranks), 'intramodal' (histograms of cosines) or 'translate' (scores, and both spaces in two \
      dimensions). The picture is .svg, or .png or .pdf with rsvg-convert.

      A match is drawn as rows of SOURCE against rows of TARGET; with --truth correct pairs lie on \
      the diagonal, with --names rows have names. Rows that share names, classes (of 'classify \
      --labels') and too many rows are drawn as a table of counts. --picture time draws any run \
      over time. The .npz file of 'qap match --similarities' is drawn as two heatmaps.

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

  @Argument(help: "The run, the study, or the similarities (.npz) of a match.")
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

  @Option(name: .long, help: ArgumentHelp("Line above the picture.", valueName: "text"))
  var title: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Title of the horizontal axis, or of columns.", valueName: "text"))
  var xTitle: String?

  @Option(
    name: .long, help: ArgumentHelp("Title of the vertical axis, or of rows.", valueName: "text"))
  var yTitle: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Size of a chart (800x400), or width of any picture (800).", valueName: "pixels"))
  var size: String?

  /// The wishes for the picture.
  private func style() throws -> PictureStyle {
    var style = PictureStyle(title: title, horizontal: xTitle, vertical: yTitle)
    guard let size else { return style }
    let numbers = size.split(separator: "x", omittingEmptySubsequences: false).map { Double($0) }
    guard (1...2).contains(numbers.count),
      numbers.allSatisfy({ $0.map { (200...10_000).contains($0) } ?? false })
    else {
      throw ValidationError(
        "--size must be 200 to 10000 pixels, as in 800 or 800x400, not '\(size)'")
    }
    style.width = numbers[0]
    if numbers.count == 2 { style.height = numbers[1] }
    return style
  }

  func validate() throws { _ = try style() }

  func run() throws {
    try reportingFailures {
      let style = try style()
      _ = try PictureFile.format(output)
      try requireOutputs(["--output": output], from: [file])
      let bytes = try FileAccess.read(file)
      let decoder = JSONDecoder()
      let svg: String
      if bytes.starts(with: Array("PK".utf8)) {
        svg = try similarities().svg(style: style)
      } else if let run = try? decoder.decode(TracedRun.self, from: Data(bytes)) {
        svg = try draw(run, style)
      } else if let fit = try? decoder.decode(TranslationPicture.self, from: Data(bytes)) {
        try requireOnePicture("a translation")
        svg = fit.svg(style: style)
      } else if let study = try? decoder.decode(StudyPicture.self, from: Data(bytes)) {
        try requireOnePicture("a study")
        svg = study.svg(style: style)
      } else {
        throw InputError(
          file, found: "something else",
          expected: "a run as 'qap solve --json' writes it, or a study of embeddings")
      }
      try PictureFile.write(svg, to: output)
    }
  }

  private func requireOnePicture(_ what: String) throws {
    guard picture == nil else {
      throw Failure.usage("--picture: \(file) holds \(what) and has one picture only")
    }
  }

  /// The matrices of the archive.
  private func similarities() throws -> SimilarityPicture {
    let arrays = try NPZ.readArrays(file)
    func matrix(_ name: String) -> Matrix<Double>? {
      arrays.first { $0.name == name && $0.array.shape.count == 2 }?.array.matrix
    }
    try requireOnePicture("similarities")
    guard let source = matrix("source"), let target = matrix("target"),
      let picture = SimilarityPicture(source: source, target: target)
    else {
      throw InputError(
        file, found: "other arrays",
        expected: "square matrices source and target, as 'qap match --similarities' writes them")
    }
    return picture
  }

  private func draw(_ run: TracedRun, _ style: PictureStyle) throws -> String {
    switch picture ?? (run.match == nil ? .time : .match) {
    case .match:
      guard let picture = run.matchPicture(style: style) else {
        throw InputError(
          file, found: "nothing matched", expected: "a run of 'qap match' that found a match")
      }
      return picture
    case .time:
      guard let picture = run.convergencePicture(style: style) else {
        throw InputError(
          file, found: "no objective and no bound over time",
          expected: "a run with a trace, as 'qap solve --json' writes it")
      }
      return picture
    }
  }
}
