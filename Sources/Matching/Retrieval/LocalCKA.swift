import QAP
import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Local centered kernel alignment (M. Maniparambil et al., "Do Vision and Language Encoders
/// Represent the World Similarly?", CVPR 2024, section 4.2): the score of query s and candidate t
/// is the CKA of the m known pairs extended by (s, t). By the definition that is a centered kernel
/// of m + 1 rows for each of q² pairs; here is how all of them share their work, with the same
/// result up to rounding.
///
/// **Centering.** A kernel is centered on the base rows first, in feature space: K ← K − r − rᵀ + g
/// with r the row means of the base block and g their mean; the new row a gets a − r − ā + g and
/// the new diagonal element α − 2ā + g. This is a translation of the features, which the centering
/// of all m + 1 rows undoes. Now base block and new row sum to zero, and with κ = m/(m + 1)
///
///     ⟨H·A_s·H, B_t⟩ = ⟨A⁰_s, B⁰_t⟩ + 2κ·a_s·b_t + κ²·α_s·β_t.
///
/// **Linear kernels.** The base blocks A⁰, B⁰ do not depend on s and t: one product of q × m
/// matrices is all there is to do.
///
/// **Gaussian kernels.** The bandwidth is the median of all distances of the m + 1 rows, so A⁰_s
/// depends on the query, but only through the rate u_s = 1/2σ_s². All rates lie in a narrow
/// interval, on which exp(−u·d) is analytic in u: it is interpolated at K Chebyshev nodes u_k, A⁰_s
/// = Σ_k w_k(u_s)·A⁰(u_k), with K so large that the error is below 1e-16 for every distance d
/// (proved, not measured: see `nodesNeeded`; K is about ten for hundreds of base rows). Where fewer
/// different rates occur than that, they are the nodes themselves. Then ⟨A⁰_s, B⁰_t⟩ = w_sᵀ·G·v_t
/// with the K × K inner products G of the nodes' kernels.
///
/// In both cases the score is an inner product of two vectors with m + K + 1 elements
/// (`ScoreFactors`). Time O(q²·(m + K) + K·m²), beside the distances.
enum LocalCKA {
  /// Everything about one side that does not depend on the other.
  struct Side {
    /// The base kernels at the nodes.
    let nodes: BaseKernels
    /// The share of each node in each row's base block: asked × K.
    let weights: Matrix<Double>
    /// The new row of each kernel, centered: asked × m.
    let cross: Matrix<Double>
    /// The new diagonal element of each kernel, centered.
    let own: [Double]
    let name: String

    init(_ side: RetrievalSide, isGaussian: Bool, threads: Int) throws(InputError) {
      guard side.base.rows >= 2 else {
        throw InputError(
          side.base.name, found: "\(side.base.rows) base rows", expected: "at least 2")
      }
      if isGaussian {
        try self.init(gaussian: side, threads: threads)
      } else {
        self.init(linear: side, threads: threads)
      }
    }

    private init(linear side: RetrievalSide, threads: Int) {
      let base = side.base.values
      let mean = (0..<base.columns).map { column in
        var sum = CompensatedSum()
        for row in 0..<base.rows { sum.add(base[row, column]) }
        return sum.value / Double(base.rows)
      }
      // What is left of equal numbers is rounding, and no kernel.
      func shifted(_ value: Double, _ column: Int) -> Double {
        let difference = value - mean[column]
        return abs(difference) > 1e-15 * abs(mean[column]) ? difference : 0
      }
      let known = side.base.mapped { _, column, value in shifted(value, column) }.values
      let asked = side.asked.mapped { _, column, value in shifted(value, column) }.values
      nodes = BaseKernels(linear: known, threads: threads)
      weights = Matrix(rows: asked.rows, columns: 1, repeating: 1)
      cross = parallelProduct(asked, .plain, known, .transposed, threads: threads)
      own = (0..<asked.rows).map { asked.row($0).reduce(0) { $0 + $1 * $1 } }
      name = side.asked.name
    }

    private init(gaussian side: RetrievalSide, threads: Int) throws(InputError) {
      let squares = Kernel.squaredDistances(side.base.values, threads: threads)
      let distances = crossSquaredDistances(
        side.asked.values, side.base.values, threads: threads)
      let (m, q) = (squares.rows, distances.rows)
      let sorted = BaseKernels.sortedDistances(squares)
      let rates = parallelMap(count: q, threads: threads) { row in
        LocalCKA.lowerMedian(
          sorted, distances.row(row).filter { $0 > 0 }.sorted()
        ).map { 0.5 / $0 }
      }
      guard rates.allSatisfy({ $0 != nil }) else {
        throw InputError(
          side.base.name, found: "equal rows only", expected: "different ones, for a bandwidth")
      }
      let basis = RateBasis(rates.map { $0! }, largestDistance: sorted.last ?? 0)
      let nodes = BaseKernels(squares: squares, rates: basis.nodes, threads: threads)
      let weights = basis.weights
      // The means of each row's own base block.
      let rowMeans = parallelProduct(
        weights, .plain, nodes.rowMeans, .plain, threads: threads)
      let cross = Buffer(count: q * m, repeating: 0.0)
      let own = Buffer(count: q, repeating: 0.0)
      let (crossView, ownView) = (cross.view, own.view)
      parallelFor(count: q, threads: threads) { _, row in
        let rate = rates[row]!
        var (grand, mean) = (CompensatedSum(), CompensatedSum())
        for b in 0..<m {
          let value = exp(-rate * distances.elements[row &* m &+ b])
          crossView[row &* m &+ b] = value
          mean.add(value)
          grand.add(rowMeans.elements[row &* m &+ b])
        }
        let (a, g) = (mean.value / Double(m), grand.value / Double(m))
        for b in 0..<m {
          crossView[row &* m &+ b] += g - a - rowMeans.elements[row &* m &+ b]
        }
        ownView[row] = 1 - 2 * a + g
      }
      self.nodes = nodes
      self.weights = weights
      self.cross = Matrix(rows: q, columns: m, elements: crossView.array)
      self.own = ownView.array
      name = side.asked.name
      withExtendedLifetime((cross, own)) {}
    }
  }

  /// The factors of all scores of `source` with `target`.
  static func factors(
    _ source: Side, _ target: Side, threads: Int
  ) throws(InputError) -> ScoreFactors {
    let grams = BaseKernels.innerProducts(source.nodes, target.nodes, threads: threads)
    let left = parallelProduct(
      source.weights, .plain, grams.between, .plain, threads: threads)
    return ScoreFactors(
      source: try combined(source, blocks: left, gram: grams.ofFirst, threads: threads),
      target: try combined(
        target, blocks: target.weights, gram: grams.ofSecond, threads: threads))
  }

  /// Rows (blocks, √2κ·cross, κ·own) divided by the norm of their kernel.
  private static func combined(
    _ side: Side, blocks: Matrix<Double>, gram: Matrix<Double>, threads: Int
  ) throws(InputError) -> Matrix<Double> {
    let (q, m, k) = (side.cross.rows, side.cross.columns, blocks.columns)
    let kappa = Double(m) / Double(m + 1)
    let root = (2 * kappa).squareRoot()
    let weighted = parallelProduct(side.weights, .plain, gram, .plain, threads: threads)
    var norms = [Double](repeating: 0, count: q)
    for row in 0..<q {
      var sum = CompensatedSum()
      for (a, b) in zip(weighted.row(row), side.weights.row(row)) { sum.add(a * b) }
      for value in side.cross.row(row) { sum.add(2 * kappa * value * value) }
      sum.add(kappa * kappa * side.own[row] * side.own[row])
      norms[row] = max(0, sum.value).squareRoot()
      guard norms[row] > 0 else {
        throw InputError(
          side.name, found: "a kernel of norm 0 with row \(row)",
          expected: "base rows that are not all equal")
      }
    }
    let width = k + m + 1
    return Matrix(rows: q, columns: width, startingFrom: 0) { out in
      for row in 0..<q {
        let (from, scale) = (row &* width, 1 / norms[row])
        for index in 0..<k {
          out[from &+ index] = blocks.elements[row &* k &+ index] * scale
        }
        for b in 0..<m {
          out[from &+ k &+ b] = side.cross.elements[row &* m &+ b] * (root * scale)
        }
        out[from &+ k &+ m] = side.own[row] * (kappa * scale)
      }
    }
  }

  /// The lower median of two ascending lists together, the smaller of the two middle elements; nil
  /// when both are empty.
  ///
  /// - Complexity: O(log) time.
  static func lowerMedian(_ a: [Double], _ b: [Double]) -> Double? {
    let total = a.count + b.count
    guard total > 0 else { return nil }
    let rank = (total - 1) / 2
    // The fewest elements of `b` among the first `rank` such that the rest of them come from `a`.
    var (low, high) = (max(0, rank - a.count), min(rank, b.count))
    while low < high {
      let middle = (low + high) / 2
      if middle < b.count, rank - middle > 0, b[middle] < a[rank - middle - 1] {
        low = middle + 1
      } else {
        high = middle
      }
    }
    let fromA = rank - low
    if low == b.count { return a[fromA] }
    return fromA == a.count ? b[low] : min(a[fromA], b[low])
  }
}

/// The squared distances of all rows of `a` to all rows of `b`, a.rows × b.rows; where inner
/// products would cancel, by differences, so that equal rows have distance zero.
func crossSquaredDistances(
  _ a: Matrix<Double>, _ b: Matrix<Double>, threads: Int
) -> Matrix<Double> {
  precondition(a.columns == b.columns, "rows of different lengths")
  let (features, columns) = (a.columns, b.rows)
  func squares(_ matrix: Matrix<Double>) -> [Double] {
    (0..<matrix.rows).map { matrix.row($0).reduce(0) { $0 + $1 * $1 } }
  }
  let (squareA, squareB) = (squares(a), squares(b))
  let factors = ScoreFactors(source: a, target: b)
  return Matrix(rows: a.rows, columns: columns, startingFrom: 0) { out in
    factors.forEachBlock(threads: threads) { rows, products in
      for (offset, row) in rows.enumerated() {
        for c in 0..<columns {
          let sum = squareA[row] + squareB[c]
          var value = sum - 2 * products[offset &* columns &+ c]
          if !(value > 1e-3 * sum) {
            value = 0
            for index in 0..<features {
              let difference =
                a.elements[row &* features &+ index] - b.elements[c &* features &+ index]
              value += difference * difference
            }
          }
          out[row &* columns &+ c] = value
        }
      }
    }
  }
}
