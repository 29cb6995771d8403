import QAP

/// Reads the words and numbers of a text and complains of others.
struct WordReader {
  var scanner: TextScanner

  init(_ scanner: TextScanner) { self.scanner = scanner }

  /// Moves behind the word `expected`.
  mutating func word(_ expected: String) throws(InputError) {
    _ = try word(among: [expected])
  }

  /// Moves behind one of the words and returns it.
  mutating func word(among words: [String]) throws(InputError) -> String {
    _ = scanner.skipSpace()
    let start = scanner.position
    while !scanner.isAtEnd, !TextScanner.isSpace(scanner.bytes[scanner.position]) {
      scanner.position += 1
    }
    let found = scanner.bytes[start..<scanner.position]
    guard let word = words.first(where: { $0.utf8.elementsEqual(found) }) else {
      throw scanner.unexpected(at: start, expected: words.joined(separator: " or "))
    }
    return word
  }

  /// The rest of this line, without blanks at its ends.
  mutating func restOfLine() -> String {
    let start = scanner.position
    while !scanner.isAtEnd, ![0x0A, 0x0D].contains(scanner.bytes[scanner.position]) {
      scanner.position += 1
    }
    let bytes = scanner.bytes[start..<scanner.position]
    let trimmed = bytes.drop(while: TextScanner.isSpace).reversed().drop(
      while: TextScanner.isSpace)
    return String(decoding: trimmed.reversed(), as: UTF8.self)
  }

  mutating func number() throws(InputError) -> Double {
    _ = scanner.skipSpace()
    let start = scanner.position
    guard let value = scanner.number(), value.isFinite, isAtBoundary else {
      throw scanner.unexpected(at: start, expected: "a finite number")
    }
    return value
  }

  mutating func integer(
    _ what: String, in range: ClosedRange<Int> = 0...Int.max
  ) throws(InputError) -> Int {
    _ = scanner.skipSpace()
    let start = scanner.position
    guard let value = scanner.integer(), isAtBoundary, range.contains(Int(value)) else {
      let limits =
        range.upperBound == .max ? "" : " from \(range.lowerBound) to \(range.upperBound)"
      throw scanner.unexpected(at: start, expected: what + limits)
    }
    return Int(value)
  }

  mutating func integers(_ count: Int) throws(InputError) -> [Int64] {
    var result: [Int64] = []
    // An integer takes a digit and a blank: nothing is reserved for more than the file can hold.
    result.reserveCapacity(min(count, (scanner.bytes.count - scanner.position) / 2 + 1))
    while result.count < count {
      _ = scanner.skipSpace()
      let start = scanner.position
      guard let value = scanner.integer(), isAtBoundary else {
        throw scanner.unexpected(at: start, expected: "an integer below 2^63")
      }
      result.append(value)
    }
    return result
  }

  mutating func numbers(_ count: Int) throws(InputError) -> [Double] {
    var result: [Double] = []
    while result.count < count { result.append(try number()) }
    return result
  }

  mutating func end() throws(InputError) {
    if scanner.skipSpace() {
      throw scanner.unexpected(at: scanner.position, expected: "the end of the file")
    }
  }

  private var isAtBoundary: Bool {
    scanner.isAtEnd || TextScanner.isSpace(scanner.bytes[scanner.position])
  }
}
