import QAPPrimitives

/// The objective rewritten over unordered pairs, the form every solver here works on:
///
///     f(p) = Σ_{i<k} pair(i,p(i),k,p(k)) + Σ_i linear[i,p(i)] + constant
///
/// where `pair(i,j,k,l) = C[i,j,k,l] + C[k,l,i,j]`, and the diagonal costs `C[i,j,i,j]` have been
/// moved into `linear`.
public struct PairCost: Sendable {
  /// The way a pair's cost is computed.
  public enum Kind: Sendable {
    /// `flow[i,k] · distance[j,l]`, both symmetric with zero diagonals. Reached whenever at least
    /// one of the two matrices is symmetric: the other is then replaced by itself plus its
    /// transpose, which changes no pair's cost.
    case product(flow: Matrix<Double>, distance: Matrix<Double>)
    /// `flow[i,k] · distance[j,l] + flow[k,i] · distance[l,j]`, zero diagonals, neither symmetric.
    case twoProducts(flow: Matrix<Double>, distance: Matrix<Double>)
    /// Entries of a tensor.
    case tensor(any CostTensor)
  }

  /// The way a pair's cost is computed.
  public let kind: Kind
  /// The linear costs with the diagonal folded in, facilities × locations.
  public let linear: Matrix<Double>
  /// Added to every objective.
  public let constant: Double
  /// The number of locations.
  public let size: Int
  /// The number of facilities: `size`, unless those that pad the instance are left out.
  public let facilities: Int
  /// All pair costs and linear costs are integers.
  public let isIntegral: Bool

  /// Rewrites `instance`. Facilities that pad it are left out when `padded` is false: matrices of
  /// flows are then `facilities` × `facilities`.
  ///
  /// - Complexity: O(n²) (a tensor's diagonal takes n² single entries).
  public init(_ instance: Instance, padded: Bool = true) {
    let n = instance.size
    var m = padded ? n : instance.facilities
    if case .tensor = instance.cost { m = n }
    size = n
    facilities = m
    constant = instance.constant
    isIntegral = instance.properties.isIntegral
    let given = instance.linear
    switch instance.cost {
    case .koopmansBeckmann(let whole, let distance):
      let flow = m == n ? whole : Matrix(rows: m, columns: m) { whole[$0, $1] }
      let hasDiagonals =
        (0..<m).contains { flow[$0, $0] != 0 } && (0..<n).contains { distance[$0, $0] != 0 }
      linear =
        given == nil && !hasDiagonals
        ? .zeros(rows: m, columns: n)
        : Matrix(rows: m, columns: n) { i, j in
          // Rounded once, so that the error stays relative to the result.
          (given?[i, j] ?? 0).addingProduct(flow[i, i], distance[j, j])
        }
      let a = flow.withZeroDiagonal
      let b = distance.withZeroDiagonal
      if instance.properties.flowIsSymmetric {
        kind = .product(flow: a, distance: b.plusTranspose)
      } else if instance.properties.distanceIsSymmetric {
        kind = .product(flow: a.plusTranspose, distance: b)
      } else {
        kind = .twoProducts(flow: a, distance: b)
      }
    case .tensor(let tensor):
      linear = Matrix(rows: n, columns: n) { i, j in
        (given?[i, j] ?? 0) + tensor.cost(i, j, i, j)
      }
      kind = .tensor(tensor)
    }
  }

  private init(transposing original: PairCost, kind: Kind) {
    self.kind = kind
    linear = original.linear.transposed
    constant = original.constant
    size = original.size
    facilities = original.size
    isIntegral = original.isIntegral
  }

  /// The cost comes from a tensor, which hands out blocks.
  public var isTensor: Bool { if case .tensor = kind { true } else { false } }

  /// The same problem with facilities and locations transposed: its assignments are the inverses.
  /// There must be as many of one as of the other.
  public var transposed: PairCost {
    precondition(facilities == size, "fewer facilities than locations")
    let kind: Kind =
      switch kind {
      case .product(let flow, let distance): .product(flow: distance, distance: flow)
      case .twoProducts(let flow, let distance): .twoProducts(flow: distance, distance: flow)
      case .tensor(let tensor): .tensor(TransposedTensor(original: tensor))
      }
    return PairCost(transposing: self, kind: kind)
  }

  /// The cost of facility `i` at `j` together with facility `k ≠ i` at `l ≠ j`.
  public func pair(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    switch kind {
    case .product(let flow, let distance): flow[i, k] * distance[j, l]
    case .twoProducts(let flow, let distance):
      flow[i, k] * distance[j, l] + flow[k, i] * distance[l, j]
    case .tensor(let tensor): tensor.cost(i, j, k, l) + tensor.cost(k, l, i, j)
    }
  }
}

extension PairCost {
  /// Writes `pair(i, j, k, l)` of a tensor to element `k * size + l` of `block`: two blocks of the
  /// tensor, or one where it is symmetric. Entries with `k = i` or `l = j` mean nothing.
  ///
  /// - Parameter scratch: as long as `block`, n²; overwritten.
  public func fillPairs(
    of tensor: any CostTensor, _ i: Int, _ j: Int, into block: BufferView<Double>,
    scratch: BufferView<Double>
  ) {
    block.withMutableSpan { tensor.fill(i, j, into: &$0) }
    if tensor.isSymmetric {
      for index in 0..<block.count { block[index] += block[index] }
    } else {
      scratch.withMutableSpan { tensor.fillTransposed(i, j, into: &$0) }
      for index in 0..<block.count { block[index] += scratch[index] }
    }
  }
}

/// A tensor with the roles of facilities and locations transposed.
private struct TransposedTensor: CostTensor {
  let original: any CostTensor

  var size: Int { original.size }
  var isIntegral: Bool { original.isIntegral }
  var isSymmetric: Bool { original.isSymmetric }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    original.fill(j, i, into: &block)
    transpose(&block)
  }

  func fillTransposed(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    original.fillTransposed(j, i, into: &block)
    transpose(&block)
  }

  private func transpose(_ block: inout MutableSpan<Double>) {
    for k in 0..<size {
      for l in 0..<k {
        let kept = block[k * size + l]
        block[k * size + l] = block[l * size + k]
        block[l * size + k] = kept
      }
    }
  }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double { original.cost(j, i, l, k) }
}
