#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// The one file of Primitives that touches raw memory. Kernels hold `BufferView`s: fixed-size
// windows whose index checks are assertions, so a debug build checks every access and a release
// build pays for none.

/// Owns an aligned block of memory, filled at birth and freed with the last reference.
@safe
public final class Buffer<Element: BitwiseCopyable> {
  /// The whole block.
  public let view: BufferView<Element>
  private let memory: UnsafeMutableRawPointer

  /// Allocates `count` elements (64-byte aligned), each set to `value`. A large block of zeros
  /// takes no memory before it is written.
  public init(count: Int, repeating value: Element) {
    precondition(count >= 0, "a buffer has no negative length")
    let (bytes, over) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    let isZero = unsafe withUnsafeBytes(of: value) { unsafe $0.allSatisfy { $0 == 0 } }
    let isClear = isZero && bytes >= 1 << 20
    guard !over, let memory = unsafe isClear ? calloc(bytes + 64, 1) : malloc(bytes + 64) else {
      fatalError("no memory for \(count) elements")
    }
    unsafe self.memory = unsafe memory
    let base = unsafe memory.alignedUp(toMultipleOf: 64)
      .bindMemory(to: Element.self, capacity: count)
    if !isClear { unsafe base.initialize(repeating: value, count: count) }
    view = unsafe BufferView(base: base, count: count)
  }

  deinit { unsafe free(memory) }
}

/// A window on memory that a `Buffer` owns; the caller keeps that buffer alive.
///
/// Indices are asserted, not checked, in release builds. Views are shared between the threads of
/// one parallel loop, which must write to disjoint parts.
@safe
public struct BufferView<Element: BitwiseCopyable>: @unchecked Sendable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  /// The number of elements.
  public let count: Int

  @usableFromInline
  init(base: UnsafeMutablePointer<Element>, count: Int) {
    unsafe self.base = unsafe base
    self.count = count
  }

  /// The element at `index`.
  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) get {
      assert(index >= 0 && index < count, "buffer index out of range")
      return unsafe base[index]
    }
    @inline(__always) nonmutating set {
      assert(index >= 0 && index < count, "buffer index out of range")
      unsafe base[index] = newValue
    }
  }

  /// The `length` elements from `start` on.
  @inlinable @inline(__always)
  public func window(_ start: Int, _ length: Int) -> BufferView {
    assert(start >= 0 && length >= 0 && start + length <= count, "buffer window out of range")
    return unsafe BufferView(base: base + start, count: length)
  }

  /// Sets every element to `value`.
  @inlinable
  public func fill(_ value: Element) { unsafe base.update(repeating: value, count: count) }

  /// Copies the elements of `source`, which must be as long as this view.
  @inlinable
  public func copy(from source: BufferView) {
    assert(source.count == count, "buffers of different lengths")
    unsafe base.update(from: source.base, count: count)
  }

  /// Copies an array into the front of this view.
  @inlinable
  public func copy(from source: [Element]) {
    precondition(source.count <= count, "array longer than the buffer")
    unsafe source.withUnsafeBufferPointer {
      if let first = $0.baseAddress { unsafe base.update(from: first, count: $0.count) }
    }
  }

  /// Copies the elements of a matrix into the front of this view.
  @inlinable
  public func copy(from source: MatrixElements<Element>) {
    precondition(source.count <= count, "matrix larger than the buffer")
    unsafe source.withUnsafeBufferPointer {
      if let first = $0.baseAddress { unsafe base.update(from: first, count: $0.count) }
    }
  }

  /// The elements as an array.
  @inlinable
  public var array: [Element] {
    unsafe Array(UnsafeBufferPointer(start: base, count: count))
  }

  /// Calls `body` with the memory as a span, for callers that fill it.
  ///
  /// - Throws: the errors of `body`.
  public func withMutableSpan<Result>(
    _ body: (inout MutableSpan<Element>) throws -> Result
  ) rethrows -> Result {
    var span = unsafe MutableSpan(_unsafeStart: base, count: count)
    return try body(&span)
  }

  /// Calls `body` with the address, for C libraries.
  ///
  /// - Throws: the errors of `body`.
  public func withUnsafeAddress<Result>(
    _ body: (UnsafeMutablePointer<Element>) throws -> Result
  ) rethrows -> Result {
    unsafe try body(base)
  }
}

