import QAP

/// The directory of a ZIP file, as far as `.npz` needs it: stored and deflated entries, also those
/// of ZIP64.
struct ZipArchive {
  /// One file in the archive.
  struct Entry {
    let name: String
    let method: Int
    let checksum: UInt32
    let compressedSize: Int
    let size: Int
    let headerOffset: Int
  }

  /// The entries, in the order of the directory.
  let entries: [Entry]
  private let bytes: [UInt8]
  private let file: String

  /// Entries of an archive that is read, as many as one without ZIP64 holds.
  static let maxEntries = 65_535

  /// Reads the directory.
  init(_ bytes: [UInt8], file: String) throws(InputError) {
    self.bytes = bytes
    self.file = file
    func fail(_ found: String, _ expected: String) -> InputError {
      InputError(file, found: found, expected: expected)
    }
    // The end record is the last one, behind at most 65,535 bytes of comment.
    let least = max(0, bytes.count - 22 - 65_535)
    let end = stride(from: bytes.count - 22, through: least, by: -1).first { start in
      bytes.integer(at: start, count: 4) == 0x0605_4B50
        && bytes.integer(at: start + 20, count: 2) == bytes.count - start - 22
    }
    guard let end, bytes.count >= 22 else {
      throw fail("no end-of-directory record", "a ZIP archive")
    }
    var count = bytes.integer(at: end + 10, count: 2)
    var directorySize = bytes.integer(at: end + 12, count: 4)
    var next = bytes.integer(at: end + 16, count: 4)
    guard bytes.integer(at: end + 4, count: 4) == 0, count == bytes.integer(at: end + 8, count: 2)
    else { throw fail("an archive in several parts", "a single file") }
    // Of a large archive the record of ZIP64, which a locator before the end record names, has the
    // numbers.
    if next == 0xFFFF_FFFF || directorySize == 0xFFFF_FFFF || count == 0xFFFF,
      bytes.integer(at: end - 20, count: 4) == 0x0706_4B50
    {
      let record = bytes.integer(at: end - 12, count: 8)
      guard bytes.integer(at: record, count: 4) == 0x0606_4B50 else {
        throw fail("no record of ZIP64", "one at byte \(record)")
      }
      count = bytes.integer(at: record + 32, count: 8)
      directorySize = bytes.integer(at: record + 40, count: 8)
      next = bytes.integer(at: record + 48, count: 8)
    }
    guard count >= 0, directorySize >= 0, next >= 0 else {
      throw fail("a directory outside the file", "one before its end")
    }
    guard count <= ZipArchive.maxEntries else {
      throw fail("\(count) arrays", "at most \(ZipArchive.maxEntries)")
    }
    guard next <= end, directorySize <= end - next else {
      throw fail("a directory outside the file", "one before its end")
    }
    let directoryEnd = next + directorySize
    var entries: [Entry] = []
    for index in 0..<count {
      guard next + 46 <= directoryEnd, bytes.integer(at: next, count: 4) == 0x0201_4B50 else {
        throw fail("no directory entry \(index + 1)", "\(count) of them")
      }
      let nameLength = bytes.integer(at: next + 28, count: 2)
      let extraLength = bytes.integer(at: next + 30, count: 2)
      let commentLength = bytes.integer(at: next + 32, count: 2)
      guard next + 46 + nameLength <= directoryEnd, nameLength <= 4_096 else {
        throw fail("a name of \(nameLength) bytes", "a short one inside the directory")
      }
      let name = bytes[(next + 46)..<(next + 46 + nameLength)]
      guard bytes.integer(at: next + 8, count: 2) & 1 == 0 else {
        throw fail("an encrypted entry", "a plain one")
      }
      // Size, packed size and offset; those that need more than 32 bits are in the extra field.
      var numbers = [24, 20, 42].map { bytes.integer(at: next + $0, count: 4) }
      var extra = next + 46 + nameLength
      let extraEnd = min(directoryEnd, extra + extraLength)
      while extra + 4 <= extraEnd, bytes.integer(at: extra, count: 2) != 1 {
        extra += 4 + bytes.integer(at: extra + 2, count: 2)
      }
      extra += 4
      for index in numbers.indices where numbers[index] == 0xFFFF_FFFF && extra + 8 <= extraEnd {
        numbers[index] = bytes.integer(at: extra, count: 8)
        extra += 8
      }
      guard numbers.allSatisfy({ $0 >= 0 && $0 < 1 << 48 }) else {
        throw fail("a size or an offset beyond 2^48", "an entry inside the file")
      }
      entries.append(
        Entry(
          name: String(decoding: name, as: UTF8.self),
          method: bytes.integer(at: next + 10, count: 2),
          checksum: UInt32(bytes.integer(at: next + 16, count: 4)),
          compressedSize: numbers[1], size: numbers[0], headerOffset: numbers[2]))
      next += 46 + nameLength + extraLength + commentLength
    }
    self.entries = entries
  }

