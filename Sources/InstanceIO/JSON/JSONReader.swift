import QAP
import QAPPrimitives

/// Reads JSON member by member, straight into matrices, and knows where each error is. (Foundation
/// would build a tree many times the size of the numbers, and does not say line and column.)
struct JSONReader {
  var scanner: TextScanner

  init(_ bytes: [UInt8], file: String) { scanner = TextScanner(bytes, file: file) }

  /// Reads `{"key": value, …}`, calling `member` with the key and its place for each value.
  mutating func object(
    _ member: (inout JSONReader, String, Int) throws(InputError) -> Void
  ) throws(InputError) {
    try expect("{")
    if accept("}") { return }
    repeat {
      _ = scanner.skipSpace()
      let at = scanner.position
      let key = try string()
      try expect(":")
      _ = scanner.skipSpace()
      try member(&self, key, at)
    } while accept(",")
    try expect("}", or: ",")
  }

  /// Reads `[[…], …]`, whose rows must be equally long; an empty array is a 0 × 0 matrix.
  mutating func matrix(allowsNull: Bool = false) throws(InputError) -> Matrix<Double> {
    var elements: [Double] = []
    var rows = 0
    var columns = 0
    try expect("[")
    if accept("]") { return Matrix(rows: 0, columns: 0, elements: []) }
    repeat {
      _ = scanner.skipSpace()
      let at = scanner.position
      let before = elements.count
      try expect("[")
      if !accept("]") {
        repeat {
          var isInfinite = false
          for word in allowsNull ? ["null", "Infinity"] : [] where !isInfinite {
            isInfinite = try isNull(word)
          }
          elements.append(isInfinite ? .infinity : try number())
        } while accept(",")
        try expect("]", or: ",")
      }
      let length = elements.count - before
      if rows == 0 { columns = length }
      guard length == columns else {
        throw scanner.error(
          at: at, found: "a row of \(length) numbers", expected: "\(columns), as in the first row")
      }
      rows += 1
    } while accept(",")
    try expect("]", or: ",")
    return Matrix(rows: rows, columns: columns, elements: elements)
  }

  /// Reads `[…, …]`, each element by `element`.
  mutating func list(
    _ element: (inout JSONReader) throws(InputError) -> Void
  ) throws(InputError) {
    try expect("[")
    if accept("]") { return }
    repeat {
      _ = scanner.skipSpace()
      try element(&self)
    } while accept(",")
    try expect("]", or: ",")
  }

  /// Reads `[1, 2, …]`: whole numbers from 0 to 2⁵³ − 1, and -1 for null where that is allowed.
  mutating func counts(allowsNull: Bool = false) throws(InputError) -> [Int] {
    var counts: [Int] = []
    try expect("[")
    if accept("]") { return counts }
    repeat {
      _ = scanner.skipSpace()
      let at = scanner.position
      if allowsNull, try isNull() {
        counts.append(-1)
        continue
      }
      let value = try number()
      guard value >= 0, value < 0x1p53, value == value.rounded() else {
        throw scanner.error(at: at, found: found(at: at), expected: "a count")
      }
      counts.append(Int(value))
    } while accept(",")
    try expect("]", or: ",")
    return counts
  }

  /// Reads a finite number.
  mutating func number() throws(InputError) -> Double {
    _ = scanner.skipSpace()
    let start = scanner.position
    guard let value = scanner.number(), value.isFinite, atEndOfWord else {
      throw scanner.error(at: start, found: found(at: start), expected: "a finite number")
    }
    return value
  }

  private var atEndOfWord: Bool {
    guard !scanner.isAtEnd else { return true }
    let byte = scanner.bytes[scanner.position]
    return TextScanner.isSpace(byte) || isPunctuation(byte)
  }

  private func isPunctuation(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
  }

  /// Reads `null`, or another word for it, if it stands here.
  mutating func isNull(_ word: String = "null") throws(InputError) -> Bool {
    _ = scanner.skipSpace()
    guard scanner.bytes[scanner.position...].starts(with: word.utf8) else { return false }
    scanner.position += word.utf8.count
    return true
  }

