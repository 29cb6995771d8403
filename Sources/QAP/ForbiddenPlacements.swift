import QAPPrimitives

/// An instance with forbidden placements as methods see it: an equal one without, in which each of
/// those placements costs a surcharge more than the cheapest allowed one of its facility.
///
/// The surcharge is more than an allowed assignment, found first, lies above a lower bound. So
/// every assignment with a forbidden placement costs more than the incumbent from which a method
/// starts, and none is ever reported; the least objective is the same; and a bound for one is a
/// bound for the other. It is of the size of the differences between objectives, not a large
/// constant, so it takes no digits from the data.
struct ForbiddenPlacements {
  /// The instance with surcharges.
  let instance: Instance
  /// An allowed assignment.
  let start: Assignment

  /// Sizes up to which the first assignment is improved by swaps, the bound is one of sorted
  /// entries, and tensors are examined.
  private static let (improved, sorted, examined) = (300, 2000, 48)

  /// Nil when every assignment contains a forbidden placement.
  ///
  /// - Parameter start: the caller's assignment, which is taken when it is allowed.
  /// - Throws: `MethodError.unsupported` for a tensor that is too large to be examined.
  /// - Complexity: O(n³), and O(n⁴) for tensors.
  init?(_ original: Instance, start given: Assignment?) throws(MethodError) {
    guard let allowed = Self.allowed(original) else { return nil }
    // The surcharge does not depend on the caller's assignment.
    let found = Self.improve(allowed, original)
    let objective = original.objective(of: found)
    let isBetter = given.map {
      original.allows($0) && original.objective(of: $0) < objective
    }
    start = isBetter == true ? given ?? found : found
    guard let bound = Self.lowerBound(original) else {
      throw .unsupported(
        method: "forbidden placements", reason: "the cost tensor is too large to be examined",
        alternative: "flow and distance matrices")
    }
    let gap = max(0, objective - bound)
    let surcharge: Double
    if let step = original.lattice?.step {
      surcharge = (gap / step).rounded(.up) * step + step
    } else {
      let rounding = 16 * (original.objectiveError.isFinite ? original.objectiveError : 0)
      surcharge = max(1.01 * gap + rounding, 1e-6 * max(abs(objective), abs(bound)), 1e-200)
    }
    var linear =
      original.linear ?? Matrix(rows: original.size, columns: original.size, repeating: 0)
    // No assignment counts what they cost themselves.
    for pair in original.forbidden {
      linear[pair.facility, pair.location] =
        Self.leastLinear(original, pair.facility) + surcharge
    }
    do {
      var result = try original.replacing(linear: linear)
      result.forbid(original.forbidden)
      result.hasSurcharge = true
      result.sites = original.sites
      // The scale of the tolerance is that of the data.
      result.properties.mean = original.properties.mean
      result.properties.tensorSummary = original.properties.tensorSummary
      if !original.properties.isIntegral {
        result.properties.isIntegral = false
        result.properties.lattice = nil
      }
      instance = result
    } catch {
      throw .unsupported(
        method: "forbidden placements", reason: "the costs are too large",
        alternative: "smaller units")
    }
  }

  /// An allowed assignment by augmenting paths; nil when there is none.
  private static func allowed(_ instance: Instance) -> Assignment? {
    let n = instance.size
    var facilityOf = [Int](repeating: -1, count: n)
    var isSeen = [Bool](repeating: false, count: n)
    func augment(_ i: Int) -> Bool {
      for j in 0..<n where !isSeen[j] && instance.allows(i, j) {
        isSeen[j] = true
        if facilityOf[j] < 0 || augment(facilityOf[j]) {
          facilityOf[j] = i
          return true
        }
      }
      return false
    }
    for i in 0..<n {
      for j in 0..<n { isSeen[j] = false }
      guard augment(i) else { return nil }
    }
    var locations = [Int](repeating: 0, count: n)
    for j in 0..<n { locations[facilityOf[j]] = j }
    return Assignment(locations: locations)
  }

