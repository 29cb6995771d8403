import QAP
import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The alignment of two sets of embeddings by a metric, without n × n matrices: linear kernels
/// through products of features, neighbors and distances a few rows at a time. Values are those of
/// `qap match`'s objective at the pairs given.
///
/// For n rows of d features: O(n·d²) time for cka, cka-debiased and correlation, O(n²·d) for the
/// others, times the number of orders; memory O(n·d + d²) for all.
public struct Alignment: Sendable {
  private let source: Embeddings
  private let target: Embeddings
  private let threads: Int
  private let progress: (@Sendable (_ done: Int, _ of: Int) -> Void)?

  /// Prepares two sets with equally many rows.
  ///
  /// - Parameters:
  ///   - normalizes: divide rows by their norms.
  ///   - stretches: divide columns by their deviations.
  ///   - progress: called, from any thread, with the number of done and of all tiles of a pass over
  ///     all pairs are done.
  /// - Throws: `InputError` when the row counts differ or a step cannot be done.
  public init(
    source: Embeddings, target: Embeddings, normalizes: Bool, stretches: Bool = false,
    threads: Int = 1, progress: (@Sendable (_ done: Int, _ of: Int) -> Void)? = nil
  ) throws(InputError) {
    (self.source, self.target) = try Embeddings.compared(
      source, target, normalizes: normalizes, stretches: stretches, atLeast: 3)
    self.threads = max(1, threads)
    self.progress = progress
  }

  /// The value of `metric` when row i of the target is paired with row `order[i]` of the source,
  /// for each of `orders`.
  ///
  /// Cosines of zero rows have none; nor have equal rows a Gaussian kernel.
  ///
  /// - Parameter standardizes: shift and scale distances to mean 0 and deviation 1, for
  ///   `Metric.canStandardize` ones.
  /// - Throws: `InputError` when the rows have no such kernel.
  public func values(
    _ metric: Metric, orders: [[Int]], standardizes: Bool = false
  ) throws(InputError) -> [Double] {
    precondition(
      orders.allSatisfy { Set($0) == Set(0..<source.rows) && $0.count == source.rows },
      "an order has every row once")
    precondition(!standardizes || metric.canStandardize, "this metric is not standardized")
    switch metric {
    case .cka: return try products(orders, isCentered: true)
    case .ckaDebiased: return try debiased(orders)
    case .correlation: return try cosines(orders)
    case .ckaOneSided: return try oneSided(orders)
    case .ckaGaussian: return try gaussian(orders)
    case .neighbors(let count): return try neighbors(count, orders)
    case .gromovWasserstein, .innerProduct, .kullbackLeibler:
      return try distances(metric, orders, standardizes: standardizes)
    }
  }

  // MARK: Linear kernels

  /// ⟨XXᵀ, YYᵀ⟩ = ‖XᵀY‖², over the norms of both.
  private func products(
    _ orders: [[Int]], isCentered: Bool
  ) throws(InputError) -> [Double] {
    let x = isCentered ? Self.centered(source.values) : source.values
    let y = isCentered ? Self.centered(target.values) : target.values
    let norms = (squaredProduct(x, x), squaredProduct(y, y))
    for (norm, side) in [(norms.0, source), (norms.1, target)] where !(norm > 0) {
      throw InputError(
        side.name, found: "a kernel of norm 0", expected: "rows that are not all equal")
    }
    return orders.map { order in
      squaredProduct(Self.permuted(x, order), y) / (norms.0.squareRoot() * norms.1.squareRoot())
    }
  }

  /// The debiased CKA (`Kernel.debiasedAndScaled`) from sums over rows: with d the diagonal of a
  /// kernel and r the sums of its rows without it, ⟨U, V⟩ is
  /// ‖XᵀY‖² − Σ d e + Σr Σq/((n − 1)(n − 2)) − 2 Σ r q/(n − 2).
  private func debiased(_ orders: [[Int]]) throws(InputError) -> [Double] {
    let n = source.rows
    guard n > 3 else {
      throw InputError(
        source.name, found: "\(n) rows", expected: "at least 4, for cka-debiased")
    }
    let (x, y) = (Self.centered(source.values), Self.centered(target.values))
    let (ofX, ofY) = (Self.rowSums(x), Self.rowSums(y))
    func product(_ cross: Double, _ a: [(d: Double, r: Double)], _ b: [(d: Double, r: Double)])
      -> Double
    {
      var (diagonal, mixed) = (CompensatedSum(), CompensatedSum())
      var (sumA, sumB) = (CompensatedSum(), CompensatedSum())
      for index in 0..<n {
        diagonal.add(a[index].d * b[index].d)
        mixed.add(a[index].r * b[index].r)
        sumA.add(a[index].r)
        sumB.add(b[index].r)
      }
      return cross - diagonal.value
        + sumA.value * sumB.value / (Double(n - 1) * Double(n - 2))
        - 2 * mixed.value / Double(n - 2)
    }
    let squares = (squaredProduct(x, x), squaredProduct(y, y))
    let norms = (product(squares.0, ofX, ofX), product(squares.1, ofY, ofY))
    for (norm, square, side) in [(norms.0, squares.0, source), (norms.1, squares.1, target)]
    where !(norm > 1e-12 * square) {
      throw InputError(
        side.name, found: "a kernel of norm 0", expected: "rows that are not all equal")
    }
    return orders.map { order in
      product(squaredProduct(Self.permuted(x, order), y), order.map { ofX[$0] }, ofY)
        / (norms.0.squareRoot() * norms.1.squareRoot())
    }
  }

