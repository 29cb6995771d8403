import QAP
import QAPPrimitives
import QAPRegistry
import QAPVerification
import RandomInstances
import Testing

/// Large numbers in place of forbidden placements and pairs ("big M"), against enumeration.
@Suite struct LargeCostTests {
  private static let ids = MethodRegistry.methods.map(\.info.id)

  /// A small instance in which linear costs, or distances between locations, are `large`, and the
  /// least objective without them.
  private func instance(
    _ seed: UInt64, large: Double, isLinear: Bool
  ) throws -> (instance: Instance, best: Double) {
    var g = SeededGenerator(seed: seed, stream: 40)
    let n = 3 + Int(seed % 4)
    let isIntegral = seed % 2 == 0
    func matrix(_ least: Double) -> Matrix<Double> {
      Matrix(rows: n, columns: n) { _, _ in
        least + (isIntegral ? Double(g.below(20)) : 20 * g.unit())
      }
    }
    var (flow, distance, linear) = (matrix(0), matrix(1), matrix(-3))
    if seed % 3 > 0 {
      for i in 0..<n {
        for k in 0..<i { (flow[i, k], distance[i, k]) = (flow[k, i], distance[k, i]) }
      }
    }
    let allowed = Permutation(randomOf: n, using: &g)
    if isLinear {
      for i in 0..<n {
        for j in 0..<n where allowed[i] != j && g.below(3) == 0 { linear[i, j] = large }
      }
    } else {
      // Facilities with a flow must not be so far from each other: others may.
      for i in 0..<n { for k in 0..<n where g.below(3) == 0 { (flow[i, k], flow[k, i]) = (0, 0) } }
      for i in 0..<n {
        for k in 0..<n where i != k && flow[i, k] == 0 && flow[k, i] == 0 && g.below(2) == 0 {
          distance[allowed[i], allowed[k]] = large
          distance[allowed[k], allowed[i]] = large
        }
      }
    }
    let instance = try Instance(
      name: "large-\(seed)-\(large)", flow: flow, distance: distance, linear: linear)
    return (instance, leastObjective(instance))
  }

  @Test(arguments: ids, [1e4, 1e6, 1e9, 1e12, 1e15])
  func boundsAndAnswersKeepWorking(_ id: String, _ large: Double) throws {
    var runs = 0
    for seed in 0..<24 as Range<UInt64> {
      let (instance, best) = try instance(seed, large: large, isLinear: seed / 2 % 2 == 0)
      let method = try #require(MethodRegistry.method(id))
      guard method.info.supports(instance) else { continue }
      runs += 1
      // An assignment without a large cost exists.
      #expect(best < 1e5)
      let context = "\(id) \(instance.name), \(best)"
      var options = ConformanceTests.options(id)
      options.keepsProof = seed % 4 < 2
      let report = try instance.solve(with: ConformanceTests.method(id), options: options)
      // Sums of doubles as large as that.
      let rounding = instance.properties.isIntegral ? 0 : 1e-9 * abs(best) + 4e-14 * large
      if let bound = report.bound {
        #expect(bound.value <= best + rounding, "\(context): bound \(bound.value)")
        #expect(bound.value.isFinite, "\(context)")
      }
      if let found = report.incumbent {
        #expect(found.objective >= best - rounding, "\(context)")
        #expect(
          checkObjective(of: found.assignment, in: instance, claimed: found.objective).holds,
          "\(context)")
      }
      if id == "branch-and-bound" { #expect(report.isProvenOptimal, "\(context)") }
      // The tolerance of real data grows with their mean.
      if report.isProvenOptimal, instance.properties.isIntegral {
        #expect(report.incumbent?.objective == best && report.bound?.value == best, "\(context)")
      }
      if let certificate = report.certificate {
        let found = check(certificate, of: instance)
        #expect(found.holds, "\(context): \(found.fault ?? "")")
      }
    }
    #expect(runs >= 16, "\(id): \(runs)")
  }
}
