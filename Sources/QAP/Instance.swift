import QAPPrimitives

/// A quadratic assignment problem: place `size` facilities at `size` locations, one each, so that
///
///     f(p) = Σ_{i,k} flow[i,k] · distance[p(i),p(k)] + Σ_i linear[i,p(i)] + constant
///
/// (or the tensor form of `QuadraticCost.tensor`) is least. Immutable, cheap to copy and safe to
/// share between threads. Facilities and locations are numbered from 0.
public struct Instance: Sendable {
  /// Objectives stay below this, so that methods can square what they sum.
  public static let maxObjective = 1e150

  /// A name for reports, usually the file's.
  public let name: String
  /// The quadratic part.
  public let cost: QuadraticCost
  /// The linear part: `linear[i, j]` is paid when facility `i` is at location `j`; nil for none.
  public let linear: Matrix<Double>?
  /// Added to every objective.
  public let constant: Double
  /// The properties of the numbers: integrality, symmetry, magnitude.
  public internal(set) var properties: InstanceProperties

  /// The number of locations, and of facilities with those that pad an instance with fewer.
  public var size: Int { cost.size }
  /// The number of facilities that were given, at most `size`: the others, numbered from here on,
  /// cost nothing anywhere and stand for the locations that stay empty.
  public let facilities: Int

  /// Checks shapes and numbers and examines the data once: O(n²) for matrices. Throws
  /// `InstanceError` for an empty instance, a shape that does not fit, a number that is not finite,
  /// or objectives beyond all doubles.
  public init(
    name: String = "instance", cost: QuadraticCost, linear: Matrix<Double>? = nil,
    constant: Double = 0
  ) throws(InstanceError) {
    try self.init(
      name: name, cost: cost, linear: linear, constant: constant, facilities: cost.size)
  }

  init(
    name: String, cost: QuadraticCost, linear: Matrix<Double>?, constant: Double = 0,
    facilities: Int
  ) throws(InstanceError) {
    let n = cost.size
    guard n > 0 else { throw .empty }
    if case .koopmansBeckmann(let flow, let distance) = cost {
      try Instance.check(flow, "flow", n)
      try Instance.check(distance, "distance", n)
    }
    if let linear { try Instance.check(linear, "linear", n) }
    guard constant.isFinite else { throw .notFinite(what: "constant", row: 0, column: 0) }
    self.name = name
    self.cost = cost
    self.linear = linear
    self.constant = constant
    self.facilities = facilities
    properties = InstanceProperties(cost: cost, linear: linear, constant: constant)
    let magnitude =
      switch cost {
      case .koopmansBeckmann: properties.magnitude
      case .tensor(let tensor):
        // Those of callers are not examined.
        Double(n) * Double(n) * ((tensor as? DenseCostTensor)?.largestEntry ?? 0)
          + Double(n) * (linear?.elements.reduce(0) { max($0, abs($1)) } ?? 0)
      }
    guard 4 * magnitude + abs(constant) < Instance.maxObjective else { throw .overflow }
  }

  /// An instance from its two matrices.
  ///
  /// There may be fewer facilities than locations: with an m × m flow, an n × n distance, m < n,
  /// and an m × n linear part, each facility gets a different location and n − m locations stay
  /// empty. `facilities` is m then, `size` n, and the first m images of an assignment are the
  /// answer. Throws `InstanceError` as the other initializer does.
  public init(
    name: String = "instance", flow: Matrix<Double>, distance: Matrix<Double>,
    linear: Matrix<Double>? = nil, constant: Double = 0
  ) throws(InstanceError) {
    let (m, n) = (flow.rows, distance.rows)
    guard m < n, m > 0, flow.isSquare, distance.isSquare else {
      try self.init(
        name: name, cost: .koopmansBeckmann(flow: flow, distance: distance), linear: linear,
        constant: constant)
      return
    }
    if let linear, linear.rows != m || linear.columns != n {
      throw .shape(
        what: "linear", found: "\(linear.rows) × \(linear.columns)", expected: "\(m) × \(n)")
    }
    let padded = Matrix<Double>(rows: n, columns: n) { $0 < m && $1 < m ? flow[$0, $1] : 0 }
    try self.init(
      name: name, cost: .koopmansBeckmann(flow: padded, distance: distance),
      linear: linear.map { given in
        Matrix<Double>(rows: n, columns: n) { $0 < m ? given[$0, $1] : 0 }
      },
      constant: constant, facilities: m)
  }

  /// The flow and the linear part as they were given, without padding; nil for tensors.
  public var given: (flow: Matrix<Double>, distance: Matrix<Double>, linear: Matrix<Double>?)? {
    guard case .koopmansBeckmann(let flow, let distance) = cost else { return nil }
    let m = facilities
    if m == size { return (flow, distance, linear) }
    return (
      Matrix(rows: m, columns: m) { flow[$0, $1] }, distance,
      linear.map { padded in Matrix<Double>(rows: m, columns: size) { padded[$0, $1] } }
    )
  }

  private static func check(
    _ matrix: Matrix<Double>, _ what: String, _ n: Int
  ) throws(InstanceError) {
    guard matrix.rows == n, matrix.columns == n else {
      throw .shape(
        what: what, found: "\(matrix.rows) × \(matrix.columns)", expected: "\(n) × \(n)")
    }
    if !MatrixSummary.isFinite(matrix),
      let fault = matrix.elements.firstIndex(where: { !$0.isFinite })
    {
      throw .notFinite(what: what, row: fault / n, column: fault % n)
    }
  }

  /// The instance whose objective is the negative of this one's: to maximize is to minimize that,
  /// and a lower bound on it is an upper bound, negated, on this one.
  public var negated: Instance {
    func negative(_ matrix: Matrix<Double>) -> Matrix<Double> { matrix.map { 0 - $0 } }
    do {
      if case .tensor(let tensor) = cost {
        return try Instance(
          name: name, cost: .tensor(NegatedTensor(original: tensor)), linear: linear.map(negative),
          constant: 0 - constant)
      }
      guard let given else { preconditionFailure("neither matrices nor a tensor") }
      return try Instance(
        name: name, flow: negative(given.flow), distance: given.distance,
        linear: given.linear.map(negative), constant: 0 - constant)
    } catch {
      preconditionFailure("the negative of an instance is one: \(error)")
    }
  }

  /// The values an integral instance can take; nil for real data.
  public var lattice: ObjectiveLattice? { properties.lattice }
}
