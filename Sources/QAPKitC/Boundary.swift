import CQAPKit
import Glibc
import QAP
import QAPGeneration
import QAPInstanceIO
import QAPKit
import QAPMatching
import QAPPrimitives

// The border between C and Swift. What comes in is checked here, before any precondition can see
// it; errors that come out become a code and a sentence.

/// An error with its code.
struct Failure: Error {
  let code: Int32
  let message: String

  init(_ code: Int32, _ message: String) {
    self.code = code
    self.message = message
  }

  static func argument(_ message: String) -> Failure {
    Failure(Int32(QAPKIT_ERROR_ARGUMENT), message)
  }

  /// The code and the text of `error` for the caller.
  init(of error: any Error) {
    self =
      switch error {
      case let error as Failure: error
      case let error as FileError: Failure(error.kind.code, error.description)
      case let error as InputError: Failure(error.kind.code, error.description)
      case MethodError.parameter: .argument("\(error)")
      case is MethodError: Failure(Int32(QAPKIT_ERROR_REFUSED), "\(error)")
      default: Failure(Int32(QAPKIT_ERROR_INTERNAL), "\(error)")
      }
  }
}

extension InputError.Kind {
  /// The code of the error.
  fileprivate var code: Int32 {
    switch self {
    case .data: Int32(QAPKIT_ERROR_DATA)
    case .memory: Int32(QAPKIT_ERROR_REFUSED)
    case .argument: Int32(QAPKIT_ERROR_ARGUMENT)
    }
  }
}

extension FileError.Kind {
  /// The code of the error.
  fileprivate var code: Int32 {
    switch self {
    case .missing: Int32(QAPKIT_ERROR_NO_FILE)
    case .inputOutput: Int32(QAPKIT_ERROR_IO)
    case .tooLarge: Int32(QAPKIT_ERROR_REFUSED)
    }
  }
}

/// Runs the body of a C function and keeps what it throws as the error of this thread.
func guarded(_ body: () throws -> Void) -> Int32 {
  do {
    try body()
    return Int32(QAPKIT_OK)
  } catch {
    let failure = Failure(of: error)
    ThreadError.keep(failure.message)
    return failure.code
  }
}

/// The last error of each thread.
enum ThreadError {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    _ = unsafe pthread_key_create(&key) { unsafe free($0) }
    return key
  }()

  /// Keeps a message as one line: a name in it may be any text.
  static func keep(_ message: String) {
    let before = unsafe pthread_getspecific(key)
    unsafe free(before)
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    _ = unsafe pthread_setspecific(key, strdup(line))
  }

  static var message: UnsafePointer<CChar>? {
    guard let text = unsafe pthread_getspecific(key) else { return nil }
    return unsafe UnsafePointer(text.assumingMemoryBound(to: CChar.self))
  }
}

/// A text that C can read as long as this lives.
@safe
final class CText: @unchecked Sendable {
  // Unchecked because of the pointer, whose bytes never change.

  private let copy: UnsafeMutablePointer<CChar>?

  init(_ text: String) { unsafe copy = strdup(text) }

  deinit { unsafe free(copy) }

  var pointer: UnsafePointer<CChar>? { unsafe copy.map { unsafe UnsafePointer($0) } }
}

/// Hands `object` to C, which owns it until the function that frees it.
func handOut(_ object: AnyObject) -> OpaquePointer {
  unsafe OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

/// The object behind a pointer of C's.
///
/// - Throws: where there is none.
func object<Object: AnyObject>(
  _ pointer: OpaquePointer?, _ type: Object.Type, _ name: String
) throws -> Object {
  guard let pointer = unsafe pointer else { throw Failure.argument("\(name) is NULL") }
  return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
}

/// Gives an object of C's back.
func takeBack<Object: AnyObject>(_ pointer: OpaquePointer?, _ type: Object.Type) {
  guard let pointer = unsafe pointer else { return }
  unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).release()
}

/// Where a result goes.
///
/// - Throws: for NULL.
func place<Value>(
  _ pointer: UnsafeMutablePointer<Value>?, _ name: String
) throws -> UnsafeMutablePointer<Value> {
  guard let pointer = unsafe pointer else { throw Failure.argument("\(name) is NULL") }
  return unsafe pointer
}

