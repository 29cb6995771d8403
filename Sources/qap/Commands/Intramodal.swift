import ArgumentParser
import Foundation
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// `qap intramodal`: similarities within one modality and what the other does for them.
struct Intramodal: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure similarities within one modality of a shared space, and improve them.",
    discussion: """
      VISION holds embeddings with classes (--labels). The report covers cosines within and \
      between classes with the overlap of their histograms; retrieval (mAP) of the other rows of \
      the same class; and few-shot accuracy of prototypes and LDA. With --names (texts of many \
      class names) all this is repeated after projection onto the directions in which the names \
      vary: centered, not centered, and through the mean. --text (one row per class) adds \
      retrieval by text and zero-shot accuracy. --paired (a text for each row of VISION) adds the \
      modality gap and the recovery of image similarities from those between images and texts, \
      with and without anchors.

      All rows are normalized first.

      Example:
        qap intramodal images.npy --labels labels.npy --text classes.npy
      """)

  @Argument(help: "Embeddings, one row per item: .npy, .npz, .safetensors or .csv.")
  var vision: String

  @Option(name: .long, help: ArgumentHelp("The class of each row, from 0.", valueName: "file"))
  var labels: String

  @Option(
    name: .long, help: ArgumentHelp("Texts of the classes, one row per class.", valueName: "file"))
  var text: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Texts of class names; their main directions are kept.", valueName: "file"))
  var names: String?

  @Option(
    name: .long, help: ArgumentHelp("The text of each row of VISION.", valueName: "file"))
  var paired: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of directions to keep (default: half of the features).", valueName: "n"))
  var dimensions: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Examples per class, separated by commas; 'none' skips few-shot classification.",
      valueName: "list"))
  var shots = "1,2,4,8,16"

  @OptionGroup var drop: DropOptions

  @OptionGroup var options: TaskOptions

  func validate() throws {
    _ = try shotList()
    if let dimensions, dimensions < 1 {
      throw ValidationError("--dimensions must be at least 1, not \(dimensions)")
    }
  }

  /// The numbers of examples asked for.
  func shotList() throws -> [Int] {
    if shots == "none" { return [] }
    return try list(shots, "--shots", "numbers from 1 to 10^9") {
      Int($0).flatMap { (1...1_000_000_000).contains($0) ? $0 : nil }
    }
  }

  func run() throws {
    try reportingFailures {
      try requireOutputs(["--json": options.json.path], from: [vision, labels])
      let log = options.log()
      let answer = try IntramodalStudy(self, log: log).answer()
      try options.json.write(
        Originated(answer: answer, origin: RunOrigin([vision, labels])))
      if !options.json.ownsStandardOutput { try Console.print(answer.text) }
    }
  }
}
