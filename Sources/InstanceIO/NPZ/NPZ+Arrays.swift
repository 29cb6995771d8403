extension NPZ {
  /// The arrays of the archive at `path`, in its order, with their names.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when an array is damaged.
  public static func readArrays(_ path: String) throws -> [(name: String, array: NumericArray)] {
    let archive = try ZipArchive(try FileAccess.read(path), file: path)
    return try archive.entries.filter { $0.name.hasSuffix(".npy") }.map { entry in
      (
        String(entry.name.dropLast(4)),
        try NPY.parse(
          try archive.contents(of: entry), file: "\(path)(\(entry.name.printable))")
      )
    }
  }

  /// Writes arrays to `path`, atomically, as an archive that `numpy.load` reads.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public static func writeArrays(
    _ arrays: [(name: String, array: NumericArray)], to path: String
  ) throws {
    let files = arrays.map { (name: "\($0.name).npy", contents: NPY.format($0.array)) }
    try FileAccess.write(ZipArchive.format(files, compressed: true), to: path)
  }
}
