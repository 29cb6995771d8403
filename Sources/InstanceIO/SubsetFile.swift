import QAP
import QAPPrimitives

/// Subset problems as files: a NumPy matrix of what each ordered pair costs.
public enum SubsetFile {
  /// Reads the costs at `path`, for subsets of `size` items.
  ///
  /// - Throws: `FileError` when there is nothing to read, `DataError` when it is no square matrix
  ///   of finite numbers, and `SubsetProblemError.size` when there are not that many items.
  public static func read(_ path: String, size: Int) throws -> SubsetProblem {
    try parse(try FileAccess.read(path), file: path, size: size)
  }

  /// The problem in the contents of `file`; see `read`.
  ///
  /// - Throws: `DataError` when they are no square matrix, and `SubsetProblemError` for a size
  ///   beyond it.
  public static func parse(_ bytes: [UInt8], file: String, size: Int) throws -> SubsetProblem {
    let array = try NPY.parse(bytes, file: file)
    guard let costs = array.matrix, costs.isSquare, costs.rows > 0 else {
      throw DataError(
        file: file, found: "an array of shape \(array.shape)",
        expected: "a square matrix, the costs of ordered pairs")
    }
    do {
      return try SubsetProblem(name: FileAccess.stem(file), costs: costs, size: size)
    } catch .notFinite(let row, let column) {
      throw DataError(
        file: file, found: "NaN or infinity at [\(row), \(column)]", expected: "a finite number")
    } catch .overflow {
      throw DataError(
        file: file, found: "objectives beyond 1e300", expected: "data that can be summed")
    }
  }
}
