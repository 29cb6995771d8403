import QAP
import QAPPrimitives

/// NumPy's array format (NEP 1), versions 1 to 3: floats of 2, 4 and 8 bytes, integers of 1 to 8
/// bytes, and booleans, of either byte order and in C or Fortran order.
public enum NPY {
  /// Reads the file at `path`.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is no such array.
  public static func read(_ path: String) throws -> NumericArray {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Reads an array from the contents of `file`.
  ///
  /// NaN and infinities are kept. Integers that no double equals are an error.
  ///
  /// - Complexity: O(bytes).
  public static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> NumericArray {
    let header = try NPYHeader(bytes[...], file: file)
    let available = bytes.count - header.dataOffset
    guard available == header.dataBytes else {
      throw InputError(
        file, found: "\(available) bytes of data",
        expected: "\(header.dataBytes), for \(header.shapeText) of \(header.type.bytes) bytes each")
    }
    let copies = header.isFortranOrder ? 2.0 : 1
    try InputError.requireMemory(8 * copies * Double(header.count), for: file)
    var elements = try decode(
      bytes, from: header.dataOffset, count: header.count, type: header.type,
      isBigEndian: header.isBigEndian, file: file)
    if header.isFortranOrder {
      elements = NPY.transposed(elements, shape: header.shape)
    }
    return NumericArray(shape: header.shape, elements: elements)
  }

  /// The text in an array of one string, as NumPy writes it for `numpy.savez(sense="max")`; nil
  /// when it is no such array. ASCII alone.
  static func text(_ bytes: [UInt8]) -> String? {
    guard bytes.count > 10, bytes[6] == 1 else { return nil }
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    guard start <= bytes.count else { return nil }
    let header = String(decoding: bytes[10..<start], as: UTF8.self)
    // Bytes ('S') or UTF-32 ('<U').
    guard header.contains("'shape': ()"), header.contains("'|S") || header.contains("'<U") else {
      return nil
    }
    let letters = bytes[start...].filter { $0 != 0 }
    guard letters.count <= 64, letters.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    return String(decoding: letters, as: UTF8.self)
  }

  /// The `count` numbers that start at byte `offset`, all of which must be there.
  static func decode(
    _ bytes: [UInt8], from offset: Int, count: Int, type: NPYType, isBigEndian: Bool, file: String
  ) throws(InputError) -> [Double] {
    var elements: [Double] = []
    elements.reserveCapacity(count)
    for index in 0..<count {
      let bits = load(
        bytes, at: offset + index * type.bytes, count: type.bytes, isBigEndian: isBigEndian)
      guard let value = type.value(bits) else {
        throw InputError(
          file, found: "\(type.integerText(bits)) at element \(index)",
          expected: "an integer that a double can hold; array.astype('float64') rounds it")
      }
      elements.append(value)
    }
    return elements
  }

  @inline(__always)
  private static func load(
    _ bytes: [UInt8], at offset: Int, count: Int, isBigEndian: Bool
  ) -> UInt64 {
    var bits: UInt64 = 0
    if isBigEndian {
      for index in 0..<count { bits = bits << 8 | UInt64(bytes[offset &+ index]) }
    } else {
      for index in 0..<count {
        bits |= UInt64(bytes[offset &+ index]) &<< UInt64(truncatingIfNeeded: 8 &* index)
      }
    }
    return bits
  }

  /// Reorders elements whose first axis runs fastest.
  private static func transposed(_ elements: [Double], shape: [Int]) -> [Double] {
    guard shape.count > 1, !elements.isEmpty else { return elements }
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = [Int](repeating: 0, count: shape.count)
    var source = 0
    var result: [Double] = []
    result.reserveCapacity(elements.count)
    while true {
      result.append(elements[source])
      var axis = shape.count - 1
      while true {
        index[axis] += 1
        source += strides[axis]
        if index[axis] < shape[axis] { break }
        source -= shape[axis] * strides[axis]
        index[axis] = 0
        if axis == 0 { return result }
        axis -= 1
      }
    }
  }

  /// Writes `array` to `path`, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public static func write(_ array: NumericArray, to path: String) throws(FileError) {
    try FileAccess.write(format(array), to: path)
  }

  /// The array as little-endian doubles in C order, format version 1.
  public static func format(_ array: NumericArray) -> [UInt8] {
    format(array.elements.lazy.map(\.bitPattern), type: "<f8", shape: array.shape)
  }

  /// Integers of 64 bits in C order, with as many elements as `shape` says.
  static func format(_ integers: [Int], shape: [Int]) -> [UInt8] {
    format(
      integers.lazy.map { UInt64(bitPattern: Int64($0)) }, type: "<i8", shape: shape)
  }

  /// A string of ASCII as an array without axes.
  static func format(text: String) -> [UInt8] {
    header("|S\(text.utf8.count)", shape: []) + text.utf8
  }

  /// Everything before the data, in format version 1.
  private static func header(_ type: String, shape: [Int]) -> [UInt8] {
    let axes = shape.map(String.init).joined(separator: ", ")
    let shape = shape.count == 1 ? "(\(axes),)" : "(\(axes))"
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    // The data start at a multiple of 64, after ten bytes of preamble and a line feed.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    precondition(header.utf8.count <= 0xFFFF, "an array of thousands of axes")
    var bytes: [UInt8] = Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) })
    bytes += [1, 0, UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]
    bytes += header.utf8
    return bytes
  }

  private static func format(
    _ elements: some Collection<UInt64>, type: String, shape: [Int]
  ) -> [UInt8] {
    var bytes = header(type, shape: shape)
    bytes.reserveCapacity(bytes.count + 8 * elements.count)
    for bits in elements {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
    return bytes
  }
}
