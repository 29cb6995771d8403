import QAPPrimitives

/// A matrix of flows or distances: all of its numbers, or its entries other than zero.
public enum CostMatrix: Sendable {
  /// Every number.
  case dense(Matrix<Double>)
  /// The entries other than zero.
  case sparse(SparseMatrix)

  /// The number of rows.
  public var rows: Int {
    switch self {
    case .dense(let matrix): matrix.rows
    case .sparse(let matrix): matrix.rows
    }
  }

  /// The number of columns.
  public var columns: Int {
    switch self {
    case .dense(let matrix): matrix.columns
    case .sparse(let matrix): matrix.columns
    }
  }

  /// The element in row `r` and column `c`; both are checked.
  ///
  /// - Complexity: O(log n) for sparse matrices.
  public subscript(r: Int, c: Int) -> Double {
    switch self {
    case .dense(let matrix): matrix[r, c]
    case .sparse(let matrix): matrix[r, c]
    }
  }

  /// The matrix with its zeros.
  ///
  /// - Complexity: O(n²) for sparse matrices.
  public var dense: Matrix<Double> {
    switch self {
    case .dense(let matrix): matrix
    case .sparse(let matrix): matrix.dense
    }
  }

  /// The entries, where they are all that is stored; nil for dense matrices.
  public var sparse: SparseMatrix? {
    if case .sparse(let matrix) = self { matrix } else { nil }
  }

  /// True for a matrix equal to its transpose.
  public var isSymmetric: Bool {
    switch self {
    case .dense(let matrix): matrix.isSymmetric
    case .sparse(let matrix): matrix.isSymmetric
    }
  }

  /// Integers below 2⁵³ throughout: a larger double stands for several integers.
  var isIntegral: Bool {
    switch self {
    case .dense(let matrix): areIntegers(matrix.elements)
    case .sparse(let matrix): areIntegers(matrix.values)
    }
  }

  /// The matrix with all costs negated.
  var negated: CostMatrix {
    switch self {
    case .dense(let matrix): .dense(matrix.map { 0 - $0 })
    case .sparse(let matrix): .sparse(matrix.map { 0 - $0 })
    }
  }

  /// The matrix in the top left corner of a larger one of zeros.
  func padded(to size: Int) -> CostMatrix {
    switch self {
    case .dense(let matrix):
      .dense(
        Matrix(rows: size, columns: size) { $0 < rows && $1 < rows ? matrix[$0, $1] : 0 })
    case .sparse(let matrix): .sparse(matrix.padded(to: size))
    }
  }

  /// The rows and columns `kept`, in that order.
  func selecting(_ kept: [Int]) -> CostMatrix {
    switch self {
    case .dense(let matrix): .dense(matrix.selecting(rowsAndColumns: kept))
    case .sparse(let matrix): .sparse(matrix.selecting(kept))
    }
  }

  /// Calls `body` with column and value of the entries of row `r`, zeros of sparse matrices left
  /// out.
  package func forEach(inRow r: Int, _ body: (Int, Double) -> Void) {
    switch self {
    case .dense(let matrix):
      let row = matrix.row(r)
      for c in 0..<matrix.columns { body(c, row[row.startIndex + c]) }
    case .sparse(let matrix):
      for entry in matrix.starts[r]..<matrix.starts[r + 1] {
        body(matrix.columnIndices[entry], matrix.values[entry])
      }
    }
  }
}
