import ArgumentParser
import InstanceIO
import Primitives
import QAP
import Reporting
import SubsetSelection
import Verification

/// `qap subset`: the items that cost least together.
struct SubsetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subset",
    abstract: "Choose N of L items that cost least together, with a proven bound.",
    discussion: """
      FILE is an .npy matrix of shape (L, L): what each ordered pair costs. The objective counts every \
      ordered pair once, the diagonal too; it need not be symmetric. With --sizes the subsets of \
      several sizes are found one after the other, and JSON is an array with an object for each.

      --output writes the items of the best subset, a number from 0 on each line, for --rows of \
      'qap match'; .npy writes an array. A size of several goes into its file's name: best.txt becomes \
      best-20.txt.

      Example: qap subset cost.npy --size 20 --best 3 --output rows.txt
      """)

  @Argument(help: "The costs.")
  var file: String

  @Option(name: .long, help: ArgumentHelp("The number of items to choose.", valueName: "n"))
  var size: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Several numbers, one after the other: 10,20,30.", valueName: "list"))
  var sizes: String?

  @OptionGroup var options: SubsetOptions

  func validate() throws {
    guard (size == nil) != (sizes == nil) else {
      throw ValidationError("expected either --size or --sizes")
    }
    _ = try wanted()
  }

  /// The sizes asked for.
  private func wanted() throws -> [Int] {
    if let size { return [size] }
    return try (sizes ?? "").split(separator: ",", omittingEmptySubsequences: false).map {
      guard let size = Int($0) else {
        throw ValidationError("--sizes: found '\($0)', expected numbers with commas between them")
      }
      return size
    }
  }

  func run() throws {
    try reportingFailures {
      let sizes = try wanted()
      let first = try SubsetOptions.requiringSize { try SubsetFile.read(file, size: sizes[0]) }
      let interruption = Interruption()
      let watch = SignalWatch { interruption.request() }
      var objects: [SubsetJSON] = []
      for size in sizes {
        let problem = try SubsetOptions.requiringSize { try first.resized(to: size) }
        objects.append(
          try options.run(problem, isOneOfMany: sizes.count > 1, interruption: interruption))
        if interruption.isRequested { break }
      }
      withExtendedLifetime(watch) {}
      if self.sizes == nil {
        try writeJSON(objects[0], to: options.json)
      } else {
        try writeJSON(objects, to: options.json)
      }
    }
  }
}
