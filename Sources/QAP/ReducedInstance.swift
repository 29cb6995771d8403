import QAPPrimitives

/// An instance with some facilities fixed at locations: the smaller instance over the others, and
/// the way back.
///
/// What fixed facilities cost among themselves becomes part of the constant, what they cost with a
/// free one part of its linear costs, so every method treats a partial assignment like any
/// instance. For integral data the objectives are equal. For real data the constant and the linear
/// costs are rounded down by more than their rounding error, so that a bound for the smaller
/// instance is one for the original; objectives of assignments are computed from the original
/// instance (`lift`).
public struct ReducedInstance: Sendable {
  /// The whole instance.
  public let original: Instance
  /// The pairs that are fixed, in the order of their facilities.
  public let pairs: [FixedPair]
  /// The free facilities by their original numbers: facility `f` of `instance` is
  /// `facilities[f]`.
  public let facilities: [Int]
  /// The free locations by their original numbers: location `l` of `instance` is `locations[l]`.
  public let locations: [Int]
  /// The instance over the free facilities and locations.
  public let instance: Instance

  /// Fixes `pairs`.
  ///
  /// When all facilities are fixed the last is left free, as it has one place to go only: an
  /// instance has at least one facility.
  ///
  /// - Throws: `MethodError.parameter` for numbers out of range, and for a facility or a location
  ///   that appears twice.
  /// - Complexity: O(n²·|pairs|), and as many entries of a tensor.
  public init(_ instance: Instance, fixing pairs: [FixedPair]) throws {
    let n = instance.size
    var locationOf = [Int?](repeating: nil, count: n)
    var isTaken = [Bool](repeating: false, count: n)
    func fault(_ found: String, _ expected: String) -> MethodError {
      .parameter(name: "pairs", found: found, expected: expected)
    }
    for pair in pairs {
      guard (0..<n).contains(pair.facility), (0..<n).contains(pair.location) else {
        throw fault(
          "facility \(pair.facility) at location \(pair.location)", "numbers from 0 to \(n - 1)")
      }
      if locationOf[pair.facility] == pair.location { continue }
      guard locationOf[pair.facility] == nil else {
        throw fault("facility \(pair.facility) twice", "each facility once")
      }
      guard !isTaken[pair.location] else {
        throw fault("location \(pair.location) twice", "each location once")
      }
      locationOf[pair.facility] = pair.location
      isTaken[pair.location] = true
    }
    if let last = locationOf[n - 1], !locationOf.contains(nil) {
      locationOf[n - 1] = nil
      isTaken[last] = false
    }
    let fixed = (0..<n).compactMap { facility in
      locationOf[facility].map { FixedPair(facility: facility, location: $0) }
    }
    original = instance
    self.pairs = fixed
    facilities = (0..<n).filter { locationOf[$0] == nil }
    locations = (0..<n).filter { !isTaken[$0] }
    var reduced = try ReducedInstance.reduce(instance, fixed, facilities, locations)
    if !instance.properties.isIntegral {
      // What is left of real data may be integers, but costs were rounded on the way.
      reduced.properties.isIntegral = false
      reduced.properties.lattice = nil
    }
    // A surcharge is part of the costs already.
    if !instance.forbidden.isEmpty, !instance.hasSurcharge {
      let places = Dictionary(uniqueKeysWithValues: facilities.enumerated().map { ($1, $0) })
      let columns = Dictionary(uniqueKeysWithValues: locations.enumerated().map { ($1, $0) })
      let left: [FixedPair] = instance.forbidden.compactMap { pair in
        guard let i = places[pair.facility], let j = columns[pair.location] else { return nil }
        return FixedPair(facility: i, location: j)
      }
      if !left.isEmpty { reduced.forbid(left) }
    }
    if !instance.sites.isEmpty { reduced.sites = locations.map { instance.sites[$0] } }
    self.instance = reduced
  }

  /// True when no fixed pair is forbidden.
  var isAllowed: Bool { pairs.allSatisfy { original.allows($0.facility, $0.location) } }

  private static func reduce(
    _ instance: Instance, _ fixed: [FixedPair], _ facilities: [Int], _ locations: [Int]
  ) throws -> Instance {
    let isIntegral = instance.properties.isIntegral
    let matrices = instance.matrices
    func pair(_ i: Int, _ j: Int, _ k: Int, _ l: Int, _ sum: inout LoweredSum) {
      if let (flow, distance) = matrices {
        sum.add(flow[i, k] * distance[j, l])
        sum.add(flow[k, i] * distance[l, j])
      } else if let tensor = instance.tensor {
        sum.add(tensor.cost(i, j, k, l))
        sum.add(tensor.cost(k, l, i, j))
      }
    }
    let linear = linearPart(instance, fixed, facilities, locations)
    let isWhole = instance.constant == instance.constant.rounded()
    var constant = LoweredSum(isExact: isIntegral && isWhole)
    constant.add(instance.constant)
    for (index, one) in fixed.enumerated() {
      if let (flow, distance) = matrices {
        constant.add(flow[one.facility, one.facility] * distance[one.location, one.location])
      } else if let tensor = instance.tensor {
        constant.add(tensor.cost(one.facility, one.location, one.facility, one.location))
      }
      if let linear = instance.linear { constant.add(linear[one.facility, one.location]) }
      for other in fixed[..<index] {
        pair(one.facility, one.location, other.facility, other.location, &constant)
      }
    }
    if let tensor = instance.tensor {
      let selected = RestrictedTensor(
        original: tensor, facilities: facilities, locations: locations)
      return try Instance(
        name: instance.name, cost: .tensor(selected), linear: linear, constant: constant.value)
    }
    guard let matrices else { preconditionFailure("neither matrices nor a tensor") }
    // Facilities that pad the instance pad the smaller one, unless no others are left.
    let given = facilities.filter { $0 < instance.facilities }
    let kept = given.isEmpty ? facilities : given
    return try Instance(
      name: instance.name, flow: matrices.flow.selecting(kept),
      distance: matrices.distance.selecting(locations),
      linear: Matrix(rows: kept.count, columns: locations.count) { linear[$0, $1] },
      constant: constant.value)
  }

