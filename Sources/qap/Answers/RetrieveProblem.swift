import Foundation
import QAP
import QAPInstanceIO
import QAPMatching
import QAPPrimitives

/// The files of a `qap retrieve`, read and scaled, and who is known and who asks for each seed.
struct RetrieveProblem {
  private let command: Retrieve
  private let source: Embeddings
  private let target: Embeddings
  /// Where known pairs come from, when that is another pair of files.
  private let elsewhere: (source: Embeddings, target: Embeddings)?
  /// The partner of each row of the source; nil beyond the rows of the target.
  private let partners: [Int?]
  private let queries: [RowPair]?
  /// The rows that are left of these files, and of those that known pairs come from.
  private let living: Living
  private let livingElsewhere: Living

  /// The rows that are left of two files.
  private struct Living {
    var source: Set<Int>
    var target: Set<Int>

    init(_ drop: DropOptions, _ source: Embeddings, _ target: Embeddings) throws {
      (self.source, self.target) = (
        Set(try drop.rows(of: source)), Set(try drop.rows(of: target))
      )
    }

    func has(_ pair: RowPair) -> Bool {
      source.contains(pair.source) && target.contains(pair.target)
    }
  }

  /// The problem of one seed.
  struct Round {
    let source: RetrievalSide
    let target: RetrievalSide
    /// The place among the candidates of each query's partner.
    let truth: [Int]
    /// The number of known pairs.
    let base: Int
  }

  init(_ command: Retrieve, log: StepLog) throws {
    self.command = command
    let sides = (
      try EmbeddingInput.read(command.source), try EmbeddingInput.read(command.target)
    )
    if let labels = command.labels {
      let classes = try IndexFile.readIndices(labels, below: sides.1.rows)
      guard classes.count == sides.0.rows else {
        throw InputError(
          labels, found: "\(classes.count) labels",
          expected: "\(sides.0.rows), one for each row of \(command.source)")
      }
      partners = classes
    } else {
      partners = (0..<sides.0.rows).map { $0 < sides.1.rows ? $0 : nil }
    }
    queries = try command.queries.map { path in
      try command.labels == nil
        ? EmbeddingInput.pairs(path, rows: (sides.0.rows, sides.1.rows))
        : EmbeddingInput.rows(path, of: sides.0.rows).map { RowPair(source: $0, target: $0) }
    }
    var others: (Embeddings, Embeddings)?
    if let first = command.known.baseSource, let second = command.known.baseTarget {
      let both = (try EmbeddingInput.read(first), try EmbeddingInput.read(second))
      guard both.0.rows == both.1.rows else {
        throw InputError(
          second, found: "\(both.1.rows) rows", expected: "\(both.0.rows), as in \(first)")
      }
      others = both
    }
    living = try Living(command.drop, sides.0, sides.1)
    livingElsewhere = try others.map { try Living(command.drop, $0, $1) } ?? living
    func scaled(_ e: Embeddings, _ more: Embeddings?) throws -> (Embeddings, Embeddings?) {
      var all = try more.map { try e.followed(by: $0) } ?? e
      let (rows, kept) = (all.rows, command.drop.dropZeroRows ? all.nonzeroRows : nil)
      if let kept { all = try all.selecting(kept) }
      all = try command.drop.columns(of: all)
      if command.normalize { all = try all.normalized() }
      if command.stretch { all = try all.stretched() }
      if let kept { all = try all.spread(to: kept, of: rows) }
      guard let more else { return (all, nil) }
      return (
        try all.selecting(Array(0..<e.rows)),
        try all.selecting(Array(e.rows..<e.rows + more.rows))
      )
    }
    let (first, firstBase) = try scaled(sides.0, others?.0)
    let (second, secondBase) = try scaled(sides.1, others?.1)
    source = first
    target = second
    if let firstBase, let secondBase {
      elsewhere = (firstBase, secondBase)
    } else {
      elsewhere = nil
    }
    log.step(
      "read \(source.rows) rows of \(source.features) features and \(target.rows) of "
        + "\(target.features)"
    )
  }

