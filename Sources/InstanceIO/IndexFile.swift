import QAP

/// Files of row numbers or pairs of them, counted from 0: NumPy arrays (one axis: numbers; two
/// columns: pairs), text with a number or a pair on each line, perhaps with a comma between, or
/// CSV whose first columns are `source` and `target`, or `facility` and `location`.
public enum IndexFile {
  /// Reads the file at `path`; a single number `i` stands for the pair (i, i). Numbers must be
  /// below `limit`.
  ///
  /// A file whose name ends in .sln is a solution, counted from 1: the location of each facility,
  /// with 0 for those that are not fixed. `note` is called with a line where numbers may have been
  /// counted from 1.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it holds no such
  ///   numbers.
  public static func readPairs(
    _ path: String, below limit: Int, note: (String) -> Void = { _ in }
  ) throws -> [(first: Int, second: Int)] {
    let bytes = try FileAccess.read(path)
    if FileAccess.kind(of: path) == "sln" {
      return try PartialAssignment.parse(bytes, file: path, size: limit).pairs.map {
        ($0.facility, $0.location)
      }
    }
    let pairs = try parsePairs(bytes, file: path, below: limit)
    if !pairs.isEmpty, pairs.allSatisfy({ $0.first > 0 && $0.second > 0 }) {
      note(
        "\(path): no number is 0; read as counted from 0 to \(limit - 1), though 1 to \(limit) "
          + "would fit as well")
    }
    return pairs
  }

  /// Reads the file at `path` as `readPairs(_:below:)` does; `isPaired` is true when it holds
  /// pairs, false when it holds single numbers.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it holds anything
  ///   else.
  public static func readTable(_ path: String, below limit: Int) throws -> (
    pairs: [(first: Int, second: Int)], isPaired: Bool
  ) {
    try parseTable(try FileAccess.read(path), file: path, below: limit)
  }

  /// Reads the file at `path` as single numbers, such as rows or labels, each below `limit`.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it holds anything
  ///   else.
  public static func readIndices(_ path: String, below limit: Int) throws -> [Int] {
    try readPairs(path, below: limit).enumerated().map { place, pair throws in
      guard pair.first == pair.second else {
        throw InputError(
          path, found: "the pair \(pair.first), \(pair.second) at place \(place)",
          expected: "single numbers")
      }
      return pair.first
    }
  }

  /// The pairs in the contents of `file`.
  ///
  /// - Throws: `InputError` as `readPairs(_:below:)` does.
  public static func parsePairs(
    _ bytes: [UInt8], file: String, below limit: Int
  ) throws(InputError) -> [(first: Int, second: Int)] {
    try parseTable(bytes, file: file, below: limit).pairs
  }

