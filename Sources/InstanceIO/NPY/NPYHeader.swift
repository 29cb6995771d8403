import QAP

/// A type of element that is read.
enum NPYType {
  case float(bytes: Int)
  /// A float of four bytes without its last two, which `.safetensors` calls BF16.
  case brainFloat
  case signed(bytes: Int)
  case unsigned(bytes: Int)
  case boolean

  /// The type behind a description such as "f8"; nil when it is not one of numbers.
  init?(_ code: Substring) {
    switch code {
    case "f2", "f4", "f8": self = .float(bytes: code.last?.wholeNumberValue ?? 0)
    case "i1", "i2", "i4", "i8": self = .signed(bytes: code.last?.wholeNumberValue ?? 0)
    case "u1", "u2", "u4", "u8": self = .unsigned(bytes: code.last?.wholeNumberValue ?? 0)
    case "b1": self = .boolean
    default: return nil
    }
  }

  /// The size of an element.
  var bytes: Int {
    switch self {
    case .float(let bytes), .signed(let bytes), .unsigned(let bytes): bytes
    case .brainFloat: 2
    case .boolean: 1
    }
  }

  /// The number that `bits` stand for; nil for an integer that no double equals.
  @inline(__always)
  func value(_ bits: UInt64) -> Double? {
    switch self {
    case .float(8): return Double(bitPattern: bits)
    case .float(4): return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float: return Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
    case .brainFloat: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16))
    case .signed(let bytes): return Double(exactly: extended(bits, bytes))
    case .unsigned: return Double(exactly: bits)
    case .boolean: return bits == 0 ? 0 : 1
    }
  }

  /// The integer that `bits` stand for, for error messages.
  func integerText(_ bits: UInt64) -> String {
    if case .signed(let bytes) = self { return String(extended(bits, bytes)) }
    return String(bits)
  }

  /// The sign extension of the lowest `bytes` bytes.
  private func extended(_ bits: UInt64, _ bytes: Int) -> Int64 {
    let unused = UInt64(64 - 8 * bytes)
    return Int64(bitPattern: bits &<< unused) &>> Int64(unused)
  }
}

/// The part of an `.npy` file before the numbers: a Python dictionary as text.
struct NPYHeader {
  let type: NPYType
  let isBigEndian: Bool
  let isFortranOrder: Bool
  let shape: [Int]
  /// The product of the shape.
  let count: Int
  /// Where the data start, counted from the first byte of the file.
  let dataOffset: Int

  /// The bytes the data take.
  var dataBytes: Int { count * type.bytes }
  /// The shape as Python writes it.
  var shapeText: String { "shape (\(shape.map(String.init).joined(separator: ", ")))" }

  /// The longest header that is read; NumPy's own limit is 10,000.
  static let longest = 65_536

  /// Reads the header at the front of `bytes`, which may end anywhere behind it.
  init(_ bytes: ArraySlice<UInt8>, file: String) throws(InputError) {
    let base = bytes.startIndex
    func byte(_ index: Int) -> Int { Int(bytes[base + index]) }
    guard bytes.count >= 10, bytes.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) else {
      throw InputError(
        file, found: bytes.count < 10 ? "\(bytes.count) bytes" : "another first word",
        expected: "an .npy array, which starts with \\x93NUMPY")
    }
    guard (1...3).contains(byte(6)), bytes.count >= 12 else {
      throw InputError(file, found: "format version \(byte(6))", expected: "version 1, 2 or 3")
    }
    let preamble = byte(6) == 1 ? 10 : 12
    var length = byte(8) | byte(9) << 8
    if preamble == 12 { length |= byte(10) << 16 | byte(11) << 24 }
    guard length <= NPYHeader.longest, bytes.count >= preamble + length else {
      throw InputError(
        file, found: "a header of \(length) bytes in \(bytes.count)",
        expected: "at most \(NPYHeader.longest), all there")
    }
    dataOffset = preamble + length
    var parser = PythonLiteral(bytes[(base + preamble)..<(base + dataOffset)], file: file)
    let fields = try parser.fields()
    guard let first = fields.description.first, "<>|=".contains(first),
      let type = NPYType(fields.description.dropFirst()), first != "|" || type.bytes == 1
    else {
      throw InputError(
        file, found: "elements of type '\(fields.description)'",
        expected: "f2, f4, f8, i1 to i8, u1 to u8 or b1; convert it with array.astype('float64')")
    }
    self.type = type
    isBigEndian = first == ">"
    isFortranOrder = fields.isFortranOrder
    shape = fields.shape
    // A zero extent does not excuse absurd ones beside it: their product is formed without zeros.
    var product = type.bytes
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, extent))
      guard !overflow, next <= 1 << 48 else {
        throw InputError(file, found: "shape \(shape)", expected: "an array that fits in memory")
      }
      product = next
    }
    count = shape.reduce(1, *)
  }
}

