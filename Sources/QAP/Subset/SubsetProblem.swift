import QAPPrimitives

/// The choice of `size` out of `items` items, N out of L, so that
///
///     f(S) = Σ_{i ∈ S} Σ_{j ∈ S} costs[i, j]
///
/// is least: every ordered pair counts once, the diagonal too. Known as the p-dispersion-sum
/// problem, the heaviest (lightest) k-subgraph problem, and the maximum diversity problem.
/// Immutable; items are numbered from 0.
public struct SubsetProblem: Sendable {
  /// A name for reports, usually the file's.
  public let name: String
  /// The costs of pairs, L × L; the matrix need not be symmetric, and the diagonal may hold
  /// anything.
  public let costs: Matrix<Double>
  /// The number of items to choose, N.
  public let size: Int
  /// The values objectives can take, when all costs are integers whose sums doubles hold exactly.
  public let lattice: ObjectiveLattice?
  /// The sums of all costs, on the diagonal and off it, and of their magnitudes.
  private let sums: Sums

  private struct Sums {
    var single = 0.0
    var pairs = 0.0
    var magnitude = 0.0
    var largest = 0.0

    var negated: Sums {
      Sums(single: 0 - single, pairs: 0 - pairs, magnitude: magnitude, largest: largest)
    }
  }

  /// A problem over L × L `costs`.
  ///
  /// - Throws: `InputError` for costs of another shape, for numbers that are not finite or
  ///   too large to be summed, and for a size below 1 or beyond L.
  /// - Complexity: O(L²).
  public init(
    name: String, costs: Matrix<Double>, size: Int
  ) throws(InputError) {
    guard costs.isSquare, costs.rows > 0 else {
      throw .shape(
        what: "costs", found: "\(costs.rows) × \(costs.columns)", expected: "a square matrix")
    }
    guard (1...costs.rows).contains(size) else { throw .size(found: size, items: costs.rows) }
    var (single, pairs) = (CompensatedSum(), CompensatedSum())
    var sums = Sums()
    for (index, cost) in costs.elements.enumerated() {
      let (row, column) = (index / costs.rows, index % costs.rows)
      guard cost.isFinite else { throw .notFinite(what: "costs", row: row, column: column) }
      if row == column { single.add(cost) } else { pairs.add(cost) }
      sums.magnitude += abs(cost)
      sums.largest = max(sums.largest, abs(cost))
    }
    guard sums.magnitude < 1e300 else { throw .overflow(1e300) }
    (sums.single, sums.pairs) = (single.value, pairs.value)
    self.sums = sums
    self.name = name
    self.costs = costs
    self.size = size
    lattice = SubsetProblem.lattice(of: costs, magnitude: sums.magnitude)
  }

  /// The number of items to choose from, L.
  public var items: Int { costs.rows }

  /// The cost of choosing both `i` and `j`, two different items, in either order.
  public func pairCost(_ i: Int, _ j: Int) -> Double { costs[i, j] + costs[j, i] }

  /// The same problem with all costs negated: its least subset is the largest one here.
  public var negated: SubsetProblem {
    SubsetProblem(
      name: name, costs: costs.map { 0 - $0 }, size: size, lattice: lattice, sums: sums.negated)
  }

  /// The same costs with another number of items to choose.
  ///
  /// - Throws: `InputError` when there are too few items.
  public func resized(to size: Int) throws(InputError) -> SubsetProblem {
    guard (1...items).contains(size) else { throw .size(found: size, items: items) }
    return SubsetProblem(name: name, costs: costs, size: size, lattice: lattice, sums: sums)
  }

  private init(
    name: String, costs: Matrix<Double>, size: Int, lattice: ObjectiveLattice?, sums: Sums
  ) {
    self.sums = sums
    self.name = name
    self.costs = costs
    self.size = size
    self.lattice = lattice
  }

  /// f of the items `indices`, summed with compensation in ascending order, so that it depends on
  /// the set alone.
  ///
  /// - Complexity: O(N²).
  public func objective(of indices: [Int]) -> Double {
    let sorted = indices.sorted()
    var sum = CompensatedSum()
    for i in sorted {
      for j in sorted { sum.add(costs[i, j]) }
    }
    return sum.value
  }

  /// When a bound proves a subset optimal. Of real costs, the mean is that over all subsets of the
  /// size, and the error 2⁻⁵⁰ of the sum of all magnitudes that a subset can meet.
  ///
  /// - Parameter tolerance: a fraction from 0 (all that rounding allows) to less than 1.
  /// - Complexity: O(1).
  public func optimalityRule(
    tolerance: Double = OptimalityRule.defaultTolerance
  ) -> OptimalityRule {
    if lattice != nil { return .exact }
    return .real(tolerance: tolerance, mean: mean, error: error)
  }

  /// The mean over all subsets: an item is in N of L of them, two are in N(N − 1) of L(L − 1).
  private var mean: Double {
    let (n, l) = (Double(size), Double(items))
    let pairs = items > 1 ? sums.pairs / l * (n / (l - 1)) * (n - 1) : 0
    return sums.single / l * n + pairs
  }

  /// No row of a subset adds up to more than its N largest costs.
  private var error: Double { 0x1p-50 * min(sums.magnitude, sums.largest * Double(size * size)) }

  /// Off the diagonal the two orders of a pair come together, so that symmetric costs make even
  /// steps.
  private static func lattice(of costs: Matrix<Double>, magnitude: Double) -> ObjectiveLattice? {
    guard magnitude < 0x1p52, costs.elements.allSatisfy({ $0 == $0.rounded() }) else { return nil }
    var divisor = CommonDivisor()
    for i in 0..<costs.rows {
      divisor.include(costs[i, i])
      for j in 0..<i { divisor.include(costs[i, j] + costs[j, i]) }
    }
    return ObjectiveLattice(offset: 0, step: divisor.value == 0 ? 1 : Double(divisor.value))
  }
}
