import Foundation
import QAPInstanceIO

/// The command and the input files of a run, for its JSON: enough to run it again and to tell
/// whether it was the same data.
struct RunOrigin: Encodable {
  /// An input file.
  struct Input: Encodable {
    let file: String
    let bytes: Int
    /// FNV-1a of the bytes, 64 bits in hexadecimal.
    let hash: String
  }

  private enum CodingKeys: String, CodingKey { case command, inputs }

  let command: [String]
  let inputs: [Input]

  /// The running command and `files`, those that can be read; O(bytes) time.
  init(_ files: [String]) {
    command = ["qap"] + CommandLine.arguments.dropFirst()
    inputs = files.compactMap { file in
      guard let bytes = try? FileAccess.read(file) else { return nil }
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      return Input(file: file, bytes: bytes.count, hash: String(format: "%016lx", hash))
    }
  }
}

/// An answer with the origin of its run.
struct Originated<Answer: Encodable>: Encodable {
  let answer: Answer
  let origin: RunOrigin

  func encode(to encoder: any Encoder) throws {
    try answer.encode(to: encoder)
    try origin.encode(to: encoder)
  }
}
