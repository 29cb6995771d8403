import QAP
import QAPLinearAssignment
import QAPPrimitives

/// A lower bound on the least assignment of `costs`, and how far above the truth rounding may have
/// put it.
///
/// Nothing is taken on trust from the solver: for any numbers v whatever, every assignment costs at
/// least Σ_i min_j (c_ij − v_j) + Σ_j v_j, so the only errors are those of this evaluation. When
/// all c and v are multiples of ½ below 2⁵⁰/n in size — integral instances: the solver only adds
/// and subtracts costs — every difference and every partial sum is a multiple of ½ below 2⁵², hence
/// exact, and the error is 0. Otherwise a difference m is off by at most u|m| (x − u|x| rises with
/// x, so the least of the rounded differences is off by at most that), and a sum of 2n terms by at
/// most 2n·u·Σ|terms| to first order; 4n + 8 covers both and the higher orders, u = 2⁻⁵³.
package func certify(
  _ costs: Matrix<Double>, columnDuals v: [Double]
) -> (value: Double, error: Double) {
  let n = costs.rows
  let limit = 0x1p50 / Double(max(1, n))
  func isExact(_ x: Double) -> Bool { abs(x) < limit && 2 * x == (2 * x).rounded() }
  var exact = v.allSatisfy(isExact)
  var sum = 0.0
  var magnitude = 0.0
  for i in 0..<n {
    var least = Double.infinity
    for j in 0..<n {
      let cost = costs[i, j]
      exact = exact && isExact(cost)
      least = min(least, cost - v[j])
    }
    sum += least
    magnitude += abs(least)
  }
  for dual in v {
    sum += dual
    magnitude += abs(dual)
  }
  return (sum, exact ? 0 : Double(4 * n + 8) * 0x1p-53 * magnitude)
}

/// Leaders by minimal scalar products.
package struct MatrixLeaders {
  /// The leaders.
  package let leaders: Leaders

  /// For Σ a[i,k]·b[p(i),p(k)] plus the instance's linear part. Nil when `isStopped` says so on the
  /// way.
  ///
  /// - Complexity: O(n³).
  package init?(
    _ instance: Instance, _ a: Matrix<Double>, _ b: Matrix<Double>, threads: Int = 1,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    let n = instance.size
    let width = wideStride(max(1, n - 1))
    // Sorted rows without their diagonal elements; the padding multiplies zeros.
    let ascending = MatrixLeaders.sortedRows(a, width, isAscending: true, threads, isStopped)
    let descending = MatrixLeaders.sortedRows(b, width, isAscending: false, threads, isStopped)
    if isStopped() { return nil }
    let (x, y) = (ascending.view, descending.view)
    let products = Buffer<Double>(count: n * n, repeating: 0)
    let out = products.view
    // Some rows of `a` stay in the cache while those of `b` go by.
    let rows = 16
    parallelFor(count: (n + rows - 1) / rows, threads: threads) { _, block in
      if isStopped() { return }
      let end = min(n, (block + 1) * rows)
      for j in 0..<n {
        for i in block * rows..<end {
          var sum = Wide(repeating: 0)
          var k = 0
          while k < width {
            sum += x.wide(i &* width &+ k) * y.wide(j &* width &+ k)
            k &+= 8
          }
          out[i &* n &+ j] = sum.total + (a[i, i] * b[j, j] + (instance.linear?[i, j] ?? 0))
        }
      }
    }
    withExtendedLifetime((ascending, descending)) {}
    if isStopped() { return nil }
    let costs = Matrix<Double>(rows: n, columns: n, elements: out.array)
    // Integral instances: all partial sums are integers, or halves of integers, below 2⁵³ (and the
    // test of `certify` catches leaders that are not far enough below). Otherwise n products and
    // n + 2 sums, each rounded once, of terms whose magnitudes `properties.magnitude` sums up over
    // any assignment; folded entries are rounded once more.
    let error =
      instance.properties.isIntegral
      ? 0 : Double(2 * n + 16) * 0x1p-53 * instance.properties.magnitude
    leaders = Leaders(costs: costs, error: error)
  }

  /// Pairs of matrices with the same objective as the given ones.
  package static func versions(
    _ flow: Matrix<Double>, _ distance: Matrix<Double>, _ properties: InstanceProperties
  ) -> [(Matrix<Double>, Matrix<Double>)] {
    if properties.flowIsSymmetric && properties.distanceIsSymmetric { return [(flow, distance)] }
    var result = [(flow, distance), (flow.transposed, distance.transposed)]
    // Halving is exact, and so are integers and their halves below 2⁵².
    if properties.flowIsSymmetric {
      result.append((flow.map { 0.5 * $0 }, distance.plusTranspose))
    } else if properties.distanceIsSymmetric {
      result.append((flow.plusTranspose, distance.map { 0.5 * $0 }))
    }
    return result
  }

  /// Unfinished when `isStopped` says so on the way.
  private static func sortedRows(
    _ matrix: Matrix<Double>, _ width: Int, isAscending: Bool, _ threads: Int,
    _ isStopped: @escaping @Sendable () -> Bool
  ) -> Buffer<Double> {
    let n = matrix.rows
    let buffer = Buffer<Double>(count: n * width, repeating: 0)
    let view = buffer.view
    parallelFor(count: n, threads: threads) { _, r in
      if isStopped() { return }
      var row = Array(matrix.row(r))
      row.remove(at: r)
      if isAscending { row.sort() } else { row.sort(by: >) }
      view.window(r * width, width).copy(from: row)
    }
    return buffer
  }
}

extension MatrixLeaders {
  /// Offers the Gilmore–Lawler bound of an instance of matrices and the assignments over its
  /// leaders; does nothing for a tensor, or, unless `always`, where there is a bound already or
  /// proofs are kept, of which it makes none.
  ///
  /// Up to 1,000 facilities that takes a fraction of a second, and is done to the end. Beyond,
  /// where there is a time limit, `MeanBound` comes first, and leaders stop when the
  /// context says stop. Returns the number of versions of the problem that were bounded.
  ///
  /// - Complexity: O(n³) time.
  @discardableResult
  package static func offerBound(to context: SolveContext, always: Bool = false) -> Int {
    let instance = context.instance
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost,
      always || context.bound == nil && !context.keepsProof
    else { return 0 }
    let n = instance.size
    let isLarge = n > 1000
    let isStopped = { @Sendable in
      isLarge && (context.stopsAtOnce() || !context.hasTime(for: WorkModel.certifying(size: n)))
    }
    func raise(_ value: Double) {
      context.raise(to: LowerBound(proven: value, method: context.source, for: instance))
    }
    if isLarge, context.secondsLeft != nil { raise(MeanBound(instance, flow, distance).proven) }
    // Memory for leaders and their assignment problem is not there at once.
    let needed = isLarge ? WorkModel.leaders(size: n) : 0
    var done = 0
    for (a, b) in versions(flow, distance, instance.properties) {
      guard context.hasTime(for: needed),
        let leaders = MatrixLeaders(instance, a, b, threads: context.threads, isStopped: isStopped)
      else { break }
      let (value, assignment) = leaders.leaders.bound(
        constant: instance.constant, unless: isStopped)
      raise(value)
      if let assignment { context.offer(assignment) }
      done += 1
      if context.stopsAtOnce() { break }
    }
    context.offerStart()
    return done
  }
}