extension BufferView {
  /// The elements from `index` on that fill a vector.
  @inlinable @inline(__always)
  public func vector<Vector: BitwiseCopyable>(
    _ index: Int, as type: Vector.Type = Vector.self
  ) -> Vector {
    assert(
      index >= 0
        && (count - index) * MemoryLayout<Element>.stride >= MemoryLayout<Vector>.size,
      "wide load out of range")
    return unsafe UnsafeRawPointer(base + index).loadUnaligned(as: Vector.self)
  }

  /// Stores a vector of elements from `index` on.
  @inlinable @inline(__always)
  public func store<Vector: BitwiseCopyable>(vector: Vector, _ index: Int) {
    assert(
      index >= 0
        && (count - index) * MemoryLayout<Element>.stride >= MemoryLayout<Vector>.size,
      "wide store out of range")
    unsafe UnsafeMutableRawPointer(base + index).storeBytes(of: vector, as: Vector.self)
  }
}

extension BufferView where Element == Double {
  /// The eight elements from `index` on.
  @inlinable @inline(__always)
  package func wide(_ index: Int) -> Wide {
    assert(index >= 0 && index + 8 <= count, "wide load out of range")
    return unsafe UnsafeRawPointer(base + index).loadUnaligned(as: Wide.self)
  }

  /// Stores eight elements from `index` on.
  @inlinable @inline(__always)
  package func store(_ value: Wide, _ index: Int) {
    assert(index >= 0 && index + 8 <= count, "wide store out of range")
    unsafe UnsafeMutableRawPointer(base + index).storeBytes(of: value, as: Wide.self)
  }
}

extension BufferView where Element == Int64 {
  /// Sets those of the eight elements from `index` on whose lane in `mask` is true.
  @inlinable @inline(__always)
  public func replace(with value: Int64, where mask: SIMDMask<SIMD8<Int64>>, at index: Int) {
    assert(index >= 0 && index + 8 <= count, "wide store out of range")
    let address = unsafe UnsafeMutableRawPointer(base + index)
    var lanes = unsafe address.loadUnaligned(as: SIMD8<Int64>.self)
    lanes.replace(with: SIMD8(repeating: value), where: mask)
    unsafe address.storeBytes(of: lanes, as: SIMD8<Int64>.self)
  }
}

/// Memory for the elements of a matrix that are in no array; never changed.
@safe
public final class LentMemory<Element>: @unchecked Sendable {
  // Unchecked because of the pointer, whose elements never change.

  private let base: UnsafePointer<Element>
  /// The number of elements.
  public let count: Int
  private let owner: AnyObject?

  /// `count` elements at `base`, which stay there and unchanged for as long as this lives, or are
  /// kept there by `owner`.
  init(base: UnsafePointer<Element>, count: Int, owner: AnyObject? = nil) {
    unsafe self.base = unsafe base
    self.count = count
    self.owner = owner
  }

  /// The element at `position`, which is checked.
  public subscript(position: Int) -> Element {
    precondition(position >= 0 && position < count, "matrix index out of range")
    return withExtendedLifetime(self) { unsafe base[position] }
  }

  /// A copy of the elements.
  var array: [Element] { unsafe withUnsafeBufferPointer { unsafe Array($0) } }

  /// Calls `body` with the elements in place. Rethrows what `body` throws.
  func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) {
      try unsafe body(UnsafeBufferPointer(start: base, count: count))
    }
  }
}

extension MatrixElements {
  /// Calls `body` with the elements in place. Rethrows what `body` throws.
  public func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    guard let lent else { return try unsafe own.withUnsafeBufferPointer(body) }
    return try unsafe lent.withUnsafeBufferPointer(body)
  }
}

