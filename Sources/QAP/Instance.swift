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
  private enum Source {
    case stated(QuadraticCost)
    case sparse(SparseCost)
  }
  private let source: Source
  /// The linear part: `linear[i, j]` is paid when facility `i` is at location `j`; nil for none.
  public let linear: Matrix<Double>?
  /// Added to every objective.
  public let constant: Double
  /// The placements that no assignment may contain, each once, ordered by facility and location.
  public internal(set) var forbidden: [FixedPair] = []
  /// Whether facility `i` may not be at location `j`, at i · size + j; empty when all may.
  private(set) var mask: [Bool] = []
  /// The site of each location, where several locations stand for one site of some capacity (see
  /// `init(name:flow:distance:linear:constant:capacities:)`) or for none, -1 (see
  /// `init(name:flow:distance:linear:constant:outliers:)`); empty when each is its own.
  public internal(set) var sites: [Int] = []
  /// True of the instance that methods see in place of one with forbidden placements: see
  /// `ForbiddenPlacements`.
  var hasSurcharge = false
  /// The properties of the numbers: integrality, symmetry, magnitude.
  public internal(set) var properties: InstanceProperties

  /// The number of locations, and of facilities with those that pad an instance with fewer.
  public let size: Int
  /// The number of facilities that were given, at most `size`: the others, numbered from here on,
  /// cost nothing anywhere and stand for the locations that stay empty.
  public let facilities: Int

  /// Checks shapes and numbers and examines the data once. An infinite linear cost forbids a
  /// placement, and reads as 0 then (see `forbidden`).
  ///
  /// - Throws: `InputError` for an empty instance, a shape that does not fit, a number that is
  ///   not finite, or objectives beyond all doubles.
  /// - Complexity: O(n²) for matrices.
  public init(
    name: String = "instance", cost: QuadraticCost, linear: Matrix<Double>? = nil,
    constant: Double = 0
  ) throws(InputError) {
    try self.init(
      name: name, cost: cost, linear: linear, constant: constant, facilities: cost.size)
  }

  init(
    name: String, cost: QuadraticCost, linear: Matrix<Double>?, constant: Double = 0,
    facilities: Int
  ) throws(InputError) {
    try self.init(
      name: name, source: .stated(cost), size: cost.size, linear: linear, constant: constant,
      facilities: facilities)
  }

  private init(
    name: String, source: Source, size n: Int, linear: Matrix<Double>?, constant: Double,
    facilities: Int
  ) throws(InputError) {
    guard n > 0 else { throw .empty }
    let matrices = Instance.matrices(of: source)
    if let matrices {
      try Instance.check(matrices.flow, "flow", n)
      try Instance.check(matrices.distance, "distance", n)
    }
    // Padding facilities may stand anywhere.
    var linear = linear
    let infinite = Instance.infinite(in: linear, facilities: facilities)
    for pair in infinite { linear?[pair.facility, pair.location] = 0 }
    if let linear { try Instance.check(linear, "linear", n) }
    guard constant.isFinite else { throw .notFinite(what: "constant", row: 0, column: 0) }
    self.name = name
    self.source = source
    self.linear = linear
    self.constant = constant
    self.facilities = facilities
    size = n
    var magnitude = 0.0
    if let matrices {
      properties = InstanceProperties(
        flow: matrices.flow, distance: matrices.distance, linear: linear, constant: constant)
      magnitude = properties.magnitude
    } else {
      let tensor = Instance.tensor(of: source)
      properties = InstanceProperties(tensor: tensor, linear: linear, constant: constant)
      // Those of callers are not examined.
      magnitude =
        Double(n) * Double(n)
        * ((tensor as? DenseCostTensor)?.largestEntry ?? (tensor as? LayeredTensor)?.largestEntry
          ?? 0)
        + Double(n) * (linear?.elements.reduce(0) { max($0, abs($1)) } ?? 0)
    }
    guard 4 * magnitude + abs(constant) < Instance.maxObjective else {
      throw .overflow(Instance.maxObjective)
    }
    if !infinite.isEmpty { forbid(infinite) }
  }

  /// The quadratic part. Sparse matrices get their zeros on the first call: `matrices` has them as
  /// they were given.
  ///
  /// - Complexity: O(1), and O(n²) for the first call with sparse matrices.
  public var cost: QuadraticCost {
    switch source {
    case .stated(let cost): cost
    case .sparse(let cost): cost.dense
    }
  }

  /// The flows and distances as they were given, dense or sparse; nil for tensors.
  public var matrices: (flow: CostMatrix, distance: CostMatrix)? { Instance.matrices(of: source) }

  /// The flows, where they were given as sparse, with facilities that pad the instance.
  public var sparseFlow: SparseMatrix? { matrices?.flow.sparse }

  /// The distances, where they were given as sparse.
  public var sparseDistance: SparseMatrix? { matrices?.distance.sparse }

  /// The cost tensor; nil for matrices.
  public var tensor: (any CostTensor)? { Instance.tensor(of: source) }

  private static func matrices(of source: Source) -> (flow: CostMatrix, distance: CostMatrix)? {
    switch source {
    case .stated(.koopmansBeckmann(let flow, let distance)): (.dense(flow), .dense(distance))
    case .stated(.tensor): nil
    case .sparse(let cost): (cost.flow, cost.distance)
    }
  }

  private static func tensor(of source: Source) -> (any CostTensor)? {
    if case .stated(.tensor(let tensor)) = source { tensor } else { nil }
  }

  private static func infinite(in linear: Matrix<Double>?, facilities: Int) -> [FixedPair] {
    guard let linear, linear.elements.contains(.infinity) else { return [] }
    return (0..<min(linear.rows, facilities)).flatMap { i in
      (0..<linear.columns).filter { linear[i, $0] == .infinity }.map {
        FixedPair(facility: i, location: $0)
      }
    }
  }

  /// The instance whose assignments contain none of `pairs`, in addition to those that are
  /// forbidden already.
  ///
  /// - Throws: `InputError.placement` for a facility or a location that there is not.
  public func forbidding(_ pairs: [FixedPair]) throws(InputError) -> Instance {
    for pair in pairs
    where !(0..<facilities).contains(pair.facility) || !(0..<size).contains(pair.location) {
      throw .placement(pair, facilities: facilities, locations: size)
    }
    var result = self
    if !pairs.isEmpty { result.forbid(pairs) }
    return result
  }

  mutating func forbid(_ pairs: [FixedPair]) {
    if mask.isEmpty { mask = Array(repeating: false, count: size * size) }
    for pair in pairs { mask[pair.facility * size + pair.location] = true }
    forbidden = mask.indices.filter { mask[$0] }.map {
      FixedPair(facility: $0 / size, location: $0 % size)
    }
  }

  /// True when facility `i` may be at location `j`.
  public func allows(_ i: Int, _ j: Int) -> Bool { mask.isEmpty || !mask[i * size + j] }

  /// True when the assignment contains no forbidden placement.
  public func allows(_ assignment: Assignment) -> Bool {
    mask.isEmpty || (0..<size).allSatisfy { allows($0, assignment[$0]) }
  }

  /// An instance from its two matrices.
  ///
  /// There may be fewer facilities than locations: with an m × m flow, an n × n distance, m < n,
  /// and an m × n linear part, each facility gets a different location and n − m locations stay
  /// empty. `facilities` is m then, `size` n, and the first m images of an assignment are the
  /// answer.
  ///
  /// - Throws: `InputError` as the other initializer does.
  public init(
    name: String = "instance", flow: Matrix<Double>, distance: Matrix<Double>,
    linear: Matrix<Double>? = nil, constant: Double = 0
  ) throws(InputError) {
    try self.init(
      name: name, flow: .dense(flow), distance: .dense(distance), linear: linear,
      constant: constant)
  }

  /// An instance from two matrices that may be sparse, with as many facilities as locations or
  /// fewer. Sparse matrices stay as they are until a method asks for `cost`: objectives, checks and
  /// files take O(entries + n) memory.
  ///
  /// - Throws: `InputError` as the other initializers do.
  /// - Complexity: O(entries + n), n² being the entries of dense matrices.
  public init(
    name: String = "instance", flow: CostMatrix, distance: CostMatrix,
    linear: Matrix<Double>? = nil, constant: Double = 0
  ) throws(InputError) {
    let (m, n) = (flow.rows, distance.rows)
    guard m < n, m > 0, flow.columns == m, distance.columns == n else {
      try self.init(
        name: name, source: Instance.source(flow, distance), size: m, linear: linear,
        constant: constant, facilities: m)
      return
    }
    if let linear, linear.rows != m || linear.columns != n {
      throw .shape(
        what: "linear", found: "\(linear.rows) × \(linear.columns)", expected: "\(m) × \(n)")
    }
    try self.init(
      name: name, source: Instance.source(flow.padded(to: n), distance), size: n,
      linear: linear.map { given in
        Matrix<Double>(rows: n, columns: n) { $0 < m ? given[$0, $1] : 0 }
      },
      constant: constant, facilities: m)
  }

  /// The same quadratic part with another linear one.
  func replacing(linear: Matrix<Double>) throws(InputError) -> Instance {
    try Instance(
      name: name, source: source, size: size, linear: linear, constant: constant,
      facilities: facilities)
  }

  private static func source(_ flow: CostMatrix, _ distance: CostMatrix) -> Source {
    if case .dense(let a) = flow, case .dense(let b) = distance {
      return .stated(.koopmansBeckmann(flow: a, distance: b))
    }
    return .sparse(SparseCost(flow: flow, distance: distance))
  }

  /// An instance whose locations take several facilities each: site j takes `capacities[j]` of
  /// them, and facilities at one site are at distance `distance[j, j]` from each other.
  ///
  /// With an m × m flow and s sites, distance is s × s and linear m × s. A site becomes as many
  /// locations as it takes facilities, so every method, bound and certificate applies; `sites`
  /// leads back.
  ///
  /// - Throws: `InputError` for capacities that are negative, not one a site, or below m
  ///   together, and as the other initializers do.
  public init(
    name: String = "instance", flow: Matrix<Double>, distance: Matrix<Double>,
    linear: Matrix<Double>? = nil, constant: Double = 0, capacities: [Int]
  ) throws(InputError) {
    let m = flow.rows
    guard capacities.count == distance.rows, distance.isSquare else {
      throw .shape(
        what: "capacities", found: "\(capacities.count) numbers",
        expected: "\(distance.rows), one for each site")
    }
    // More than m facilities never share a site.
    let counts = capacities.map { min(max(0, $0), m) }
    guard capacities.allSatisfy({ $0 >= 0 }), counts.reduce(0, +) >= m else {
      throw .shape(
        what: "capacities", found: "\(capacities.reduce(0, +)) together",
        expected: "numbers of at least 0 with a sum of at least \(m), the number of facilities")
    }
    if let linear, linear.rows != m || linear.columns != distance.rows {
      throw .shape(
        what: "linear", found: "\(linear.rows) × \(linear.columns)",
        expected: "\(m) × \(distance.rows)")
    }
    let sites = counts.indices.flatMap { Array(repeating: $0, count: counts[$0]) }
    try self.init(
      name: name, flow: flow,
      distance: Matrix(rows: sites.count, columns: sites.count) { distance[sites[$0], sites[$1]] },
      linear: linear.map { given in
        Matrix(rows: m, columns: sites.count) { given[$0, sites[$1]] }
      }, constant: constant)
    self.sites = sites
  }

  /// The flow and the linear part as they were given, without padding, infinite where placements
  /// are forbidden; nil for tensors.
  public var given: (flow: Matrix<Double>, distance: Matrix<Double>, linear: Matrix<Double>?)? {
    givenMatrices.map { ($0.flow.dense, $0.distance.dense, $0.linear) }
  }

  /// The flow and the linear part like `given`, dense or sparse as they were given.
  public var givenMatrices: (flow: CostMatrix, distance: CostMatrix, linear: Matrix<Double>?)? {
    guard let (flow, distance) = matrices else { return nil }
    let m = facilities
    if m == size { return (flow, distance, linearWithInfinities) }
    return (
      flow.selecting(Array(0..<m)), distance,
      linearWithInfinities.map { padded in
        Matrix<Double>(rows: m, columns: size) { padded[$0, $1] }
      }
    )
  }

  /// The linear part with infinite costs of forbidden placements; nil when there is neither.
  public var linearWithInfinities: Matrix<Double>? {
    if forbidden.isEmpty { return linear }
    var result = linear ?? Matrix(rows: size, columns: size, repeating: 0)
    for pair in forbidden { result[pair.facility, pair.location] = .infinity }
    return result
  }

  private static func check(
    _ matrix: CostMatrix, _ what: String, _ n: Int
  ) throws(InputError) {
    switch matrix {
    case .dense(let matrix): try check(matrix, what, n)
    case .sparse(let matrix):
      guard matrix.rows == n, matrix.columns == n else {
        throw .shape(
          what: what, found: "\(matrix.rows) × \(matrix.columns)", expected: "\(n) × \(n)")
      }
      if let fault = matrix.values.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(
          what: what, row: matrix.rowIndices[fault], column: matrix.columnIndices[fault])
      }
    }
  }

  static func check(
    _ matrix: Matrix<Double>, _ what: String, _ n: Int
  ) throws(InputError) {
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
    // What is forbidden stays forbidden.
    func negative(_ matrix: Matrix<Double>) -> Matrix<Double> {
      matrix.map { $0 == .infinity ? $0 : 0 - $0 }
    }
    let linear = linearWithInfinities
    do {
      if let tensor {
        let negated: any CostTensor =
          (tensor as? LayeredTensor)?.negated ?? NegatedTensor(original: tensor)
        var result = try Instance(
          name: name, cost: .tensor(negated), linear: linear.map(negative),
          constant: 0 - constant, facilities: facilities)
        result.sites = sites
        return result
      }
      guard let matrices else { preconditionFailure("neither matrices nor a tensor") }
      var result = try Instance(
        name: name, source: Instance.source(matrices.flow.negated, matrices.distance), size: size,
        linear: linear.map(negative), constant: 0 - constant, facilities: facilities)
      result.sites = sites
      return result
    } catch {
      preconditionFailure("the negative of an instance is one: \(error)")
    }
  }

  /// The values an integral instance can take; nil for real data.
  public var lattice: ObjectiveLattice? { properties.lattice }
}