  /// The squared norm of each row, and the sum of its inner products with the others.
  private static func rowSums(_ x: Matrix<Double>) -> [(d: Double, r: Double)] {
    var sums = [CompensatedSum](repeating: CompensatedSum(), count: x.columns)
    for row in 0..<x.rows {
      for (c, value) in x.row(row).enumerated() { sums[c].add(value) }
    }
    let total = sums.map(\.value)
    return (0..<x.rows).map { row in
      var (square, withAll) = (0.0, 0.0)
      for (c, value) in x.row(row).enumerated() {
        square += value * value
        withAll += value * total[c]
      }
      return (square, withAll - square)
    }
  }

  private func cosines(_ orders: [[Int]]) throws(InputError) -> [Double] {
    let normal = try Alignment(
      source: source, target: target, normalizes: true, threads: threads)
    return try normal.products(orders, isCentered: false)
  }

  /// The published variant (`Kernel.centeredOnOneSide`): ⟨X·Xcᵀ, Y·Ycᵀ⟩ = ⟨XᵀY, XcᵀYc⟩ with Xc the
  /// centered columns, over √ΣC∘Cᵀ = ‖XcᵀXc‖.
  private func oneSided(_ orders: [[Int]]) throws(InputError) -> [Double] {
    let x = try source.dividedByRowDeviations().values
    let y = try target.dividedByRowDeviations().values
    let (cx, cy) = (Self.centered(x), Self.centered(y))
    let norms = (squaredProduct(cx, cx), squaredProduct(cy, cy))
    for (norm, side) in [(norms.0, source), (norms.1, target)] where !(norm > 0) {
      throw InputError(
        side.name, found: "a kernel of norm 0", expected: "rows that are not all equal")
    }
    return orders.map { order in
      let plain = product(Self.permuted(x, order), y)
      let centered = product(Self.permuted(cx, order), cy)
      return Kernel.innerProduct(plain, centered, threads: threads)
        / (norms.0.squareRoot() * norms.1.squareRoot())
    }
  }

