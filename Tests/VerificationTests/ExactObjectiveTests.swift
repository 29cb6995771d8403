import QAP
import QAPPrimitives
import QAPVerification
import Testing

/// Objectives known from elsewhere: counted by hand, or summed exactly in integers.
@Suite struct ExactObjectiveTests {
  /// Facility 0 sends 1 unit to facility 1; location 0 is 10 away from 1, and 1 is 20 away from 0.
  @Test func countsByHand() throws {
    let instance = try Instance(
      flow: Matrix(rows: 2, columns: 2, elements: [3, 1, 0, 0]),
      distance: Matrix(rows: 2, columns: 2, elements: [0, 10, 20, 7]),
      linear: Matrix(rows: 2, columns: 2, elements: [100, 200, 300, 400]), constant: 5000)
    let straight = try #require(Assignment(locations: [0, 1]))
    let crossed = try #require(Assignment(locations: [1, 0]))
    // 3·0 + 1·10 + (100 + 400) + 5000, and 3·7 + 1·20 + (200 + 300) + 5000.
    #expect(checkObjective(of: straight, in: instance, claimed: 5510).holds)
    #expect(checkObjective(of: crossed, in: instance, claimed: 5541).holds)
    #expect(!checkObjective(of: crossed, in: instance, claimed: 5510).holds)
  }

  /// Integers whose partial sums leave the range of doubles: 2⁵³ + 1 is told from 2⁵³.
  @Test func sumsIntegersExactly() throws {
    let tensor = DenseCostTensor(size: 1, entries: [0x1p53 - 1])
    let instance = try Instance(
      cost: .tensor(tensor), linear: Matrix(rows: 1, columns: 1, elements: [3]), constant: -0x1p53)
    let check = checkObjective(
      of: Assignment(Permutation(identity: 1)), in: instance, claimed: 2)
    #expect(check.holds && check.recomputed == 2 && check.error == 0)
  }

  /// Reals that cancel almost completely: the pair of doubles keeps what a plain sum loses, and the
  /// stated error covers the difference from the exact value.
  @Test func staysWithinItsErrorOnCancelingSums() throws {
    for seed in UInt64(0)..<50 {
      var generator = SeededGenerator(seed: seed, stream: 11)
      let n = 6
      // Multiples of 2⁻²⁰ of very different sizes: their products are multiples of 2⁻⁴⁰, so that
      // the exact sum is an integer in that unit.
      func number() -> (Double, Int128) {
        let whole = Int128(generator.below(1 << (1 + generator.below(40))))
        let signed = generator.below(2) == 0 ? whole : -whole
        return (Double(signed) * 0x1p-20, signed)
      }
      var flow: [Double] = []
      var distance: [Double] = []
      var exact: Int128 = 0
      for _ in 0..<n * n {
        let (a, wholeA) = number()
        let (b, wholeB) = number()
        flow.append(a)
        distance.append(b)
        exact += wholeA * wholeB
      }
      let instance = try Instance(
        flow: Matrix(rows: n, columns: n, elements: flow),
        distance: Matrix(rows: n, columns: n, elements: distance))
      let identity = Assignment(Permutation(identity: n))
      let truth = Double(exact) * 0x1p-40
      let check = checkObjective(of: identity, in: instance, claimed: truth)
      #expect(check.holds, "seed \(seed): \(check)")
      #expect(abs(check.recomputed - truth) <= 0x1p-52 * abs(truth), "seed \(seed): \(check)")
    }
  }

  /// A constant that is no integer leaves one rounding, and says so.
  @Test func statesTheRoundingOfTheConstant() throws {
    let instance = try Instance(
      flow: Matrix(rows: 1, columns: 1, elements: [3]),
      distance: Matrix(rows: 1, columns: 1, elements: [7]), constant: 0.1)
    let identity = Assignment(Permutation(identity: 1))
    let check = checkObjective(
      of: identity, in: instance, claimed: instance.objective(of: identity))
    #expect(check.holds && check.error > 0 && check.error < 1e-13)
    #expect(!checkObjective(of: identity, in: instance, claimed: 21).holds)
  }
}
