import QAP
import QAPPrimitives

/// The costs that a claim is about, read from the instance as it stands: facilities and locations
/// that no pair fixes, renumbered in their order from 0.
struct ClaimCosts {
  let instance: Instance
  /// The original numbers of the free facilities and locations.
  let facilities: [Int]
  let locations: [Int]
  let pairs: [FixedPair]
  /// The placements, in the instance's numbers, that the claim excludes.
  let forbidden: Set<FixedPair>
  /// The costs that a proof adds to those of the free placements.
  var addition: (any AddedCosts)?

  /// True when no assignment of the claim has facility `i` at location `j`.
  func isForbidden(_ i: Int, _ j: Int) -> Bool {
    !forbidden.isEmpty
      && forbidden.contains(FixedPair(facility: facilities[i], location: locations[j]))
  }

  /// The number of free facilities.
  var size: Int { facilities.count }

  /// `C[i,j,k,l] + C[k,l,i,j]`.
  func pair(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> LowSum {
    var sum = LowSum()
    addPair(facilities[i], locations[j], facilities[k], locations[l], to: &sum)
    if let addition { sum.add(addition.pair(i, j, k, l)) }
    return sum
  }

  /// The linear cost of a placement, its diagonal cost, and its pairs with all fixed placements.
  func single(_ i: Int, _ j: Int, withDiagonal: Bool = true) -> LowSum {
    var sum = LowSum()
    addSingle(facilities[i], locations[j], withDiagonal: withDiagonal, to: &sum)
    for one in pairs {
      addPair(facilities[i], locations[j], one.facility, one.location, to: &sum)
    }
    if let addition { sum.add(addition.single(i, j)) }
    return sum
  }

  /// True when facility `i` costs nothing, wherever it and the others are: it only fills a
  /// location.
  func isFree(_ i: Int) -> Bool {
    let facility = facilities[i]
    guard case .koopmansBeckmann(let flow, _) = instance.cost else { return false }
    return (0..<instance.size).allSatisfy {
      flow[facility, $0] == 0 && flow[$0, facility] == 0
        && (instance.linear?[facility, $0] ?? 0) == 0
    }
  }

  /// The costs of the fixed placements, without the constant.
  var fixed: LowSum {
    var sum = LowSum()
    for (index, one) in pairs.enumerated() {
      addSingle(one.facility, one.location, to: &sum)
      for other in pairs[..<index] {
        addPair(one.facility, one.location, other.facility, other.location, to: &sum)
      }
    }
    return sum
  }

  private func addPair(_ i: Int, _ j: Int, _ k: Int, _ l: Int, to sum: inout LowSum) {
    switch instance.cost {
    case .koopmansBeckmann(let flow, let distance):
      sum.addProduct(flow[i, k], distance[j, l])
      sum.addProduct(flow[k, i], distance[l, j])
    case .tensor(let tensor):
      sum.add(tensor.cost(i, j, k, l))
      sum.add(tensor.cost(k, l, i, j))
    }
  }

  private func addSingle(
    _ i: Int, _ j: Int, withDiagonal: Bool = true, to sum: inout LowSum
  ) {
    if let linear = instance.linear { sum.add(linear[i, j]) }
    guard withDiagonal else { return }
    switch instance.cost {
    case .koopmansBeckmann(let flow, let distance): sum.addProduct(flow[i, i], distance[j, j])
    case .tensor(let tensor): sum.add(tensor.cost(i, j, i, j))
    }
  }

  /// The greatest common divisor of all single costs and pair costs of an integral instance, 0
  /// where all of them are zero: objectives differ from the costs that are fixed by multiples of
  /// it. Nil when some cost is no integer after all.
  func divisor() -> Int128? {
    var divisor: Int128 = 0
    /// False when there is no integer to include.
    func include(_ value: Int128?) -> Bool {
      guard let value else { return false }
      var b = abs(value)
      while b != 0 { (divisor, b) = (b, divisor % b) }
      return true
    }
    for i in 0..<size {
      for j in 0..<size where !include(single(i, j).integer) { return nil }
    }
    if let product = productOfDivisors() {
      return include(product) ? divisor : nil
    }
    for i in 0..<size {
      for k in 0..<i {
        for j in 0..<size {
          for l in 0..<size where l != j {
            guard include(pair(i, j, k, l).integer) else { return nil }
            // Nothing divides 1, and a cost that is no integer is found by the proof itself.
            if divisor == 1 { return 1 }
          }
        }
      }
    }
    return divisor
  }

  /// The values that objectives of an integral instance can take; nil when some cost is no integer.
  var values: ObjectiveValues? {
    guard let fixed = fixed.integer, let divisor = divisor() else { return nil }
    return ObjectiveValues(fixed: fixed, divisor: divisor, constant: instance.constant)
  }

  /// The greatest common divisor of all pair costs where one matrix is symmetric: a pair then costs
  /// a product of two numbers, and divisors multiply. Nil otherwise.
  private func productOfDivisors() -> Int128?? {
    guard case .koopmansBeckmann(let flow, let distance) = instance.cost else { return nil }
    func entries(_ matrix: Matrix<Double>, _ kept: [Int], folded: Bool) -> Int128? {
      var divisor: Int128 = 0
      for (index, r) in kept.enumerated() {
        for (other, c) in kept.enumerated() where other != index {
          guard let first = Int128(exactly: matrix[r, c]),
            let second = Int128(exactly: matrix[c, r]), first.magnitude < 1 << 60,
            second.magnitude < 1 << 60
          else { return nil }
          var b = abs(folded ? first + second : first)
          while b != 0 { (divisor, b) = (b, divisor % b) }
        }
      }
      return divisor
    }
    func isSymmetric(_ matrix: Matrix<Double>, _ kept: [Int]) -> Bool {
      kept.allSatisfy { r in kept.allSatisfy { matrix[r, $0] == matrix[$0, r] } }
    }
    let flowIsSymmetric = isSymmetric(flow, facilities)
    guard flowIsSymmetric || isSymmetric(distance, locations) else { return nil }
    guard let a = entries(flow, facilities, folded: !flowIsSymmetric),
      let b = entries(distance, locations, folded: flowIsSymmetric)
    else { return .some(nil) }
    return .some(a * b)
  }
}

/// The values that objectives of an integral instance can take: those that differ from the constant
/// and the costs that are fixed by multiples of one number.
struct ObjectiveValues {
  let fixed: Int128
  let divisor: Int128
  let constant: Double