  /// The costs of each free placement by itself and with all fixed ones, rounded down for real
  /// data.
  private static func linearPart(
    _ instance: Instance, _ fixed: [FixedPair], _ facilities: [Int], _ locations: [Int]
  ) -> Matrix<Double> {
    let count = locations.count
    // Sums of 2·|pairs| + 1 terms err by no more than so many units of 2⁻⁵³ of the magnitudes, and
    // products by one more each.
    let error = instance.properties.isIntegral ? 0 : Double(2 * fixed.count + 4) * 0x1p-52
    var elements: [Double] = []
    elements.reserveCapacity(facilities.count * count)
    var columns: [[Double]] = []
    var rows: [[Double]] = []
    let matrices = instance.matrices
    if let distance = matrices?.distance {
      columns = fixed.map { one in locations.map { distance[$0, one.location] } }
      rows = fixed.map { one in locations.map { distance[one.location, $0] } }
    }
    for i in facilities {
      var sums = locations.map { instance.linear?[i, $0] ?? 0 }
      var magnitudes = sums.map { abs($0) }
      func add(_ factor: Double, _ line: [Double]) {
        if factor == 0 { return }
        for g in 0..<count {
          let term = factor * line[g]
          sums[g] += term
          magnitudes[g] += abs(term)
        }
      }
      for (index, one) in fixed.enumerated() {
        if let flow = matrices?.flow {
          add(flow[i, one.facility], columns[index])
          add(flow[one.facility, i], rows[index])
        } else if let tensor = instance.tensor {
          add(1, locations.map { tensor.cost(i, $0, one.facility, one.location) })
          add(1, locations.map { tensor.cost(one.facility, one.location, i, $0) })
        }
      }
      for g in 0..<count { elements.append(sums[g] - error * magnitudes[g]) }
    }
    return Matrix(rows: facilities.count, columns: count, elements: elements)
  }

  /// The assignment of all facilities that `assignment` of the free ones stands for.
  public func lift(_ assignment: Assignment) -> Assignment {
    precondition(assignment.size == instance.size, "the assignment has another size")
    var images = [Int](repeating: 0, count: original.size)
    for pair in pairs { images[pair.facility] = pair.location }
    for (index, facility) in facilities.enumerated() {
      images[facility] = locations[assignment[index]]
    }
    guard let result = Assignment(locations: images) else {
      preconditionFailure("fixed and free places overlap")
    }
    return result
  }

  /// The part of `assignment` that concerns the free facilities; nil when it contradicts a pair.
  public func restrict(_ assignment: Assignment) -> Assignment? {
    guard pairs.allSatisfy({ assignment[$0.facility] == $0.location }) else { return nil }
    var place = [Int](repeating: 0, count: original.size)
    for (index, location) in locations.enumerated() { place[location] = index }
    return Assignment(locations: facilities.map { place[assignment[$0]] })
  }
}

/// A sum that is exact for integers and otherwise lowered by more than its rounding error.
private struct LoweredSum {
  let isExact: Bool
  private var sum = CompensatedSum()
  private var magnitude = 0.0

  init(isExact: Bool) { self.isExact = isExact }

  mutating func add(_ term: Double) {
    sum.add(term)
    magnitude += abs(term)
  }

  /// Products and the sum's end are rounded once each, 2⁻⁵³ of their magnitude.
  var value: Double {
    isExact && magnitude < 0x1p53 ? sum.value : sum.value - 0x1p-50 * magnitude
  }
}

/// The blocks of a tensor over some facilities and locations.
private struct RestrictedTensor: CostTensor {
  let original: any CostTensor
  let facilities: [Int]
  let locations: [Int]

  var size: Int { facilities.count }
  var isIntegral: Bool { original.isIntegral }
  var isSymmetric: Bool { original.isSymmetric }

  func fill(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    select(into: &block) { original.fill(facilities[i], locations[j], into: &$0) }
  }

  func fillTransposed(_ i: Int, _ j: Int, into block: inout MutableSpan<Double>) {
    select(into: &block) { original.fillTransposed(facilities[i], locations[j], into: &$0) }
  }

  private func select(
    into block: inout MutableSpan<Double>, _ fill: (inout MutableSpan<Double>) -> Void
  ) {
    let whole = Buffer<Double>(count: original.size * original.size, repeating: 0)
    whole.view.withMutableSpan { fill(&$0) }
    for k in 0..<size {
      for l in 0..<size {
        block[k * size + l] = whole.view[facilities[k] * original.size + locations[l]]
      }
    }
  }

  func cost(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    original.cost(facilities[i], locations[j], facilities[k], locations[l])
  }
}
