import CQAPKit
import QAP
import QAPKit
import Synchronization

/// A cost tensor whose blocks a C function computes.
///
/// A block that fails counts as zeros, and the run ends: nothing else in the library needs to know
/// of failures.
@safe
final class CallbackTensor: CostTensor, @unchecked Sendable {
  // Unchecked because of the context, which is the caller's to share between threads.

  let size: Int
  let isIntegral: Bool
  let isSymmetric: Bool
  private let block: qapkit_block
  private let context: UnsafeMutableRawPointer?
  /// The first fault: 0 for none.
  private let fault = Atomic<Int>(0)

  init(
    size: Int, isIntegral: Bool, isSymmetric: Bool, block: @escaping qapkit_block,
    context: UnsafeMutableRawPointer?
  ) {
    self.size = size
    self.isIntegral = isIntegral
    self.isSymmetric = isSymmetric
    unsafe self.block = unsafe block
    unsafe self.context = unsafe context
  }

  /// True once a block has failed.
  var hasFailed: Bool { fault.load(ordering: .relaxed) != 0 }

  /// Throws if a block has failed.
  func requireSuccess() throws {
    let reason: String
    switch fault.load(ordering: .relaxed) {
    case 0: return
    case 1: reason = "the cost callback failed"
    case 2: reason = "the cost callback returned NaN, infinity or a number of 1e140 and more"
    default: reason = "the cost callback returned a number that is not an integer below 2^53 / n^2"
    }
    throw Failure(Int32(QAPKIT_ERROR_CALLBACK), reason)
  }

  func fill(_ i: Int, _ j: Int, into result: inout MutableSpan<Double>) {
    let n = size
    let code = unsafe result.withUnsafeMutableBufferPointer { memory -> Int in
      if memory.count < n * n { return 1 }
      // What a callback leaves out would otherwise be different each time.
      unsafe memory.update(repeating: 0)
      if unsafe block(context, Int64(i), Int64(j), memory.baseAddress) != 0 { return 1 }
      let largest = isIntegral ? 0x1p53 / Double(n * n) : 1e140
      for index in 0..<n * n {
        let value = unsafe memory[index]
        // Entries that no assignment uses may hold anything.
        if (index / n == i) != (index % n == j) {
          unsafe memory[index] = 0
        } else if !(abs(value) < largest) {
          return isIntegral && value.isFinite ? 3 : 2
        } else if isIntegral, value != value.rounded() {
          return 3
        }
      }
      return 0
    }
    guard code != 0 else { return }
    _ = fault.compareExchange(expected: 0, desired: code, ordering: .relaxed)
    for index in 0..<result.count { result[index] = 0 }
  }
}
