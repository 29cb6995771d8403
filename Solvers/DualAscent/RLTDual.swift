import QAP
import QAPLinearAssignment
import QAPPrimitives

/// A feasible point of the dual of the level-1 RLT relaxation (Adams and Johnson 1994; Hahn and
/// Grant 1998), stored in O(n³) memory.
///
/// With the pair costs `q(ij,kl)` of `PairCost` (i ≠ k, j ≠ l) the multipliers are `u[i,j,k]`,
/// `v[i,j,l]`, `α[i]` and `β[j]`, and a point is feasible when
///
///     reduced pair cost  r(ij,kl) = q − u[i,j,k] − v[i,j,l] − u[k,l,i] − v[k,l,j]  ≥ 0
///     leader             z(ij)    = linear[i,j] + Σ_k u[i,j,k] + Σ_l v[i,j,l] − α[i] − β[j]  ≥ 0
///
/// It then proves that no assignment costs less than `Σα + Σβ + constant`. Nothing of size n⁴ is
/// stored: reduced costs are recomputed from the multipliers whenever they are looked at, so
/// rounding errors do not build up either.
///
/// With fewer facilities than locations, m < n, some locations stay empty: the constraints on
/// locations become Σ_k y(ij,kl) ≤ x(ij) and Σ_i x(ij) ≤ 1, and a feasible point has v ≤ 0 and β ≤
/// 0 as well. Nothing here is as long as the facilities that would have to pad such an instance.
///
/// Facilities `i, k` and locations `j, l` are 0-based. Unchecked, because the threads of one loop
/// share the views and write to disjoint parts.
final class RLTDual: @unchecked Sendable {
  let cost: PairCost
  /// The number of locations, n.
  let size: Int
  /// The number of facilities, m.
  let facilities: Int
  /// True when there are more locations than facilities.
  var leavesEmpty: Bool { facilities < size }
  /// Distance between consecutive lines of `n` numbers, a multiple of eight.
  let stride: Int

  /// `u[i,j,k]` at `(i·n + j)·stride + k`.
  let rowMultipliers: BufferView<Double>
  /// `v[i,j,l]` at `(i·n + j)·stride + l`. At `l = j` and in the padding it is −∞, which makes the
  /// reduced costs there infinite without a test in any inner loop.
  let columnMultipliers: BufferView<Double>
  /// `u[k,l,i]` at `(i·m + k)·stride + l`: what the submatrix of any `(i, ·)` subtracts.
  let rowMirror: BufferView<Double>
  /// `v[k,l,j]` at `(j·m + k)·stride + l`: what the submatrix of any `(·, j)` subtracts.
  let columnMirror: BufferView<Double>
  /// `z(ij)` at `i·n + j`.
  let leaders: BufferView<Double>
  /// `α`, `β`.
  let facilityDuals: BufferView<Double>
  let locationDuals: BufferView<Double>

  /// Lines of the matrices that make up a pair's cost, padded to `stride` (see `PairTables`).
  let tables: PairTables

  private let owned: [Buffer<Double>]

  /// The bytes that a dual for `m` facilities and `n` locations takes.
  static func bytes(facilities m: Int, size n: Int) -> Int {
    (3 * m * n + m * m) * wideStride(n) * 8
  }

  /// The dual with all multipliers zero, except that the linear costs form the leaders.
  ///
  /// Feasible only when no pair cost is negative; the first round of an ascent makes it so.
  init(_ cost: PairCost) {
    self.cost = cost
    size = cost.size
    facilities = cost.facilities
    let (m, n) = (cost.facilities, cost.size)
    stride = wideStride(n)
    let cubes = [m * n, m * n, m * m, n * m].map {
      Buffer(count: $0 * wideStride(n), repeating: 0.0)
    }
    let lines = [m * n, m, n].map { Buffer(count: $0, repeating: 0.0) }
    rowMultipliers = cubes[0].view
    columnMultipliers = cubes[1].view
    rowMirror = cubes[2].view
    columnMirror = cubes[3].view
    leaders = lines[0].view
    facilityDuals = lines[1].view
    locationDuals = lines[2].view
    owned = cubes + lines
    tables = PairTables(cost)
    leaders.copy(from: cost.linear.elements)
    for i in 0..<m {
      for j in 0..<n {
        let line = (i * n + j) * stride
        columnMultipliers[line + j] = -.infinity
        for l in n..<stride { columnMultipliers[line + l] = -.infinity }
      }
    }
  }