  /// The least of them that is not below `proven`, or their only value; nil where the numbers are
  /// too large to tell.
  func next(from proven: Double) -> Double? {
    // Without a constant all of this is exact; with one, a unit in the last place is given away.
    let relative = constant == 0 ? proven : (proven - constant).nextDown
    guard abs(relative) < 0x1p100, fixed.magnitude < 1 << 100, divisor.magnitude < 1 << 100,
      let least = Int128(exactly: relative.rounded(.up))
    else { return nil }
    var value = fixed
    if divisor > 0 {
      let (steps, rest) = (least - fixed).quotientAndRemainder(dividingBy: divisor)
      // Division is toward zero. What is added is less than a divisor more than the distance.
      value += (rest > 0 ? steps + 1 : steps) * divisor
    }
    guard value.magnitude < 1 << 53 else { return nil }
    return constant + Double(value)
  }
}

/// Costs that a proof adds, as exact doubles, to those of the free facilities and locations.
protocol AddedCosts {
  /// Added to the cost of a pair of placements.
  func pair(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double
  /// Added to the cost of a placement.
  func single(_ i: Int, _ j: Int) -> Double
}

/// A sum of numbers and products in two forms: as an exact integer while all terms are integers,
/// and as a pair of doubles with a bound on its error.
struct LowSum {
  /// The exact sum; nil once a term was no integer, or too large.
  private(set) var integer: Int128? = 0
  private var high = 0.0
  private var low = 0.0
  private var magnitude = 0.0
  private var terms = 0.0
  private var underflows = 0.0
  /// The sum of what the two halves could not hold, by magnitude.
  private var lost = 0.0

  mutating func add(_ term: Double) {
    addInteger(Int128(exactly: term), 1)
    addReal(term, magnitude: abs(term))
  }

  mutating func addProduct(_ a: Double, _ b: Double) {
    addInteger(Int128(exactly: a), Int128(exactly: b))
    let product = a * b
    var magnitude = abs(product)
    if a != 0, b != 0, magnitude < 0x1p-960 {
      // A product that underflows has a magnitude, too.
      magnitude = max(magnitude, .leastNonzeroMagnitude)
      underflows += 1
    }
    addReal(product, magnitude: magnitude)
    // The fused operation gives the rounding error of the product exactly.
    addReal((-product).addingProduct(a, b), magnitude: 0)
  }

  private mutating func addInteger(_ x: Int128?, _ y: Int128?) {
    guard let sum = integer, let x, let y, x.magnitude < 1 << 60, y.magnitude < 1 << 60 else {
      integer = nil
      return
    }
    let (total, overflows) = sum.addingReportingOverflow(x * y)
    integer = overflows ? nil : total
  }

  /// The two halves of a sum hold 106 bits. What an addition cannot keep is known exactly: large
  /// terms that cancel leave no error behind.
  private mutating func addReal(_ term: Double, magnitude size: Double) {
    let (sum, error) = twoSum(high, term)
    let (rest, dropped) = twoSum(low, error)
    (high, low) = twoSum(sum, rest)
    lost += abs(dropped)
    magnitude += size
    terms += 1
  }

  /// True when both are sums of equal terms in the same order.
  func isSame(as other: LowSum) -> Bool {
    high == other.high && low == other.low && magnitude == other.magnitude && terms == other.terms
      && underflows == other.underflows
  }

  /// A double not above the exact sum, and no more than an ulp or so below it. A product that
  /// underflows, or whose rounding error does, loses half of the least double; where sums are that
  /// small they are exact.
  var lower: Double {
    if magnitude == 0 { return 0 }
    // The factor covers the additions to the sum of errors itself.
    let error = 1.0001 * lost + underflows * .leastNonzeroMagnitude
    return sumRoundedDown(high, sumRoundedDown(low, -error))
  }
}
