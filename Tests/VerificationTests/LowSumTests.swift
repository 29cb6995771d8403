import QAPPrimitives
import Testing

@testable import QAPVerification

@Suite struct LowSumTests {
  /// Large terms that cancel leave the small ones, and no error.
  @Test(arguments: [1.0, 1e69, 1e140, 5e-300])
  func keepsWhatCancellationLeaves(_ large: Double) {
    for small in [0, 1.5, -7.25, 1e-9] where abs(small) <= large || small == 0 {
      var sum = LowSum()
      sum.add(large)
      sum.add(small)
      sum.add(-large)
      // Two halves hold numbers 10³² apart; beyond them the sum is still below.
      #expect(sum.lower <= small)
      if abs(small) * 1e30 > large { #expect(sum.lower == small) }
    }
    var sum = LowSum()
    for term in [large, -large, 0.5 * large, -0.5 * large] { sum.add(term) }
    #expect(sum.lower == 0)
  }

  /// Never above the exact sum, and within a few units of the last place of the largest partial sum
  /// times 2⁻⁵³.
  @Test func liesBelowRandomSums() {
    var generator = SeededGenerator(seed: 21)
    for _ in 0..<2000 {
      var sum = LowSum()
      // Multiples of 2⁻⁹⁰ below 2³⁰: exact in 128-bit integers.
      var exact: Int128 = 0
      for _ in 0..<12 {
        let mantissa = Int64(bitPattern: generator.next()) >> 11
        let shift = generator.below(60)
        exact += Int128(mantissa) << Int128(shift)
        sum.add(Double(mantissa) * Double(sign: .plus, exponent: shift - 90, significand: 1))
      }
      let low = sum.lower * 0x1p90
      #expect(Int128(low.rounded(.down)) <= exact)
      #expect(Double(exact) - low <= 0x1p-40 * max(1, abs(low)))
    }
  }
}
