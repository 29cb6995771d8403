import QAP
import QAPPrimitives

/// Subset problems as files: a NumPy matrix of what each ordered pair costs.
public enum SubsetFile {
  /// Reads the costs at `path`, for subsets of `size` items.
  ///
  /// - Throws: `FileError` when there is nothing to read, `InputError` when it is no square matrix
  ///   of finite numbers, and for a number of items that there is not.
  public static func read(_ path: String, size: Int) throws -> SubsetProblem {
    try parse(try FileAccess.read(path), file: path, size: size)
  }

  /// Writes the costs of `problem` to `path`, for `read`.
  ///
  /// - Throws: `FileError`.
  public static func write(_ problem: SubsetProblem, to path: String) throws(FileError) {
    try NPY.write(NumericArray(problem.costs), to: path)
  }

  /// The problem in the contents of `file`; see `read`.
  ///
  /// - Throws: `InputError` when they are no square matrix, or for a size beyond it.
  public static func parse(_ bytes: [UInt8], file: String, size: Int) throws -> SubsetProblem {
    let array = try NPY.parse(bytes, file: file)
    guard let costs = array.matrix, costs.isSquare, costs.rows > 0 else {
      throw InputError(
        file, found: "an array of shape \(array.shape)",
        expected: "a square matrix, the costs of ordered pairs")
    }
    do {
      return try SubsetProblem(name: FileAccess.stem(file), costs: costs, size: size)
    } catch {
      throw error.kind == .argument ? error : error.inside(file)
    }
  }
}