/// A C string; nil for NULL.
///
/// - Throws: unless it is UTF-8.
func string(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String? {
  guard let pointer = unsafe pointer else { return nil }
  guard let text = unsafe String(validatingCString: pointer) else {
    throw Failure.argument("\(name) is not UTF-8")
  }
  return text
}

/// The most rows or columns of a matrix, and elements of an array.
private let maxCount: Int64 = 1 << 31

/// `count` numbers at `pointer`.
///
/// - Throws: for NULL and for counts that cannot be.
func numbers<Number>(
  _ pointer: UnsafePointer<Number>?, _ count: Int64, _ name: String
) throws -> UnsafeBufferPointer<Number> {
  guard (0...maxCount).contains(count) else {
    throw Failure.argument("\(name) has \(count) elements; expected 0 to 2^31")
  }
  if count == 0 { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
  guard let pointer = unsafe pointer else { throw Failure.argument("\(name) is NULL") }
  return unsafe UnsafeBufferPointer(start: pointer, count: Int(count))
}

/// Indices; nil for NULL.
func indices(_ pointer: UnsafePointer<Int64>?, _ count: Int64, _ name: String) throws -> [Int]? {
  if unsafe pointer == nil, count == 0 { return nil }
  return try unsafe numbers(pointer, count, name).map { Int($0) }
}

/// A square matrix of doubles without gaps.
///
/// - Throws: unless its numbers are finite and of usual size, so that kernels may multiply them.
func squareMatrix(
  _ pointer: UnsafePointer<Double>?, _ n: Int64, _ name: String
) throws -> Matrix<Double> {
  guard (1...30_000).contains(n) else {
    throw Failure.argument("n is \(n); expected 1 to 30000")
  }
  let elements = unsafe Array(try numbers(pointer, n * n, name))
  guard elements.allSatisfy({ abs($0) < 1e70 }) else {
    throw Failure(
      Int32(QAPKIT_ERROR_DATA),
      "\(name) contains NaN, infinity or numbers of 1e70 and more")
  }
  return Matrix(rows: Int(n), columns: Int(n), elements: elements)
}

/// The matrix that a caller describes; nil for NULL.
///
/// - Parameter mayStay: the elements may be read where they stand if the caller says so.
/// - Throws: for impossible shapes and types, and for integers that no double holds.
func matrix(
  _ pointer: UnsafePointer<qapkit_matrix>?, _ name: String, mayStay: Bool = false
) throws -> Matrix<Double>? {
  guard let pointer = unsafe pointer else { return nil }
  let given = unsafe pointer.pointee
  let (rows, columns) = unsafe (given.rows, given.columns)
  guard (0...maxCount).contains(rows), (0...maxCount).contains(columns) else {
    throw Failure.argument("\(name) is \(rows) × \(columns); expected a matrix")
  }
  let (count, tooMany) = rows.multipliedReportingOverflow(by: columns)
  guard !tooMany, count <= 1 << 40 else {
    throw Failure.argument("\(name) is \(rows) × \(columns); expected at most 2^40 elements")
  }
  if count == 0 { return Matrix(rows: Int(rows), columns: Int(columns), elements: []) }
  guard let data = unsafe given.data else { throw Failure.argument("\(name).data is NULL") }
  let (rowStride, columnStride) = unsafe (given.row_stride, given.column_stride)
  for (stride, extent) in [(rowStride, rows), (columnStride, columns)] {
    let (reach, tooFar) = stride.multipliedReportingOverflow(by: extent)
    guard !tooFar, abs(reach / 2) < Int64.max / 4 else {
      throw Failure.argument("\(name) has a stride of \(stride) bytes")
    }
  }
  let isPacked = columnStride == 8 && rowStride == 8 * columns
  let type = unsafe Int(given.type) & ~Int(QAPKIT_IN_PLACE)
  if mayStay, isPacked, type == Int(QAPKIT_FLOAT64), unsafe Int(given.type) != type,
    Int(bitPattern: data) % MemoryLayout<Double>.alignment == 0
  {
    return unsafe Matrix(
      rows: Int(rows), columns: Int(columns),
      lent: data.bindMemory(to: Double.self, capacity: Int(count)))
  }
  try AvailableMemory.require(
    8 * Double(count), for: name, size: Int(max(rows, columns)), alternative: "a smaller matrix")
  var isExact = true
  func elements<Number: BitwiseCopyable>(
    _ type: Number.Type, _ convert: (Number) -> Double
  ) -> [Double] {
    unsafe Array(unsafeUninitializedCapacity: Int(count)) { memory, initialized in
      initialized = Int(count)
      if type == Double.self, isPacked {
        unsafe UnsafeMutableRawBufferPointer(memory).copyMemory(
          from: UnsafeRawBufferPointer(start: data, count: 8 * Int(count)))
        return
      }
      var next = 0
      for r in 0..<Int(rows) {
        let row = unsafe data + r * Int(rowStride)
        for c in 0..<Int(columns) {
          let number = unsafe (row + c * Int(columnStride)).loadUnaligned(as: type)
          unsafe memory[next] = convert(number)
          next += 1
        }
      }
    }
  }
  let values: [Double]
  switch type {
  case Int(QAPKIT_FLOAT64): values = elements(Double.self) { $0 }
  case Int(QAPKIT_FLOAT32): values = elements(Float.self) { Double($0) }
  case Int(QAPKIT_INT32): values = elements(Int32.self) { Double($0) }
  case Int(QAPKIT_INT64):
    values = elements(Int64.self) {
      if $0.magnitude > 1 << 53 { isExact = false }
      return Double($0)
    }
  default: throw Failure.argument("\(name).type is \(unsafe given.type); expected 0 to 3")
  }
  guard isExact else {
    throw Failure(
      Int32(QAPKIT_ERROR_DATA), "\(name) contains integers beyond 2^53, which no double holds")
  }
  return Matrix(rows: Int(rows), columns: Int(columns), elements: values)
}

/// A matrix that must be there.
func required(
  _ pointer: UnsafePointer<qapkit_matrix>?, _ name: String, mayStay: Bool = false
) throws -> Matrix<Double> {
  guard let matrix = try unsafe matrix(pointer, name, mayStay: mayStay) else {
    throw Failure.argument("\(name) is NULL")
  }
  return matrix
}

/// Embeddings that must be there: at least one row and one column of finite numbers.
func embeddings(_ pointer: UnsafePointer<qapkit_matrix>?, _ name: String) throws -> Embeddings {
  let values = unsafe try required(pointer, name)
  guard values.elements.allSatisfy({ !(abs($0) >= 1e70) }) else {
    throw Failure(Int32(QAPKIT_ERROR_DATA), "\(name) contains numbers of 1e70 and more")
  }
  return try Embeddings(values, name: name)
}
