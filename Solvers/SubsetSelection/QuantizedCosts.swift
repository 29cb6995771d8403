import QAP
import QAPPrimitives

/// The costs of a subset problem as whole units, rounded down: d[i,i] = ⌊2·C[i,i]⌋ and
/// d[i,j] = ⌊C[i,j] + C[j,i]⌋ in units of 2^exponent, so that 2·f(S) ≥ Σ_{i,j ∈ S} d[i,j] (see
/// `SubsetProof`). Bounds are sums of these, without any rounding.
final class QuantizedCosts: @unchecked Sendable {
  // Unchecked because of the buffer, which nobody changes after `init`.

  let items: Int
  let size: Int
  /// A unit is 2 to this power: small enough that N² of them do not matter, large enough that sums
  /// of rows stay below 2⁶¹.
  let exponent: Int
  let elements: Buffer<Int64>
  /// True for integral data, which the units express exactly.
  let isExact: Bool

  init(_ problem: SubsetProblem) {
    items = problem.items
    size = problem.size
    isExact = problem.lattice != nil
    var largest = 0.0
    for i in 0..<items {
      largest = max(largest, abs(2 * problem.costs[i, i]))
      for j in 0..<i { largest = max(largest, abs(problem.pairCost(i, j))) }
    }
    let reach = largest * Double(items)
    var exponent = reach == 0 ? 0 : Int(reach.exponent) + 1 - 57
    // Integral data are whole numbers of any unit up to 1, and fit: their sums are below 2⁵³.
    if isExact { exponent = min(0, exponent) }
    exponent = max(exponent, -1000)
    self.exponent = exponent
    elements = Buffer(count: items * items, repeating: 0)
    let scale = Double(sign: .plus, exponent: -exponent, significand: 1)
    // A sum of two doubles is rounded once; taking a unit in its last place off makes up for that.
    func units(_ sum: Double, isRounded: Bool) -> Int64 {
      let low = isRounded ? sum.nextDown : sum
      // What is too small for a double is still below zero.
      return low < 0 && low * scale == 0 ? -1 : Int64((low * scale).rounded(.down))
    }
    for i in 0..<items {
      elements.view[i * items + i] = units(2 * problem.costs[i, i], isRounded: false)
      for j in 0..<i {
        let isRounded = !isExact && problem.costs[i, j] != problem.costs[j, i]
        let sum = units(problem.pairCost(i, j), isRounded: isRounded)
        elements.view[i * items + j] = sum
        elements.view[j * items + i] = sum
      }
    }
  }

  /// Half of a number of units, rounded down.
  func value(_ units: Int128) -> Double {
    var significand = Double(units)
    if Int128(significand) > units { significand = significand.nextDown }
    return Double(sign: .plus, exponent: exponent - 1, significand: significand)
  }

  /// The most units whose half is not above `value`.
  func units(notAbove value: Double) -> Int128 {
    let scaled = Double(sign: .plus, exponent: 1 - exponent, significand: value)
    return Int128(max(-0x1p120, min(0x1p120, scaled.rounded(.down))))
  }
}

/// The costs of the undecided items at a node: which `size` of the `free` items join the
/// chosen ones.
struct FreeCosts {
  /// The free items, ascending.
  let free: [Int]
  /// The chosen items.
  let chosen: [Int]
  /// The number of free items to choose.
  let size: Int
  /// The cost of the chosen items among each other, in units.
  let constant: Int128
  /// Costs of free items in units, free.count × free.count; the diagonal has what they cost with
  /// the chosen ones.
  let elements: Buffer<Int64>

  /// O(L²).
  init(_ costs: QuantizedCosts, free: [Int], chosen: [Int]) {
    self.free = free
    self.chosen = chosen
    size = costs.size - chosen.count
    let (m, n, d) = (free.count, costs.items, costs.elements.view)
    var constant: Int128 = 0
    for i in chosen {
      for j in chosen { constant += Int128(d[i * n + j]) }
    }
    self.constant = constant
    elements = Buffer(count: m * m, repeating: 0)
    for (r, i) in free.enumerated() {
      for (c, j) in free.enumerated() { elements.view[r * m + c] = d[i * n + j] }
      var own = d[i * n + i]
      for j in chosen { own += 2 * d[i * n + j] }
      elements.view[r * m + r] = own
    }
  }

  private init(_ other: FreeCosts, constant: Int128, elements: Buffer<Int64>) {
    (free, chosen, size) = (other.free, other.chosen, other.size)
    self.constant = constant
    self.elements = elements
  }

