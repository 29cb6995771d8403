import ArgumentParser
import QAPFrontend
import QAPInstanceIO
import QAPMatching

/// The options that ask for neighbors under a map.
struct NeighborOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of target rows to list for each source row (default: 5); needs --neighbors-output.",
      valueName: "k"))
  var neighbors: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the nearest target rows of each source row under the map, counted from 0: CSV "
        + "(source,target,rank,score), or .npy with one line of rows each.", valueName: "file"))
  var neighborsOutput: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Correct for hubs by this many neighbors when retrieving (CSLS).", valueName: "k"))
  var csls: Int?

  func validate() throws {
    if let neighbors, !(1...10_000).contains(neighbors) {
      throw ValidationError("--neighbors must be between 1 and 10000, not \(neighbors)")
    }
    if neighbors != nil, neighborsOutput == nil {
      throw ValidationError("--neighbors needs a file: give --neighbors-output")
    }
    if neighborsOutput == "-" {
      throw ValidationError("--neighbors-output needs a file name, not '-'")
    }
    if let csls, csls < 1 { throw ValidationError("--csls must be at least 1, not \(csls)") }
  }

  /// Writes the neighbors of the rows of `source`, if they are asked for.
  ///
  /// - Parameters:
  ///   - sourceRow: the number in its file of a row of `source`; the same for `target`.
  func write(
    _ map: TranslationMap, _ source: Embeddings, _ target: Embeddings, threads: Int,
    sourceRow: (Int) -> Int = { $0 }, targetRow: (Int) -> Int = { $0 }
  ) throws {
    guard let path = neighborsOutput else { return }
    let found = try map.neighbors(
      of: source, in: target, count: neighbors ?? 5, csls: csls, threads: threads)
    if path.lowercased().hasSuffix(".npy") {
      return try IndexFile.writeTable(found.map { $0.map { targetRow($0.row) } }, to: path)
    }
    var text = "source,target,rank,score\n"
    for (row, neighbors) in found.enumerated() {
      for (rank, neighbor) in neighbors.enumerated() {
        text += "\(sourceRow(row)),\(targetRow(neighbor.row)),\(rank + 1),\(neighbor.score)\n"
      }
    }
    try FileAccess.write(Array(text.utf8), to: path)
  }
}
