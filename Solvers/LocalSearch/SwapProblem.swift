import QAP
import QAPPrimitives

/// An instance laid out for swap neighborhoods; immutable, and shared by all searches on it.
///
/// Everything is over unordered pairs (see `PairCost`): f(p) = Σ_{i<k} pair + Σ linear + constant.
/// Rows are padded with zeros to `stride`, so that wide loads never leave them.
final class SwapProblem: @unchecked Sendable {
  // Unchecked because of the buffers, which only `init` writes.

  /// The way swap costs are updated.
  enum Form {
    /// One product of symmetric matrices.
    case symmetric
    /// Two products; neither matrix is symmetric.
    case asymmetric
    /// A tensor, tabulated as n⁴ pair costs.
    case table
    /// A tensor too large to tabulate, asked entry by entry.
    case entries
  }

  /// The largest size at which a tensor is tabulated: 40⁴ doubles are 20 MB.
  static let maxTableSize = 40

  /// The most bytes that a layout takes with `tables` tables and `memory` n × n matrices beside
  /// each.
  static func bytes(size: Int, isSymmetric: Bool, tables: Int, memory: Int = 0) -> Double {
    let (own, table) = isSymmetric ? (9, 3) : (11, 4)
    return Double(own + tables * (table + memory)) * 8 * Double(size) * Double(size)
  }

  let size: Int
  let stride: Int
  let form: Form
  /// The numbering of the facilities.
  let grouping: InterchangeableFacilities
  /// The first facility after r that is no twin of it; and the first twin of r.
  let groupEnd: Buffer<Int>
  let groupStart: Buffer<Int>
  /// The constant of every objective, which no value here contains.
  let constant: Double
  private let tensor: (any CostTensor)?
  let isIntegral: Bool
  /// Smaller improvements than this are rounding errors: 0 when arithmetic is exact.
  let tolerance: Double
  /// Flows and their sums below in floats, for which see `isNarrow`.
  let narrowFlow: (flow: Buffer<Float>, sum: Buffer<Float>)?
  /// Matrices: A, row by row.
  let flow: Buffer<Double>
  /// Matrices, asymmetric: Aᵀ.
  let flowTransposed: Buffer<Double>
  /// Matrices: A + Aᵀ (2A when symmetric).
  let flowSum: Buffer<Double>
  /// Matrices: B, n × n without padding.
  let distance: Buffer<Double>
  /// Linear costs with the diagonal folded in, n × n without padding.
  let linear: Buffer<Double>
  /// Sparse symmetric matrices: the facilities k with A[r,k] ≠ 0 from neighborStart[r] on, in their
  /// order; empty otherwise.
  let neighborStart: Buffer<Int>
  let neighbors: Buffer<Int>
  /// Tabulated tensors: pair(k, l, r, j) at ((k·n + l)·n + r)·n + j, zero where k = r or l = j.
  let table: Buffer<Double>

  /// Lays out `instance` in the caller's numbers, or (`mergesInterchangeable`) in those of a
  /// `InterchangeableFacilities`.
  init(_ instance: Instance, mergesInterchangeable: Bool = false) {
    let n = instance.size
    var pairs = PairCost(instance)
    let grouping =
      mergesInterchangeable
      ? InterchangeableFacilities(&pairs) : InterchangeableFacilities(plain: n)
    let order = grouping.order
    let isNarrow = instance.properties.isIntegral && SwapProblem.isNarrow(pairs)
    let width = isNarrow ? (n + Narrow.count - 1) & ~(Narrow.count - 1) : wideStride(n)
    self.grouping = grouping
    groupEnd = Buffer(count: n, repeating: 0)
    groupEnd.view.copy(from: grouping.groupEnd)
    groupStart = Buffer(count: n, repeating: 0)
    groupStart.view.copy(from: grouping.groupStart)
    size = n
    stride = width
    constant = pairs.constant
    tensor = instance.tensor
    isIntegral = instance.properties.isIntegral
    tolerance = isIntegral ? 0 : 0x1p-40 * SwapProblem.magnitude(instance)
    linear = Buffer(count: n * n, repeating: 0)
    for r in 0..<n {
      // Zeros are there already: pages of them that nobody writes take no memory.
      for j in 0..<n where pairs.linear[order[r], j] != 0 {
        linear.view[r * n + j] = pairs.linear[order[r], j]
      }
    }

    func padded(_ matrix: Matrix<Double>, own: Double, transposed: Double) -> Buffer<Double> {
      let buffer = Buffer<Double>(count: n * width, repeating: 0)
      matrix.withView { view in
        // Tile by tile, as columns of large matrices are far apart in memory.
        for top in Swift.stride(from: 0, to: n, by: 64) {
          for left in Swift.stride(from: 0, to: n, by: 64) {
            for r in top..<min(n, top + 64) {
              for c in left..<min(n, left + 64) {
                let (a, b) = (view[order[r] * n + order[c]], view[order[c] * n + order[r]])
                buffer.view[r * width + c] = own * a + transposed * b
              }
            }
          }
        }
      }
      return buffer
    }
    let none = Buffer<Double>(count: 0, repeating: 0)
    switch pairs.kind {
    case .product(let a, let b):
      form = .symmetric
      flow = padded(a, own: 1, transposed: 0)
      flowTransposed = none
      flowSum = padded(a, own: 1, transposed: 1)
      distance = Buffer(count: n * n, repeating: 0)
      distance.view.copy(from: b.elements)
      table = none
    case .twoProducts(let a, let b):
      form = .asymmetric
      flow = padded(a, own: 1, transposed: 0)
      flowTransposed = padded(a, own: 0, transposed: 1)
      flowSum = padded(a, own: 1, transposed: 1)
      distance = Buffer(count: n * n, repeating: 0)
      distance.view.copy(from: b.elements)
      table = none
    case .tensor(let tensor):
      flow = none
      flowTransposed = none
      flowSum = none
      distance = none
      form = n <= SwapProblem.maxTableSize ? .table : .entries
      table = form == .table ? SwapProblem.tabulate(tensor) : none
    }
    narrowFlow =
      isNarrow ? (SwapProblem.narrowed(flow), SwapProblem.narrowed(flowSum)) : nil
    var ends: [Int] = []
    var starts = [0]
    if form == .symmetric, SwapProblem.isSparse(flow.view, size: n) {
      for r in 0..<n {
        for k in 0..<n where flow.view[r * width + k] != 0 { ends.append(k) }
        starts.append(ends.count)
      }
    } else {
      starts = []
    }
    neighborStart = Buffer(count: starts.count, repeating: 0)
    neighborStart.view.copy(from: starts)
    neighbors = Buffer(count: ends.count, repeating: 0)
    neighbors.view.copy(from: ends)
  }

