import QAP
import QAPPrimitives

/// Tables of numbers as text: a row a line, with or without a line of column names in front. Empty
/// lines, and lines that begin with #, do not count.
///
/// The whole file decides what separates numbers. With semicolons, commas are decimal signs; so
/// they are between tabs, where no blank follows them. Otherwise commas separate, or blanks and
/// tabs do. A separator at the end of each row does not count. A first column whose name is empty,
/// as pandas and R write it, or that holds words below its name, is left out.
public enum CSV {
  /// Reads a table from the contents of `file`.
  ///
  /// NaN and infinities, in Python's and C's words, are kept.
  ///
  /// - Parameter note: called with what may have been meant otherwise.
  /// - Throws: `InputError`, which names line and column, for anything else that is no number, for
  ///   rows of different lengths, and where separators or decimal signs are mixed.
  /// - Complexity: O(bytes).
  public static func parse(
    _ bytes: [UInt8], file: String, note: (String) -> Void = { _ in }
  ) throws(InputError) -> NumericArray {
    try TextScanner.requireMemory(bytes, file: file)
    var scanner = TextScanner(bytes, file: file)
    let header = Header(&scanner)
    let layout = try CSVLayout(scanner, hasIndex: header?.hasEmptyName ?? false)
    if layout.hasDecimalCommas { scanner = layout.withPoints(scanner) }
    var elements: [Double] = []
    var (rows, columns, trailing, firstRow) = (0, 0, 0, 0)
    var hasIndex = false
    while scanner.skipSpace() {
      scanner.returnToLineStart(layout.separator)
      let start = scanner.position
      if scanner.bytes[start] == UInt8(ascii: "#") {
        scanner.position = scanner.words(onLineFrom: start).end
        continue
      }
      if rows == 0 {
        hasIndex = header?.names(anIndexOf: scanner, layout) ?? false
        if let name = header?.nameOfWords(in: scanner, layout) {
          note("\(file): the column '\(name)' holds words and is left out")
          hasIndex = true
        }
        firstRow = start
      }
      if hasIndex { layout.skipField(&scanner) }
      let before = elements.count
      var endsInSeparator = false
      repeat {
        scanner.skipBlanks()
        if endsInSeparator, scanner.isAtLineEnd { break }
        let at = scanner.position
        guard let value = field(&scanner) else {
          throw scanner.unexpected(at: at, expected: "a number")
        }
        elements.append(value)
        endsInSeparator = layout.skipSeparator(&scanner)
      } while endsInSeparator
      guard scanner.isAtLineEnd else {
        throw scanner.unexpected(
          at: scanner.position, expected: "\(layout.name) or the end of the line")
      }
      if endsInSeparator { trailing += 1 }
      let count = elements.count - before
      if rows == 0 { columns = count }
      guard count == columns else {
        throw scanner.error(
          at: start, found: "\(count) number\(count == 1 ? "" : "s") in row \(rows)",
          expected: "\(columns), as in row 0")
      }
      rows += 1
      guard trailing == 0 || trailing == rows else {
        throw scanner.error(
          at: start,
          found: "row \(rows - 1) \(endsInSeparator ? "with" : "without") a separator "
            + "at its end", expected: "the same in all rows")
      }
    }
    let array = NumericArray(shape: [rows, columns], elements: elements)
    if header == nil, let counting = array.counting {
      note(
        "\(file):\(scanner.place(of: firstRow).line): \(counting) is 0, 1, 2, … and was read as "
          + "data; remove it if it only numbers the others")
    }
    return array
  }

