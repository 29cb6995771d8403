import Foundation
import FuzzDriver
import QAP
import QAPInstanceIO

/// The reader that the environment asks for by its letter (FUZZ_READER=c); nil for all of them.
let onlyReader = ProcessInfo.processInfo.environment["FUZZ_READER"]?.utf8.first

/// What libFuzzer calls. The first byte chooses the reader unless FUZZ_READER does, the rest is the
/// file; every file must be accepted or refused with a one-line error.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe UnsafeBufferPointer(start: start, count: count)
  guard let first = unsafe input.first else { return 0 }
  let reader = Reader(rawValue: onlyReader ?? first) ?? .instance
  do {
    try reader.read(unsafe Array(input.dropFirst()))
  } catch {
    check(error is InputError || error is FileError, "an error of another kind: \(error)")
    check(!"\(error)".contains { $0.isNewline }, "an error of several lines: \(error)")
  }
  return 0
}

@main
struct FuzzParsers {
  static func main() {
    unsafe runFuzzer { unsafe fuzzOneInput($0, $1) }
  }
}
