import QAPPrimitives

/// A price at which facilities and locations may stay without each other.
public struct Outliers: Equatable, Sendable {
  /// The price of each facility without a location and of each location without a facility.
  public let cost: Double
  /// The largest number on the smaller side, facilities or locations, without a partner; nil for
  /// any.
  public let maxCount: Int?

  /// A price, for at most `maxCount` of the smaller side.
  public init(cost: Double, maxCount: Int? = nil) {
    self.cost = cost
    self.maxCount = maxCount
  }
}

extension Instance {
  /// An instance in which facilities and locations may stay without each other at a price, whatever
  /// their numbers.
  ///
  /// With an m × m flow and an n × n distance, linear is m × n, and only placed facilities pay for
  /// their flows. With r facilities unplaced the price is paid r + (n − m + r) times, so an
  /// unplaced facility costs twice the price beside a constant. It stands at one of the additional
  /// locations from n on, whose site is -1 (see `sites`); every method, bound and certificate
  /// applies.
  ///
  /// - Throws: `InputError` for a price that is not finite or a negative number, and as the other
  ///   initializers do.
  public init(
    name: String = "instance", flow: Matrix<Double>, distance: Matrix<Double>,
    linear: Matrix<Double>? = nil, constant: Double = 0, outliers: Outliers
  ) throws(InputError) {
    let (m, n) = (flow.rows, distance.rows)
    guard flow.isSquare, distance.isSquare, m > 0, n > 0 else {
      throw .shape(
        what: "flow and distance",
        found: "\(m) × \(flow.columns) and \(n) × \(distance.columns)", expected: "square matrices")
    }
    if let linear, linear.rows != m || linear.columns != n {
      throw .shape(
        what: "linear", found: "\(linear.rows) × \(linear.columns)", expected: "\(m) × \(n)")
    }
    let size = try outliers.size(facilities: m, locations: n)
    try self.init(
      name: name, flow: flow,
      distance: Matrix(rows: size, columns: size) { $0 < n && $1 < n ? distance[$0, $1] : 0 },
      linear: Matrix(rows: m, columns: size) {
        $1 < n ? linear?[$0, $1] ?? 0 : 2 * outliers.cost
      },
      constant: constant + outliers.cost * Double(n - m))
    sites = outliers.sites(locations: n, size: size)
  }

  /// This instance with a price at which facilities and locations may stay without each other; see
  /// `init(name:flow:distance:linear:constant:outliers:)`.
  ///
  /// - Throws: `InputError` for a price that is not finite or a negative number, and for an
  ///   instance whose locations take several facilities.
  public func allowing(_ outliers: Outliers) throws(InputError) -> Instance {
    guard sites.isEmpty else {
      throw .shape(
        what: "outliers", found: "locations that take several facilities",
        expected: "locations that take one")
    }
    if let given {
      return try Instance(
        name: name, flow: given.flow, distance: given.distance, linear: given.linear,
        constant: constant, outliers: outliers)
    }
    guard case .tensor(let tensor) = cost else { preconditionFailure("no matrices and no tensor") }
    let n = size
    let size = try outliers.size(facilities: n, locations: n)
    let padded: any CostTensor =
      (tensor as? LayeredTensor)?.padded(to: size) ?? PaddedTensor(original: tensor, size: size)
    let linear = linearWithInfinities
    var result = try Instance(
      name: name, cost: .tensor(padded),
      linear: Matrix(rows: size, columns: size) {
        $0 < n ? ($1 < n ? linear?[$0, $1] ?? 0 : 2 * outliers.cost) : 0
      }, constant: constant, facilities: n)
    result.sites = outliers.sites(locations: n, size: size)
    return result
  }
}

extension Outliers {
  /// The number of locations with those that stand for none.
  fileprivate func size(facilities m: Int, locations n: Int) throws(InputError) -> Int {
    guard cost.isFinite, maxCount ?? 0 >= 0 else {
      throw .shape(
        what: "outliers", found: "the cost \(cost) for at most \(maxCount ?? 0)",
        expected: "a number, for at least 0")
    }
    let smaller = min(m, n)
    return max(m, n) + min(maxCount ?? smaller, smaller)
  }

  fileprivate func sites(locations n: Int, size: Int) -> [Int] {
    (0..<size).map { $0 < n ? $0 : -1 }
  }
}

/// A tensor with further facilities and locations that cost nothing.
private struct PaddedTensor: CostTensor {
  let original: any CostTensor
  let size: Int

  var isIntegral: Bool { original.isIntegral }
  var isSymmetric: Bool { original.isSymmetric }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    max(i, j, k, l) < original.size ? original.cost(i, j, k, l) : 0
  }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    for index in 0..<size * size { block[index] = 0 }
    let n = original.size
    guard i < n, j < n else { return }
    let whole = Buffer<Double>(count: n * n, repeating: 0)
    whole.view.withMutableSpan { original.fill(i, j, into: &$0) }
    for k in 0..<n { for l in 0..<n { block[k * size + l] = whole.view[k * n + l] } }
  }
}
