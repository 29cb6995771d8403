import QAPPrimitives

/// Appends numbers and text to a growing block of bytes.
struct TextWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Writes the shortest text that reads back as `value`, without a trailing ".0".
  mutating func append(_ value: Double) { append(TextWriter.text(of: value)) }

  /// The shortest text that reads back as `value`, without a trailing ".0".
  static func text(of value: Double) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Writes one line a row; integers are right-aligned in columns of one width.
  mutating func append(_ matrix: Matrix<Double>) {
    let isAligned = matrix.elements.allSatisfy { $0 == $0.rounded() && abs($0) < 1e15 }
    let width =
      isAligned ? matrix.elements.reduce(1) { max($0, TextWriter.integerWidth($1)) } : 0
    bytes.reserveCapacity(bytes.count + matrix.elements.count * (isAligned ? width + 1 : 19))
    for r in 0..<matrix.rows {
      var isFirst = true
      for value in matrix.row(r) {
        if !isFirst { bytes.append(UInt8(ascii: " ")) }
        isFirst = false
        if isAligned {
          appendInteger(value, width: width)
        } else {
          append(value)
        }
      }
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  /// Writes integers separated by blanks, with a number of them per line.
  mutating func append(_ integers: [Int64], perLine: Int) {
    for (index, value) in integers.enumerated() {
      append(value)
      let endsLine = (index + 1) % perLine == 0
      bytes.append(endsLine ? UInt8(ascii: "\n") : UInt8(ascii: " "))
    }
  }

  private mutating func append(_ value: Int64) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var rest = value.magnitude
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  private static func integerWidth(_ value: Double) -> Int {
    var width = value.sign == .minus ? 2 : 1
    var rest = Int64(abs(value)) / 10
    while rest > 0 {
      width += 1
      rest /= 10
    }
    return width
  }

  private mutating func appendInteger(_ value: Double, width: Int) {
    let start = bytes.count
    for _ in 0..<width { bytes.append(UInt8(ascii: " ")) }
    var at = start + width
    var rest = Int64(abs(value))
    repeat {
      at -= 1
      bytes[at] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    } while rest > 0
    // The sign is read from the number itself: zero may be negative, and must read back so.
    if value.sign == .minus { bytes[at - 1] = UInt8(ascii: "-") }
  }
}
