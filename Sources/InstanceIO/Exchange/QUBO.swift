import QAP
import QAPPrimitives

/// A quadratic assignment problem as a quadratic unconstrained binary optimization problem:
/// minimize xᵀQx over x in {0,1}, where broken assignment constraints cost a penalty.
///
/// The minimum plus `constant` is the least objective of all assignments. The penalty exceeds all
/// that breaking a constraint can gain: the objective of a known assignment minus the sum of all
/// negative coefficients.
public struct QUBO: Sendable {
  /// The name of the instance.
  public let name: String
  /// Q, upper triangular.
  public let matrix: Matrix<Double>
  /// The number to add to xᵀQx.
  public let constant: Double
  /// The cost of a broken constraint.
  public let penalty: Double
  /// Facility and location of each variable.
  public let variables: [FixedPair]
  /// The pairs that have no variables, as they are fixed.
  public let pairs: [FixedPair]
  /// The placements that have no variables, as they are forbidden.
  public let forbidden: [FixedPair]
  /// The sense of the objective; of `.max` the negative is minimized.
  public let sense: Sense

  /// The problem of minimizing `instance` with `pairs` fixed.
  ///
  /// - Parameters:
  ///   - sense: `.max` when `instance` is the negative of an instance to be maximized.
  ///   - incumbent: an assignment of the instance that is left, the better the smaller the penalty.
  /// - Throws: `MethodError` when there is too little memory or the pairs contradict each other.
  /// - Complexity: O((mn)²) time and memory.
  public init(
    minimizing instance: Instance, pairs: [FixedPair] = [], sense: Sense = .min,
    incumbent: Assignment? = nil
  ) throws {
    let reduced = pairs.isEmpty ? nil : try ReducedInstance(instance, fixing: pairs)
    let rest = reduced?.instance ?? instance
    let program = QuadraticProgram(rest)
    let (m, n) = (program.facilities, program.locations)
    let allowed = (0..<m * n).filter { rest.allows($0 / n, $0 % n) }
    let count = Double(m * n)
    try AvailableMemory.require(
      8 * count * count, for: "a QUBO", size: instance.size, alternative: "--quadratic")
    name = instance.name
    self.sense = sense
    self.pairs = reduced?.pairs ?? []
    forbidden = instance.forbidden
    variables = allowed.map {
      FixedPair(
        facility: reduced?.facilities[$0 / n] ?? $0 / n,
        location: reduced?.locations[$0 % n] ?? $0 % n)
    }
    var q = Matrix<Double>(rows: m * n, columns: m * n, repeating: 0)
    var negative = 0.0
    for (number, value) in program.linear.enumerated() {
      q[number, number] = value
      negative += min(0, value)
    }
    program.forEachProduct { first, second, value in
      q[first, second] = value
      negative += min(0, value)
    }
    let start = try incumbent ?? rest.withoutForbidden().start
    let known = start ?? Assignment(Permutation(identity: n))
    let gain = rest.objective(of: known) - rest.constant - negative
    // Rounded up: an integer stays one, and rounding errors are far below the margin.
    let margin = max(gain * 1.01, gain + 1e-3)
    penalty = rest.properties.isIntegral ? gain.rounded(.up) + 1 : margin
    // (Σ_j x_ij − 1)² = 1 − Σ_j x_ij + 2 Σ_{j<l} x_ij x_il for a facility; products for a location,
    // which may stay empty: with all facilities placed none of as many does.
    for number in 0..<m * n { q[number, number] -= penalty }
    for i in 0..<m {
      for j in 0..<n {
        for l in j + 1..<max(j + 1, n) { q[i * n + j, i * n + l] += 2 * penalty }
        for k in i + 1..<max(i + 1, m) { q[i * n + j, k * n + j] += penalty }
      }
    }
    matrix =
      allowed.count == m * n
      ? q : Matrix(rows: allowed.count, columns: allowed.count) { q[allowed[$0], allowed[$1]] }
    constant = rest.constant + Double(m) * penalty
  }

  /// The problem in the coordinate format of qbsolv (`.qubo`): comments, a line
  /// "p qubo 0 variables diagonal products", then "i i value" and "i j value", from 0.
  public func format() -> [UInt8] {
    let count = variables.count
    var products = 0
    for i in 0..<count {
      for k in i + 1..<max(i + 1, count) where matrix[i, k] != 0 { products += 1 }
    }
    var writer = TextWriter()
    let title = String(name.map { $0.isNewline ? " " : $0 })
    let value = sense == .min ? "value + constant" : "-(value + constant)"
    writer.append("c QUBO of \(title), to be minimized; the objective is \(value)\n")
    writer.append("c constant \(TextWriter.text(of: constant))\n")
    writer.append("c penalty \(TextWriter.text(of: penalty))\n")
    for pair in pairs {
      writer.append("c fixed: facility \(pair.facility) at location \(pair.location)\n")
    }
    for pair in forbidden {
      writer.append("c forbidden: facility \(pair.facility) at location \(pair.location)\n")
    }
    for (number, pair) in variables.enumerated() {
      writer.append("c variable \(number) is x_\(pair.facility)_\(pair.location)\n")
    }
    writer.append("p qubo 0 \(count) \(count) \(products)\n")
    for i in 0..<count {
      writer.append("\(i) \(i) \(TextWriter.text(of: matrix[i, i]))\n")
    }
    for i in 0..<count {
      for k in i + 1..<max(i + 1, count) where matrix[i, k] != 0 {
        writer.append("\(i) \(k) \(TextWriter.text(of: matrix[i, k]))\n")
      }
    }
    return writer.bytes
  }
}
