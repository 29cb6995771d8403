import QAP
import QAPPrimitives

/// An array of numbers of any shape, in C order, as NumPy's files hold them.
public struct NumericArray: Equatable, Sendable {
  /// The extent of each axis; empty for a single number.
  public let shape: [Int]
  /// The elements, the last axis running fastest.
  public let elements: [Double]

  /// Wraps `elements`, whose count must be the product of `shape`.
  public init(shape: [Int], elements: [Double]) {
    precondition(elements.count == shape.reduce(1, *), "an array needs as many elements as places")
    self.shape = shape
    self.elements = elements
  }

  /// The elements of `matrix`, of shape (rows, columns).
  public init(_ matrix: Matrix<Double>) {
    self.init(shape: [matrix.rows, matrix.columns], elements: matrix.elements.array)
  }

  /// All entries of `tensor`, of shape (n, n, n, n).
  public init(_ tensor: any CostTensor) {
    let n = tensor.size
    var elements: [Double] = []
    elements.reserveCapacity(n * n * n * n)
    let block = Buffer(count: n * n, repeating: 0.0)
    for i in 0..<n {
      for j in 0..<n {
        block.view.withMutableSpan { tensor.fill(i, j, into: &$0) }
        for index in 0..<n * n { elements.append(block.view[index]) }
      }
    }
    self.init(shape: [n, n, n, n], elements: elements)
  }

  /// The array as a matrix; nil when it has not two axes.
  public var matrix: Matrix<Double>? {
    guard shape.count == 2 else { return nil }
    return Matrix(rows: shape[0], columns: shape[1], elements: elements)
  }
}
