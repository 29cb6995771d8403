/// Input that cannot be used: the contents of a file, numbers that make no instance, embeddings
/// that a step has no use for, or parameters out of range.
///
/// Commands report it in one line.
public struct InputError: Error, Equatable, CustomStringConvertible {
  /// The kind of fault, which decides the exit code.
  public enum Kind: Sendable {
    /// Data that are not what they claim to be, or of no use (exit 65).
    case data
    /// Nothing is wrong with the data but their amount (exit 69).
    case memory
    /// A parameter that the caller chose (exit 64).
    case argument
  }

  /// The file as the caller named it, the embeddings, or the matrix; empty where `found` says all.
  public let source: String
  /// The line, counted from 1; nil for binary data.
  public let line: Int?
  /// The column in characters, counted from 1; nil for binary data.
  public let column: Int?
  /// The faulty content; rows and columns are numbered from 0.
  public let found: String
  /// The expected content.
  public let expected: String
  /// The kind of fault.
  public let kind: Kind

  /// An error about `source`: at a place in a text, or in the whole when `line` is nil.
  public init(
    _ source: String = "", line: Int? = nil, column: Int? = nil, found: String, expected: String,
    kind: Kind = .data
  ) {
    self.source = source
    self.line = line
    self.column = column
    self.found = found
    self.expected = expected
    self.kind = kind
  }

  /// The same about a part of `file`.
  public func inside(_ file: String) -> InputError {
    InputError(
      source.isEmpty ? file : "\(file): \(source)", line: line, column: column, found: found,
      expected: expected, kind: kind)
  }

  /// `source:line:column: found X, expected Y`.
  public var description: String {
    var place = source
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return (place.isEmpty ? "" : "\(place): ") + "found \(found), expected \(expected)"
  }
}

extension InputError {
  /// An instance without facilities.
  package static let empty = InputError(found: "0 facilities", expected: "at least 1")

  /// A matrix, or a list, of the wrong shape.
  package static func shape(what: String, found: String, expected: String) -> InputError {
    InputError(what, found: found, expected: expected)
  }

  /// An entry that is NaN or infinite.
  package static func notFinite(what: String, row: Int, column: Int) -> InputError {
    InputError("\(what)[\(row), \(column)]", found: "NaN or infinity", expected: "a finite number")
  }

  /// Data some objective of which exceeds `limit`.
  package static func overflow(_ limit: Double) -> InputError {
    InputError(
      found: "objectives beyond \(limit)", expected: "data that can be summed and squared")
  }

  /// A placement of a facility or at a location that there is not.
  package static func placement(
    _ pair: FixedPair, facilities: Int, locations: Int
  ) -> InputError {
    InputError(
      found: "facility \(pair.facility) at location \(pair.location)",
      expected: "facilities below \(facilities) and locations below \(locations)")
  }

  /// A number of items to choose that there is not.
  package static func size(found: Int, items: Int) -> InputError {
    InputError(
      "size", found: "\(found)", expected: "1 to \(items), the number of items", kind: .argument)
  }
}