  /// Known pairs and queries for `seed`.
  func round(seed: UInt64, threads: Int) throws -> Round {
    let base = try known(seed: seed, threads: threads).filter(livingElsewhere.has)
    let asked = try self.asked(base)
    guard !asked.isEmpty else {
      throw InputError(source.name, found: "no query", expected: "at least one")
    }
    let pool = elsewhere ?? (source, target)
    let candidates: [Int]
    let truth: [Int]
    if command.labels != nil {
      candidates = Array(0..<target.rows)
      truth = asked.map(\.target)
    } else {
      candidates = asked.map(\.target)
      truth = Array(0..<asked.count)
    }
    func side(_ pool: Embeddings, _ rows: [Int], _ asked: Embeddings) throws -> RetrievalSide {
      try RetrievalSide(base: rows.isEmpty ? nil : try pool.selecting(rows), asked: asked)
    }
    return Round(
      source: try side(
        pool.0, base.map(\.source), try source.selecting(asked.map(\.source))),
      target: try side(pool.1, base.map(\.target), try target.selecting(candidates)),
      truth: truth, base: base.count)
  }

  /// The known pairs: rows of the pool, be it these files or others.
  private func known(seed: UInt64, threads: Int) throws -> [RowPair] {
    let options = command.known
    if let path = options.base {
      if let elsewhere {
        return try EmbeddingInput.pairs(path, rows: (elsewhere.source.rows, elsewhere.target.rows))
      }
      if command.labels == nil {
        return try EmbeddingInput.pairs(path, rows: (source.rows, target.rows))
      }
      return try EmbeddingInput.rows(path, of: source.rows).map(pair)
    }
    var rows: [Int] = []
    var pool: (source: Embeddings, target: Embeddings)
    if let elsewhere {
      rows = (0..<elsewhere.source.rows).filter {
        livingElsewhere.has(RowPair(source: $0, target: $0))
      }
      pool = elsewhere
      if rows.count < pool.source.rows {
        pool = (try pool.source.selecting(rows), try pool.target.selecting(rows))
      }
    } else {
      let asking = Set((queries ?? []).map(\.source))
      rows = (0..<source.rows).filter {
        partners[$0] != nil && !asking.contains($0) && living.has(pair($0))
      }
      guard options.baseSize != nil else { return [] }
      guard !rows.isEmpty else {
        throw InputError(source.name, found: "no pair to choose", expected: "at least two")
      }
      pool = (try source.selecting(rows), try target.selecting(rows.map { partners[$0] ?? 0 }))
    }
    guard let size = options.baseSize else {
      return rows.map { RowPair(source: $0, target: $0) }
    }
    let chosen = try options.choose(
      size, source: pool.source, target: pool.target, seed: seed, threads: threads)
    return chosen.map { place in
      elsewhere == nil ? pair(rows[place]) : RowPair(source: rows[place], target: rows[place])
    }
  }

  private func pair(_ row: Int) -> RowPair {
    RowPair(source: row, target: partners[row] ?? row)
  }

  /// The queries and their partners.
  private func asked(_ base: [RowPair]) throws -> [RowPair] {
    let isKnown = elsewhere == nil ? Set(base.map(\.source)) : []
    guard let queries else {
      guard command.labels != nil || source.rows == target.rows else {
        throw InputError(
          target.name, found: "\(target.rows) rows",
          expected: "\(source.rows), as in \(source.name), or --queries")
      }
      return (0..<source.rows).filter { !isKnown.contains($0) }.map(pair).filter(living.has)
    }
    if let fault = queries.first(where: { isKnown.contains($0.source) }) {
      throw InputError(
        command.queries ?? "queries", found: "row \(fault.source) of a known pair",
        expected: "rows in no known pair")
    }
    return (command.labels == nil ? queries : queries.map { pair($0.source) }).filter(living.has)
  }
}
