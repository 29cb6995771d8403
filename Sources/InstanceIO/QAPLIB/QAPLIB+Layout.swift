import QAP

/// Layouts of files in circulation: comments, commas, and known values beside the matrices.
extension QAPLIB {
  /// A scanner of the contents of `file` with blanks in place of comments (from # or // to the end
  /// of the line), and one of the same with blanks in place of commas as well.
  static func scanners(
    _ bytes: [UInt8], file: String
  ) -> (text: TextScanner, words: TextScanner) {
    var text = bytes
    if bytes.contains(UInt8(ascii: "#")) || bytes.contains(UInt8(ascii: "/")) {
      var isComment = false
      for index in bytes.indices {
        let byte = bytes[index]
        if byte == 0x0A || byte == 0x0D {
          isComment = false
        } else if byte == UInt8(ascii: "#")
          || byte == UInt8(ascii: "/") && index + 1 < bytes.count && bytes[index + 1] == byte
        {
          isComment = true
        }
        if isComment { text[index] = UInt8(ascii: " ") }
      }
    }
    var words = text
    if text.contains(UInt8(ascii: ",")) {
      for index in text.indices where text[index] == UInt8(ascii: ",") {
        words[index] = UInt8(ascii: " ")
      }
    }
    return (TextScanner(text, file: file), TextScanner(words, file: file))
  }

  /// Passes over the values that may stand behind the size: "n best" or "n bound best" on its line,
  /// or "best" alone on the next. The number of numbers distinguishes them from the matrices.
  static func skipValues(_ scanner: inout TextScanner, _ n: Int) throws(InputError) {
    var (extra, end) = scanner.words(onLineFrom: scanner.position)
    let isFirstLine = extra > 0
    if !isFirstLine {
      var next = scanner
      guard n > 1, next.skipSpace() else { return }
      (extra, end) = next.words(onLineFrom: next.position)
      guard extra == 1 else { return }
    }
    let count = scanner.words(from: scanner.position)
    var next = scanner
    _ = next.skipSpace()
    let place = next.position
    func fits(_ count: Int) -> Bool { count == 2 * n * n || count == 3 * n * n }
    // Two numbers of one facility and a value could be its linear term: the lines decide.
    guard !fits(count) || n == 1 && extra < 3 && count == 2 + extra, count > extra else { return }
    guard fits(count - extra) else {
      guard isFirstLine, extra <= 2, count > extra else { return }
      throw scanner.error(
        at: place, found: "\(count) numbers after the size, \(extra) of them on its line",
        expected: "\(2 * n * n) (two \(n) × \(n) matrices), perhaps with a best value, or a bound "
          + "and a best value, on the line of the size")
    }
    guard extra <= 2 else {
      throw scanner.error(
        at: place, found: "\(extra) numbers behind the size",
        expected: "at most two, a bound and a best value")
    }
    while scanner.skipSpace(), scanner.position < end {
      let start = scanner.position
      guard let value = scanner.number(), value.isFinite, isBoundary(scanner) else {
        throw scanner.unexpected(at: start, expected: "a known value, or nothing, behind the size")
      }
    }
    scanner.position = end
  }

  /// Throws where commas might be decimal commas: between digits of a line that has other
  /// separators as well, or whose length is not that of a row.
  static func requireSeparatingCommas(
    _ text: TextScanner, _ n: Int
  ) throws(InputError) {
    let (bytes, start) = (text.bytes, text.position)
    func isSpace(_ index: Int) -> Bool {
      index < 0 || index >= bytes.count || TextScanner.isSpace(bytes[index])
    }
    let comma = UInt8(ascii: ",")
    guard
      bytes.indices[start...].contains(where: {
        bytes[$0] == comma && !isSpace($0 - 1) && !isSpace($0 + 1)
      })
    else { return }
    var next = text
    while next.skipSpace() {
      let line = next.position
      let end = next.words(onLineFrom: line).end
      var (words, isInside, afterComma) = (0, false, true)
      for index in line..<end {
        let isWord = !isSpace(index) && bytes[index] != comma
        if isWord, !isInside {
          words += 1
          guard words == 1 || afterComma else {
            throw text.error(
              at: index, found: "numbers separated by blanks beside commas",
              expected: "one kind of separator, and decimal points")
          }
          afterComma = false
        }
        if bytes[index] == comma { afterComma = true }
        isInside = isWord
      }
      guard words == n else {
        throw text.error(
          at: line, found: "\(words) numbers on a line with commas",
          expected: "\(n), a row; a decimal sign must be a point")
      }
      next.position = end
    }
  }
}
