import QAP

extension InputError {
  /// Throws when the numbers in `file` need more than the memory that is there.
  static func requireMemory(_ bytes: Double, for file: String) throws(InputError) {
    guard bytes > 0x1p24, bytes > Double(AvailableMemory.bytes) else { return }
    throw InputError(
      file, found: "numbers that need about \(Int(bytes) >> 20) MiB of memory",
      expected: "at most the \(AvailableMemory.bytes >> 20) MiB that are there", kind: .memory)
  }
}
