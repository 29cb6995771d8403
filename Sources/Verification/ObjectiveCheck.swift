import QAP
import QAPPrimitives

/// The objective of an assignment, recomputed the slow obvious way.
public struct ObjectiveCheck: Equatable, Sendable {
  /// The recomputed objective, as the nearest double.
  public let recomputed: Double
  /// No exact value lies farther from `recomputed` than this; 0 for integral instances.
  public let error: Double
  /// The objective that was claimed.
  public let claimed: Double
  /// The first placement that is forbidden; nil where none is.
  public let forbidden: FixedPair?

  init(recomputed: Double, error: Double, claimed: Double, forbidden: FixedPair? = nil) {
    self.recomputed = recomputed
    self.error = error
    self.claimed = claimed
    self.forbidden = forbidden
  }

  /// True when the claim agrees: exactly for integral instances; for real ones within twice the
  /// error of either side's summation.
  public var holds: Bool { forbidden == nil && abs(claimed - recomputed) <= error }
}

/// Recomputes the objective of `assignment` and compares it with `claimed`.
///
/// Shares nothing with `Instance.objective(of:)` and no solver: integers are summed as 128-bit
/// integers, so they can neither round nor overflow; reals as unevaluated pairs of doubles with
/// error-free products and sums (Dekker 1971; Knuth 1969), whose own error is below 2⁻¹⁰⁰ of the
/// sum of magnitudes. The rest is the rounding that the claim may carry: 2⁻⁵⁰ of that sum.
///
/// - Parameter threads: rows are summed side by side and added up in order: no result depends on
///   it.
/// - Returns: the verdict, with both objectives.
/// - Complexity: O(n²).
public func checkObjective(
  of assignment: Assignment, in instance: Instance, claimed: Double, threads: Int = 1
) -> ObjectiveCheck {
  precondition(assignment.size == instance.size, "the assignment has another size")
  let places = assignment.locations
  let forbidden = instance.forbidden.first { places[$0.facility] == $0.location }
  if instance.properties.isIntegral {
    let rows = Buffer<IntegerSum>(count: instance.size, repeating: IntegerSum())
    let view = rows.view
    parallelFor(count: instance.size, threads: threads) { _, i in
      var row = IntegerSum()
      visit(i, places, instance, product: { row.add($0, $1) }, single: { row.add($0, 1) })
      view[i] = row
    }
    let sums = rows.view.array
    if sums.allSatisfy(\.isExact) {
      let exact = sums.reduce(0) { $0 + $1.total }
      if instance.constant == instance.constant.rounded(), abs(instance.constant) < 0x1p62 {
        return ObjectiveCheck(
          recomputed: Double(exact + Int128(instance.constant)), error: 0, claimed: claimed,
          forbidden: forbidden)
      }
      let total = Double(exact) + instance.constant
      return ObjectiveCheck(
        recomputed: total, error: 0x1p-52 * abs(total), claimed: claimed,
        forbidden: forbidden)
    }
  }
  let rows = Buffer<RealSum>(count: instance.size, repeating: RealSum())
  let view = rows.view
  parallelFor(count: instance.size, threads: threads) { _, i in
    var row = RealSum()
    visit(i, places, instance, product: { row.addProduct($0, $1) }, single: { row.add($0) })
    view[i] = row
  }
  var sum = RealSum()
  for row in rows.view.array { sum.add(row) }
  sum.add(instance.constant)
  return ObjectiveCheck(
    recomputed: sum.sum.high, error: 0x1p-50 * sum.magnitude, claimed: claimed,
    forbidden: forbidden)
}

/// Calls `product` with the factors of what facility `i` at its place pays together with each
/// facility, itself included, or `single` with such a cost, and with its linear cost.
private func visit(
  _ i: Int, _ places: [Int], _ instance: Instance, product: (Double, Double) -> Void,
  single: (Double) -> Void
) {
  if let tensor = instance.tensor {
    for k in places.indices { single(tensor.cost(i, places[i], k, places[k])) }
  } else if let (flow, distance) = instance.matrices {
    if case .dense(let flow) = flow, case .dense(let distance) = distance {
      let (a, b) = (flow.row(i), distance.row(places[i]))
      let (first, second) = (a.startIndex, b.startIndex)
      for k in places.indices { product(a[first + k], b[second + places[k]]) }
    } else {
      flow.forEach(inRow: i) { k, cost in product(cost, distance[places[i], places[k]]) }
    }
  }
  if let linear = instance.linear { single(linear[i, places[i]]) }
}

/// A sum of products of integers held as doubles.
private struct IntegerSum {
  var total: Int128 = 0
  /// Every number so far was an integer.
  var isExact = true

  mutating func add(_ a: Double, _ b: Double) {
    guard let a = Int64(exactly: a), let b = Int64(exactly: b) else {
      isExact = false
      return
    }
    let (high, low) = a.multipliedFullWidth(by: b)
    total += Int128(high) << 64 | Int128(low)
  }
}

/// A sum of real numbers and of their magnitudes.
private struct RealSum {
  var sum = DoubleDouble()
  var magnitude = 0.0

  mutating func addProduct(_ a: Double, _ b: Double) {
    sum.addProduct(a, b)
    magnitude += abs(a * b)
  }

  mutating func add(_ term: Double) {
    sum.add(term)
    magnitude += abs(term)
  }

  mutating func add(_ other: RealSum) {
    sum.add(other.sum)
    magnitude += other.magnitude
  }
}

/// A sum held as two doubles, about 106 bits.
struct DoubleDouble {
  private(set) var high = 0.0
  private var low = 0.0

  mutating func add(_ term: Double) {
    let (sum, error) = twoSum(high, term)
    renormalize(sum, low + error)
  }

  mutating func add(_ other: DoubleDouble) {
    add(other.high)
    renormalize(high, low + other.low)
  }

  mutating func addProduct(_ a: Double, _ b: Double) {
    let product = a * b
    add(product)
    // The fused operation gives the rounding error of the product exactly.
    renormalize(high, low + (-product).addingProduct(a, b))
  }

  private mutating func renormalize(_ a: Double, _ b: Double) {
    high = a + b
    low = b - (high - a)
  }
}
