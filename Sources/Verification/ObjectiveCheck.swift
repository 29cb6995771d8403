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

  /// True when the claim agrees: exactly for integral instances; for real ones within twice the
  /// error of either side's summation.
  public var holds: Bool { abs(claimed - recomputed) <= error }
}

/// Recomputes the objective of `assignment` and compares it with `claimed`.
///
/// Shares nothing with `Instance.objective(of:)` and no solver: integers are summed as 128-bit
/// integers, so they can neither round nor overflow; reals as unevaluated pairs of doubles with
/// error-free products and sums (Dekker 1971; Knuth 1969), whose own error is below 2⁻¹⁰⁰ of the
/// sum of magnitudes. The rest is the rounding that the claim may carry: 2⁻⁵⁰ of that sum.
/// O(n²).
public func checkObjective(
  of assignment: Assignment, in instance: Instance, claimed: Double
) -> ObjectiveCheck {
  precondition(assignment.size == instance.size, "the assignment has another size")
  if instance.properties.isIntegral, let exact = integerObjective(of: assignment, in: instance) {
    if instance.constant == instance.constant.rounded(), abs(instance.constant) < 0x1p62 {
      return ObjectiveCheck(
        recomputed: Double(exact + Int128(instance.constant)), error: 0, claimed: claimed)
    }
    let total = Double(exact) + instance.constant
    return ObjectiveCheck(recomputed: total, error: 0x1p-52 * abs(total), claimed: claimed)
  }
  return realObjective(of: assignment, in: instance, claimed: claimed)
}

/// The objective without its constant; nil when an entry is not an integer after all.
private func integerObjective(of assignment: Assignment, in instance: Instance) -> Int128? {
  var total: Int128 = 0
  let n = instance.size
  for i in 0..<n {
    for k in 0..<n {
      switch instance.cost {
      case .koopmansBeckmann(let flow, let distance):
        guard let a = Int128(exactly: flow[i, k]),
          let b = Int128(exactly: distance[assignment[i], assignment[k]])
        else { return nil }
        total += a * b
      case .tensor(let tensor):
        guard let c = Int128(exactly: tensor.cost(i, assignment[i], k, assignment[k])) else {
          return nil
        }
        total += c
      }
    }
    if let linear = instance.linear {
      guard let c = Int128(exactly: linear[i, assignment[i]]) else { return nil }
      total += c
    }
  }
  return total
}

private func realObjective(
  of assignment: Assignment, in instance: Instance, claimed: Double
) -> ObjectiveCheck {
  var sum = DoubleDouble()
  var magnitude = 0.0
  let n = instance.size
  for i in 0..<n {
    for k in 0..<n {
      switch instance.cost {
      case .koopmansBeckmann(let flow, let distance):
        let (a, b) = (flow[i, k], distance[assignment[i], assignment[k]])
        sum.addProduct(a, b)
        magnitude += abs(a * b)
      case .tensor(let tensor):
        let c = tensor.cost(i, assignment[i], k, assignment[k])
        sum.add(c)
        magnitude += abs(c)
      }
    }
    if let linear = instance.linear {
      let c = linear[i, assignment[i]]
      sum.add(c)
      magnitude += abs(c)
    }
  }
  sum.add(instance.constant)
  magnitude += abs(instance.constant)
  return ObjectiveCheck(recomputed: sum.high, error: 0x1p-50 * magnitude, claimed: claimed)
}

/// A sum held as two doubles, about 106 bits.
struct DoubleDouble {
  private(set) var high = 0.0
  private var low = 0.0

  mutating func add(_ term: Double) {
    let sum = high + term
    let part = sum - high
    let error = (high - (sum - part)) + (term - part)
    renormalize(sum, low + error)
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
