import QAP

/// The format in which Hugging Face's libraries keep arrays: the length of a header, the header as
/// a JSON object of `{"dtype", "shape", "data_offsets"}` by name, and the numbers, all
/// little-endian and in C order. Types F16, BF16, F32, F64, I8 to I64, U8 to U64 and BOOL are read;
/// arrays of other types may stand beside the one that is asked for.
public enum SafeTensors {
  /// One array in a file.
  struct Entry {
    let name: String
    /// The type's name in the file.
    let code: String
    /// The type; nil for one that is not read.
    let type: NPYType?
    let shape: [Int]
    /// Where its numbers are, counted from the first byte of the file.
    let bytes: Range<Int>
  }

  /// The longest header that is read, which is the longest that the library reads.
  static let maxHeaderBytes = 100_000_000

  /// The names of all arrays in the contents of `file`, in the order of the header.
  ///
  /// - Throws: `InputError` when there is no such header.
  public static func names(_ bytes: [UInt8], file: String) throws(InputError) -> [String] {
    try entries(bytes, file: file).map(\.name)
  }

  /// The array called `name`, or the only one, in the contents of `file`.
  ///
  /// NaN and infinities are kept.
  ///
  /// - Throws: `InputError` when there is no such array, or several and no name.
  public static func parse(
    _ bytes: [UInt8], array name: String? = nil, file: String
  ) throws(InputError) -> NumericArray {
    let entries = try entries(bytes, file: file)
    let entry = try pick(name, from: entries.map { ($0.name, $0) }, file: file)
    guard let type = entry.type else {
      throw InputError(
        file, found: "the type '\(entry.code.printable)' for \"\(entry.name.printable)\"",
        expected: "F16, BF16, F32, F64, I8 to U64 or BOOL; convert it with tensor.float()")
    }
    let count = entry.bytes.count / type.bytes
    try InputError.requireMemory(8 * Double(count), for: file)
    return NumericArray(
      shape: entry.shape,
      elements: try NPY.decode(
        bytes, from: entry.bytes.lowerBound, count: count, type: type, isBigEndian: false,
        file: file))
  }

  /// The arrays that the header lists, all of which are inside the file.
  static func entries(_ bytes: [UInt8], file: String) throws(InputError) -> [Entry] {
    var length: UInt64 = 0
    for index in 0..<min(8, bytes.count) { length |= UInt64(bytes[index]) << UInt64(8 * index) }
    guard bytes.count >= 8, length <= UInt64(maxHeaderBytes), Int(length) <= bytes.count - 8 else {
      throw InputError(
        file, found: "a header of \(bytes.count < 8 ? 0 : length) bytes in \(bytes.count)",
        expected: "at most \(maxHeaderBytes), all there, as in .safetensors")
    }
    let dataStart = 8 + Int(length)
    var reader = JSONReader(Array(bytes[8..<dataStart]), file: "\(file)(header)")
    var entries: [Entry] = []
    try reader.object { (reader, name, _) throws(InputError) in
      if name == "__metadata__" { return try reader.skipValue() }
      entries.append(try entry(name, &reader, dataStart: dataStart, size: bytes.count, file))
    }
    try reader.end()
    return entries
  }

  private static func entry(
    _ name: String, _ reader: inout JSONReader, dataStart: Int, size: Int, _ file: String
  ) throws(InputError) -> Entry {
    var code = ""
    var shape: [Int]?
    var offsets: [Int] = []
    try reader.object { (reader, key, _) throws(InputError) in
      switch key {
      case "dtype": code = try reader.string()
      case "shape": shape = try reader.counts()
      case "data_offsets": offsets = try reader.counts()
      default: try reader.skipValue()
      }
    }
    func fail(_ found: String, _ expected: String) -> InputError {
      InputError(file, found: "\(found) for \"\(name.printable)\"", expected: expected)
    }
    guard !code.isEmpty else { throw fail("no type", "one, such as F32") }
    guard let shape, shape.count <= 32 else { throw fail("no shape", "at most 32 extents") }
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= size - dataStart else {
      throw fail("offsets \(offsets.prefix(3))", "two inside the \(size - dataStart) bytes of data")
    }
    let type = NPYType(safeTensors: code)
    var product = type?.bytes ?? 0
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      product = overflow ? -1 : next
      if overflow { break }
    }
    if let type, product != offsets[1] - offsets[0] {
      throw fail(
        "\(offsets[1] - offsets[0]) bytes",
        "as many as the shape \(shape.prefix(4)) of \(type.bytes) bytes each takes")
    }
    return Entry(
      name: name, code: code, type: type, shape: shape,
      bytes: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  /// The thing called `name`, or the only one.
  static func pick<Thing>(
    _ name: String?, from things: [(name: String, thing: Thing)], file: String
  ) throws(InputError) -> Thing {
    let names = things.prefix(8).map { $0.name.printable }.joined(separator: ", ")
    if let name {
      if let found = things.first(where: { $0.name == name }) { return found.thing }
      let nearest = Spelling.nearest(to: name, among: things.map(\.name))
      throw InputError(
        file, found: "no array \"\(name.printable)\"",
        expected: "one of \(names)" + (things.count > 8 ? ", …" : "")
          + (nearest.map { "; did you mean \($0.printable)?" } ?? ""))
    }
    guard things.count == 1 else {
      throw InputError(
        file, found: "\(things.count) arrays (\(names))",
        expected: "one, or its name after a colon, as in FILE:NAME")
    }
    return things[0].thing
  }
}

extension NPYType {
  /// The type that `.safetensors` calls `code`; nil for one that is not read.
  fileprivate init?(safeTensors code: String) {
    switch code {
    case "F64": self = .float(bytes: 8)
    case "F32": self = .float(bytes: 4)
    case "F16": self = .float(bytes: 2)
    case "BF16": self = .brainFloat
    case "I64", "I32", "I16": self = .signed(bytes: (Int(code.dropFirst()) ?? 0) / 8)
    case "I8": self = .signed(bytes: 1)
    case "U64", "U32", "U16": self = .unsigned(bytes: (Int(code.dropFirst()) ?? 0) / 8)
    case "U8": self = .unsigned(bytes: 1)
    case "BOOL": self = .boolean
    default: return nil
    }
  }
}
