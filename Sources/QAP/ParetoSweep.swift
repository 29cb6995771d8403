import QAPPrimitives

/// A sweep over the weights of two objectives: assignments that no other found one beats in both,
/// and for each weighting that was solved a bound on the weighted sum.
///
/// Weights are chosen by bisection (Aneja and Nair 1979): two neighbors on the front define the
/// weights for which both cost the same, and whatever lies below the line through them is found
/// with these. Once every segment is closed by a proof, all extreme points of the convex hull of
/// the front are known.
public struct ParetoSweep: Sendable {
  /// An assignment with the weighting for which it was found.
  public struct Point: Sendable {
    /// The weights of the first and the second objective.
    public let weights: (first: Double, second: Double)
    /// The assignment.
    public let assignment: Assignment
    /// Its value in the first objective.
    public let first: Double
    /// Its value in the second objective.
    public let second: Double
    /// The report of the run on the weighted sum.
    public let report: SolveReport

    /// True when `other` is nowhere worse and somewhere better.
    func isDominated(by other: Point) -> Bool {
      other.first <= first && other.second <= second
        && (other.first < first || other.second < second)
    }
  }

  /// The result of a sweep.
  public struct Outcome: Sendable {
    /// The points that no other beats, from the least first objective on.
    public let points: [Point]
    /// The number of weightings that were solved.
    public let runs: Int
    /// True when no weighting is left that could have a better assignment than these points.
    public let isComplete: Bool
  }

  private let one: Instance
  private let other: CostLayer

  /// A sweep between the objective of `one`, linear costs and constant included, and a further
  /// layer of costs.
  public init(_ one: Instance, _ other: CostLayer) { (self.one, self.other) = (one, other) }

  /// The weighted sum of both objectives.
  ///
  /// - Throws: `InputError` for an instance that can have no layers, or a layer that does not
  ///   fit.
  public func instance(first: Double, second: Double) throws(InputError) -> Instance {
    let weighted = CostLayer(
      flow: other.flow, distance: other.distance, weight: second * other.weight)
    if second == 0 { return first == 1 ? one : try scaled(by: first) }
    if first == 0 {
      return try Instance(name: one.name, layers: [weighted]).forbidding(one.forbidden)
    }
    return try scaled(by: first).adding([weighted])
  }

  private func scaled(by factor: Double) throws(InputError) -> Instance {
    guard let given = one.given else {
      throw .shape(
        what: "layers", found: "an instance with a cost tensor", expected: "one with matrices")
    }
    return try Instance(
      name: one.name, flow: given.flow.map { factor * $0 }, distance: given.distance,
      linear: given.linear.map { $0.map { $0 == .infinity ? $0 : factor * $0 } },
      constant: factor * one.constant)
  }

  /// Solves at most `most` weightings by `solve`, which gets each weighted sum and the number of
  /// those that are left; nil from it ends the sweep.
  ///
  /// - Returns: the assignments that no other beats, and the number of runs.
  /// - Throws: `InputError`, and what `solve` throws.
  public func run(
    atMost most: Int, solve: (Instance, Int) throws -> SolveReport?
  ) throws -> Outcome {
    let second = try instance(first: 0, second: 1)
    var found: [Point] = []
    var runs = 0
    func point(_ first: Double, _ weight: Double) throws -> Point? {
      guard runs < most,
        let report = try solve(try instance(first: first, second: weight), most - runs)
      else { return nil }
      runs += 1
      guard let assignment = report.incumbent?.assignment else { return nil }
      let result = Point(
        weights: (first, weight), assignment: assignment,
        first: one.objective(of: assignment), second: second.objective(of: assignment),
        report: report)
      found.append(result)
      return result
    }
    var isComplete = false
    if let a = try point(1, 0), let b = try point(0, 1) {
      isComplete = a.report.isProvenOptimal && b.report.isProvenOptimal
      var open = [(a, b)]
      while !open.isEmpty {
        let (a, b) = open.removeFirst()
        guard a.first < b.first, b.second < a.second else { continue }
        let weights = weights(a.second - b.second, b.first - a.first)
        guard let c = try point(weights.first, weights.second) else {
          isComplete = false
          break
        }
        isComplete = isComplete && c.report.isProvenOptimal
        func value(_ point: Point) -> Double {
          weights.first * point.first + weights.second * point.second
        }
        if value(c) < min(value(a), value(b)) - 1e-9 * abs(value(a)) {
          open += [(a, c), (c, b)]
        }
      }
    }
    var points: [Point] = []
    for point in found.sorted(by: { ($0.first, $0.second) < ($1.first, $1.second) })
    where !found.contains(where: { point.isDominated(by: $0) })
      && points.last.map({ $0.first != point.first || $0.second != point.second }) ?? true
    { points.append(point) }
    return Outcome(points: points, runs: runs, isComplete: isComplete)
  }

  /// Weights in this ratio: coprime integers where both are integers, and otherwise with the sum 1.
  private func weights(_ first: Double, _ second: Double) -> (first: Double, second: Double) {
    guard let a = Int64(exactly: first), let b = Int64(exactly: second), max(a, b) < 1 << 31 else {
      return (first / (first + second), second / (first + second))
    }
    var (divisor, rest) = (a, b)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    return (Double(a / divisor), Double(b / divisor))
  }
}
