import QAPPrimitives

/// A cost tensor held as one dense array of n⁴ numbers.
public struct DenseCostTensor: CostTensor {
  public let size: Int
  public let isIntegral: Bool
  public let isSymmetric: Bool
  /// The largest |entry|; 0 when there is none.
  let largestEntry: Double
  private let entries: [Double]

  /// Wraps `entries`, ordered so that `C[i, j, k, l]` is element `((i·n + j)·n + k)·n + l`.
  public init(size: Int, entries: [Double]) {
    precondition(size >= 0 && entries.count == size * size * size * size, "a tensor has n⁴ entries")
    self.size = size
    self.entries = entries
    // No sum of n² entries may be a number that stands for several integers.
    let largest = entries.reduce(0) { max($0, abs($1)) }
    largestEntry = largest
    let placements = size * size
    isIntegral =
      largest * Double(placements) < 0x1p53 && entries.allSatisfy { $0 == $0.rounded() }
    isSymmetric = (0..<placements).allSatisfy { first in
      (0..<first).allSatisfy {
        entries[first * placements + $0] == entries[$0 * placements + first]
      }
    }
  }

  public func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    let start = (i * size + j) * size * size
    for offset in 0..<size * size { block[offset] = entries[start &+ offset] }
  }

  public func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    entries[((i * size + j) * size + k) * size + l]
  }
}
