import QAPPrimitives

/// Why numbers are no subset problem.
public enum SubsetProblemError: Error, Equatable, CustomStringConvertible {
  /// The cost matrix is not square, or empty.
  case shape(rows: Int, columns: Int)
  /// A cost is NaN or infinite.
  case notFinite(row: Int, column: Int)
  /// Some objective would exceed the largest double.
  case overflow
  /// There are not that many items.
  case size(found: Int, items: Int)

  public var description: String {
    switch self {
    case .shape(let rows, let columns):
      "found costs of shape (\(rows), \(columns)), expected a square matrix"
    case .notFinite(let row, let column):
      "found NaN or infinity at [\(row), \(column)], expected a finite number"
    case .overflow: "found objectives beyond 1e300, expected data that can be summed"
    case .size(let found, let items):
      "found a subset of \(found), expected a size from 1 to \(items), the number of items"
    }
  }
}