extension Matrix {
  /// A matrix that reads its elements where they stand.
  ///
  /// - Parameter lent: `rows * columns` elements, row after row, which must stay there and
  ///   unchanged until the last copy of this matrix, and of anything made from it, is gone.
  public init(rows: Int, columns: Int, lent: UnsafePointer<Element>) {
    self.init(
      rows: rows, columns: columns,
      elements: MatrixElements(unsafe LentMemory(base: lent, count: rows * columns)))
  }
}

extension Matrix where Element == Double {
  /// A matrix of zeros, which takes no memory as long as it is large and not changed.
  public static func zeros(rows: Int, columns: Int) -> Matrix {
    guard rows * columns >= 1 << 17 else {
      return Matrix(rows: rows, columns: columns, repeating: 0)
    }
    let zeros = Buffer(count: rows * columns, repeating: 0.0)
    let lent = unsafe LentMemory(
      base: UnsafePointer(zeros.view.base), count: zeros.view.count, owner: zeros)
    return Matrix(rows: rows, columns: columns, elements: MatrixElements(lent))
  }
}

extension Matrix where Element: BitwiseCopyable {
  /// A matrix that `fill` writes, row after row, in memory where every element is `value` at first.
  ///
  /// - Throws: the errors of `fill`.
  public init(
    rows: Int, columns: Int, startingFrom value: Element,
    filling fill: (BufferView<Element>) throws -> Void
  ) rethrows {
    var elements = [Element](repeating: value, count: rows * columns)
    try unsafe elements.withUnsafeMutableBufferPointer { memory in
      guard let base = memory.baseAddress else { return }
      try fill(unsafe BufferView(base: base, count: memory.count))
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// Calls `body` with the elements in place, to be changed; copies them first when they are
  /// shared.
  ///
  /// - Throws: the errors of `body`.
  public mutating func withMutableView<Result>(
    _ body: (BufferView<Element>) throws -> Result
  ) rethrows -> Result {
    let (rows, columns) = (rows, columns)
    // The storage moves out and back, so that it is not shared while it changes.
    var elements = takeElements()
    defer { self = Matrix(rows: rows, columns: columns, elements: elements) }
    return try unsafe elements.withUnsafeMutableBufferPointer { memory in
      guard let base = memory.baseAddress else {
        let spare = UnsafeMutablePointer<Element>.allocate(capacity: 1)
        defer { unsafe spare.deallocate() }
        return try body(unsafe BufferView(base: spare, count: 0))
      }
      return try body(unsafe BufferView(base: base, count: memory.count))
    }
  }

  /// Calls `body` with the elements in place, without a copy, to be read only.
  ///
  /// - Throws: the errors of `body`.
  public func withView<Result>(
    _ body: (BufferView<Element>) throws -> Result
  ) rethrows -> Result {
    try unsafe elements.withUnsafeBufferPointer { memory in
      guard let base = memory.baseAddress else {
        let spare = UnsafeMutablePointer<Element>.allocate(capacity: 1)
        defer { unsafe spare.deallocate() }
        return try body(unsafe BufferView(base: spare, count: 0))
      }
      return try body(
        unsafe BufferView(base: UnsafeMutablePointer(mutating: base), count: memory.count))
    }
  }
}

extension BufferView where Element == Int32 {
  /// The sixteen elements from `index` on.
  @inlinable @inline(__always)
  public func lanes(_ index: Int) -> SIMD16<Int32> {
    assert(index >= 0 && index + 16 <= count, "wide load out of range")
    return unsafe UnsafeRawPointer(base + index).loadUnaligned(as: SIMD16<Int32>.self)
  }

  /// Stores sixteen elements from `index` on.
  @inlinable @inline(__always)
  public func store(_ value: SIMD16<Int32>, _ index: Int) {
    assert(index >= 0 && index + 16 <= count, "wide store out of range")
    unsafe UnsafeMutableRawPointer(base + index).storeBytes(of: value, as: SIMD16<Int32>.self)
  }
}