/// Reads the one kind of Python expression that a header holds.
private struct PythonLiteral {
  struct Fields {
    var description = ""
    var isFortranOrder = false
    var shape: [Int] = []
  }

  private let text: [UInt8]
  private let file: String
  private var next = 0

  init(_ bytes: ArraySlice<UInt8>, file: String) {
    text = Array(bytes)
    self.file = file
  }

  /// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`, in any order.
  mutating func fields() throws(InputError) -> Fields {
    var fields = Fields()
    var seen: Set<String> = []
    try expect("{")
    while !accept("}") {
      let key = try string()
      try expect(":")
      seen.insert(key)
      switch key {
      case "descr": fields.description = try string()
      case "fortran_order": fields.isFortranOrder = try boolean()
      case "shape": fields.shape = try tuple()
      default: throw failure("the key '\(key)'", "descr, fortran_order and shape")
      }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    guard seen.count == 3 else {
      throw failure("\(seen.count) of them", "the keys descr, fortran_order and shape")
    }
    skipBlanks()
    guard next == text.count else { throw failure("more text", "the end of the header") }
    return fields
  }

  private mutating func skipBlanks() {
    while next < text.count, TextScanner.isSpace(text[next]) { next += 1 }
  }

  private mutating func accept(_ symbol: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next < text.count, text[next] == UInt8(ascii: symbol) else { return false }
    next += 1
    return true
  }

  private mutating func expect(_ symbol: Unicode.Scalar) throws(InputError) {
    guard accept(symbol) else { throw failure(here, "\(symbol)") }
  }

  private var here: String {
    guard next < text.count else { return "its end" }
    let byte = text[next]
    return byte > 0x20 && byte < 0x7F
      ? String(Unicode.Scalar(byte)) : "byte \(byte)"
  }

  private mutating func string() throws(InputError) -> String {
    skipBlanks()
    guard next < text.count, text[next] == UInt8(ascii: "'") || text[next] == UInt8(ascii: "\"")
    else { throw failure(here, "a quoted word") }
    let quote = text[next]
    let start = next + 1
    guard let end = text[start...].firstIndex(of: quote), end - start <= 32,
      text[start..<end].allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
    else { throw failure("a word without end", "a short quoted word") }
    next = end + 1
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(InputError) -> Bool {
    skipBlanks()
    for (word, value) in [("True", true), ("False", false)]
    where text[next...].starts(with: word.utf8) {
      next += word.utf8.count
      return value
    }
    throw failure(here, "True or False")
  }

  private mutating func tuple() throws(InputError) -> [Int] {
    var result: [Int] = []
    try expect("(")
    while !accept(")") {
      skipBlanks()
      let start = next
      while next < text.count, text[next] >= 0x30, text[next] <= 0x39 { next += 1 }
      guard next > start, next - start <= 15, result.count < 32,
        let extent = Int(String(decoding: text[start..<next], as: UTF8.self))
      else { throw failure(here, "an extent") }
      // Python 2 wrote long integers so.
      if next < text.count, text[next] == UInt8(ascii: "L") { next += 1 }
      result.append(extent)
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return result
  }

  private func failure(_ found: String, _ expected: String) -> InputError {
    InputError(file, found: "\(found) in the array's header", expected: expected)
  }
}
