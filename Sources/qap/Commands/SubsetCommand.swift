import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPReporting

/// `qap subset`: the items that cost least together.
struct SubsetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subset",
    abstract: "Select the N of L items that cost least together, with a proven bound.",
    discussion: """
      FILE is an .npy matrix of shape (L, L), the cost of each ordered pair. The objective counts \
      every ordered pair once, the diagonal included; it need not be symmetric. With two files of \
      embeddings, row i of one belongs to row i of the other, or to the row that --truth names, \
      and the costs are the metric's losses of the true pairs: the subset has the best true match. \
      Kernels are computed and standardized over all rows. With --truth the items chosen are \
      also matched without their truth, and the report says whether the metric or the search \
      keeps them from being found.

      With --sizes the subsets of several sizes are found one after the other, and JSON is an \
      array with an object for each. --output writes the items of the best subset, one number from \
      0 per line, for --rows of 'qap match'; .npy writes an array. With several sizes, the size is \
      added to the file name: best.txt becomes best-20.txt.

      Up to 200 items the search runs until the optimum is proven. Larger problems get the root \
      bound only, unless --time-limit or --nodes is given.

      Examples:
        qap subset cost.npy --size 20 --best 3 --certificate best.cert
        qap subset v.npy l.npy --metric gw --standardize --size 40 -o rows.txt
        qap subset v.npy l.npy --size 40 --truth pairs.txt -o rows.txt
        qap subset v.npy l.npy --size 10 --instance costs.npy --certificate best.cert
        qap verify costs.npy best.cert
      """)

  @Argument(help: "The costs, or embeddings: .npy, .npz, .safetensors or .csv.")
  var file: String

  @Argument(help: "Embeddings of the same items from another encoder.")
  var target: String?

  @Option(name: .long, help: ArgumentHelp("The number of items to choose.", valueName: "n"))
  var size: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Several sizes, one after the other: 10,20,30.", valueName: "list"))
  var sizes: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the costs of two files of embeddings, for 'qap verify'.", valueName: "file"))
  var instance: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Match the best subset without its truth as well: 'identity' (row i belongs to row i), or a "
        + "file with the row of TARGET of each row of FILE, or pairs.", valueName: "file"))
  var truth: String?

  @OptionGroup var comparison: ComparisonOptions

  @OptionGroup var drop: DropOptions

  @OptionGroup var options: SubsetOptions

  func validate() throws {
    guard (size == nil) != (sizes == nil) else {
      throw ValidationError("give either --size or --sizes")
    }
    _ = try wanted()
    if target != nil, options.maximize {
      throw ValidationError("--maximize does not apply: the metric decides the sense")
    }
    if let instance {
      if target == nil { throw ValidationError("--instance needs two files of embeddings") }
      if !instance.lowercased().hasSuffix(".npy") {
        throw ValidationError("--instance must end in .npy, not '\(instance)'")
      }
    }
    if target == nil, truth != nil {
      throw ValidationError("--truth needs two files of embeddings")
    }
    if target == nil, isComparisonGiven {
      throw ValidationError("--metric and the steps before it need two files of embeddings")
    }
  }

  /// True when some option says how embeddings are to be compared.
  private var isComparisonGiven: Bool {
    comparison.standardize || comparison.stretch || comparison.normalize != nil
      || comparison.metric != "gw" || drop.dropZeroRows || drop.dropConstantColumns
  }

  /// The sizes asked for.
  private func wanted() throws -> [Int] {
    if let size { return [size] }
    return try list(sizes ?? "", "--sizes", "numbers") { Int($0) }
  }

  /// A problem of one size, the names of its items, and the kernels to match them with.
  private struct Problem {
    var subset: SubsetProblem
    /// The rows that are its items; nil for all.
    var rows: [Int]?
    /// Their rows in the other file; nil where they are the same.
    var partners: [Int]?
    var truth: SubsetTruth?
  }

  /// The problem that the files describe.
  private func problem(size: Int) throws -> Problem {
    guard let target else { return Problem(subset: try SubsetFile.read(file, size: size)) }
    var (x, y) = (
      try EmbeddingInput.read(file, labels: nil), try EmbeddingInput.read(target, labels: nil)
    )
    var pairs: [RowPair]?
    if let truth, truth != "identity" {
      let given = try EmbeddingInput.truth(truth, rows: (x.rows, y.rows)).enumerated()
        .compactMap { row, partner in partner.map { RowPair(source: row, target: $0) } }
      (x, y) = (try x.selecting(given.map(\.source)), try y.selecting(given.map(\.target)))
      pairs = given
    } else if x.rows != y.rows {
      throw InputError(
        target, found: "\(y.rows) rows",
        expected: "\(x.rows), as many as in \(file), or --truth with the pairs")
    }
    let kept = try drop.rows(of: x, y)
    let rows = kept.count < x.rows ? kept : nil
    (x, y) = (
      try drop.columns(of: rows.map { try x.selecting($0) } ?? x),
      try drop.columns(of: rows.map { try y.selecting($0) } ?? y)
    )
    let matching = try comparison.matching(
      seed: options.work.seed, threads: options.work.threadCount)
    try SubsetOptions.requireKernels(
      matching, rows: x.rows, for: "subset", alternative: "files with fewer rows")
    let (ours, theirs) = (try matching.kernel(of: x), try matching.kernel(of: y))
    let costs = matching.metric.pairLosses(ours, theirs)
    let name = [file, target].map(EmbeddingInput.name).joined(separator: " to ")
    do {
      return Problem(
        subset: try SubsetProblem(name: name, costs: costs, size: size),
        rows: pairs.map { pairs in kept.map { pairs[$0].source } } ?? rows,
        partners: pairs.map { pairs in kept.map { pairs[$0].target } },
        truth: truth == nil
          ? nil : SubsetTruth(source: ours, target: theirs, metric: matching.metric))
    } catch let error where error.kind == .argument {
      throw error
    } catch {
      throw InputError(target, found: "losses beyond bounds", expected: "finite ones")
    }
  }

  /// The files that are read.
  private var inputs: [String] {
    EmbeddingInput.paths(file) + (target.map { EmbeddingInput.paths($0) } ?? [])
      + (truth.map { $0 == "identity" ? [] : [$0] } ?? [])
  }

  func run() throws {
    try reportingFailures {
      let sizes = try wanted()
      let metric = target == nil ? nil : try comparison.chosenMetric()
      try requireSeparate(
        [
          "--output": options.output, "--certificate": options.certificate,
          "--json": options.json.path, "--instance": instance,
        ],
        from: inputs)
      let first = try problem(size: sizes[0])
      if let instance { try SubsetFile.write(first.subset, to: instance) }
      let interruption = Interruption()
      let watch = SignalWatch { interruption.request() }
      var objects: [SubsetAnswer] = []
      for size in sizes {
        objects.append(
          try options.run(
            first.subset.resized(to: size), metric: metric, rows: first.rows,
            partners: first.partners, truth: first.truth, isOneOfMany: sizes.count > 1,
            interruption: interruption, origin: objects.isEmpty ? 0 : nil))
        if interruption.isRequested { break }
      }
      withExtendedLifetime(watch) {}
      let origin = RunOrigin(inputs)
      if self.sizes == nil {
        try options.json.write(Originated(answer: objects[0], origin: origin))
      } else {
        try options.json.write(objects.map { Originated(answer: $0, origin: origin) })
      }
      try options.requireCertificate(objects)
    }
  }
}