  /// The first bytes of an entry, at most `limit`; its checksum is not looked at.
  func prefix(of entry: Entry, limit: Int) throws(InputError) -> [UInt8] {
    let packed = try packedBytes(of: entry)
    switch entry.method {
    case 0: return Array(packed.prefix(limit))
    case 8:
      guard let expanded = Deflate.expand(packed, limit: limit) else { throw damaged(entry) }
      return expanded.output
    default:
      throw fail(entry, "compression method \(entry.method)", "0 (stored) or 8 (deflate)")
    }
  }

  /// The contents of an entry, whose length and checksum must be the stated ones.
  func contents(of entry: Entry) throws(InputError) -> [UInt8] {
    // Deflate shrinks by a thousand at most, and its output grows by doubling.
    let packed = try packedBytes(of: entry).count
    let size = min(entry.size, 1100 * packed)
    try InputError.requireMemory((entry.method == 8 ? 3 : 1) * Double(size), for: file)
    let bytes: [UInt8]
    if entry.method == 8 {
      guard let expanded = Deflate.expand(try packedBytes(of: entry), limit: entry.size) else {
        throw damaged(entry)
      }
      guard expanded.isComplete, expanded.output.count == entry.size else {
        throw fail(
          entry, expanded.output.count < entry.size ? "\(expanded.output.count) bytes" : "more",
          "the \(entry.size) bytes the directory states")
      }
      bytes = expanded.output
    } else {
      bytes = try prefix(of: entry, limit: .max)
      guard bytes.count == entry.size else {
        throw fail(entry, "\(bytes.count) bytes", "the \(entry.size) bytes the directory states")
      }
    }
    guard Deflate.checksum(bytes) == entry.checksum else { throw damaged(entry) }
    return bytes
  }

  private func packedBytes(of entry: Entry) throws(InputError) -> ArraySlice<UInt8> {
    let header = entry.headerOffset
    guard header + 30 <= bytes.count, bytes.integer(at: header, count: 4) == 0x0403_4B50 else {
      throw fail(entry, "no local header", "one at byte \(header)")
    }
    let start =
      header + 30 + bytes.integer(at: header + 26, count: 2)
      + bytes.integer(at: header + 28, count: 2)
    guard start + entry.compressedSize <= bytes.count else {
      throw fail(
        entry, "\(max(0, bytes.count - start)) bytes", "\(entry.compressedSize) packed ones")
    }
    return bytes[start..<(start + entry.compressedSize)]
  }

  private func damaged(_ entry: Entry) -> InputError {
    fail(entry, "damaged data", "what the checksum stands for")
  }

  private func fail(_ entry: Entry, _ found: String, _ expected: String) -> InputError {
    return InputError(file, found: "\(found) in \"\(entry.name.printable)\"", expected: expected)
  }

  /// An archive of `files`, with the date 1980-01-01, so that equal contents give equal archives.
  static func format(_ files: [(name: String, contents: [UInt8])], compressed: Bool) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for file in files {
      let packed = compressed ? Deflate.compress(file.contents) : file.contents
      // Everything both headers share, from the version on.
      var common: [UInt8] = []
      common.append(integer: 20, count: 2)
      common.append(integer: 0, count: 2)
      common.append(integer: compressed ? 8 : 0, count: 2)
      common.append(integer: 0, count: 2)
      common.append(integer: 0x21, count: 2)
      common.append(integer: Int(Deflate.checksum(file.contents)), count: 4)
      common.append(integer: packed.count, count: 4)
      common.append(integer: file.contents.count, count: 4)
      common.append(integer: file.name.utf8.count, count: 2)
      common.append(integer: 0, count: 2)
      directory.append(integer: 0x0201_4B50, count: 4)
      directory.append(integer: 20, count: 2)
      directory += common
      directory.append(integer: 0, count: 10)
      directory.append(integer: archive.count, count: 4)
      directory += file.name.utf8
      archive.append(integer: 0x0403_4B50, count: 4)
      archive += common
      archive += file.name.utf8
      archive += packed
    }
    let start = archive.count
    archive += directory
    archive.append(integer: 0x0605_4B50, count: 4)
    archive.append(integer: 0, count: 4)
    archive.append(integer: files.count, count: 2)
    archive.append(integer: files.count, count: 2)
    archive.append(integer: directory.count, count: 4)
    archive.append(integer: start, count: 4)
    archive.append(integer: 0, count: 2)
    return archive
  }
}

extension [UInt8] {
  /// The little-endian integer of `count` bytes at `offset`; −1 where there are none.
  fileprivate func integer(at offset: Int, count: Int) -> Int {
    guard offset >= 0, offset <= self.count - count else { return -1 }
    var value = 0
    for index in 0..<count { value |= Int(self[offset + index]) << (8 * index) }
    return value
  }

  fileprivate mutating func append(integer: Int, count: Int) {
    for index in 0..<count {
      append(UInt8(truncatingIfNeeded: index < 8 ? integer >> (8 * index) : 0))
    }
  }
}