  /// Swaps facilities as long as that is allowed and pays.
  private static func improve(_ start: Assignment, _ instance: Instance) -> Assignment {
    let n = instance.size
    guard n <= improved else { return start }
    var result = start
    for _ in 0..<20 {
      var isBetter = false
      for i in 0..<n {
        for k in i + 1..<max(n, i + 1)
        where instance.allows(i, result[k]) && instance.allows(k, result[i]) {
          guard instance.swapDelta(result, i, k) < 0 else { continue }
          var next = result
          next.swap(i, k)
          guard instance.objective(of: next) < instance.objective(of: result) else { continue }
          (result, isBetter) = (next, true)
        }
      }
      if !isBetter { break }
    }
    return result
  }

  /// The least linear cost of a facility at an allowed location.
  private static func leastLinear(_ instance: Instance, _ i: Int) -> Double {
    guard let linear = instance.linear else { return 0 }
    return (0..<instance.size).reduce(Double.infinity) {
      instance.allows(i, $1) ? min($0, linear[i, $1]) : $0
    }
  }

  /// A value that no objective is below, surcharges included: sorted entries of the matrices
  /// multiplied (Hardy, Littlewood and Pólya), and the least linear cost of each facility; nil for
  /// a tensor beyond `examined`.
  static func lowerBound(_ instance: Instance) -> Double? {
    let n = instance.size
    var sum = CompensatedSum()
    var magnitude = abs(instance.constant)
    func add(_ term: Double) {
      sum.add(term)
      magnitude += abs(term)
    }
    add(instance.constant)
    for i in 0..<n { add(leastLinear(instance, i)) }
    if instance.tensor == nil, n > sorted {
      return instance.constant - instance.properties.magnitude
    }
    switch instance.cost {
    case .koopmansBeckmann(let flow, let distance):
      func entries(_ matrix: Matrix<Double>, diagonal: Bool) -> [Double] {
        var result: [Double] = []
        for r in 0..<n {
          for c in 0..<n where (r == c) == diagonal { result.append(matrix[r, c]) }
        }
        return result.sorted()
      }
      for diagonal in [true, false] {
        let (a, b) = (entries(flow, diagonal: diagonal), entries(distance, diagonal: diagonal))
        for (x, y) in zip(a, b.reversed()) { add(x * y) }
      }
    case .tensor(let tensor):
      guard n <= examined else { return nil }
      let block = Buffer(count: n * n, repeating: 0.0)
      for i in 0..<n {
        var least = [Double](repeating: .infinity, count: n)
        for j in 0..<n {
          block.view.withMutableSpan { tensor.fill(i, j, into: &$0) }
          for k in 0..<n {
            for l in 0..<n where (k == i) == (l == j) {
              least[k] = min(least[k], block.view[k * n + l])
            }
          }
        }
        for value in least { add(value) }
      }
    }
    return sum.value - 0x1p-48 * magnitude
  }
}

extension Instance {
  /// The instance as methods see it: this one, or, with forbidden placements, an equal one without,
  /// and its first assignment.
  ///
  /// - Throws: `MethodError.parameter` when no assignment is allowed, and `MethodError.unsupported`
  ///   for a tensor too large to be examined.
  package func withoutForbidden() throws(MethodError) -> (instance: Instance, start: Assignment?) {
    if forbidden.isEmpty || hasSurcharge { return (self, nil) }
    guard let form = try ForbiddenPlacements(self, start: nil) else {
      throw .parameter(
        name: "forbid", found: "an infeasible instance",
        expected: "one of which some assignment avoids all forbidden placements")
    }
    return (form.instance, form.start)
  }

  /// More than any objective of an allowed assignment, surcharges apart; infinite where the costs
  /// are not examined.
  package var valueAboveAll: Double {
    guard let least = ForbiddenPlacements.lowerBound(self),
      let most = ForbiddenPlacements.lowerBound(negated).map({ 0 - $0 })
    else { return .infinity }
    // By more than the tolerance within which objectives count as equal.
    return most + 0.01 * (most - least) + 1e-9 * abs(most) + (lattice?.step ?? 0)
  }
}
