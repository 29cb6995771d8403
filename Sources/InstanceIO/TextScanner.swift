import QAP

/// Walks over the bytes of a text, reads numbers fast and exactly, and knows line and column.
struct TextScanner {
  let bytes: [UInt8]
  let file: String
  /// The next byte to read.
  var position = 0
  /// The first integer that no double equals, and how many there were.
  private(set) var rounded: (offset: Int, count: Int)?

  /// Starts at the first byte, after a byte order mark if there is one.
  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// Throws when a list of as many numbers as a text has words needs more than the memory that is
  /// there.
  static func requireMemory(_ bytes: [UInt8], file: String) throws(InputError) {
    guard bytes.count >= 1 << 22 else { return }
    var (words, isInside) = (0, false)
    for byte in bytes {
      let isSeparator = isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
      if isInside, isSeparator { words += 1 }
      isInside = !isSeparator
    }
    // A list grows by doubling, and is copied.
    try InputError.requireMemory(24 * Double(words), for: file)
  }

  var isAtEnd: Bool { position >= bytes.count }

  /// Blanks of every kind: tab, line feed, vertical tab, form feed, carriage return, space.
  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  /// Moves to the next byte that is not blank; false at the end of the text.
  @inline(__always)
  mutating func skipSpace() -> Bool {
    var next = position
    while next < bytes.count, TextScanner.isSpace(bytes[next]) { next &+= 1 }
    position = next
    return next < bytes.count
  }

  /// The longest number, in bytes, that is read; a double never needs more than about 770.
  static let maxNumberLength = 1_000

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Reads `[+-] digits [. digits] [(e|E|d|D) [+-] digits]`, correctly rounded, and moves behind
  /// it. (Fortran writes the exponent of a double with D.)
  ///
  /// Returns nil, and does not move, when no such number starts here; returns an infinity when the
  /// number is too large for a double. The caller checks the text after the number.
  @inline(__always)
  mutating func number() -> Double? {
    let start = position
    let end = bytes.count
    var next = start
    var isNegative = false
    if next < end, bytes[next] == UInt8(ascii: "-") || bytes[next] == UInt8(ascii: "+") {
      isNegative = bytes[next] == UInt8(ascii: "-")
      next &+= 1
    }
    var mantissa: UInt64 = 0
    var digits = next
    while next < end {
      let digit = bytes[next] &- 48
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      next &+= 1
    }
    digits = next &- digits
    if digits > 0, digits < 16, next == end || TextScanner.isSpace(bytes[next]) {
      position = next
      let value = Double(mantissa)
      return isNegative ? -value : value
    }
    return longNumber(start, isNegative, mantissa, digits, next)
  }

