/// A dense matrix in row-major order, with 0-based indices.
///
/// A value type: copies are independent, and storage is shared until one of them is changed.
public struct Matrix<Element> {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row after row: `elements[r * columns + c]`.
  public private(set) var elements: MatrixElements<Element>

  /// Wraps `elements`, whose count must be `rows * columns`.
  public init(rows: Int, columns: Int, elements: [Element]) {
    self.init(rows: rows, columns: columns, elements: MatrixElements(elements))
  }

  /// A matrix with the elements of another, whose count must be `rows * columns`.
  public init(rows: Int, columns: Int, elements: MatrixElements<Element>) {
    precondition(rows >= 0 && columns >= 0, "a matrix has no negative extent")
    precondition(elements.count == rows * columns, "a matrix needs rows * columns elements")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix with every element equal to `value`.
  public init(rows: Int, columns: Int, repeating value: Element) {
    self.init(
      rows: rows, columns: columns, elements: Array(repeating: value, count: rows * columns))
  }

  /// A matrix whose element at row r and column c, both from 0, is `element(r, c)`; called row
  /// after row.
  ///
  /// - Throws: the errors of `element`.
  public init(rows: Int, columns: Int, _ element: (Int, Int) throws -> Element) rethrows {
    var elements: [Element] = []
    elements.reserveCapacity(rows * columns)
    for r in 0..<rows {
      for c in 0..<columns { elements.append(try element(r, c)) }
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// The element in row `r` and column `c`; both are checked.
  @inlinable
  public subscript(r: Int, c: Int) -> Element {
    get {
      precondition(r >= 0 && r < rows && c >= 0 && c < columns, "matrix index out of range")
      return elements[r &* columns &+ c]
    }
    set {
      precondition(r >= 0 && r < rows && c >= 0 && c < columns, "matrix index out of range")
      setElement(r &* columns &+ c, newValue)
    }
  }

  /// Takes the elements out, to be put back by a new matrix.
  mutating func takeElements() -> [Element] { elements.take() }

  @usableFromInline
  mutating func setElement(_ index: Int, _ value: Element) { elements.set(index, value) }

  /// The elements of row `r`.
  public func row(_ r: Int) -> ArraySlice<Element> {
    elements.slice(r * columns..<(r + 1) * columns)
  }

  /// True when there are as many rows as columns.
  public var isSquare: Bool { rows == columns }

  /// The matrix with rows and columns swapped.
  public var transposed: Matrix { Matrix(rows: columns, columns: rows) { self[$1, $0] } }

  /// The matrix with `transform` applied to every element.
  ///
  /// - Throws: the errors of `transform`.
  public func map<Result>(_ transform: (Element) throws -> Result) rethrows -> Matrix<Result> {
    Matrix<Result>(rows: rows, columns: columns, elements: try elements.map(transform))
  }
}

extension Matrix: Equatable where Element: Equatable {
  /// True for a square matrix equal to its transpose.
  @inlinable
  public var isSymmetric: Bool {
    guard isSquare else { return false }
    // Tile by tile, as columns of large matrices are far apart in memory.
    for top in stride(from: 0, to: rows, by: 64) {
      for left in stride(from: 0, through: top, by: 64) {
        for r in top..<Swift.min(rows, top + 64) {
          for c in left..<Swift.min(r, left + 64) where self[r, c] != self[c, r] { return false }
        }
      }
    }
    return true
  }
}

extension Matrix: Sendable where Element: Sendable {}

extension Matrix where Element == Double {
  /// A matrix of zeros apart from `entries`; entries for the same place are added up.
  ///
  /// Sparse input for dense storage: methods here look at whole rows, and rows × columns numbers
  /// are little beside the n³ of a bound.
  public init(rows: Int, columns: Int, entries: [(row: Int, column: Int, value: Double)]) {
    self.init(rows: rows, columns: columns, repeating: 0)
    for entry in entries { self[entry.row, entry.column] += entry.value }
  }

  /// `self + transpose`, elementwise; the matrix must be square.
  public var plusTranspose: Matrix {
    precondition(isSquare, "only a square matrix can be added to its transpose")
    let n = rows
    return Matrix(rows: n, columns: n, startingFrom: 0) { out in
      withView { view in
        // Tile by tile, as columns of large matrices are far apart in memory.
        for top in stride(from: 0, to: n, by: 64) {
          for left in stride(from: 0, to: n, by: 64) {
            for r in top..<Swift.min(n, top + 64) {
              for c in left..<Swift.min(n, left + 64) {
                out[r &* n &+ c] = view[r &* n &+ c] + view[c &* n &+ r]
              }
            }
          }
        }
      }
    }
  }

  /// The matrix with its diagonal replaced by zeros.
  public var withZeroDiagonal: Matrix {
    if (0..<Swift.min(rows, columns)).allSatisfy({ self[$0, $0] == 0 }) { return self }
    var result = self
    result.withMutableView { view in
      for r in 0..<Swift.min(rows, columns) { view[r &* columns &+ r] = 0 }
    }
    return result
  }
}
