/// Eight doubles side by side: one AVX-512 register, two AVX2 registers.
@usableFromInline
package typealias Wide = SIMD8<Double>

// The standard library's `pointwiseMin` and `min()` call unspecialized code from other modules;
// comparing and replacing compiles to the machine's own instructions.

/// The smaller of each pair of lanes.
@inlinable @inline(__always)
package func lanewiseMinimum(_ a: Wide, _ b: Wide) -> Wide { a.replacing(with: b, where: b .< a) }

extension SIMD8 where Scalar == Double {
  /// The smallest lane. A tree over single lanes: folding half onto half makes the compiler take
  /// the comparison's mask apart, which costs three times as much.
  @inlinable @inline(__always)
  package var smallest: Double {
    let a = self[1] < self[0] ? self[1] : self[0]
    let b = self[3] < self[2] ? self[3] : self[2]
    let c = self[5] < self[4] ? self[5] : self[4]
    let d = self[7] < self[6] ? self[7] : self[6]
    let ab = b < a ? b : a
    let cd = d < c ? d : c
    return cd < ab ? cd : ab
  }

  /// The smallest lane, with the lane of `companion` at the same place; the first among equals.
  @inlinable @inline(__always)
  package func smallest(with companion: Wide) -> (value: Double, companion: Double) {
    let a = self[1] < self[0] ? (self[1], companion[1]) : (self[0], companion[0])
    let b = self[3] < self[2] ? (self[3], companion[3]) : (self[2], companion[2])
    let c = self[5] < self[4] ? (self[5], companion[5]) : (self[4], companion[4])
    let d = self[7] < self[6] ? (self[7], companion[7]) : (self[6], companion[6])
    let ab = b.0 < a.0 ? b : a
    let cd = d.0 < c.0 ? d : c
    let least = cd.0 < ab.0 ? cd : ab
    return (least.0, least.1)
  }

  /// The sum of the lanes, in a fixed order.
  @inlinable @inline(__always)
  package var total: Double {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }
}

/// `count` rounded up to a multiple of eight, the stride of rows that wide kernels read.
@inlinable @inline(__always)
package func wideStride(_ count: Int) -> Int { (count + 7) & ~7 }