  /// The rest of `number()`: a point, an exponent, or many digits.
  private mutating func longNumber(
    _ start: Int, _ isNegative: Bool, _ head: UInt64, _ headDigits: Int, _ resume: Int
  ) -> Double? {
    let end = bytes.count
    var mantissa = head
    var digits = headDigits
    var next = resume
    var scale = 0
    if next < end, bytes[next] == UInt8(ascii: ".") {
      next += 1
      let first = next
      while next < end {
        let digit = bytes[next] &- 48
        if digit > 9 { break }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        next += 1
      }
      scale = first - next
      digits += next - first
    }
    guard digits > 0 else { return nil }
    let isInteger = scale == 0 && next == resume
    if next < end, bytes[next] | 0x21 == UInt8(ascii: "e") {
      var probe = next + 1
      var shrinks = false
      if probe < end, bytes[probe] == UInt8(ascii: "-") || bytes[probe] == UInt8(ascii: "+") {
        shrinks = bytes[probe] == UInt8(ascii: "-")
        probe += 1
      }
      let first = probe
      var exponent = 0
      while probe < end {
        let digit = bytes[probe] &- 48
        if digit > 9 { break }
        exponent = min(100_000, exponent * 10 + Int(digit))
        probe += 1
      }
      guard probe > first else { return nil }
      scale += shrinks ? -exponent : exponent
      next = probe
    }
    guard next - start <= TextScanner.maxNumberLength else { return nil }
    // Both operands are exact, so the one rounding is correct (Clinger 1990). Nineteen digits
    // cannot overflow the mantissa.
    if digits <= 19, mantissa <= 1 << 53, abs(scale) <= 22 {
      position = next
      let power = TextScanner.powersOfTen[abs(scale)]
      let value = scale < 0 ? Double(mantissa) / power : Double(mantissa) * power
      return isNegative ? -value : value
    }
    var text = bytes[start..<next]
    if let mark = text.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "d") }) {
      text[mark] = UInt8(ascii: "e")
    }
    guard let value = Double(String(decoding: text, as: UTF8.self)) else { return nil }
    if isInteger, next == resume, digits > 19 || Double(exactly: mantissa) == nil {
      rounded = (rounded?.offset ?? start, (rounded?.count ?? 0) + 1)
    }
    position = next
    return value
  }

  /// Reads `[+-] digits` and moves behind it; nil, without moving, when no 64-bit integer starts
  /// here.
  mutating func integer() -> Int64? {
    var next = position
    var isNegative = false
    if next < bytes.count, bytes[next] == UInt8(ascii: "-") || bytes[next] == UInt8(ascii: "+") {
      isNegative = bytes[next] == UInt8(ascii: "-")
      next += 1
    }
    let first = next
    var value: Int64 = 0
    while next < bytes.count {
      let digit = bytes[next] &- 48
      if digit > 9 { break }
      let (shifted, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, exceeds) = shifted.addingReportingOverflow(Int64(digit))
      if overflows || exceeds { return nil }
      value = sum
      next += 1
    }
    guard next > first else { return nil }
    position = next
    return isNegative ? -value : value
  }

  /// Line and column of a byte, both counted from 1; a column is a character, not a byte.
  func place(of offset: Int) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while index < min(offset, bytes.count) {
      let byte = bytes[index]
      index += 1
      if byte == 0x0A {
        line += 1
        column = 1
      } else if byte == 0x0D {
        if index < bytes.count, bytes[index] == 0x0A { continue }
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }

  /// The error "found `found`, expected `expected`" at a byte.
  func error(at offset: Int, found: String, expected: String) -> InputError {
    let place = place(of: offset)
    return InputError(
      file, line: place.line, column: place.column, found: found, expected: expected)
  }

  /// The error for the text at `offset`: the word there, or the end of the file.
  func unexpected(at offset: Int, expected: String) -> InputError {
    error(at: offset, found: word(at: offset), expected: expected)
  }

  /// A note about integers that were rounded; nil where there were none.
  var roundingNote: String? {
    guard let rounded else { return nil }
    let place = place(of: rounded.offset)
    return
      "\(file):\(place.line):\(place.column): \(word(at: rounded.offset)) is beyond 2^53 and was "
      + "rounded to a double" + (rounded.count > 1 ? ", as were \(rounded.count - 1) more" : "")
  }

  /// The number of words from `offset` to the end of its line, and where that is.
  func words(onLineFrom offset: Int) -> (count: Int, end: Int) {
    var (count, next, isInside) = (0, offset, false)
    while next < bytes.count, bytes[next] != 0x0A, bytes[next] != 0x0D {
      let isSpace = TextScanner.isSpace(bytes[next])
      if !isSpace, !isInside { count += 1 }
      isInside = !isSpace
      next += 1
    }
    return (count, next)
  }

  /// The number of words from `offset` on.
  func words(from offset: Int) -> Int {
    var (count, isInside) = (0, false)
    for byte in bytes[offset...] {
      let isSpace = TextScanner.isSpace(byte)
      if !isSpace, !isInside { count += 1 }
      isInside = !isSpace
    }
    return count
  }

  /// The word at `offset`, printable and short enough for an error message.
  func word(at offset: Int) -> String {
    guard offset < bytes.count else { return "end of file" }
    var text = ""
    var index = offset
    while index < bytes.count, !TextScanner.isSpace(bytes[index]) {
      if index == offset + 24 { return text + "…" }
      let byte = bytes[index]
      if byte > 0x20 && byte < 0x7F {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
      index += 1
    }
    return text.isEmpty ? "a blank" : text
  }
}
