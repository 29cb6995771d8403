import QAP
import QAPInstanceIO
import QAPPrimitives
import Testing

/// Valid inputs, damaged at random: every one is an instance or a `InputError`, never a trap.
@Suite struct MutationTests {
  static let seeds: [[UInt8]] = [
    "2\n\n0 1\n1 0\n\n0 5\n5 0\n", "2 0 -1.5 1e3 0 0 5 5 0 1 2 3 4", "1 7 8", "3 54\n2 3 1\n",
    "54\n2,3,1\n1 2 3", "0 1 2 3", "12 578\n12 7 9 3 4 8 11 1 5 6 10 2\n", "200\n??\n",
    "{\"name\":\"a\",\"size\":1,\"flow\":[[1]],\"distance\":[[2.5]],\"constant\":1}",
  ].map { Array($0.utf8) }

  static let pieces: [[UInt8]] = [
    "0", "1", "-", "+", ".", "e", "e999", "1e-999", "nan", "inf", "99999999999999999999", "1000000",
    " ", "\n", "\r\n", "\t", ",", "?", "??", "\0", "\u{FEFF}", "ä", "[", "]", "{", "}", "\"", "\\u",
  ].map { Array($0.utf8) }

  /// One of the valid inputs with a few bytes changed, removed, repeated or replaced by pieces.
  static func mutation(using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = seeds[generator.below(seeds.count)]
    for _ in 0...generator.below(5) {
      let start = generator.below(bytes.count + 1)
      let end = min(bytes.count, start + generator.below(4))
      switch generator.below(5) {
      case 0: bytes.removeSubrange(start..<end)
      case 1: bytes.replaceSubrange(start..<end, with: pieces[generator.below(pieces.count)])
      case 2: bytes.insert(UInt8(generator.below(256)), at: start)
      case 3: bytes.insert(contentsOf: bytes[start..<end], at: generator.below(bytes.count + 1))
      default: bytes.removeLast(generator.below(bytes.count + 1))
      }
    }
    return bytes
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func neverTraps(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var accepted = 0
    for _ in 0..<20_000 {
      let bytes = MutationTests.mutation(using: &generator)
      for parser in 0..<3 {
        do throws(InputError) {
          try MutationTests.parse(bytes, parser)
          accepted += 1
        } catch {
          #expect(!error.description.contains("\n"), "seed \(seed): \(bytes)")
        }
      }
    }
    #expect(accepted > 1_000, "seed \(seed)")
  }

  static func parse(_ bytes: [UInt8], _ parser: Int) throws(InputError) {
    switch parser {
    case 0: _ = try QAPLIB.parse(bytes, file: "x.dat")
    case 1: _ = try SolutionFile.parse(bytes, file: "x.sln")
    default: _ = try JSONInstance.parse(bytes, file: "x.json")
    }
  }
}