  /// The size of objectives: of any, or, for tensors that are too large to be looked at, of one.
  private static func magnitude(_ instance: Instance) -> Double {
    guard let tensor = instance.tensor else { return instance.properties.magnitude }
    let n = instance.size
    if n <= maxTableSize, let known = instance.magnitudeOfTensor { return known }
    var sum = 0.0
    for i in 0..<n {
      for k in 0..<n { sum += abs(tensor.cost(i, i, k, k)) }
      sum += abs(instance.linear?[i, i] ?? 0)
    }
    return sum
  }

  /// True for matrices and not for a tensor.
  var hasMatrices: Bool { form == .symmetric || form == .asymmetric }

  /// True when all numbers of a dense symmetric problem, integers, stay below 2²⁴ on the way to a
  /// delta, so that floats hold them: of W, of sums of four, and of products of differences.
  private static func isNarrow(_ pairs: PairCost) -> Bool {
    guard case .product(let flow, let distance) = pairs.kind, pairs.size <= 2000,
      !isSparse(entries: flow.elements.count { $0 != 0 }, size: pairs.size)
    else { return false }
    func largest(_ matrix: Matrix<Double>) -> Double {
      matrix.elements.reduce(0) { max($0, abs($1)) }
    }
    let sum = (0..<flow.rows).reduce(0) { max($0, flow.row($1).reduce(0) { $0 + abs($1) }) }
    let reach = largest(distance)
    return 4 * (sum * reach + largest(pairs.linear)) + 16 * largest(flow) * reach < 0x1p24
  }

  private static func narrowed(_ buffer: Buffer<Double>) -> Buffer<Float> {
    let result = Buffer(count: buffer.view.count, repeating: Float(0))
    for index in 0..<buffer.view.count { result.view[index] = Float(buffer.view[index]) }
    return result
  }

  /// Swaps are updated by the flows of the two facilities alone.
  var isSparse: Bool { neighborStart.view.count > 0 }

  /// True when so few of the n² flows are not zero that updates by flows are faster than wide
  /// loops over all swaps: 6 % of large matrices, and less of small ones, as every row costs
  /// something. The numbers are measured.
  static func isSparse(entries: Int, size n: Int) -> Bool {
    Double(entries) <= Double(n) * (0.06 * Double(n) - 8)
  }

  private static func isSparse(_ flow: BufferView<Double>, size n: Int) -> Bool {
    var count = 0
    for index in 0..<flow.count where flow[index] != 0 { count &+= 1 }
    return isSparse(entries: count, size: n)
  }

  private static func tabulate(_ tensor: any CostTensor) -> Buffer<Double> {
    let n = tensor.size
    let table = Buffer<Double>(count: n * n * n * n, repeating: 0)
    let block = Buffer<Double>(count: n * n, repeating: 0)
    for k in 0..<n {
      for l in 0..<n {
        block.view.withMutableSpan { tensor.fill(k, l, into: &$0) }
        for r in 0..<n where r != k {
          for j in 0..<n where j != l {
            let cost = block.view[r * n + j]
            table.view[((k * n + l) * n + r) * n + j] += cost
            table.view[((r * n + j) * n + k) * n + l] += cost
          }
        }
      }
    }
    return table
  }

  /// The cost of facility `k` at `l` together with `r` at `j`; 0 where no assignment has both.
  func pair(_ k: Int, _ l: Int, _ r: Int, _ j: Int) -> Double {
    if k == r || l == j { return 0 }
    switch form {
    case .symmetric: return flow.view[k * stride + r] * distance.view[l * size + j]
    case .asymmetric:
      return flow.view[k * stride + r] * distance.view[l * size + j]
        + flowTransposed.view[k * stride + r] * distance.view[j * size + l]
    case .table: return table.view[((k * size + l) * size + r) * size + j]
    case .entries:
      let (k, r) = (grouping.order[k], grouping.order[r])
      return tensor.map { $0.cost(k, l, r, j) + $0.cost(r, j, k, l) } ?? 0
    }
  }

  /// f(p) without the constant. Exact when the instance is integral.
  ///
  /// - Complexity: O(n²).
  func value(_ p: BufferView<Int>) -> Double {
    var sum = CompensatedSum()
    for i in 0..<size {
      sum.add(linear.view[i * size + p[i]])
      for k in 0..<i { sum.add(pair(i, p[i], k, p[k])) }
    }
    return sum.value
  }
}