  private func product(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Matrix<Double> {
    parallelProduct(x, .transposed, y, .plain, threads: threads)
  }

  private func squaredProduct(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Double {
    let product = product(x, y)
    return Kernel.innerProduct(product, product, threads: threads)
  }

  /// Columns shifted to mean zero; rounding errors of equal numbers are dropped.
  private static func centered(_ x: Matrix<Double>) -> Matrix<Double> {
    var sums = [CompensatedSum](repeating: CompensatedSum(), count: x.columns)
    for row in 0..<x.rows {
      for (c, value) in x.row(row).enumerated() { sums[c].add(value) }
    }
    let means = sums.map { $0.value / Double(x.rows) }
    return Matrix(rows: x.rows, columns: x.columns) { row, column in
      let difference = x[row, column] - means[column]
      return abs(difference) > 1e-15 * abs(means[column]) ? difference : 0
    }
  }

  private static func permuted(_ x: Matrix<Double>, _ order: [Int]) -> Matrix<Double> {
    var elements: [Double] = []
    elements.reserveCapacity(x.elements.count)
    for row in order { elements.append(contentsOf: x.row(row)) }
    return Matrix(rows: x.rows, columns: x.columns, elements: elements)
  }

  // MARK: Neighbors

  /// The mean share of common neighbors: |N_X ∩ N_Y| / (n·k), where the rows of both lists are
  /// numbered alike.
  private func neighbors(_ count: Int, _ orders: [[Int]]) throws(InputError) -> [Double] {
    let n = source.rows
    guard count < n else {
      throw InputError(
        source.name, found: "\(n) rows",
        expected: "more than \(count) rows, for that number of neighbors")
    }
    let ofSource = Self.neighborLists(source.values, count, stream: 1, threads)
    let ofTarget = Self.neighborLists(target.values, count, stream: 2, threads)
    return orders.map { order in
      // Row i of the target is row order[i] of the source.
      var place = [Int](repeating: 0, count: n)
      for (i, row) in order.enumerated() { place[row] = i }
      var common = 0
      var mark = [Int](repeating: -1, count: n)
      for i in 0..<n {
        for j in ofTarget[i] { mark[j] = i }
        for row in ofSource[order[i]] where mark[place[row]] == i { common += 1 }
      }
      return Double(common) / (Double(n) * Double(count))
    }
  }

  /// The nearest rows of each row. Of equally near ones those count that come first in an order
  /// drawn at random, another one for each stream: by their numbers they would coincide in both
  /// sets, and rows that are nothing but alike would look aligned.
  static func neighborLists(
    _ x: Matrix<Double>, _ count: Int, stream: UInt64, _ threads: Int
  ) -> [[Int]] {
    var generator = SeededGenerator(seed: 0, stream: stream)
    let order = Array(0..<x.rows).shuffled(using: &generator)
    let shuffled = permuted(x, order)
    let lists = (0..<x.rows).map { _ in NeighborList() }
    ScoreFactors(source: shuffled, target: shuffled).forEachBlock(threads: threads) { rows, block in
      for (offset, place) in rows.enumerated() {
        let line = block.window(offset * shuffled.rows, shuffled.rows)
        lists[order[place]].rows = Kernel.nearest(line, to: place, count).map { order[$0] }
      }
    }
    return lists.map(\.rows)
  }

  /// The neighbors of one row; each is written by one thread.
  private final class NeighborList: @unchecked Sendable {
    var rows: [Int] = []
  }

  // MARK: Distances and Gaussian kernels

  private func distances(
    _ metric: Metric, _ orders: [[Int]], standardizes: Bool
  ) throws(InputError) -> [Double] {
    let (x, y) = (DistanceTiles(source.values), DistanceTiles(target.values))
    let loss = metric.loss
    if !standardizes {
      if case .kullbackLeibler = loss, y.hasEqualRows(threads: threads) {
        throw InputError(
          target.name, found: "equal rows", expected: "positive distances for kl")
      }
      let sweep = PairSweep(
        x, .distance(minus: 0), y, .distance(minus: 0), threads: threads,
        progress: progress)
      return sweep.losses(loss, orders: orders)
    }
    // Moments about typical distances, so that nothing cancels.
    let moments = PairSweep(
      x, .distance(minus: Self.typicalDistance(source.values)), y,
      .distance(minus: Self.typicalDistance(target.values)), threads: threads,
      progress: progress
    ).moments(orders: orders)
    let n = Double(source.rows)
    let count = n * (n - 1)
    let (a, b) = (total(moments.rowsOfFirst), total(moments.rowsOfSecond))
    let squareA = moments.squareOfFirst - a * a / count
    let squareB = moments.squareOfSecond - b * b / count
    for (square, side) in [(squareA, source), (squareB, target)] where !(square > 0) {
      throw InputError(
        side.name, found: "the same distance everywhere",
        expected: "different distances, to standardize them")
    }
    return moments.products.map { product in
      let common =
        (count - 1) * (product - a * b / count) / (squareA.squareRoot() * squareB.squareRoot())
      return if case .squared = loss { 2 * (count - 1) - 2 * common } else { 0 - common }
    }
  }

  /// The root of the mean squared distance.
  private static func typicalDistance(_ x: Matrix<Double>) -> Double {
    let square = centered(x).elements.reduce(0) { $0 + $1 * $1 }
    return (2 * square / Double(max(1, x.rows - 1))).squareRoot()
  }

  /// CKA of Gaussian kernels K, L with H = I − 1/n: ⟨HKH, L⟩ = ΣK∘L − 2/n Σ r_K·r_L + s_K·s_L/n², r
  /// the sums of rows and s that of all. A constant taken off all elements, which centering removes
  /// anyway, keeps these terms from canceling.
  private func gaussian(_ orders: [[Int]]) throws(InputError) -> [Double] {
    let (x, y) = (DistanceTiles(source.values), DistanceTiles(target.values))
    var medians: [Double] = []
    for (tiles, side) in [(x, source), (y, target)] {
      guard let median = tiles.lowerMedian(threads: threads, progress: progress) else {
        throw InputError(
          side.name, found: "equal rows only", expected: "different ones, for a bandwidth")
      }
      medians.append(median)
    }
    let shift = exp(-0.5)
    let moments = PairSweep(
      x, .gaussian(rate: 0.5 / medians[0], minus: shift), y,
      .gaussian(rate: 0.5 / medians[1], minus: shift), threads: threads, progress: progress
    ).moments(orders: orders, diagonal: 1 - shift)
    let n = Double(source.rows)
    func centered(_ sum: Double, _ r: [Double], _ s: [Double]) -> Double {
      var product = CompensatedSum()
      for (a, b) in zip(r, s) { product.add(a * b) }
      return sum - 2 / n * product.value + total(r) * total(s) / (n * n)
    }
    let (ofX, ofY) = (moments.rowsOfFirst, moments.rowsOfSecond)
    let bottom =
      centered(moments.squareOfFirst, ofX, ofX).squareRoot()
      * centered(moments.squareOfSecond, ofY, ofY).squareRoot()
    return orders.enumerated().map { index, order in
      centered(moments.products[index], order.map { ofX[$0] }, ofY) / bottom
    }
  }

  private func total(_ values: [Double]) -> Double {
    var sum = CompensatedSum()
    for value in values { sum.add(value) }
    return sum.value
  }
}
