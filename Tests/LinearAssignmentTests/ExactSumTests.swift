import QAPPrimitives
import Testing

@Suite struct ExactSumTests {
  /// Against integers of 128 bits, for sums that need more digits than a double has.
  @Test func sumsAndErrorsAreExact() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<2000 {
      func number() -> Int64 {
        let bits = 1 + Int(generator.below(53))
        let size = Int64(generator.below(1 << bits)) << Int64(generator.below(62 - bits + 1))
        return generator.below(2) == 0 ? size : -size
      }
      let (a, b) = (number(), number())
      let exact = Int128(a) + Int128(b)
      let (sum, error) = twoSum(Double(a), Double(b))
      #expect(Int128(sum) + Int128(error) == exact, "\(a) + \(b)")
      let low = sumRoundedDown(Double(a), Double(b))
      #expect(Int128(low) <= exact && Int128(low.nextUp.rounded(.up)) > exact, "\(a) + \(b)")
    }
  }

  @Test func powersOfTwoScaleExactly() {
    #expect(3.0.scaled(byPowerOfTwo: 5) == 96 && (-3.0).scaled(byPowerOfTwo: -2) == -0.75)
    #expect(0.0.scaled(byPowerOfTwo: 900) == 0)
  }
}
