import QAP

/// Data that cannot be read as what they claim to be, or written in the format asked for.
///
/// Commands report it in one line and exit with 65, or with 69 where memory is lacking.
public struct DataError: Error, Equatable, CustomStringConvertible {
  /// The file as the caller named it.
  public let file: String
  /// The line, counted from 1; nil for binary data.
  public let line: Int?
  /// The column in characters, counted from 1; nil for binary data.
  public let column: Int?
  /// The faulty content.
  public let found: String
  /// The expected content.
  public let expected: String
  /// Nothing is wrong with the data but their amount.
  public let lacksMemory: Bool

  /// An error at a place in a text, or in a whole file when `line` is nil.
  public init(
    file: String, line: Int? = nil, column: Int? = nil, found: String, expected: String,
    lacksMemory: Bool = false
  ) {
    self.lacksMemory = lacksMemory
    self.file = file
    self.line = line
    self.column = column
    self.found = found
    self.expected = expected
  }

  /// Throws when the numbers in `file` need more than the memory that is there.
  static func requireMemory(_ bytes: Double, for file: String) throws(DataError) {
    guard bytes > 0x1p24, bytes > Double(AvailableMemory.bytes) else { return }
    throw DataError(
      file: file, found: "numbers that need about \(Int(bytes) >> 20) MiB of memory",
      expected: "at most the \(AvailableMemory.bytes >> 20) MiB that are there", lacksMemory: true)
  }

  /// Says of `file` what an instance found wrong with its numbers.
  init(file: String, _ error: InstanceError) {
    switch error {
    case .empty:
      self.init(file: file, found: "0 facilities", expected: "at least 1")
    case .shape(let what, let found, let expected):
      self.init(file: file, found: "\(what) of shape \(found)", expected: expected)
    case .notFinite(let what, let row, let column):
      self.init(
        file: file, found: "NaN or infinity at \(what)[\(row), \(column)]",
        expected: "a finite number")
    case .placement(let pair, let facilities, let locations):
      self.init(
        file: file, found: "facility \(pair.facility) at location \(pair.location)",
        expected: "facilities below \(facilities), locations below \(locations)")
    case .overflow:
      self.init(
        file: file, found: "objectives beyond \(Instance.maxObjective)",
        expected: "data that can be summed and squared")
    }
  }

  /// `file:line:column: found X, expected Y`.
  public var description: String {
    var place = file
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return "\(place): found \(found), expected \(expected)"
  }
}