  static func field(_ scanner: inout TextScanner) -> Double? {
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

  /// A line of column names in front of the numbers.
  private struct Header {
    /// The line, without its end.
    let line: [UInt8]

    /// Passes over lines that begin with #, and over a line of names if there is one; nil when
    /// there is none.
    init?(_ scanner: inout TextScanner) {
      while scanner.skipSpace() {
        scanner.returnToLineStart(nil)
        let start = scanner.position
        let end = scanner.words(onLineFrom: start).end
        if scanner.bytes[start] == UInt8(ascii: "#") {
          scanner.position = end
          continue
        }
        guard Header.isOfNames(scanner) else { return nil }
        line = Array(scanner.bytes[start..<end])
        scanner.position = end
        return
      }
      return nil
    }

    /// True when the first field of the line is a word, or empty before the names of columns.
    private static func isOfNames(_ scanner: TextScanner) -> Bool {
      var probe = scanner
      let first = scanner.bytes[scanner.position]
      if first == UInt8(ascii: ",") || first == UInt8(ascii: ";") || first == 0x09 {
        return isBehindEmptyField(scanner, separator: first)
      }
      if field(&probe) != nil {
        let ends = probe.isAtLineEnd || TextScanner.isSpace(probe.bytes[probe.position])
        if ends || [UInt8(ascii: ","), UInt8(ascii: ";")].contains(probe.bytes[probe.position]) {
          return false
        }
      }
      return first == 0x22 || first == 0x5F || first >= 0x80
        || (first | 0x20 >= 0x61 && first | 0x20 <= 0x7A)
    }

    /// True when an empty field is in front of names, or of 0, 1, 2, …, which pandas takes for
    /// names. (Other numbers follow a value that is missing.)
    private static func isBehindEmptyField(_ scanner: TextScanner, separator: UInt8) -> Bool {
      let end = scanner.words(onLineFrom: scanner.position).end
      let layout = CSVLayout(separator: separator)
      let names = layout.fields(scanner.bytes[scanner.position..<end]).dropFirst()
      let isNumbered = names.enumerated().allSatisfy { Array("\($0)".utf8) == $1 }
      let hasWord = names.contains {
        var word = TextScanner($0, file: "")
        return field(&word) == nil || !word.isAtEnd
      }
      guard separator == 0x09, !hasWord else { return isNumbered || hasWord }
      // Rows may as well be indented: those of a table with an index have a field more.
      var next = scanner
      next.position = end
      guard isNumbered, next.skipSpace() else { return false }
      return next.words(onLineFrom: next.position).count == names.count + 1
    }

    /// True when each row begins with a field that has no name.
    var hasEmptyName: Bool {
      line.first.map { [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09].contains($0) } ?? false
        || line.starts(with: [0x22, 0x22])
    }

    /// The name of the first column when words stand below it, as the names of rows do.
    func nameOfWords(in rows: TextScanner, _ layout: CSVLayout) -> String? {
      let end = rows.words(onLineFrom: rows.position).end
      let row = layout.fields(rows.bytes[rows.position..<end])
      let names = layout.fields(line[...])
      guard names.count == row.count, row.count > 2, let name = names.first, let first = row.first,
        !name.isEmpty, !first.isEmpty
      else { return nil }
      var (word, next) = (TextScanner(first, file: ""), TextScanner(row[1], file: ""))
      guard field(&word) == nil, field(&next) != nil else { return nil }
      return String(decoding: name, as: UTF8.self)
    }

    /// True when the first field of each row is an index: its name is empty, or there is none for
    /// a first field that is no number (as R writes tables).
    func names(anIndexOf rows: TextScanner, _ layout: CSVLayout) -> Bool {
      let names = layout.fields(line[...])
      if let first = names.first, first.isEmpty, names.count > 1 { return true }
      let end = rows.words(onLineFrom: rows.position).end
      let row = layout.fields(rows.bytes[rows.position..<end])
      guard names.count == row.count - 1, let first = row.first else { return false }
      if line.first == 0x09 || rows.bytes[rows.position] == 0x22 { return true }
      var word = TextScanner(first, file: "")
      return field(&word) == nil
    }
  }
}

extension TextScanner {
  /// Moves to the next byte that is no blank within the line.
  mutating func skipBlanks() {
    while !isAtLineEnd, TextScanner.isSpace(bytes[position]) { position += 1 }
  }

  /// True at a line feed or carriage return, and at the end of the text.
  var isAtLineEnd: Bool {
    isAtEnd || bytes[position] == 0x0A || bytes[position] == 0x0D
  }

  /// Moves back over blanks to a tab that begins the line, or else stays: a tab may be a separator
  /// behind an empty field.
  fileprivate mutating func returnToLineStart(_ separator: UInt8?) {
    guard separator == nil || separator == 0x09 else { return }
    var start = position
    while start > 0, bytes[start - 1] == 0x20 || bytes[start - 1] == 0x09 { start -= 1 }
    if start < position, start == 0 || bytes[start - 1] == 0x0A || bytes[start - 1] == 0x0D,
      bytes[start] == 0x09
    {
      position = start
    }
  }
}

extension NumericArray {
  /// "the first row" or "the first column" when that is 0, 1, 2, …, three numbers or more, and not
  /// the only one.
  fileprivate var counting: String? {
    guard let matrix else { return nil }
    let (rows, columns) = (matrix.rows, matrix.columns)
    if columns > 2, rows > 1, (0..<columns).allSatisfy({ matrix[0, $0] == Double($0) }) {
      return "the first row"
    }
    if rows > 2, columns > 1, (0..<rows).allSatisfy({ matrix[$0, 0] == Double($0) }) {
      return "the first column"
    }
    return nil
  }
}
