import QAP

/// The separator and the decimal sign of a table, which the whole of it decides.
struct CSVLayout {
  /// The byte between fields; nil for blanks and tabs.
  let separator: UInt8?
  /// A comma is a decimal sign.
  let hasDecimalCommas: Bool

  private static let comma = UInt8(ascii: ",")
  private static let semicolon = UInt8(ascii: ";")
  private static let tab: UInt8 = 0x09
  private static let point = UInt8(ascii: ".")

  /// The layout of the lines that `rows` has not read yet; with `hasIndex` the first field of each
  /// does not count.
  ///
  /// - Throws: `InputError` at the first place that does not fit the rest.
  init(_ rows: TextScanner, hasIndex: Bool) throws(InputError) {
    let first = Places(rows, hasIndex: hasIndex)
    let isDecimal =
      first.comma != nil && (first.semicolon != nil || first.tab != nil && first.tight != nil)
    if isDecimal, let point = first.point {
      throw rows.error(
        at: point,
        found: "a decimal point in a file with commas and "
          + (first.semicolon == nil ? "tabs" : "semicolons"),
        expected: "one kind of separator and one decimal sign")
    }
    if first.semicolon == nil, !isDecimal, first.comma != nil, let blank = first.blank {
      throw rows.error(
        at: blank, found: "numbers separated by blanks in a file with commas",
        expected: "one kind of separator; decimal commas need semicolons or tabs between numbers")
    }
    hasDecimalCommas = isDecimal
    separator =
      first.semicolon != nil
      ? Self.semicolon : isDecimal ? Self.tab : first.comma != nil ? Self.comma : nil
  }

  /// The first place of each sign.
  private struct Places {
    var comma: Int?
    /// A comma before another byte than a blank.
    var tight: Int?
    var semicolon: Int?
    var tab: Int?
    var point: Int?
    /// The second of two numbers that blanks separate.
    var blank: Int?

    init(_ rows: TextScanner, hasIndex: Bool) {
      let bytes = rows.bytes
      var (isQuoted, isIndex) = (false, hasIndex)
      // The last byte that was no blank, 0 at the start of a line.
      var last: UInt8 = 0
      for index in rows.position..<max(rows.position, bytes.count) {
        let byte = bytes[index]
        if byte == 0x0A || byte == 0x0D {
          // A quotation mark without its partner ends with the line.
          (isQuoted, isIndex, last) = (false, hasIndex, 0)
          continue
        }
        if byte == 0x22 { isQuoted.toggle() }
        if isQuoted { continue }
        if isIndex {
          let isSeparator =
            byte == CSVLayout.comma || byte == CSVLayout.semicolon || byte == CSVLayout.tab
          guard isSeparator else { continue }
          isIndex = false
        }
        switch byte {
        case CSVLayout.comma:
          comma = comma ?? index
          if index + 1 < bytes.count, !TextScanner.isSpace(bytes[index + 1]) {
            tight = tight ?? index
          }
        case CSVLayout.semicolon: semicolon = semicolon ?? index
        case CSVLayout.point: point = point ?? index
        case CSVLayout.tab: tab = tab ?? index
        default: break
        }
        if TextScanner.isSpace(byte) { continue }
        if blank == nil, Places.isOfNumber(last), Places.isOfNumber(byte),
          TextScanner.isSpace(bytes[index - 1])
        {
          blank = index
        }
        last = byte
      }
    }

    /// Digits, signs and points.
    private static func isOfNumber(_ byte: UInt8) -> Bool {
      byte >= 0x30 && byte <= 0x39 || byte == 0x2B || byte == 0x2D || byte == CSVLayout.point
    }
  }

  /// The separator for messages.
  var name: String {
    switch separator {
    case Self.comma: "a comma"
    case Self.semicolon: "a semicolon"
    case Self.tab: "a tab"
    default: "a blank"
    }
  }

  /// The same text with points as decimal signs.
  func withPoints(_ scanner: TextScanner) -> TextScanner {
    var result = TextScanner(
      scanner.bytes.map { $0 == Self.comma ? Self.point : $0 }, file: scanner.file)
    result.position = scanner.position
    return result
  }

  /// The layout of a line of names whose fields end at `separator`.
  init(separator: UInt8?) {
    self.separator = separator
    hasDecimalCommas = false
  }

  /// Passes over the separator here, if there is one, and blanks before it.
  func skipSeparator(_ scanner: inout TextScanner) -> Bool {
    let start = scanner.position
    guard let separator else {
      scanner.skipBlanks()
      return scanner.position > start && !scanner.isAtLineEnd
    }
    while !scanner.isAtLineEnd, scanner.bytes[scanner.position] != separator,
      TextScanner.isSpace(scanner.bytes[scanner.position])
    { scanner.position += 1 }
    guard !scanner.isAtLineEnd, scanner.bytes[scanner.position] == separator else { return false }
    scanner.position += 1
    return true
  }

  /// Passes over a field, whatever is in it, and the separator behind it.
  func skipField(_ scanner: inout TextScanner) {
    var isQuoted = false
    if separator == nil { scanner.skipBlanks() }
    while !scanner.isAtLineEnd {
      let byte = scanner.bytes[scanner.position]
      if byte == 0x22 { isQuoted.toggle() }
      if !isQuoted, separator.map({ $0 == byte }) ?? TextScanner.isSpace(byte) { break }
      scanner.position += 1
    }
    _ = skipSeparator(&scanner)
  }

  /// The fields of a line, without blanks and quotation marks around them; one without content at
  /// the end does not count.
  func fields(_ line: ArraySlice<UInt8>) -> [[UInt8]] {
    var scanner = TextScanner(Array(line), file: "")
    var result: [[UInt8]] = []
    while !scanner.isAtEnd {
      let start = scanner.position
      skipField(&scanner)
      var field = scanner.bytes[start..<scanner.position]
      if scanner.position > start, let last = field.last,
        separator.map({ $0 == last }) ?? TextScanner.isSpace(last)
      {
        field.removeLast()
      }
      let isTrimmed = { (byte: UInt8) in TextScanner.isSpace(byte) || byte == 0x22 }
      let trimmed = field.drop(while: isTrimmed).reversed().drop(while: isTrimmed)
      result.append(trimmed.reversed())
    }
    return result
  }
}
