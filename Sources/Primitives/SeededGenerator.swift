/// A reproducible random number generator: xoshiro256** seeded by SplitMix64
/// (Blackman and Vigna, 2018).
///
/// The same seed gives the same numbers on every machine. It is not for cryptography.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  @usableFromInline var s0: UInt64
  @usableFromInline var s1: UInt64
  @usableFromInline var s2: UInt64
  @usableFromInline var s3: UInt64

  /// Stream `stream` of seed `seed`; different streams are independent for all practical purposes.
  public init(seed: UInt64, stream: UInt64 = 0) {
    var state = seed &+ stream &* 0xD134_2543_DE82_EF95
    func splitMix(_ state: inout UInt64) -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    s0 = splitMix(&state)
    s1 = splitMix(&state)
    s2 = splitMix(&state)
    s3 = splitMix(&state)
  }

  /// The next 64 random bits.
  @inlinable
  public mutating func next() -> UInt64 {
    let scrambled = s1 &* 5
    let result = ((scrambled << 7) | (scrambled >> 57)) &* 9
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// A uniform integer in `0..<bound`; `bound` must be positive.
  @inlinable
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a random integer needs a positive bound")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      // Lemire's rejection, so that every value is equally likely.
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// A uniform number in [0, 1).
  @inlinable public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A standard normal number (Box–Muller needs logarithms; this sums twelve uniforms).
  ///
  /// The sum has mean 0, variance 1 and support [-6, 6], which is all that noise in test
  /// instances needs, and it is identical on every platform.
  public mutating func approximateNormal() -> Double {
    var sum = 0.0
    for _ in 0..<12 { sum += unit() }
    return sum - 6
  }
}
