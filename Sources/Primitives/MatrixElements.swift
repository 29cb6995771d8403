/// The elements of a matrix, row after row: an array, or memory that somebody lent.
public struct MatrixElements<Element> {
  @usableFromInline var own: [Element]
  @usableFromInline var lent: LentMemory<Element>?

  init(_ own: [Element]) {
    self.own = own
    lent = nil
  }

  init(_ lent: LentMemory<Element>) {
    own = []
    self.lent = lent
  }

  /// The elements as an array: without a copy unless they are lent.
  public var array: [Element] { lent?.array ?? own }

  /// A part of the elements: a copy when they are lent.
  func slice(_ range: Range<Int>) -> ArraySlice<Element> {
    guard let lent else { return own[range] }
    return ArraySlice(range.map { lent[$0] })
  }

  /// Moves the elements out as an array, copied where they are lent or shared, and leaves none.
  mutating func take() -> [Element] {
    defer { self = MatrixElements([]) }
    return array
  }

  /// Replaces one element, after a copy where the elements are lent or shared.
  @usableFromInline
  mutating func set(_ position: Int, _ value: Element) {
    if lent != nil { self = MatrixElements(array) }
    own[position] = value
  }
}

extension MatrixElements: RandomAccessCollection {
  /// The position of the first element.
  public var startIndex: Int { 0 }
  /// The number of elements.
  @inlinable public var endIndex: Int { lent?.count ?? own.count }

  /// The element at `position`, which is checked.
  @inlinable
  public subscript(position: Int) -> Element {
    guard let lent else { return own[position] }
    return lent[position]
  }

  /// Calls `body` with the elements in memory. Rethrows what `body` throws.
  public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result? {
    try unsafe withUnsafeBufferPointer(body)
  }
}

extension MatrixElements: ExpressibleByArrayLiteral {
  /// Elements in an array.
  public init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension MatrixElements: Equatable where Element: Equatable {
  /// True when elements at the same positions are equal.
  public static func == (a: MatrixElements, b: MatrixElements) -> Bool { a.elementsEqual(b) }
}

extension MatrixElements: Sendable where Element: Sendable {}
