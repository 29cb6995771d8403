import QAP
import QAPBranchAndBound
import QAPDistribution
import QAPPrimitives
import Testing

@Suite struct MessageTests {
  /// Messages of every kind, with random contents.
  static func messages(_ seed: UInt64) -> [Message] {
    var g = SeededGenerator(seed: seed)
    let n = 1 + g.below(12)
    func subproblem() -> Subproblem {
      let count = g.below(n + 1)
      let rows = Permutation(randomOf: n, using: &g).images
      let columns = Permutation(randomOf: n, using: &g).images
      return Subproblem(
        pairs: (0..<count).map { FixedPair(facility: rows[$0], location: columns[$0]) },
        bound: (g.unit() - 0.5) * 1e9)
    }
    func integers(_ count: Int) -> [Int64] {
      (0..<count).map { _ in Int64(bitPattern: g.next()) }
    }
    let m = 1 + g.below(n)
    let basis = SearchBasis(
      multipliers: RLTMultipliers(
        exponent: g.below(100) - 50, facilityDuals: integers(m), locationDuals: integers(n),
        rowMultipliers: integers(m * n * m), columnMultipliers: integers(m * n * n)),
      objective: g.unit() * 1e6)
    let assignment =
      g.below(2) == 0 ? nil : Assignment(Permutation(randomOf: n, using: &g))
    return [
      .begin(basis, fingerprint: g.next()),
      .work((0..<g.below(4)).map { WorkItem(id: $0, subproblem: subproblem(), budget: 2000) }),
      .incumbent(-g.unit()), .recall, .job(g.below(1_000_000)), .finish, .ready(1 + g.below(64)),
      .report(
        (0..<g.below(4)).map { id in
          FinishedItem(
            id: id, nodes: g.below(100_000), seconds: g.unit(),
            left: (0..<g.below(5)).map { _ in subproblem() }, assignment: assignment)
        }),
      .answer(g.below(10), (0..<g.below(50)).map { _ in UInt8(g.below(256)) }), .alive,
      .failure("no such file: ü", status: 66), .farewell,
    ]
  }

  @Test func messagesReadBackAsTheSame() throws {
    for seed in 0..<100 as Range<UInt64> {
      for message in Self.messages(seed) {
        #expect(try Message(message.encoded) == message, "seed \(seed)")
      }
    }
  }

  /// Messages that end early, go on, or make no sense are refused and never trap.
  @Test func otherBytesAreRefused() throws {
    for seed in 0..<20 as Range<UInt64> {
      var g = SeededGenerator(seed: seed)
      for message in Self.messages(seed) {
        let bytes = message.encoded
        for _ in 0..<20 {
          #expect(throws: MessageError.self) {
            try Message(Array(bytes.prefix(g.below(bytes.count))))
          }
        }
        #expect(throws: MessageError.self) { try Message(bytes + [0]) }
        for _ in 0..<50 {
          var mutated = bytes
          mutated[g.below(bytes.count)] = UInt8(g.below(256))
          // What reads as a message is one (compared as bytes: it may hold NaN).
          guard let read = try? Message(mutated) else { continue }
          #expect(try Message(read.encoded).encoded == read.encoded)
        }
      }
    }
    #expect(throws: MessageError.self) { try Message([]) }
    #expect(throws: MessageError.self) { try Message([200]) }
  }

  @Test func seedAnswersReadBackAsTheSame() throws {
    let instance = try Instance(
      flow: Matrix<Double>(rows: 4, columns: 4) { Double(($0 * 7 + $1 * 3) % 5) },
      distance: Matrix<Double>(rows: 4, columns: 4) { Double(($0 + 2 * $1) % 7) })
    let answer = try SeedAnswer(
      instance, BranchAndBound(), SolveOptions(seed: 3))
    #expect(try SeedAnswer(answer.encoded) == answer)
    #expect(answer.assignment != nil && answer.bound != nil)
    #expect(throws: MessageError.self) { try SeedAnswer(Array(answer.encoded.dropLast())) }
  }
}
