import QAP

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Results of other solvers as comma-separated values.
///
/// The first line names the columns, in any order: `instance` must be there, and at least one of
/// `objective` and `bound`; `method` (of several that the solver has), `n`, `seed`, `seconds` and
/// `termination` may be. Other columns are ignored and empty fields are unknown. A field in double
/// quotes may hold commas, and quotes that are doubled, but no line break.
public enum ResultsFile {
  /// One line.
  public struct Result: Equatable, Sendable {
    /// The instance's name, as in `best-known.csv`.
    public var instance: String
    /// The method, where the file names it.
    public var method: String?
    /// Its number of facilities, n.
    public var size: Int?
    /// The seed of the run; without one, the least that no line of the instance and method
    /// before has.
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
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is something
  ///   else.
  public static func read(_ path: String) throws -> [Result] {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Everything in `bytes`, which came from `file`.
  ///
  /// - Throws: `InputError`, with line and column, for anything else than described above.
  public static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> [Result] {
    var lines = String(decoding: FileAccess.withoutMark(bytes), as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
    if lines.last?.isEmpty == true { lines = lines.dropLast() }
    let header = lines.popFirst()
    let columns =
      try header.map { line throws(InputError) in
        try fields(line, file: file, line: 1)
      } ?? []
    for (place, name) in columns.enumerated()
    where columns[..<place].contains(name) && !name.isEmpty {
      throw InputError(
        file, line: 1, column: place + 1, found: "a second column '\(name.printable)'",
        expected: "one of each name")
    }
    let places = Dictionary(
      columns.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    guard let instance = places["instance"],
      places["objective"] != nil || places["bound"] != nil
    else {
      throw InputError(
        file, line: 1, column: 1,
        found: columns.isEmpty ? "nothing" : "columns " + columns.joined(separator: ",").printable,
        expected: "a header with 'instance' and 'objective' or 'bound'")
    }
    var results: [Result] = []
    var seeds: [String: Set<UInt64>] = [:]
    var unused: [String: UInt64] = [:]
    for (index, line) in lines.enumerated() {
      if line.allSatisfy(\.isWhitespace) { continue }
      let cells = try fields(line, file: file, line: index + 2)
      guard cells.count == columns.count else {
        throw InputError(
          file, line: index + 2, column: 1, found: "\(cells.count) fields",
          expected: "\(columns.count)")
      }
      guard !cells[instance].isEmpty else {
        throw InputError(
          file, line: index + 2, column: instance + 1, found: "no instance",
          expected: "its name")
      }
      func text(_ name: String) -> String? { places[name].map { cells[$0] } }
      func value<Number>(
        _ name: String, _ kind: String, _ parse: (String) -> Number?
      ) throws(InputError) -> Number? {
        guard let text = text(name), !text.isEmpty else { return nil }
        guard let value = parse(text) else {
          throw InputError(
            file, line: index + 2, column: (places[name] ?? 0) + 1,
            found: "'\(text.printable)' in the field \(name)", expected: kind)
        }
        return value
      }
      // Decimal digits only: `Double` takes hexadecimal ones as well.
      func number(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "+-.eE0123456789".utf8.contains($0) }) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
      }
      let method = text("method").flatMap { $0.isEmpty ? nil : $0 }
      let key = "\(cells[instance])\t\(method ?? "")"
      let seed: UInt64
      if let given = try value("seed", "an integer of at least 0", { UInt64($0) }) {
        guard seeds[key]?.contains(given) != true else {
          throw InputError(
            file, line: index + 2, column: (places["seed"] ?? 0) + 1,
            found: "a second result of seed \(given)",
            expected: "one of each instance, method and seed")
        }
        seed = given
      } else {
        var free = unused[key] ?? 0
        while seeds[key]?.contains(free) == true { free += 1 }
        unused[key] = free + 1
        seed = free
      }
      seeds[key, default: []].insert(seed)
      results.append(
        Result(
          instance: cells[instance], method: method,
          size: try value("n", "an integer of at least 1") {
            Int($0).flatMap { $0 >= 1 ? $0 : nil }
          },
          seed: seed,
          objective: try value("objective", "a number", number),
          bound: try value("bound", "a number", number),
          seconds: try value("seconds", "a number of at least 0") {
            number($0).flatMap { $0 >= 0 ? $0 : nil }
          }, termination: text("termination")))
    }
    return results
  }

  /// The fields of a line, without the blanks around them.
  private static func fields(
    _ line: Substring, file: String, line number: Int
  ) throws(InputError) -> [String] {
    var fields: [String] = []
    var rest = line
    while true {
      let start = rest.drop(while: \.isWhitespace)
      if start.first == "\"" {
        rest = start.dropFirst()
        let text = quoted(&rest)
        rest = rest.drop(while: \.isWhitespace)
        guard let text, rest.first == nil || rest.first == "," else {
          throw InputError(
            file, line: number, column: fields.count + 1,
            found: text == nil ? "a quote without an end" : "text after a closing quote",
            expected: "fields between commas")
        }
        fields.append(text)
      } else {
        let text = rest.prefix { $0 != "," }
        rest = rest[text.endIndex...]
        var word = text.drop(while: \.isWhitespace)
        while word.last?.isWhitespace == true { word.removeLast() }
        fields.append(String(word))
      }
      guard rest.popFirst() != nil else { return fields }
    }
  }

  /// The text before the closing quote, which is consumed; nil when there is no closing quote.
  private static func quoted(_ rest: inout Substring) -> String? {
    var text = ""
    while let character = rest.popFirst() {
      if character != "\"" {
        text.append(character)
      } else if rest.first == "\"" {
        text.append("\"")
        rest = rest.dropFirst()
      } else {
        return text
      }
    }
    return nil
  }
}
