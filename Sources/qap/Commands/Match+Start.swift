import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching
import QAPRegistry

extension Match {
  /// The assignment to start from: that of --start in rows, or for many rows one that cluster
  /// centers suggest; nil where the method begins by itself or --start refers to --instance.
  func start(
    of problem: MatchingProblem, _ sides: SidesOptions.Sides, _ matching: MatchingOptions,
    _ interruption: Interruption
  ) throws -> Assignment? {
    if let path = options.start {
      guard let rows = try Match.rows(path, sides) else { return nil }
      let partial = PartialAssignment(locations: try problem.locations(of: rows))
      return partial.completed(for: problem.instance)
    }
    guard search.method == "auto", fused.linear == nil, !fused.precomputed,
      placements.forbid == nil, placements.allow == nil, MatchStart.applies(problem, matching)
    else { return nil }
    // Centers and maps take two seconds; half of the time is the search's.
    if let limit = options.timeLimit, limit - RunClock.seconds() < 4 { return nil }
    let deadline = options.timeLimit.map { (RunClock.seconds() + $0) / 2 }
    let log = StepLog(isQuiet: options.quiet)
    return try MatchStart.find(
      problem, source: sides.source, target: sides.target, seed: options.seed,
      threads: options.threadCount,
      shouldStop: {
        interruption.isRequested || deadline.map { RunClock.seconds() > $0 } ?? false
      }, progress: { log.progress("start: " + $0) })
  }

  /// Rank of the map whose neighbors are written: what many pairs have in common.
  private static let neighborRank = 20

  /// Writes the nearest target rows of each source row under the map of low rank that the match
  /// suggests, if they are asked for.
  func writeNeighbors(_ targets: [Int?]?, _ sides: SidesOptions.Sides) throws {
    guard retrieval.neighborsOutput != nil, let targets else { return }
    let pairs = targets.enumerated().compactMap { row, target in target.map { (row, $0) } }
    let map = try TranslationMap(
      fitting: TranslationPairs(
        source: sides.source.selecting(pairs.map(\.0)),
        target: sides.target.selecting(pairs.map(\.1))), rank: Match.neighborRank)
    try retrieval.write(
      map, sides.source, sides.target, threads: options.threadCount,
      sourceRow: { sides.sourceRow($0) }, targetRow: { sides.targetRow($0) })
  }

  /// The matches of --agreement: the row of the target of each row of the source.
  func others(_ sides: SidesOptions.Sides) throws -> [[Int?]] {
    try (agreement?.split(separator: ",").map(String.init) ?? []).map { path in
      guard let pairs = try Match.rows(path, sides) else {
        throw InputError(
          path, found: "no pairs of rows",
          expected: "the --json of a match, or pairs as --output writes them")
      }
      var targets = [Int?](repeating: nil, count: sides.source.rows)
      for pair in pairs { targets[pair.source] = pair.target }
      return targets
    }
  }

  /// The pairs of rows in a file: the JSON of a match, or pairs as `--output` writes them; nil for
  /// files that refer to --instance.
  private static func rows(
    _ path: String, _ sides: SidesOptions.Sides
  ) throws -> [RowPair]? {
    let bytes = try FileAccess.read(path)
    if CertificateFile.isCertificate(bytes) || path.lowercased().hasSuffix(".sln") { return nil }
    if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      // Other runs' JSON has no metric.
      guard let match = try? JSONDecoder().decode(StatedMatch.self, from: Data(bytes)) else {
        return nil
      }
      let rows = match.assignment.enumerated().compactMap { source, target in
        target.map { RowPair(source: source, target: $0) }
      }
      guard rows.allSatisfy({ $0.source < sides.source.rows && $0.target < sides.target.rows })
      else {
        throw InputError(
          path, found: "a match of other rows",
          expected: "rows below \(sides.source.rows) and \(sides.target.rows)")
      }
      return rows
    }
    return try sides.pairs(path)
  }
}

/// The part of a match's JSON that tells its pairs.
private struct StatedMatch: Decodable {
  let metric: String
  let assignment: [Int?]
}