  private static func parseTable(
    _ bytes: [UInt8], file: String, below limit: Int
  ) throws(InputError) -> (pairs: [(first: Int, second: Int)], isPaired: Bool) {
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
      return try arrayPairs(bytes, file: file, below: limit)
    }
    var scanner = TextScanner(plain(bytes), file: file)
    var pairs: [(first: Int, second: Int)] = []
    var isPaired = false
    while scanner.skipSpace() {
      let first = try index(&scanner, below: limit)
      var second = first
      if !scanner.skipsToLineEnd() {
        isPaired = true
        second = try index(&scanner, below: limit)
        guard scanner.skipsToLineEnd() else {
          throw scanner.unexpected(at: scanner.position, expected: "the end of the line")
        }
      }
      pairs.append((first, second))
    }
    return (pairs, isPaired)
  }

  /// Text with a blank in place of a comma or semicolon between two numbers; of CSV with names of
  /// columns only the first two, line by line.
  private static func plain(_ bytes: [UInt8]) -> [UInt8] {
    let names = ["source,target", "facility,location"]
    let hasNames = names.contains { bytes.starts(with: Array($0.utf8)) }
    let separators = [UInt8(ascii: ","), UInt8(ascii: ";")]
    guard hasNames || bytes.contains(where: separators.contains) else { return bytes }
    var result: [UInt8] = []
    // What stands before or behind nothing is left for the reader to refuse.
    func isBetween(_ place: Int) -> Bool {
      let next = bytes[(place + 1)...].first { $0 != 0x20 && $0 != 0x0D }
      return result.last.map { $0 != 0x0A } ?? false && next != 0x0A
        && next.map { !separators.contains($0) } == true
    }
    var (isOfNames, count) = (hasNames, 0)
    for (place, byte) in bytes.enumerated() {
      if byte == 0x0A { (isOfNames, count) = (false, 0) }
      let isSeparator = separators.contains(byte)
      if isSeparator { count += 1 }
      if byte == 0x0A || !isOfNames && (count < 2 || !hasNames) {
        result.append(isSeparator && count == 1 && isBetween(place) ? 0x20 : byte)
      }
    }
    return result
  }

  /// Reads the array at `path` as a mask of `rows` × `columns` elements, true where they are not 0;
  /// nil for a file of indices: text, or an array of another shape or of two columns.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` for a damaged array.
  public static func readMask(_ path: String, rows: Int, columns: Int) throws -> [Bool]? {
    let bytes = try FileAccess.read(path)
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else { return nil }
    let array = try NPY.parse(bytes, file: path)
    guard array.shape == [rows, columns], columns != 2 else { return nil }
    return array.elements.map { $0 != 0 }
  }

  /// Writes `indices` to `path`, atomically: an array when the name ends in .npy, otherwise a
  /// number on each line.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public static func write(_ indices: [Int], to path: String) throws(FileError) {
    if path.lowercased().hasSuffix(".npy") {
      return try FileAccess.write(NPY.format(indices, shape: [indices.count]), to: path)
    }
    try FileAccess.write(Array(indices.map { "\($0)\n" }.joined().utf8), to: path)
  }

  /// Writes `pairs` to `path` as an array of integers, pairs × 2, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public static func writeArray(
    _ pairs: [(first: Int, second: Int)], to path: String
  ) throws(FileError) {
    try FileAccess.write(
      NPY.format(pairs.flatMap { [$0.first, $0.second] }, shape: [pairs.count, 2]), to: path)
  }

  /// Writes `rows`, all of one length, to `path` as an array of integers, atomically.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public static func writeTable(_ rows: [[Int]], to path: String) throws(FileError) {
    try FileAccess.write(
      NPY.format(rows.flatMap { $0 }, shape: [rows.count, rows.first?.count ?? 0]), to: path)
  }

  private static func index(
    _ scanner: inout TextScanner, below limit: Int
  ) throws(InputError) -> Int {
    let start = scanner.position
    let value = scanner.integer()
    guard let value, value >= 0, value < limit,
      scanner.isAtEnd || TextScanner.isSpace(scanner.bytes[scanner.position])
    else {
      throw scanner.unexpected(
        at: start, expected: range(limit, isNear: value.map { $0 == limit } ?? false))
    }
    return Int(value)
  }

  /// The numbers that may stand in a file, for messages; `isNear` says that one too large stands.
  private static func range(_ limit: Int, isNear: Bool) -> String {
    "a number from 0 to \(limit - 1)"
      + (isNear ? "; subtract 1 from numbers that count from 1" : "")
  }

  private static func arrayPairs(
    _ bytes: [UInt8], file: String, below limit: Int
  ) throws(InputError) -> (pairs: [(first: Int, second: Int)], isPaired: Bool) {
    let array = try NPY.parse(bytes, file: file)
    let width = array.shape.count == 1 ? 1 : 2
    guard array.shape.count == width, width == 1 || array.shape[1] == 2 else {
      throw InputError(
        file, found: "an array of shape \(array.shape)", expected: "(count) or (count, 2)")
    }
    if let fault = array.elements.firstIndex(where: {
      !($0 >= 0 && $0 == $0.rounded() && $0 < Double(limit))
    }) {
      throw InputError(
        file, found: "\(array.elements[fault]) at element \(fault)",
        expected: range(limit, isNear: array.elements[fault] == Double(limit)))
    }
    let pairs = stride(from: 0, to: array.elements.count, by: width).map {
      (first: Int(array.elements[$0]), second: Int(array.elements[$0 + width - 1]))
    }
    return (pairs, width == 2)
  }
}

extension TextScanner {
  /// Skips blanks within the line; true at its end, or at the end of the text.
  fileprivate mutating func skipsToLineEnd() -> Bool {
    while position < bytes.count, TextScanner.isSpace(bytes[position]) {
      if bytes[position] == 0x0A || bytes[position] == 0x0D { return true }
      position += 1
    }
    return isAtEnd
  }
}