  /// Takes over the multipliers of `point`, which need not be feasible; α and β are left to the
  /// next assignment problem over the leaders.
  func load(_ point: RLTMultipliers) {
    let (m, n) = (facilities, size)
    precondition(point.isWellFormed(m, n), "the multipliers have another size than the instance")
    for j in 0..<n { locationDuals[j] = 0 }
    for i in 0..<m {
      facilityDuals[i] = 0
      for j in 0..<n {
        let line = (i * n + j) * stride
        var leader = cost.linear[i, j]
        for k in 0..<m where k != i {
          let u = Double(point.rowMultipliers[(i * n + j) * m + k]).scaled(
            byPowerOfTwo: point.exponent)
          rowMultipliers[line + k] = u
          rowMirror[(k * m + i) * stride + j] = u
          leader += u
        }
        for l in 0..<n where l != j {
          let v = Double(point.columnMultipliers[(i * n + j) * n + l]).scaled(
            byPowerOfTwo: point.exponent)
          columnMultipliers[line + l] = v
          columnMirror[(l * m + i) * stride + j] = v
          leader += v
        }
        leaders[i * n + j] = leader
      }
    }
  }

  /// `Σα + Σβ + constant`: what the point proves, rounding errors apart.
  var value: Double {
    var sum = CompensatedSum()
    for i in 0..<facilities { sum.add(facilityDuals[i]) }
    for j in 0..<size { sum.add(locationDuals[j]) }
    sum.add(cost.constant)
    return sum.value
  }
}

/// The factors of the pair costs, laid out for the loops of the kernel.
final class PairTables {
  /// Line `i`: `flow[i, ·]`; and its transpose, where neither matrix is symmetric.
  let flow: BufferView<Double>
  let flowTransposed: BufferView<Double>
  /// Line `j`: `distance[j, ·]`, padded with zeros; and its transpose likewise.
  let distance: BufferView<Double>
  let distanceTransposed: BufferView<Double>
  /// The largest |q|, an upper bound.
  let largestPair: Double
  /// The sum of all |q|, for tensors; 0 for products.
  let totalPair: Double

  private let owned: [Buffer<Double>]

  init(_ cost: PairCost) {
    let stride = wideStride(cost.size)
    func table(_ matrix: Matrix<Double>?) -> Buffer<Double> {
      guard let matrix else { return Buffer(count: 0, repeating: 0) }
      let buffer = Buffer(count: matrix.rows * stride, repeating: 0.0)
      for r in 0..<matrix.rows {
        for c in 0..<matrix.columns { buffer.view[r * stride + c] = matrix[r, c] }
      }
      return buffer
    }
    func largest(_ matrix: Matrix<Double>) -> Double {
      matrix.elements.reduce(0) { max($0, abs($1)) }
    }
    switch cost.kind {
    case .product(let a, let b):
      owned = [table(a), table(nil), table(b), table(nil)]
      largestPair = largest(a) * largest(b)
      totalPair = 0
    case .twoProducts(let a, let b):
      owned = [table(a), table(a.transposed), table(b), table(b.transposed)]
      largestPair = 2 * largest(a) * largest(b)
      totalPair = 0
    case .tensor(let tensor):
      owned = [table(nil), table(nil), table(nil), table(nil)]
      (largestPair, totalPair) = PairTables.examine(tensor, cost)
    }
    flow = owned[0].view
    flowTransposed = owned[1].view
    distance = owned[2].view
    distanceTransposed = owned[3].view
  }

  /// The largest and the sum of all |q| of a tensor.
  ///
  /// - Complexity: O(n⁴), two blocks for every (i, j).
  private static func examine(
    _ tensor: any CostTensor, _ cost: PairCost
  ) -> (largest: Double, total: Double) {
    let n = cost.size
    let blocks = (0..<2).map { _ in Buffer(count: n * n, repeating: 0.0) }
    var (largest, total) = (0.0, 0.0)
    for i in 0..<n {
      for j in 0..<n {
        cost.fillPairs(of: tensor, i, j, into: blocks[0].view, scratch: blocks[1].view)
        for k in 0..<n where k != i {
          for l in 0..<n where l != j {
            let size = abs(blocks[0].view[k * n + l])
            largest = max(largest, size)
            total += size
          }
        }
      }
    }
    return (largest, total)
  }
}