  /// Reads a string with JSON's escapes; malformed UTF-8 is repaired.
  mutating func string() throws(InputError) -> String {
    _ = scanner.skipSpace()
    let start = scanner.position
    guard accept("\"") else {
      throw scanner.error(at: start, found: found(at: start), expected: "a string")
    }
    var text: [UInt8] = []
    while !scanner.isAtEnd {
      let byte = scanner.bytes[scanner.position]
      guard byte >= 0x20 else {
        throw scanner.error(
          at: scanner.position, found: "a control character", expected: "an escape for it")
      }
      scanner.position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: String(try escape()).utf8)
      } else {
        text.append(byte)
      }
    }
    throw scanner.error(at: start, found: "a string without an end", expected: "a closing quote")
  }

  private mutating func escape() throws(InputError) -> Character {
    let start = scanner.position - 1
    let byte = scanner.isAtEnd ? 0 : scanner.bytes[scanner.position]
    scanner.position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let high = codeUnit() else { break }
      var units = [high]
      if UTF16.isLeadSurrogate(high), scanner.bytes[scanner.position...].starts(with: "\\u".utf8) {
        scanner.position += 2
        guard let low = codeUnit() else { break }
        units.append(low)
      }
      // A surrogate on its own becomes the replacement character.
      return String(decoding: units, as: UTF16.self).first ?? "\u{FFFD}"
    default: break
    }
    scanner.position = min(scanner.position, scanner.bytes.count)
    throw scanner.error(
      at: start, found: scanner.word(at: start), expected: "one of JSON's escapes")
  }

  private mutating func codeUnit() -> UInt16? {
    let end = scanner.position + 4
    guard end <= scanner.bytes.count else { return nil }
    var unit: UInt16 = 0
    for byte in scanner.bytes[scanner.position..<end] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    scanner.position = end
    return unit
  }

  /// Passes over any value. Nesting is limited, because a file of brackets must not end the stack.
  mutating func skipValue(depth: Int = 0) throws(InputError) {
    guard scanner.skipSpace(), depth < 64 else {
      throw scanner.error(
        at: scanner.position, found: scanner.isAtEnd ? "end of file" : "values nested 64 deep",
        expected: "a value")
    }
    let start = scanner.position
    switch scanner.bytes[start] {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"):
      try object { (reader, _, _) throws(InputError) in try reader.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["):
      try expect("[")
      if accept("]") { return }
      repeat { try skipValue(depth: depth + 1) } while accept(",")
      try expect("]", or: ",")
    default:
      for word in ["true", "false", "null"]
      where scanner.bytes[start...].starts(with: word.utf8) {
        scanner.position += word.utf8.count
        return
      }
      _ = try number()
    }
  }

  /// Checks that nothing follows.
  mutating func end() throws(InputError) {
    if scanner.skipSpace() {
      throw scanner.unexpected(at: scanner.position, expected: "the end of the file")
    }
  }

  private mutating func accept(_ symbol: Unicode.Scalar) -> Bool {
    guard scanner.skipSpace(), scanner.bytes[scanner.position] == UInt8(ascii: symbol) else {
      return false
    }
    scanner.position += 1
    return true
  }

  private mutating func expect(
    _ symbol: Unicode.Scalar, or other: Unicode.Scalar? = nil
  ) throws(InputError) {
    if accept(symbol) { return }
    let expected = other.map { "\($0) or \(symbol)" } ?? "\(symbol)"
    let at = scanner.position
    throw scanner.error(at: at, found: found(at: at), expected: expected)
  }

  /// The word at `offset`, without the punctuation that follows it.
  private func found(at offset: Int) -> String {
    let word = scanner.word(at: offset)
    guard offset < scanner.bytes.count,
      let end = word.firstIndex(where: { ",]}".contains($0) }), end > word.startIndex
    else { return word }
    return String(word[..<end])
  }
}