  /// These costs with those of a dual point in their place; nil when sums could overflow.
  func replaced(by dual: SubsetDual) -> FreeCosts? {
    let m = free.count
    let result = Buffer(count: m * m, repeating: Int64(0))
    let limit = (Int64(1) << 60) / Int64(max(1, m))
    func scaled(_ value: Int64) -> Int64? {
      let (product, overflow) = value.multipliedReportingOverflow(by: Int64(1) << dual.shift)
      return overflow || abs(product) > limit ? nil : product
    }
    for r in 0..<m {
      let row = r * (r + 1) / 2
      for c in 0..<r {
        guard let change = scaled(dual.quadratic[row + c]) else { return nil }
        let sum = elements.view[r * m + c] + change
        result.view[r * m + c] = sum
        result.view[c * m + r] = sum
      }
      guard let own = scaled(dual.quadratic[row + r]), let linear = scaled(2 * dual.linear[r])
      else { return nil }
      result.view[r * m + r] = elements.view[r * m + r] + own + linear
    }
    let taken =
      (Int128(dual.eigenvalue) * Int128(size) + Int128(dual.constant)) << Int128(dual.shift)
    return FreeCosts(self, constant: constant - taken, elements: result)
  }

  /// The same after more decisions: `kept` of the free items, ascending, stay free, the items
  /// `added` join the chosen ones, and the rest is left out.
  ///
  /// - Complexity: O(m²).
  func restricted(keeping kept: [Int], adding added: [Int]) -> FreeCosts {
    var place: [Int: Int] = [:]
    for (index, item) in free.enumerated() { place[item] = index }
    let (m, rest) = (free.count, kept.map { place[$0]! })
    let new = added.map { place[$0]! }
    var constant = constant
    for i in new {
      for j in new { constant += Int128(elements.view[i * m + j]) }
    }
    let result = Buffer(count: rest.count * rest.count, repeating: Int64(0))
    for (r, i) in rest.enumerated() {
      for (c, j) in rest.enumerated() {
        result.view[r * rest.count + c] = elements.view[i * m + j]
      }
      for j in new { result.view[r * rest.count + r] += 2 * elements.view[i * m + j] }
    }
    return FreeCosts(
      free: kept, chosen: chosen + added, size: size - added.count, constant: constant,
      elements: result)
  }

  private init(
    free: [Int], chosen: [Int], size: Int, constant: Int128, elements: Buffer<Int64>
  ) {
    self.free = free
    self.chosen = chosen
    self.size = size
    self.constant = constant
    self.elements = elements
  }

  /// True when nothing is left to decide: none of the free items is to be chosen, or all.
  var isDecided: Bool { size == 0 || size == free.count }

  /// The one subset that is left when nothing is to be decided.
  var decided: [Int] { size == 0 ? chosen : chosen + free }

  /// The bound of the rows, in units; see `SubsetProof`.
  ///
  /// - Complexity: O(m²).
  func rowBound(_ scratch: BufferView<Int64>) -> RowBound {
    let m = free.count
    guard size > 0 else { return RowBound(value: constant, rows: [], size: 0) }
    var rows = [Int64](repeating: 0, count: m)
    for r in 0..<m {
      let row = elements.view.window(r * m, m)
      let others = scratch.window(0, m - 1)
      for c in 0..<r { others[c] = row[c] }
      for c in r + 1..<max(m, r + 1) { others[c - 1] = row[c] }
      rows[r] = row[r] + sumOfSmallest(others, size - 1)
    }
    let sorted = rows.sorted()
    var sum = constant
    for k in 0..<size { sum += Int128(sorted[k]) }
    return RowBound(value: sum, rows: rows, size: size)
  }
}

/// The bound that the rows of a node's costs prove.
struct RowBound {
  /// No subset below the node costs less, in units.
  let value: Int128
  /// The least that each free item costs.
  private let rows: [Int64]
  /// The largest of the rows that were counted, and the smallest of those that were not.
  private let lastCounted: Int64
  private let firstOther: Int64?

  fileprivate init(value: Int128, rows: [Int64], size: Int) {
    self.value = value
    self.rows = rows
    let sorted = rows.sorted()
    lastCounted = size > 0 ? sorted[size - 1] : 0
    firstOther = size < sorted.count ? sorted[size] : nil
  }

  /// The bound when the item at `place` among the free ones is chosen.
  func with(_ place: Int) -> Int128 { value + Int128(max(0, rows[place] - lastCounted)) }

  /// The bound when it is left out; nil when there are too few others.
  func without(_ place: Int) -> Int128? {
    firstOther.map { value + Int128(max(0, $0 - rows[place])) }
  }
}
