import Foundation
import QAP
import QAPFrontend
import QAPInstanceIO
import QAPMatching

/// Embeddings and what belongs to them, as commands read them.
enum EmbeddingInput {
  /// The files that an argument names: one, or several encoders of the same rows, separated by
  /// commas.
  static func paths(_ argument: String) -> [String] {
    argument.contains(",") && !FileManager.default.fileExists(atPath: argument)
      ? argument.split(separator: ",").map(String.init) : [argument]
  }

  /// A short name for what an argument names.
  static func name(_ argument: String) -> String {
    paths(argument).map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
      .joined(separator: "+")
  }

  /// The weights of several encoders.
  enum Weights: Equatable {
    /// Those of their agreement with each other.
    case agreement
    case given([Double])
  }

  /// The embeddings in a file; several of the same things (three axes) are averaged, and with
  /// `labels` the rows of each class are. Several encoders, separated by commas, are combined.
  static func read(
    _ argument: String, labels: String? = nil, weights: Weights? = nil
  ) throws -> Embeddings {
    let encoders = try paths(argument).map { try readOne($0, labels: labels) }
    switch weights {
    case nil: return try Embeddings.combined(encoders)
    case .agreement:
      let found = try Embeddings.agreementWeights(encoders)
      Console.note(
        "weights of \(name(argument)): "
          + found.map { "\(($0 * 1000).rounded() / 1000)" }.joined(separator: ", "))
      return try Embeddings.combined(encoders, weights: found)
    case .given(let given):
      guard given.count == encoders.count else {
        throw Failure.usage(
          "--weights has \(given.count) numbers; give one for each of the \(encoders.count) "
            + "encoders in \(argument)")
      }
      return try Embeddings.combined(encoders, weights: given)
    }
  }

  private static func readOne(_ path: String, labels: String?) throws -> Embeddings {
    let layers = try EmbeddingFile.read(path, note: Console.note).map {
      try Embeddings($0, name: path)
    }
    let embeddings = layers.count == 1 ? layers[0] : try Embeddings.average(layers)
    guard let labels else { return embeddings }
    return try embeddings.averaged(by: try self.labels(labels))
  }

  /// A file of classes, from 0 on, one a row.
  static func labels(_ path: String) throws -> [Int] {
    try IndexFile.readIndices(path, below: 1 << 31)
  }

  /// A file of row numbers of embeddings with `count` rows.
  static func rows(_ path: String, of count: Int) throws -> [Int] {
    try IndexFile.readIndices(path, below: count)
  }

  /// A file of pairs of rows, or of single rows that stand for both sides.
  static func pairs(
    _ path: String, rows: (source: Int, target: Int), notes: Bool = false
  ) throws -> [RowPair] {
    let pairs = try IndexFile.readPairs(
      path, below: max(rows.source, rows.target), note: notes ? Console.note : { _ in }
    ).map {
      RowPair(source: $0.first, target: $0.second)
    }
    for pair in pairs where pair.source >= rows.source || pair.target >= rows.target {
      throw InputError(
        path, found: "row \(pair.source) with row \(pair.target)",
        expected: "rows below \(rows.source) and \(rows.target)")
    }
    return pairs
  }

  /// The row of `target` that belongs to each row of `source`, nil where unknown: "identity", a
  /// file of row numbers, one for each row of `source`, or a file of pairs.
  static func truth(_ text: String, rows: (source: Int, target: Int)) throws -> [Int?] {
    if text == "identity" {
      guard rows.source <= rows.target else {
        throw Failure.usage(
          "--truth: found identity, expected a file, as \(rows.source) rows are matched to "
            + "\(rows.target)")
      }
      return Array(0..<rows.source)
    }
    let table = try IndexFile.readTable(text, below: max(rows.source, rows.target))
    guard table.isPaired else {
      let truth = try self.rows(text, of: rows.target)
      guard truth.count == rows.source else {
        throw InputError(
          text, found: "\(truth.count) rows",
          expected: "one for each of \(rows.source) rows, or pairs")
      }
      return truth
    }
    var truth = [Int?](repeating: nil, count: rows.source)
    for pair in try pairs(text, rows: rows) {
      guard truth[pair.source] == nil else {
        throw InputError(
          text, found: "row \(pair.source) of SOURCE in two pairs",
          expected: "one true partner for each row")
      }
      truth[pair.source] = pair.target
    }
    return truth
  }

  /// The lines of a text file, names of the `count` rows.
  static func names(_ path: String, count: Int) throws -> [String] {
    let text = String(decoding: try FileAccess.read(path), as: UTF8.self)
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(
      String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count == count else {
      throw InputError(
        path, found: "\(lines.count) names", expected: "one per line for \(count) rows")
    }
    return lines
  }
}
