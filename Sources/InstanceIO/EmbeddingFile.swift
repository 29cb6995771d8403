import QAP
import QAPPrimitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Files of embeddings, a row each: `.npy`, `.npz`, `.safetensors` and `.csv` (`.txt`),
/// distinguished by their extension or else by their contents. Of archives with several arrays
/// `FILE:NAME` is one.
///
/// Embeddings have two axes, rows × features. Three axes, k × rows × features, are k embeddings of
/// the same things, such as five captions an image.
public enum EmbeddingFile {
  /// Reads the embeddings at `path`, a matrix each; almost always one.
  ///
  /// `note` is called with a line about what may have been meant otherwise.
  ///
  /// - Throws: `FileError` when there is nothing to read and `InputError` when it is no such array,
  ///   when an element is not finite (its row and column are named), or when there is none.
  public static func read(
    _ path: String, note: (String) -> Void = { _ in }
  ) throws -> [Matrix<Double>] {
    let (file, array) = split(path)
    return try parse(try FileAccess.read(file), array: array, file: file, note: note)
  }

  /// Reads the embeddings in the contents of `file`; `array` names one of several.
  ///
  /// - Throws: `InputError` as `read(_:)` does.
  public static func parse(
    _ bytes: [UInt8], array: String? = nil, file: String, note: (String) -> Void = { _ in }
  ) throws(InputError) -> [Matrix<Double>] {
    let given = try numbers(bytes, array: array, file: file, note: note)
    let shape = given.shape
    guard shape.count == 2 || shape.count == 3 else {
      throw InputError(
        file, found: "an array of shape \(shape.prefix(6))",
        expected: "rows × features, or several of these")
    }
    guard !given.elements.isEmpty else {
      throw InputError(
        file, found: "an array of shape \(shape)", expected: "at least one row and column")
    }
    let columns = shape[shape.count - 1]
    let rows = shape[shape.count - 2]
    if let fault = given.elements.firstIndex(where: { !$0.isFinite }) {
      let layer = shape.count == 3 ? " of array \(fault / (rows * columns))" : ""
      throw InputError(
        file,
        found: "\(given.elements[fault]) in row \(fault / columns % rows), "
          + "column \(fault % columns)\(layer)", expected: "a finite number")
    }
    if shape.count == 2 {
      return [Matrix(rows: rows, columns: columns, elements: given.elements)]
    }
    let size = rows * columns
    return (0..<shape[0]).map {
      Matrix(
        rows: rows, columns: columns, elements: Array(given.elements[$0 * size..<($0 + 1) * size]))
    }
  }

  /// The numbers in the contents of `file`, of whatever shape, NaN included.
  static func numbers(
    _ bytes: [UInt8], array: String?, file: String, note: (String) -> Void
  ) throws(InputError) -> NumericArray {
    try ForeignFile.refuse(bytes, file: file)
    let format = format(of: file, bytes)
    if let array, format == "npy" || format == "csv" {
      throw InputError(
        file, found: "\"\(array.printable)\" asked for",
        expected: "no name, for a file of one array")
    }
    switch format {
    case "npy": return try NPY.parse(bytes, file: file)
    case "safetensors": return try SafeTensors.parse(bytes, array: array, file: file)
    case "npz":
      let archive = try ZipArchive(bytes, file: file)
      if array == nil, SparseArchive.isSparse(archive) {
        let matrix = try SparseArchive.matrix(archive, file: file)
        try InputError.requireMemory(8 * Double(matrix.rows) * Double(matrix.columns), for: file)
        return NumericArray(matrix.dense)
      }
      let entries = archive.entries.filter { $0.name.hasSuffix(".npy") }
      let entry = try SafeTensors.pick(
        array, from: entries.map { (String($0.name.dropLast(4)), $0) }, file: file)
      return try NPY.parse(
        try archive.contents(of: entry), file: "\(file)(\(entry.name.printable))")
    default: return try CSV.parse(bytes, file: file, note: note)
    }
  }

  private static func format(of file: String, _ bytes: [UInt8]) -> String {
    let given = FileAccess.kind(of: file)
    switch given {
    case "npy", "npz", "safetensors", "csv": return given
    case "txt", "tsv": return "csv"
    default: break
    }
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) { return "npy" }
    if bytes.starts(with: [0x50, 0x4B]) { return "npz" }
    if bytes.count > 8, bytes[8] == UInt8(ascii: "{") { return "safetensors" }
    return "csv"
  }

  /// `FILE:NAME` as its two parts, unless a file is called just that.
  static func split(_ path: String) -> (file: String, array: String?) {
    let isFile = FileManager.default.fileExists(atPath: path)
    guard !isFile, let colon = path.lastIndex(of: ":"), colon > path.startIndex else {
      return (path, nil)
    }
    return (String(path[..<colon]), String(path[path.index(after: colon)...]))
  }
}
