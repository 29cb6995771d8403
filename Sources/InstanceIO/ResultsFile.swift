import Foundation

/// Results of other solvers as comma-separated values.
///
/// The first line names the columns, in any order: `instance` must be there, and at least one of
/// `objective` and `bound`; `method` (of several that the solver has), `n`, `seed`, `seconds` and
/// `termination` may be. Other columns are ignored, empty fields are unknown, and names hold no commas.
public enum ResultsFile {
  /// One line.
  public struct Result: Equatable, Sendable {
    /// The instance's name, as in `best-known.csv`.
    public var instance: String
    /// The method, where the file names it.
    public var method: String?
    /// Its number of facilities, n.
    public var size: Int?
    /// The seed of the run; 0 where there is none.
    public var seed: UInt64 = 0
    /// The objective found, in the instance's own unit.
    public var objective: Double?
    /// The lower bound that the other solver claims.
    public var bound: Double?
    /// Seconds that it took.
    public var seconds: Double?
    /// Why it ended, in whatever words.
    public var termination: String?
  }

  /// Everything in the file at `path`.
  /// Throws `FileError` when there is nothing to read and `DataError` when it is something else.
  public static func read(_ path: String) throws -> [Result] {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Everything in `bytes`, which came from `file`.
  /// Throws `DataError`, with line and column, for anything else than described above.
  public static func parse(_ bytes: [UInt8], file: String) throws(DataError) -> [Result] {
    var lines = String(decoding: bytes, as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
    if lines.last?.isEmpty == true { lines = lines.dropLast() }
    var columns = lines.popFirst().map { fields($0) } ?? []
    if let first = columns.first, first.hasPrefix("\u{FEFF}") {
      columns[0] = String(first.unicodeScalars.dropFirst())
    }
    let places = Dictionary(
      columns.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    guard let instance = places["instance"],
      places["objective"] != nil || places["bound"] != nil
    else {
      throw DataError(
        file: file, line: 1, column: 1,
        found: columns.isEmpty ? "nothing" : "columns " + columns.joined(separator: ",").printable,
        expected: "a header with 'instance' and 'objective' or 'bound'")
    }
    var results: [Result] = []
    for (index, line) in lines.enumerated() {
      if line.allSatisfy(\.isWhitespace) { continue }
      let cells = fields(line)
      guard cells.count == columns.count else {
        throw DataError(
          file: file, line: index + 2, column: 1, found: "\(cells.count) fields",
          expected: "\(columns.count)")
      }
      func text(_ name: String) -> String? { places[name].map { cells[$0] } }
      func value<Number>(
        _ name: String, _ kind: String, _ parse: (String) -> Number?
      ) throws(DataError) -> Number? {
        guard let text = text(name), !text.isEmpty else { return nil }
        guard let value = parse(text) else {
          throw DataError(
            file: file, line: index + 2, column: (places[name] ?? 0) + 1,
            found: "'\(text.printable)' in the field \(name)", expected: kind)
        }
        return value
      }
      func number(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }
      results.append(
        Result(
          instance: cells[instance],
          method: text("method").flatMap { $0.isEmpty ? nil : $0 },
          size: try value("n", "an integer") { Int($0) },
          seed: try value("seed", "an integer of at least 0") { UInt64($0) } ?? 0,
          objective: try value("objective", "a number", number),
          bound: try value("bound", "a number", number),
          seconds: try value("seconds", "a number", number), termination: text("termination")))
    }
    return results
  }

  private static func fields(_ line: Substring) -> [String] {
    line.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}
