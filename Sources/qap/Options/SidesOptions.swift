import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching

/// Two files of embeddings, class by class and row by row as asked for.
struct SidesOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Embeddings to match, one row per item: .npy, .npz, .safetensors or .csv; several encoders "
        + "of the same rows, separated by commas, are combined."))
  var source: String

  @Argument(help: "Embeddings to match them with.")
  var target: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Average the rows of SOURCE by class; a file with the class of each row, from 0.",
      valueName: "file"))
  var labels: String?

  @Option(
    name: .long, help: ArgumentHelp("The same for TARGET.", valueName: "file"))
  var targetLabels: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Use only these rows: numbers from 0, one per line (or pairs: SOURCE and TARGET), or .npy. "
        + "Other files go on to name rows by these numbers.",
      valueName: "file"))
  var rows: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Names of the rows of SOURCE, one per line; also of TARGET without --target-names.",
      valueName: "file"))
  var names: String?

  @Option(name: .long, help: ArgumentHelp("Names of the rows of TARGET.", valueName: "file"))
  var targetNames: String?

  @OptionGroup var drop: DropOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Weights of the encoders of SOURCE, separated by commas (default: equal), or 'agreement': by "
        + "how well they agree with each other.",
      valueName: "list"))
  var weights: String?

  @Option(
    name: .long, help: ArgumentHelp("The same for TARGET.", valueName: "list"))
  var targetWeights: String?

  func validate() throws {
    _ = try parsed(weights, "--weights")
    _ = try parsed(targetWeights, "--target-weights")
  }

  private func parsed(_ text: String?, _ option: String) throws -> EmbeddingInput.Weights? {
    try text.map {
      if $0 == "agreement" { return .agreement }
      return .given(
        try list($0, option, "positive numbers, or 'agreement'") {
          Double($0).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
        })
    }
  }

  /// The files of both sides.
  var paths: [String] { EmbeddingInput.paths(source) + EmbeddingInput.paths(target) }

  /// Both sides with their names, if they have any.
  struct Sides {
    let source: Embeddings
    let target: Embeddings
    let sourceNames: [String]?
    let targetNames: [String]?
    /// The selected pairs of rows, in the files' own numbers; nil for all rows.
    var selected: [RowPair]?

    /// The number that a row of the source has in its file.
    func sourceRow(_ row: Int) -> Int { selected?[row].source ?? row }
    /// The number that a row of the target has in its file.
    func targetRow(_ row: Int) -> Int { selected?[row].target ?? row }
    /// The numbers of rows of the files.
    var givenRows = (source: 0, target: 0)

    /// Where rows of the source and of the target stand among those that were selected.
    private var places: (source: [Int: Int], target: [Int: Int])? {
      selected.map { rows in
        (
          Dictionary(
            rows.enumerated().map { ($1.source, $0) }, uniquingKeysWith: { one, _ in one }),
          Dictionary(rows.enumerated().map { ($1.target, $0) }, uniquingKeysWith: { one, _ in one })
        )
      }
    }

    /// The pairs in a file, which names rows by the files' own numbers, as `--output` does.
    ///
    /// - Throws: `InputError` for rows that were not selected.
    func pairs(_ path: String, notes: Bool = false) throws -> [RowPair] {
      let given = try EmbeddingInput.pairs(path, rows: givenRows, notes: notes)
      guard let places else { return given }
      return try given.map { pair in
        guard let source = places.source[pair.source], let target = places.target[pair.target]
        else {
          throw InputError(
            path, found: "row \(pair.source) with row \(pair.target)",
            expected: "rows that --rows selects")
        }
        return RowPair(source: source, target: target)
      }
    }

    /// The forbidden pairs among the selected rows.
    func forbidden(_ placements: PlacementOptions) throws -> [RowPair] {
      let given = try placements.forbidden(rows: givenRows.source, columns: givenRows.target)
      guard let places else {
        return given.map { RowPair(source: $0.facility, target: $0.location) }
      }
      return given.compactMap { pair in
        guard let source = places.source[pair.facility], let target = places.target[pair.location]
        else { return nil }
        return RowPair(source: source, target: target)
      }
    }

    /// The true partner of each selected row of the source; nil where it is unknown or was not
    /// selected.
    func truth(_ text: String) throws -> [Int?] {
      guard let places, let selected, text != "identity" else {
        return try EmbeddingInput.truth(text, rows: (source.rows, target.rows))
      }
      let whole = try EmbeddingInput.truth(text, rows: givenRows)
      return selected.map { whole[$0.source].flatMap { places.target[$0] } }
    }
  }

  /// Reads everything; of matrices that are precomputed, rows and columns are selected.
  func read(isPrecomputed: Bool = false) throws -> Sides {
    if isPrecomputed, labels != nil || targetLabels != nil {
      throw Failure.usage("--labels and --target-labels do not apply with --precomputed")
    }
    let source = try EmbeddingInput.read(
      source, labels: labels, weights: try parsed(weights, "--weights"))
    let target = try EmbeddingInput.read(
      target, labels: targetLabels, weights: try parsed(targetWeights, "--target-weights"))
    let sourceNames = try names.map { try EmbeddingInput.names($0, count: source.rows) }
    let ofTarget = try (targetNames ?? (source.rows == target.rows ? names : nil)).map {
      try EmbeddingInput.names($0, count: target.rows)
    }
    guard let rows else {
      return Sides(
        source: try drop.columns(of: source), target: try drop.columns(of: target),
        sourceNames: sourceNames,
        targetNames: ofTarget, givenRows: (source.rows, target.rows))
    }
    let pairs = try EmbeddingInput.pairs(rows, rows: (source.rows, target.rows))
    for side in [pairs.map(\.source), pairs.map(\.target)] where Set(side).count < side.count {
      throw InputError(rows, found: "a row twice", expected: "each row once")
    }
    func selected(_ side: Embeddings, _ rows: [Int]) throws -> Embeddings {
      try isPrecomputed ? side.selectingBoth(rows) : side.selecting(rows)
    }
    return Sides(
      source: try drop.columns(of: try selected(source, pairs.map(\.source))),
      target: try drop.columns(of: try selected(target, pairs.map(\.target))),
      sourceNames: sourceNames.map { names in pairs.map { names[$0.source] } },
      targetNames: ofTarget.map { names in pairs.map { names[$0.target] } }, selected: pairs,
      givenRows: (source.rows, target.rows))
  }
}
