#if canImport(FoundationEssentials)
  import FoundationEssentials
  import Glibc
#else
  import Foundation
#endif

/// Whole files as bytes: bounded reads and atomic writes.
public enum FileAccess {
  /// The longest pipe that is read: 2 GiB, enough for 5,000 facilities written with 17 digits.
  /// It keeps an endless one from filling the memory. Files are limited by the memory alone.
  public static let maximumBytes = 1 << 31

  /// Everything in the file at `path`, which may also be a pipe, or "-" for standard input,
  /// unpacked if it is gzip, and without the byte order mark that some editors put before a text.
  ///
  /// - Throws: `FileError` when there is no such file, it cannot be read or unpacked, or there is
  ///   too little memory for it.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    try unpacked(try contents(of: path), path)
  }

  private static func contents(of path: String) throws(FileError) -> [UInt8] {
    let descriptor =
      path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno, missing: .missing) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
    let isFile = status.st_mode & S_IFMT == S_IFREG
    // A device without an end would be read until the memory is full.
    guard status.st_mode & S_IFMT != S_IFCHR || isatty(descriptor) == 1 else {
      throw FileError(path: path, kind: .inputOutput, reason: "is a device")
    }
    // The bytes, and as much again for the numbers in them.
    let needed = 2 * Int(status.st_size)
    if needed > 1 << 24, needed > AvailableMemory.bytes {
      throw FileError(
        path: path, kind: .tooLarge,
        reason: "needs about \(needed >> 20) MiB of memory, of which "
          + "\(AvailableMemory.bytes >> 20) MiB are there")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path, errno)
      }
      if count == 0 { return bytes }
      guard isFile || bytes.count + count <= maximumBytes else { throw tooLong(path) }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  /// The contents of `path` without what wraps them: gzip, and a byte order mark.
  ///
  /// - Throws: `FileError` for a damaged wrapping, and when there is too little memory.
  public static func unpacked(_ bytes: [UInt8], _ path: String) throws(FileError) -> [UInt8] {
    // The length before a .safetensors header may begin like this, but a brace follows it.
    guard bytes.count > 8, bytes.starts(with: [0x1F, 0x8B, 0x08]), bytes[8] != UInt8(ascii: "{")
    else { return withoutMark(bytes) }
    // The unpacked bytes grow by doubling.
    let limit = max(1 << 24, AvailableMemory.bytes / 3)
    guard let contents = Deflate.expandGzip(bytes, limit: limit) else {
      throw FileError(
        path: path, kind: .inputOutput,
        reason: "gzip data that are damaged, cut off or longer than \(limit >> 20) MiB; check the "
          + "file with gzip -t")
    }
    return withoutMark(contents)
  }

  /// `bytes` without a byte order mark. The length before a .safetensors header can look like one,
  /// but its upper bytes are zero, and texts have no such bytes.
  static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.starts(with: [0xEF, 0xBB, 0xBF]), !bytes.prefix(8).contains(0) else { return bytes }
    return Array(bytes.dropFirst(3))
  }

  /// Writes `bytes` to a new file beside `path` and renames it, so that a reader sees the old
  /// contents or the new ones and never a part. Devices and pipes are written in place, and a
  /// symbolic link keeps pointing where it did.
  ///
  /// - Throws: `FileError` when that fails, and leaves no part behind.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    guard let (target, temporary, mode) = replacement(of: path) else {
      let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure(path, errno) }
      defer { close(descriptor) }
      return try write(bytes, to: descriptor, path)
    }
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(path, errno) }
    do throws(FileError) {
      defer { close(descriptor) }
      try write(bytes, to: descriptor, path)
      if let mode { fchmod(descriptor, mode) }
      guard fsync(descriptor) == 0 else { throw failure(path, errno) }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    guard unsafe rename(temporary, target) == 0 else {
      let code = errno
      unsafe unlink(temporary)
      throw failure(path, code)
    }
  }

  /// The target of `path`, a new name beside it, and the mode of the existing file; nil for devices
  /// and pipes, which are written in place.
  private static func replacement(
    of path: String
  ) -> (target: String, temporary: String, mode: mode_t?)? {
    var status = stat()
    var target = path
    var mode: mode_t?
    if unsafe stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else { return nil }
      mode = status.st_mode & 0o7777
      target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
    return (target, "\(target).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp", mode)
  }

  /// The file's name without folders and without its extension; .gz is no extension here.
  static func stem(_ path: String) -> String {
    path == "-"
      ? "standard input" : withoutGzip(path).deletingPathExtension().lastPathComponent
  }

  /// The extension of `path` in lower case, and of `x.dat.gz` what `x.dat` has.
  static func kind(of path: String) -> String { withoutGzip(path).pathExtension.lowercased() }

  private static func withoutGzip(_ path: String) -> URL {
    let url = URL(fileURLWithPath: path)
    return url.pathExtension.lowercased() == "gz" ? url.deletingPathExtension() : url
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path, errno)
      }
      done += count
    }
  }

  private static func failure(
    _ path: String, _ code: Int32, missing: FileError.Kind = .inputOutput
  ) -> FileError {
    let reason = unsafe String(cString: strerror(code))
    let isMissing = code == ENOENT || code == ENOTDIR
    return FileError(path: path, kind: isMissing ? missing : .inputOutput, reason: reason)
  }

  private static func tooLong(_ path: String) -> FileError {
    FileError(path: path, kind: .inputOutput, reason: "longer than \(maximumBytes) bytes")
  }
}
