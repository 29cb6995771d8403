import QAPPrimitives

/// A real instance of matrices in units and from an origin that suit arithmetic, and the way back.
///
/// Flows and distances of extreme units are multiplied by powers of two, which changes no digit.
/// Where linear costs hide the rest, what the rows and columns of the linear part have in common
/// becomes part of a constant, as far as the differences are exact. Assignments are the same in
/// both forms.
struct NormalForm {
  /// The instance that a method sees.
  let instance: Instance
  private let original: Instance
  /// Objectives of the original are those of `instance` times 2 to this power, plus `shift`.
  private let exponent: Int
  /// The constant of the original and what linear costs have in common, and how far it may be off.
  private let shift: Double
  private let error: Double

  /// Units between 2^−64 and 2^64 are left as they are.
  private static let maxExponent = 64
  /// Linear costs hide the rest when what they have in common is this much larger.
  private static let hidingFactor = 8.0

  /// Nil when the instance is as good as any other form of it.
  ///
  /// - Complexity: O(n²).
  init?(_ original: Instance) {
    guard original.tensor == nil, !original.properties.isIntegral else { return nil }
    let largest = original.properties.largest
    let (byFlow, byDistance) = (
      NormalForm.exponent(largest.flow), NormalForm.exponent(largest.distance)
    )
    var (common, linear) = ([original.constant], original.linear)
    if let given = linear, let split = NormalForm.split(given) {
      let rest = original.properties.magnitude - NormalForm.largestSum(given)
      let hidden = split.common.reduce(0) { $0 + abs($1) }
      if hidden > NormalForm.hidingFactor * (rest + NormalForm.largestSum(split.rest)) {
        common += split.common
        linear = split.rest
      }
    }
    guard byFlow != 0 || byDistance != 0 || common.count > 1 else { return nil }
    exponent = byFlow + byDistance
    self.original = original
    var sum = CompensatedSum()
    for term in common { sum.add(term) }
    shift = sum.value
    // Of a compensated sum: less than what an objective of the original may be off.
    error =
      0x1p-52 * abs(shift) + 0x1p-100 * Double(common.count) * common.reduce(0) { $0 + abs($1) }
    guard case .koopmansBeckmann(let flow, let distance) = original.cost,
      let a = NormalForm.scaled(flow, by: -byFlow),
      let b = NormalForm.scaled(distance, by: -byDistance)
    else { return nil }
    var scaledLinear: Matrix<Double>?
    if let linear {
      guard let scaled = NormalForm.scaled(linear, by: -exponent) else { return nil }
      scaledLinear = scaled
    }
    guard
      var instance = try? Instance(
        name: original.name, cost: .koopmansBeckmann(flow: a, distance: b), linear: scaledLinear,
        facilities: original.facilities)
    else { return nil }
    instance.sites = original.sites
    self.instance = instance
  }

  /// The power of two near the largest entry; 0 where it is near enough, or there is none.
  private static func exponent(_ largest: Double) -> Int {
    guard largest > 0 else { return 0 }
    let exponent = Int(largest.exponent)
    return abs(exponent) > maxExponent ? exponent : 0
  }

  /// The matrix times 2^`exponent`; nil when an entry would lose digits.
  private static func scaled(_ matrix: Matrix<Double>, by exponent: Int) -> Matrix<Double>? {
    if exponent == 0 { return matrix }
    let result = matrix.map { Double(sign: .plus, exponent: exponent, significand: $0) }
    let isExact = zip(matrix.elements, result.elements).allSatisfy {
      $1.isFinite && Double(sign: .plus, exponent: -exponent, significand: $1) == $0
    }
    return isExact ? result : nil
  }

  /// An upper bound on what linear costs add to any objective.
  private static func largestSum(_ linear: Matrix<Double>) -> Double {
    (0..<linear.rows).reduce(0) { $0 + linear.row($1).reduce(0) { max($0, abs($1)) } }
  }

