import CMPI
import QAPDistribution

/// The ranks that mpirun has started: the only file that calls MPI, all of it from the main thread.
final class World: Transport {
  let rank: Int
  let size: Int
  /// The messages on their way.
  private var pending: [Sending] = []

  init() {
    mpi_begin()
    rank = Int(mpi_rank())
    size = Int(mpi_size())
  }

  func send(_ bytes: [UInt8], to other: Int) {
    dropSent()
    pending.append(Sending(bytes, to: Int32(other)))
  }

  func receive() -> (bytes: [UInt8], from: Int)? {
    dropSent()
    var source: Int32 = 0
    let count = Int(unsafe mpi_peek(&source))
    guard count >= 0 else { return nil }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
      unsafe mpi_take(buffer.baseAddress, Int32(count), source)
      length = count
    }
    return (bytes, Int(source))
  }

  /// Frees the memory of sent messages.
  private func dropSent() {
    if !pending.isEmpty { pending.removeAll { $0.isDone } }
  }

  /// Waits for pending messages and ends MPI; every rank must come here.
  func finish() {
    while !pending.isEmpty { dropSent() }
    mpi_end()
  }

  /// Ends all ranks immediately.
  func abort(_ status: Int32) { mpi_abort(status) }
}

/// A message on its way, with the memory that it is sent from.
@safe
private final class Sending {
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let request: MPI_Request

  init(_ message: [UInt8], to rank: Int32) {
    unsafe bytes = .allocate(capacity: max(1, message.count))
    _ = unsafe bytes.initialize(from: message)
    unsafe request = mpi_send(bytes.baseAddress, Int32(message.count), rank)
  }

  /// True once it has left; not asked again then.
  var isDone: Bool { unsafe mpi_is_done(request) != 0 }

  deinit { unsafe bytes.deallocate() }
}
