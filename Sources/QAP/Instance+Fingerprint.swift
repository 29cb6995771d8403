import QAPPrimitives

extension Instance {
  /// A number that tells instances apart: FNV-1a over sizes and data. Equal data give equal
  /// fingerprints, whatever the name; O(n²), and O(n⁴) for tensors.
  public var fingerprint: UInt64 {
    var hash = FNVHash()
    hash.include(UInt64(size))
    hash.include(UInt64(facilities))
    hash.include(constant)
    func include(_ matrix: Matrix<Double>) {
      for element in matrix.elements { hash.include(element) }
    }
    if let linear = linearWithInfinities { include(linear) }
    if let matrices {
      for matrix in [matrices.flow, matrices.distance] {
        switch matrix {
        case .dense(let matrix): include(matrix)
        case .sparse(let matrix):
          for r in 0..<matrix.rows {
            var column = 0
            for entry in matrix.starts[r]..<matrix.starts[r + 1] {
              for _ in column..<matrix.columnIndices[entry] { hash.include(0.0) }
              hash.include(matrix.values[entry])
              column = matrix.columnIndices[entry] + 1
            }
            for _ in column..<matrix.columns { hash.include(0.0) }
          }
        }
      }
    } else if let tensor {
      let block = Buffer(count: size * size, repeating: 0.0)
      for i in 0..<size {
        for j in 0..<size {
          block.view.withMutableSpan { tensor.fill(i, j, into: &$0) }
          // What no assignment uses may be anything.
          for k in 0..<size {
            for l in 0..<size where (k == i) == (l == j) {
              hash.include(block.view[k * size + l])
            }
          }
        }
      }
    }
    return hash.value
  }
}

/// The hash of Fowler, Noll and Vo over words instead of bytes, with a shift.
private struct FNVHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func include(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01B3
    // A word's high bits would otherwise reach no others.
    value ^= value &>> 32
  }

  /// 0 and −0 are the same cost.
  mutating func include(_ number: Double) { include(number == 0 ? 0 : number.bitPattern) }
}
