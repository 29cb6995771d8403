/// Writes numbers one after the other, the least byte first.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(byte: UInt8) { bytes.append(byte) }

  mutating func append<T: FixedWidthInteger>(_ value: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> T(shift)))
    }
  }

  mutating func append(_ value: Double) { append(value.bitPattern) }

  mutating func append(_ values: [Int64]) {
    append(UInt32(values.count))
    bytes.reserveCapacity(bytes.count + 8 * values.count)
    for value in values { append(value) }
  }

  mutating func append(_ values: [UInt8]) {
    append(UInt32(values.count))
    bytes += values
  }
}

/// Reads what `ByteWriter` has written, and trusts nothing.
struct ByteReader {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  mutating func byte() throws(MessageError) -> UInt8 {
    guard let byte = bytes.popFirst() else { throw MessageError("a message that ends early") }
    return byte
  }

  mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(MessageError) -> T {
    let width = T.bitWidth / 8
    guard bytes.count >= width else { throw MessageError("a message that ends early") }
    var value: T = 0
    for (index, byte) in bytes.prefix(width).enumerated() {
      value |= T(truncatingIfNeeded: byte) << T(8 * index)
    }
    bytes = bytes.dropFirst(width)
    return value
  }

  mutating func number() throws(MessageError) -> Double {
    Double(bitPattern: try integer())
  }

  /// The number of items that follow, of `width` bytes each at least.
  mutating func count(width: Int) throws(MessageError) -> Int {
    let count = Int(try integer(UInt32.self))
    guard count * width <= bytes.count else { throw MessageError("a message that ends early") }
    return count
  }

  mutating func integers() throws(MessageError) -> [Int64] {
    var values: [Int64] = []
    let count = try count(width: 8)
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try integer()) }
    return values
  }

  mutating func blob() throws(MessageError) -> [UInt8] {
    let count = try count(width: 1)
    defer { bytes = bytes.dropFirst(count) }
    return Array(bytes.prefix(count))
  }

  func end() throws(MessageError) {
    guard bytes.isEmpty else { throw MessageError("a message with \(bytes.count) bytes too many") }
  }
}