  /// The least costs of rows, then of columns, and the remainder; nil when nothing is
  /// exact.
  private static func split(_ linear: Matrix<Double>) -> (common: [Double], rest: Matrix<Double>)? {
    var (common, rest) = ([Double](), linear)
    for isRow in [true, false] {
      for line in 0..<(isRow ? linear.rows : linear.columns) {
        let places = (0..<(isRow ? linear.columns : linear.rows)).map {
          isRow ? (line, $0) : ($0, line)
        }
        let least = places.reduce(Double.infinity) { min($0, rest[$1.0, $1.1]) }
        // x − least is exact when nothing is missing on the way back, from either side.
        let isExact = places.allSatisfy { r, c in
          let (x, d) = (rest[r, c], rest[r, c] - least)
          return d + least == x && x - d == least
        }
        guard least != 0, isExact else { continue }
        common.append(least)
        for (r, c) in places { rest[r, c] -= least }
      }
    }
    return common.isEmpty ? nil : (common, rest)
  }

  /// A value of the normal form in the original's terms, and back.
  private func value(_ value: Double) -> Double {
    Double(sign: .plus, exponent: exponent, significand: value) + shift
  }

  private func normalized(_ value: Double) -> Double {
    Double(sign: .plus, exponent: -exponent, significand: value - shift)
  }

  /// A bound in the original's terms, lowered by every rounding on the way.
  private func bound(_ bound: Double) -> Double {
    let scaled = Double(sign: .plus, exponent: exponent, significand: bound)
    let isExact =
      Double(sign: .plus, exponent: -exponent, significand: scaled) == bound && shift == 0
    return isExact ? scaled : (scaled.nextDown + shift - error).nextDown.nextDown
  }

  private func lifted(_ status: SearchStatus) -> SearchStatus {
    var result = status
    result.objective = status.objective.map(value)
    result.bound = status.bound.map(bound)
    result.rule = status.rule.mapped(value, error: original.objectiveError)
    return result
  }

  /// The options of a run on the original as a run on `instance` sees them.
  func options(_ options: SolveOptions) -> SolveOptions {
    var result = options
    result.limits.target = options.limits.target.map(normalized)
    // Relative gaps depend on where objectives begin.
    let (gap, stop) = (options.limits.gap, options.stop)
    result.limits.gap = nil
    if gap != nil || stop != nil {
      result.stop = { status in
        let seen = lifted(status)
        if let gap, let left = seen.gap, left <= gap { return .gap }
        return stop?(seen)
      }
    }
    if let observer = options.observer { result.observer = { observer($0.map(lifted)) } }
    return result
  }

  /// A report on `instance` in the units of the original.
  func lifted(_ report: SolveReport, tolerance: Double) -> SolveReport {
    let incumbent = report.incumbent.map {
      Incumbent(assignment: $0.assignment, objective: original.objective(of: $0.assignment))
    }
    let limit = report.bound.map {
      LowerBound(
        unrounded: bound($0.unrounded), value: bound($0.value), method: $0.method, proof: nil)
    }
    let isComplete = incumbent != nil && limit != nil
    let rule = isComplete ? original.optimalityRule(tolerance: tolerance) : .exact
    let isProven = rule.isProven(objective: incumbent?.objective, bound: limit?.value)
    var result = SolveReport(
      instance: report.instance, size: report.size, facilities: report.facilities,
      method: report.method, seed: report.seed, threads: report.threads, incumbent: incumbent,
      bound: limit, certified: nil, rule: rule,
      termination: isProven
        ? .optimal : report.termination == .optimal ? .stalled : report.termination,
      seconds: report.seconds, iterations: report.iterations, nodes: report.nodes,
      trace: report.trace.map {
        TracePoint(
          seconds: $0.seconds, objective: $0.objective.map(value), bound: $0.bound.map(bound),
          source: $0.source)
      }, figures: report.figures)
    result.mapFigures(value)
    result.sites = original.sites
    result.ranking = report.ranking?.map(
      {
        Incumbent(assignment: $0.assignment, objective: original.objective(of: $0.assignment))
      }, bound: { $0.isFinite ? bound($0) : $0 })
    return result
  }
}
