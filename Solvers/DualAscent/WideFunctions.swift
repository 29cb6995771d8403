import QAPPrimitives

// Exponential and logarithm on eight lanes, for the smoothed ascent: what it arrives at is proven
// afterwards, so speed and smoothness count here, not the last bits. The one unsafe step is to look
// at the bits of a double.

/// e^x for x ≤ 700, and 0 below −700; relative error below 10⁻⁹.
///
/// 2^k · e^f with |f| ≤ ½ ln 2: the power through the exponent's bits, the rest by a Taylor
/// polynomial of degree nine.
@inline(__always)
func wideExponential(_ x: Wide) -> Wide {
  let clamped = x.replacing(with: -700, where: x .< -700)
  // Adding this rounds to an integer and leaves it in the low bits.
  let shifter = Wide(repeating: 0x1.8p52)
  let shifted = clamped * 1.4426950408889634 + shifter
  let f = clamped - (shifted - shifter) * 0.6931471805599453
  var p = f * 2.755731922398589e-06 + 2.48015873015873e-05
  p = p * f + 1.984126984126984e-04
  p = p * f + 1.388888888888889e-03
  p = p * f + 8.333333333333333e-03
  p = p * f + 4.166666666666666e-02
  p = p * f + 1.666666666666667e-01
  p = p * f + 0.5
  p = p * f + 1
  p = p * f + 1
  let power = (bits(shifted) &+ 1023) &<< 52
  return (p * doubles(power)).replacing(with: 0, where: x .< -700)
}

/// The natural logarithm of positive normal numbers; relative error below 10⁻¹¹.
///
/// ln(2^k m) = k ln 2 + 2 artanh((m − 1)/(m + 1)) with m between √½ and √2.
@inline(__always)
func wideLogarithm(_ x: Wide) -> Wide {
  let one = SIMD8<Int64>(repeating: 0x3FF0_0000_0000_0000)
  let mantissa = SIMD8<Int64>(repeating: 0x000F_FFFF_FFFF_FFFF)
  let raw = bits(x)
  var m = doubles((raw & mantissa) | one)
  var k = (raw &>> 52) &- 1023
  let large = m .> 1.4142135623730951
  m.replace(with: m * 0.5, where: large)
  k.replace(with: k &+ 1, where: large)
  let s = (m - 1) / (m + 1)
  let t = s * s
  var p = t * (2.0 / 15) + 2.0 / 13
  p = p * t + 2.0 / 11
  p = p * t + 2.0 / 9
  p = p * t + 2.0 / 7
  p = p * t + 2.0 / 5
  p = p * t + 2.0 / 3
  p = p * t + 2
  return Wide(k) * 0.6931471805599453 + s * p
}

@inline(__always)
private func bits(_ x: Wide) -> SIMD8<Int64> { unsafe unsafeBitCast(x, to: SIMD8<Int64>.self) }

@inline(__always)
private func doubles(_ x: SIMD8<Int64>) -> Wide { unsafe unsafeBitCast(x, to: Wide.self) }
