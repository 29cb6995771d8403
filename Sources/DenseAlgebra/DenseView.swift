import QAPPrimitives

/// A row-major matrix in a buffer: element (r, c) is `elements[r * stride + c]`.
@frozen
public struct DenseView<Element: BitwiseCopyable>: Sendable {
  /// The memory; the caller keeps its buffer alive.
  public let elements: BufferView<Element>
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The distance between the starts of consecutive rows, at least `columns`.
  public let stride: Int

  /// A `rows` × `columns` matrix at the front of `elements`; rows follow each other without gaps
  /// unless `stride` says otherwise.
  @inlinable
  public init(_ elements: BufferView<Element>, rows: Int, columns: Int, stride: Int? = nil) {
    let stride = stride ?? columns
    precondition(rows >= 0 && columns >= 0 && stride >= columns, "impossible matrix extents")
    precondition(
      rows == 0 || elements.count >= (rows - 1) * stride + columns, "the buffer is too short")
    self.elements = elements
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }
}

/// A matrix of double precision.
public typealias MatrixView = DenseView<Double>

/// A matrix of single precision.
public typealias FloatMatrixView = DenseView<Float>

extension DenseView {
  /// The `rows` × `columns` part whose first element is (top, left).
  @inlinable
  public func window(_ top: Int, _ left: Int, _ rows: Int, _ columns: Int) -> DenseView {
    DenseView(
      elements.window(top * stride + left, rows == 0 ? 0 : (rows - 1) * stride + columns),
      rows: rows, columns: columns, stride: stride)
  }
}
