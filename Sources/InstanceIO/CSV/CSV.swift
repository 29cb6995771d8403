import QAPPrimitives

/// Tables of numbers as text: a row a line, numbers separated by commas or semicolons (or blanks),
/// with or without a line of column names in front. Empty lines do not count.
public enum CSV {
  /// Reads a table from the contents of `file`: O(bytes).
  ///
  /// NaN and infinities, in Python's and C's words, are kept. Throws `DataError`, which names line
  /// and column, for anything else that is no number and for rows of different lengths.
  public static func parse(_ bytes: [UInt8], file: String) throws(DataError) -> NumericArray {
    try TextScanner.requireMemory(bytes, file: file)
    var scanner = TextScanner(bytes, file: file)
    var elements: [Double] = []
    var rows = 0
    var columns = 0
    var isFirstLine = true
    while scanner.skipSpace() {
      let start = scanner.position
      let before = elements.count
      if isFirstLine, skipsNames(&scanner) {
        isFirstLine = false
        continue
      }
      isFirstLine = false
      repeat {
        scanner.skipBlanks()
        let at = scanner.position
        guard let value = field(&scanner) else {
          throw scanner.unexpected(at: at, expected: "a number")
        }
        elements.append(value)
      } while acceptsSeparator(&scanner)
      guard scanner.isAtLineEnd else {
        throw scanner.unexpected(at: scanner.position, expected: "a comma or the end of the line")
      }
      let count = elements.count - before
      if rows == 0 { columns = count }
      guard count == columns else {
        throw scanner.error(
          at: start, found: "\(count) numbers in row \(rows)",
          expected: "\(columns), as in row 0")
      }
      rows += 1
    }
    return NumericArray(shape: [rows, columns], elements: elements)
  }

  /// Passes over the line when its first field is a word, not a number.
  private static func skipsNames(_ scanner: inout TextScanner) -> Bool {
    let start = scanner.position
    if field(&scanner) != nil, scanner.isAtLineEnd || isSeparator(scanner) {
      scanner.position = start
      return false
    }
    scanner.position = start
    let first = scanner.bytes[start]
    guard
      first == 0x22 || first == 0x23 || first == 0x5F || first >= 0x80
        || (first | 0x20 >= 0x61 && first | 0x20 <= 0x7A)
    else { return false }
    while !scanner.isAtLineEnd { scanner.position += 1 }
    return true
  }

  private static func isSeparator(_ scanner: TextScanner) -> Bool {
    guard !scanner.isAtEnd else { return false }
    let byte = scanner.bytes[scanner.position]
    return byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == 0x20 || byte == 0x09
  }

  /// Passes over a comma, a semicolon or blanks before another number.
  private static func acceptsSeparator(_ scanner: inout TextScanner) -> Bool {
    let start = scanner.position
    scanner.skipBlanks()
    if scanner.isAtLineEnd { return false }
    let byte = scanner.bytes[scanner.position]
    if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") {
      scanner.position += 1
      return true
    }
    return scanner.position > start
  }

  private static func field(_ scanner: inout TextScanner) -> Double? {
    if let value = scanner.number() { return value }
    let start = scanner.position
    var end = start
    while end < scanner.bytes.count, end - start < 10,
      scanner.bytes[end] > 0x20, scanner.bytes[end] != UInt8(ascii: ","),
      scanner.bytes[end] != UInt8(ascii: ";")
    { end += 1 }
    let word = String(decoding: scanner.bytes[start..<end], as: UTF8.self).lowercased()
    let value: Double
    switch word {
    case "nan", "-nan", "+nan": value = .nan
    case "inf", "+inf", "infinity", "+infinity": value = .infinity
    case "-inf", "-infinity": value = -.infinity
    default: return nil
    }
    scanner.position = end
    return value
  }
}

extension TextScanner {
  /// Moves to the next byte that is no blank within the line.
  fileprivate mutating func skipBlanks() {
    while !isAtLineEnd, TextScanner.isSpace(bytes[position]) { position += 1 }
  }

  /// True at a line feed or carriage return, and at the end of the text.
  fileprivate var isAtLineEnd: Bool {
    isAtEnd || bytes[position] == 0x0A || bytes[position] == 0x0D
  }
}
