import QAPPrimitives

/// Data that cannot be an instance.
public enum InstanceError: Error, Equatable, CustomStringConvertible {
  /// There are no facilities.
  case empty
  /// A matrix has the wrong shape.
  case shape(what: String, found: String, expected: String)
  /// An entry is NaN or infinite.
  case notFinite(what: String, row: Int, column: Int)
  /// Some objective would exceed `Instance.maxObjective`.
  case overflow

  public var description: String {
    switch self {
    case .empty: "found 0 facilities, expected at least 1"
    case .shape(let what, let found, let expected): "\(what): found \(found), expected \(expected)"
    case .notFinite(let what, let row, let column):
      "\(what)[\(row), \(column)]: found NaN or infinity, expected a finite number"
    case .overflow: "found objectives beyond 1e150, expected data that can be summed and squared"
    }
  }
}

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

/// The properties of an instance's numbers; computed once.
public struct InstanceProperties: Sendable {
  /// Every flow, distance and linear cost is an integer (the constant apart), and every partial
  /// sum of every objective stays below 2⁵³, so that arithmetic in doubles is exact.
  public internal(set) var isIntegral: Bool
  /// The entries are integers but some objective might exceed 2⁵³: the instance is then treated as
  /// real data, with stated rounding errors, and callers should say so.
  public let exceedsExactRange: Bool
  /// The flow matrix equals its transpose (false for tensors).
  public let flowIsSymmetric: Bool
  /// The distance matrix equals its transpose (false for tensors).
  public let distanceIsSymmetric: Bool
  /// No |f(p) − constant|, nor any partial sum of it, exceeds this (infinite for tensors, whose
  /// entries are not examined).
  public let magnitude: Double
  /// The values that objectives can take; nil for real data.
  public internal(set) var lattice: ObjectiveLattice?
  /// The mean objective over all assignments, without the constant; NaN for tensors.
  let mean: Double
  /// The largest magnitudes of flows and distances; 0 for tensors.
  let largest: (flow: Double, distance: Double)
  /// The summary of a tensor's entries, computed on first use; nil for matrices.
  let tensorSummary: TensorSummary?

  init(cost: QuadraticCost, linear: Matrix<Double>?, constant: Double) {
    // Beyond 2⁵³ a double says nothing of the integer that was meant.
    func areIntegers(_ matrix: Matrix<Double>) -> Bool {
      matrix.elements.allSatisfy { $0 == $0.rounded() && abs($0) < 0x1p53 }
    }
    let linearIsInteger = linear.map(areIntegers) ?? true
    switch cost {
    case .koopmansBeckmann(let flow, let distance):
      flowIsSymmetric = flow.isSymmetric
      distanceIsSymmetric = distance.isSymmetric
      let (a, b) = (MatrixSummary(flow), MatrixSummary(distance))
      largest = (a.largest, b.largest)
      magnitude = Self.magnitude(a.magnitude * b.largest, linear)
      mean = MeanObjective.matrices(a, b, linear, size: flow.rows)
      tensorSummary = nil
      let integers = linearIsInteger && areIntegers(flow) && areIntegers(distance)
      isIntegral = integers && magnitude < 0x1p53
      exceedsExactRange = integers && !isIntegral
      if isIntegral {
        let step = Self.step(
          flow, distance, linear, flowIsSymmetric: flowIsSymmetric,
          distanceIsSymmetric: distanceIsSymmetric)
        lattice = ObjectiveLattice(offset: constant, step: step)
      } else {
        lattice = nil
      }
    case .tensor(let tensor):
      flowIsSymmetric = false
      distanceIsSymmetric = false
      magnitude = .infinity
      mean = .nan
      largest = (0, 0)
      tensorSummary = TensorSummary(tensor, linear: linear)
      isIntegral = tensor.isIntegral && linearIsInteger
      exceedsExactRange = false
      lattice = isIntegral ? ObjectiveLattice(offset: constant, step: 1) : nil
    }
  }

  private static func magnitude(_ quadratic: Double, _ linear: Matrix<Double>?) -> Double {
    var bound = quadratic
    if let linear {
      for r in 0..<linear.rows { bound += linear.row(r).reduce(0) { max($0, abs($1)) } }
    }
    // Two parts in a billion cover the rounding of these sums themselves.
    return bound * (1 + 2e-9)
  }

  private static func step(
    _ flow: Matrix<Double>, _ distance: Matrix<Double>, _ linear: Matrix<Double>?,
    flowIsSymmetric: Bool, distanceIsSymmetric: Bool
  ) -> Double {
    func divisor(_ values: (inout CommonDivisor) -> Void) -> Int64 {
      var divisor = CommonDivisor()
      values(&divisor)
      return divisor.value
    }
    func offDiagonal(_ matrix: Matrix<Double>, folded: Bool) -> Int64 {
      divisor { divisor in
        for r in 0..<matrix.rows {
          for c in 0..<matrix.rows where c != r {
            divisor.include(folded ? matrix[r, c] + matrix[c, r] : matrix[r, c])
          }
        }
      }
    }
    func diagonal(_ matrix: Matrix<Double>) -> Int64 {
      divisor { divisor in
        for r in 0..<matrix.rows { divisor.include(matrix[r, r]) }
      }
    }
    // A pair {i,k} costs A_ik B_jl + A_ki B_lj. When one matrix is symmetric the other is folded:
    // (A_ik + A_ki) B_jl. When both are, folding doubles every entry.
    let quadratic =
      offDiagonal(flow, folded: distanceIsSymmetric)
      * offDiagonal(distance, folded: flowIsSymmetric && !distanceIsSymmetric)
    var step = CommonDivisor()
    step.include(Double(quadratic))
    step.include(Double(diagonal(flow) * diagonal(distance)))
    for value in linear?.elements ?? [] { step.include(value) }
    return Double(max(1, step.value))
  }
}
