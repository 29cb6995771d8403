import QAP
import QAPPrimitives

/// A quadratic assignment problem as a quadratic program in binary variables, for other solvers:
/// x[i,j] = 1 puts facility i at location j. Every facility has one location, and every location
/// one facility, or at most one where there are more locations.
public struct QuadraticProgram: Sendable {
  /// The name of the instance.
  public let name: String
  /// The sense of the objective.
  public let sense: Sense
  /// Pairs that are fixed, each by a row x[i,j] = 1.
  public let pairs: [FixedPair]
  /// Placements that are forbidden, each by a row x[i,j] = 0.
  public let forbidden: [FixedPair]
  let cost: PairCost

  /// The number of facilities, m; x[i,j] has number i·n + j.
  public var facilities: Int { cost.facilities }
  /// The number of locations, n.
  public var locations: Int { cost.size }
  /// The number of variables, m·n.
  public var variables: Int { facilities * locations }

  /// The program of `instance`, whose objective is kept as it is, in either sense.
  public init(_ instance: Instance, sense: Sense = .min, pairs: [FixedPair] = []) {
    name = instance.name
    self.sense = sense
    self.pairs = pairs
    forbidden = instance.forbidden
    cost = PairCost(instance, padded: false)
  }

  /// Calls `body` with the numbers of two variables, the smaller first, and the coefficient of
  /// their product, for all that are not zero: in the order of the first, then of the second.
  ///
  /// - Complexity: O(m²n²).
  func forEachProduct(_ body: (Int, Int, Double) -> Void) {
    let (m, n) = (facilities, locations)
    for i in 0..<m {
      for j in 0..<n {
        for k in i + 1..<max(i + 1, m) {
          for l in 0..<n where l != j {
            let value: Double
            switch cost.kind {
            case .product(let flow, let distance): value = flow[i, k] * distance[j, l]
            case .twoProducts(let flow, let distance):
              value = flow[i, k] * distance[j, l] + flow[k, i] * distance[l, j]
            case .tensor(let tensor): value = tensor.cost(i, j, k, l) + tensor.cost(k, l, i, j)
            }
            if value != 0 { body(i * n + j, k * n + l, value) }
          }
        }
      }
    }
  }

  /// The number of products that are not zero: O(m²n²).
  public var products: Int {
    var count = 0
    forEachProduct { _, _, _ in count += 1 }
    return count
  }

  /// Bytes that a file takes at most while it is made: texts of up to 60 characters a product, and
  /// growing by doubling.
  public var bytes: Double {
    let (m, n) = (Double(facilities), Double(locations))
    return 60 * m * (m - 1) / 2 * n * (n - 1)
  }

  /// The coefficients of single variables, by their numbers.
  var linear: [Double] { cost.linear.elements.array }

  /// CPLEX LP with a quadratic objective, `[ … ] / 2`, as CPLEX, Gurobi, SCIP and Xpress read it. A
  /// constant is the cost of a variable fixed at 1.
  public func lp() -> [UInt8] {
    var writer = TextWriter()
    let n = locations
    func x(_ number: Int) -> String { "x_\(number / n)_\(number % n)" }
    func term(_ value: Double) -> String {
      "\(value < 0 ? " - " : " + ")\(TextWriter.text(of: abs(value))) "
    }
    let title = name.map { $0.isNewline ? " " : $0 }
    writer.append("\\ \(String(title))\n\(sense == .min ? "Minimize" : "Maximize")\n objective:")
    for (number, value) in linear.enumerated() where value != 0 {
      writer.append("\(term(value))\(x(number))\n")
    }
    if cost.constant != 0 { writer.append("\(term(cost.constant))constant\n") }
    if linear.allSatisfy({ $0 == 0 }), cost.constant == 0 { writer.append(" 0 x_0_0\n") }
    var isOpen = false
    forEachProduct { first, second, value in
      if !isOpen { writer.append(" + [\n") }
      isOpen = true
      writer.append("\(term(2 * value))\(x(first)) * \(x(second))\n")
    }
    if isOpen { writer.append(" ] / 2\n") }
    writer.append("Subject To\n")
    for i in 0..<facilities {
      writer.append(" facility_\(i):")
      for j in 0..<n { writer.append("\(j == 0 ? " " : "\n + ")x_\(i)_\(j)") }
      writer.append(" = 1\n")
    }
    for j in 0..<n {
      writer.append(" location_\(j):")
      for i in 0..<facilities { writer.append("\(i == 0 ? " " : "\n + ")x_\(i)_\(j)") }
      writer.append(facilities == n ? " = 1\n" : " <= 1\n")
    }
    for pair in pairs {
      writer.append(" fixed_\(pair.facility): x_\(pair.facility)_\(pair.location) = 1\n")
    }
    for pair in forbidden {
      writer.append(" forbidden_\(pair.facility)_\(pair.location): ")
      writer.append("x_\(pair.facility)_\(pair.location) = 0\n")
    }
    if cost.constant != 0 { writer.append("Bounds\n constant = 1\n") }
    writer.append("Binaries\n")
    for number in 0..<variables { writer.append(" \(x(number))\n") }
    writer.append("End\n")
    return writer.bytes
  }
}
