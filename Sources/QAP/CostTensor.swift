import QAPPrimitives

/// Quadratic costs given by a function: `C[i, j, k, l]` is the cost of placing facility `i` at
/// location `j` together with facility `k` at location `l` (Lawler's form; all indices 0-based).
///
/// Implement `size` and `fill`; nothing of size n⁴ is ever stored. Implement `cost` as well when a
/// single entry is cheaper than a block: local search asks for entries, bounds ask for blocks.
public protocol CostTensor: Sendable {
  /// The number of facilities, which is the number of locations.
  var size: Int { get }

  /// True when every entry is an integer, so that bounds may be rounded up. Default: false.
  var isIntegral: Bool { get }

  /// Writes the `size` × `size` block `C[i, j, ·, ·]`, row-major: element `k * size + l` of `block`
  /// is `C[i, j, k, l]`. Entries that no assignment can use (`k == i` without `l == j`, or `l == j`
  /// without `k == i`) are ignored. Called from several threads simultaneously.
  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>)

  /// The single entry `C[i, j, k, l]`. The default fills a whole block.
  ///
  /// - Complexity: O(n²).
  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double

  /// True when `C[i, j, k, l] = C[k, l, i, j]` for all indices. Default: false. A bound looks at
  /// both entries of every pair; with symmetry one block tells them. A false promise makes bounds
  /// wrong, and their certificates are then rejected.
  var isSymmetric: Bool { get }

  /// Writes the block `C[·, ·, i, j]`: element `k * size + l` is `C[k, l, i, j]`. The default asks
  /// for `fill` when the tensor is symmetric and for n² single entries otherwise.
  func fillTransposed(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>)
}

extension CostTensor {
  public var isIntegral: Bool { false }

  public var isSymmetric: Bool { false }

  public func fillTransposed(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    if isSymmetric { return fill(i, j, into: &block) }
    for k in 0..<size {
      for l in 0..<size { block[k * size + l] = cost(k, l, i, j) }
    }
  }

  public func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    let block = Buffer<Double>(count: size * size, repeating: 0)
    block.view.withMutableSpan { fill(i, j, into: &$0) }
    return block.view[k * size + l]
  }
}

/// The negative of a tensor.
struct NegatedTensor: CostTensor {
  let original: any CostTensor

  var size: Int { original.size }
  var isIntegral: Bool { original.isIntegral }
  var isSymmetric: Bool { original.isSymmetric }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    original.fill(i, j, into: &block)
    negate(&block)
  }

  func fillTransposed(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    original.fillTransposed(i, j, into: &block)
    negate(&block)
  }

  private func negate(_ block: inout MutableSpan<Double>) {
    for index in 0..<block.count { block[index] = 0 - block[index] }
  }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double { 0 - original.cost(i, j, k, l) }
}
