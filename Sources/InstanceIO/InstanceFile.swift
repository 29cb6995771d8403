import QAP

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Instance files of every format, distinguished by their extension: `.dat` and `.txt` (QAPLIB),
/// `.json`, `.npz` (see `NPZ`), `.qplib` (see `QPLIB`), `.qubo` (see `QUBO`) and `.npy` (one array
/// of shape (n, n, n, n): a cost tensor).
public enum InstanceFile {
  /// A file format.
  private enum Format {
    case qaplib
    case json
    case npz
    case npy
    case qplib
    case qubo

    /// The format that an extension, in lower case, stands for.
    init?(_ kind: String) {
      switch kind {
      case "dat", "txt": self = .qaplib
      case "json": self = .json
      case "npz": self = .npz
      case "npy": self = .npy
      case "qplib": self = .qplib
      case "qubo": self = .qubo
      default: return nil
      }
    }

    /// The format that contents of a file without a telling extension have.
    init(bytes: [UInt8]) {
      if bytes.starts(with: [0x50, 0x4B]) {
        self = .npz
      } else if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
        self = .npy
      } else if bytes.first(where: { !TextScanner.isSpace($0) }) == UInt8(ascii: "{") {
        self = .json
      } else {
        self = .qaplib
      }
    }
  }

  /// Reads the instance at `path`; the contents decide for other extensions.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is no instance,
  ///   or one to be maximized (see `problem(_:note:)`).
  public static func read(_ path: String) throws -> Instance {
    try parse(try FileAccess.read(path), file: path)
  }

  /// Reads an instance to be minimized from the contents of `file`.
  ///
  /// - Throws: `InputError` when they are no instance, with line and column where there are any, or
  ///   one to be maximized.
  public static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> Instance {
    try problem(bytes, file: file).minimized(file: file)
  }

  /// Reads the instance at `path`, which may be "-" for standard input, and its sense.
  ///
  /// - Parameters:
  ///   - capacities: the number of facilities that each location takes; there may be more
  ///     facilities than locations then. Nil for one each.
  ///   - outliers: the price at which facilities and locations may stay without each other, part
  ///     of an objective of the sense; there may be more facilities than locations then. Nil
  ///     when none may.
  ///   - note: called with a line about each thing that was read differently than written.
  /// - Throws: `FileError` and `InputError`, as `read(_:)` does.
  public static func problem(
    _ path: String, capacities: [Int]? = nil, outliers: (Sense) -> Outliers? = { _ in nil },
    note: (String) -> Void = { _ in }
  ) throws -> StatedInstance {
    try problem(
      try FileAccess.read(path), file: path, capacities: capacities, outliers: outliers, note: note)
  }

  /// Reads an instance and its sense from the contents of `file`; see `problem(_:note:)`.
  ///
  /// - Throws: `InputError` when they are no instance.
  public static func problem(
    _ bytes: [UInt8], file: String, capacities: [Int]? = nil,
    outliers: (Sense) -> Outliers? = { _ in nil },
    note: (String) -> Void = { _ in }
  ) throws(InputError) -> StatedInstance {
    let stated = try problem(bytes, file, capacities, outliers, note)
    guard let price = outliers(stated.sense), stated.instance.sites.isEmpty else { return stated }
    do {
      return StatedInstance(
        instance: try stated.instance.allowing(price), sense: stated.sense)
    } catch {
      throw error.inside(file)
    }
  }

  private static func problem(
    _ bytes: [UInt8], _ file: String, _ capacities: [Int]?, _ outliers: (Sense) -> Outliers?,
    _ note: (String) -> Void
  ) throws(InputError) -> StatedInstance {
    try ForeignFile.refuse(bytes, file: file)
    switch Format(FileAccess.kind(of: file)) ?? Format(bytes: bytes) {
    case .qaplib:
      var instance = try QAPLIB.parse(bytes, file: file, note: note)
      if let capacities {
        let given = try instance.matrices(writing: file)
        instance = try Instance(
          file: file, name: instance.name, flow: given.flow, distance: given.distance,
          linear: given.linear, constant: instance.constant, capacities: capacities)
      }
      return StatedInstance(instance: instance, sense: .min)
    case .json:
      return try JSONInstance.problem(
        bytes, file: file, capacities: capacities, outliers: outliers, note: note)
    case .npz:
      return try NPZ.problem(bytes, file: file, capacities: capacities, outliers: outliers)
    case .qplib where capacities != nil, .qubo where capacities != nil,
      .npy where capacities != nil:
      throw InputError(
        file, found: "capacities with an instance of this format",
        expected: "flow and distance matrices (.dat, .json, .npz)")
    case .qplib: return try QPLIB.problem(bytes, file: file)
    case .qubo: return try QUBO.problem(bytes, file: file)
    case .npy:
      return StatedInstance(
        instance: try Instance(
          file: file, name: FileAccess.stem(file), tensor: try NPY.parse(bytes, file: file)),
        sense: .min)
    }
  }

  /// Writes `instance`, to be minimized or maximized, to `path`, atomically, in the format that the
  /// extension names.
  ///
  /// - Throws: `InputError` when the format cannot hold the instance or the extension names none,
  ///   and `MethodError.tooLarge` when there is too little memory for its contents.
  public static func write(_ instance: Instance, sense: Sense = .min, to path: String) throws {
    // Texts of up to 25 characters a number, or packed and unpacked bytes; both grow by doubling.
    let n = Double(instance.size)
    var numbers = instance.linear == nil ? 0 : n * n
    let format = Format(URL(fileURLWithPath: path).pathExtension.lowercased())
    if let (flow, distance) = instance.matrices {
      for matrix in [flow, distance] {
        let entries = format == .npz ? matrix.sparse?.values.count : nil
        numbers += entries.map { 3 * Double($0) } ?? n * n
      }
    } else {
      numbers += n * n * n * n
    }
    try AvailableMemory.require(
      32 * numbers, for: "writing \(path)", size: instance.size, alternative: "a smaller instance")
    if sense == .max, format == .qaplib || format == .npy {
      throw InputError(
        path, found: "an instance to be maximized",
        expected: "one to be minimized: .json and .npz hold others")
    }
    switch format {
    case .qaplib: try QAPLIB.write(instance, to: path)
    case .json: try JSONInstance.write(instance, sense: sense, to: path)
    case .npz: try NPZ.write(instance, sense: sense, to: path)
    case .npy:
      guard let tensor = instance.tensor, instance.linearWithInfinities == nil,
        instance.constant == 0
      else {
        throw InputError(
          path, found: "an instance that is more, or less, than a cost tensor",
          expected: ".npz, .json or .dat for it")
      }
      guard tensor.size < 150 else {
        throw InputError(
          path, found: "a tensor of size \(tensor.size)",
          expected: "one below 150, as large as a file of 2 GiB can be")
      }
      try NPY.write(NumericArray(tensor), to: path)
    case .qplib:
      let program = QuadraticProgram(instance, sense: sense)
      try AvailableMemory.require(
        program.bytes, for: "writing \(path)", size: instance.size,
        alternative: "a smaller instance")
      try FileAccess.write(program.qplib(), to: path)
    case .qubo, nil:
      let found = URL(fileURLWithPath: path).pathExtension
      throw InputError(
        path, found: found.isEmpty ? "no extension" : "the extension .\(found)",
        expected: ".dat, .txt, .json, .npz, .npy or .qplib"
          + (format == .qubo ? "; 'qap relax --qubo' writes .qubo" : ""))
    }
  }
}
