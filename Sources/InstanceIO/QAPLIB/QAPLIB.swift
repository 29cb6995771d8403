import QAP
import QAPPrimitives

/// QAPLIB's instance format (Burkard, Karisch and Rendl 1997): the size `n`, then the n × n flow
/// matrix, then the n × n distance matrix, as numbers between blanks and line breaks of any kind.
///
/// A third n × n matrix, if there is one, is the linear term. Numbers may be real. Read as well, as
/// files in circulation have them: comments from # or // to the end of the line, commas between
/// the numbers, and known values behind the size ("n best", "n bound best") or on the next line.
public enum QAPLIB {
  /// The largest size a file may announce.
  static let maxSize = 1_000_000

  /// Reads the file at `path`; the instance is named after it.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is no instance.
  public static func read(_ path: String) throws -> Instance {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Reads an instance from the contents of `file`.
  ///
  /// - Parameter note: called with a line about numbers that were rounded.
  /// - Throws: `InputError`, with line and column, for anything else.
  /// - Complexity: O(bytes), and memory only for numbers that are there, whatever size the file
  ///   announces.
  public static func parse(
    _ bytes: [UInt8], file: String, note: (String) -> Void = { _ in }
  ) throws(InputError) -> Instance {
    var (text, scanner) = scanners(bytes, file: file)
    let n = try size(&scanner)
    try skipValues(&scanner, n)
    text.position = scanner.position
    try requireSeparatingCommas(text, n)
    let count = n * n
    // A number takes a digit and a blank, so this many bytes must follow. When they do not, the
    // numbers are still walked over, so that the error names the place where the file ends.
    let isPossible = bytes.count - scanner.position >= 4 * count
    let total = 2 * count
    // The matrices, a linear term where there are bytes for it, and copies while an instance is
    // made.
    let matrices = bytes.count - scanner.position >= 6 * count ? 5.0 : 3
    if isPossible { try InputError.requireMemory(8 * matrices * Double(count), for: file) }
    let flow = try numbers(&scanner, n, before: 0, total: total, keep: isPossible)
    let distance = try numbers(&scanner, n, before: count, total: total, keep: isPossible)
    var linear: Matrix<Double>?
    if scanner.skipSpace() {
      linear = try linearTerm(&scanner, n)
      if scanner.skipSpace() {
        throw scanner.unexpected(at: scanner.position, expected: "the end of the file")
      }
    }
    if let rounding = scanner.roundingNote { note(rounding) }
    return try Instance(
      file: file,
      name: FileAccess.stem(file), flow: Matrix(rows: n, columns: n, elements: flow),
      distance: Matrix(rows: n, columns: n, elements: distance), linear: linear)
  }

  private static func size(_ scanner: inout TextScanner) throws(InputError) -> Int {
    let expected = "the number of facilities, an integer from 1 to \(maxSize)"
    let hasWord = scanner.skipSpace()
    let start = scanner.position
    guard hasWord, let value = scanner.number(), isBoundary(scanner), value == value.rounded(),
      value >= 1, value <= Double(maxSize)
    else { throw scanner.unexpected(at: start, expected: expected) }
    return Int(value)
  }

  static func isBoundary(_ scanner: TextScanner) -> Bool {
    scanner.isAtEnd || TextScanner.isSpace(scanner.bytes[scanner.position])
  }

  private static func numbers(
    _ scanner: inout TextScanner, _ n: Int, before: Int, total: Int, keep: Bool
  ) throws(InputError) -> [Double] {
    var elements: [Double] = []
    if keep { elements.reserveCapacity(n * n) }
    for index in 0..<n * n {
      guard scanner.skipSpace() else {
        throw scanner.error(
          at: scanner.position, found: "end of file after \(before + index) numbers",
          expected: "\(total) (two \(n) × \(n) matrices)")
      }
      let start = scanner.position
      guard let value = scanner.number(), value.isFinite, isBoundary(scanner) else {
        throw scanner.unexpected(at: start, expected: "a finite number")
      }
      if keep { elements.append(value) }
    }
    return elements
  }

  private static func linearTerm(
    _ scanner: inout TextScanner, _ n: Int
  ) throws(InputError) -> Matrix<Double> {
    let first = scanner.position
    var elements: [Double] = []
    while elements.count < n * n {
      guard scanner.skipSpace() else {
        throw scanner.error(
          at: first, found: "\(elements.count) more number\(elements.count == 1 ? "" : "s")",
          expected: "the end of the file or \(n * n) (a linear term)")
      }
      let start = scanner.position
      guard let value = scanner.number(), value.isFinite, isBoundary(scanner) else {
        throw scanner.unexpected(
          at: start,
          expected: elements.isEmpty ? "the end of the file or a linear term" : "a finite number")
      }
      elements.append(value)
    }
    return Matrix(rows: n, columns: n, elements: elements)
  }

  /// Writes `instance` to `path`, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written, and `InputError` when the format cannot hold
  ///   the instance.
  public static func write(_ instance: Instance, to path: String) throws {
    try FileAccess.write(try format(instance, file: path), to: path)
  }

  /// The instance as text, which reads back as exactly the same numbers.
  ///
  /// The format has no place for a constant or a cost tensor: those are errors about `file`.
  public static func format(_ instance: Instance, file: String) throws(InputError) -> [UInt8] {
    let matrices = try instance.matrices(writing: file)
    guard instance.facilities == instance.size else {
      throw InputError(
        file,
        found: "\(instance.facilities) facilities and \(instance.size) locations",
        expected: "as many of one as of the other: .json and .npz hold others")
    }
    guard instance.constant == 0 else {
      throw InputError(
        file,
        found: "an instance with the constant \(TextWriter.text(of: instance.constant))",
        expected: "none: QAPLIB's format has no place for it, .json and .npz have")
    }
    guard instance.forbidden.isEmpty else {
      throw InputError(
        file, found: "an instance with forbidden placements",
        expected: "none: QAPLIB's format has no place for them, .json and .npz have")
    }
    var writer = TextWriter()
    writer.append("\(instance.size)\n\n")
    writer.append(matrices.flow)
    writer.append("\n")
    writer.append(matrices.distance)
    if let linear = instance.linear {
      writer.append("\n")
      writer.append(linear)
    }
    return writer.bytes
  }
}
