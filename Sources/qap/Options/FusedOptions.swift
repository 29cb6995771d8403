import ArgumentParser
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// Options for sides that are compared by given matrices.
struct FusedOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: "SOURCE and TARGET are n x n similarities or distances (gw, inner, kl, cka, correlation)."
  )
  var precomputed = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Costs of matching each row of SOURCE with each row of TARGET (similarities where the metric "
        + "is maximized), added to the structure; a matrix as .npy or .csv.", valueName: "file"))
  var linear: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With --linear: objective = A x structure + (1 - A) x linear (default: 0.5).",
      valueName: "share"))
  var alpha: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Let rows stay unmatched: each row of either side without a partner costs this.",
      valueName: "cost"))
  var outliers: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With --outliers: maximum number of rows without a partner on the smaller side.",
      valueName: "n"))
  var maxOutliers: Int?

  func validate() throws {
    try validateOutliers(outliers, maxCount: maxOutliers)
    if let alpha {
      guard alpha >= 0, alpha <= 1 else {
        throw ValidationError("--alpha must be between 0 and 1, not \(alpha)")
      }
      if linear == nil { throw ValidationError("--alpha applies only with --linear") }
    }
  }

  /// Adds the matrices and prices to `options`, in the frame of the rows that were selected.
  func apply(to options: inout MatchingOptions, _ sides: SidesOptions.Sides) throws {
    options.isPrecomputed = precomputed
    options.alpha = alpha ?? options.alpha
    (options.outlierCost, options.maxOutliers) = (outliers, maxOutliers)
    guard let linear else { return }
    let matrices = try EmbeddingFile.read(linear)
    guard matrices.count == 1 else {
      throw InputError(linear, found: "\(matrices.count) matrices", expected: "one")
    }
    let given = matrices[0]
    guard let rows = sides.selected else {
      try require(given, sides.source.rows, sides.target.rows, linear)
      options.linear = given
      return
    }
    try require(given, sides.givenRows.source, sides.givenRows.target, linear)
    options.linear = Matrix(rows: rows.count, columns: rows.count) {
      given[rows[$0].source, rows[$1].target]
    }
  }

  private func require(
    _ matrix: Matrix<Double>, _ rows: Int, _ columns: Int, _ file: String
  ) throws {
    guard matrix.rows == rows, matrix.columns == columns else {
      throw InputError(
        file, found: "\(matrix.rows) × \(matrix.columns) numbers",
        expected: "\(rows) × \(columns), rows of SOURCE by rows of TARGET")
    }
  }

  /// The warnings about sides that look like matrices of similarities but are read as embeddings.
  func warnings(_ sides: SidesOptions.Sides) -> [String] {
    if precomputed { return [] }
    return [("SOURCE", sides.source), ("TARGET", sides.target)].compactMap { name, side in
      guard side.rows >= 3, side.values.isSquare, side.values.isSymmetric else { return nil }
      return "warning: \(name) is a symmetric \(side.rows) × \(side.rows) matrix and is read as "
        + "embeddings; use --precomputed if it holds similarities or distances"
    }
  }
}
