import QAP
import QAPInstanceIO
import QAPPrimitives
import QAPSemidefinite
import QAPVerification
import RandomInstances
import Testing

@Suite struct DoublyNonnegativeTests {
  private func bundled(_ name: String) throws -> Instance {
    let here = "\(#filePath)"
    let root = here.dropLast("Tests/SemidefiniteTests/DoublyNonnegativeTests.swift".count)
    return try InstanceFile.read("\(root)Instances/qaplib/\(name).dat")
  }

  /// The leading part of two matrices, the first times 0.37 so that nothing is integral.
  private func part(_ flow: Matrix<Double>, _ distance: Matrix<Double>, _ n: Int) throws -> Instance
  {
    try Instance(
      flow: Matrix(rows: n, columns: n) { 0.37 * flow[$0, $1] },
      distance: Matrix(rows: n, columns: n) { distance[$0, $1] })
  }

  /// Values of Scripts/peers/dnn.py: Clarabel 0.11, to about 1e-5.
  @Test(arguments: [
    ("nug12", 5, 21.46), ("nug12", 6, 34.78), ("tai12a", 6, 17749.64), ("chr12a", 6, 3133.16),
    ("bur26a", 5, 156564.76), ("bur26a", 6, 154567.87), ("lipa20a", 6, 112.85),
  ])
  func agreesWithAnInteriorPointMethod(_ name: String, _ n: Int, _ value: Double) throws {
    guard case .koopmansBeckmann(let flow, let distance) = try bundled(name).cost else { return }
    let report = try part(flow, distance, n).solve(with: DoublyNonnegative())
    let bound = try #require(report.bound).unrounded
    #expect(bound <= value * (1 + 1e-7) && bound >= value * (1 - 1e-5), "\(bound)")
  }

  /// The same, where the relaxation stays below the least objective: a hexagon laid on two
  /// triangles (the best has −2.96), and two graphs (2.96).
  @Test func agreesWithAnInteriorPointMethodWhereThereIsAGap() throws {
    let hexagon = Matrix<Double>(rows: 6, columns: 6) {
      ($0 + 1) % 6 == $1 || ($1 + 1) % 6 == $0 ? 1 : 0
    }
    let triangles = Matrix<Double>(rows: 6, columns: 6) { $0 != $1 && $0 / 3 == $1 / 3 ? -1 : 0 }
    func graph(_ rows: [String]) -> Matrix<Double> {
      Matrix(rows: 6, columns: 6) { Array(rows[$0])[$1] == "1" ? 1 : 0 }
    }
    let cases = [
      (hexagon, triangles, -3.33, -2.96),
      (
        graph(["011011", "100101", "100101", "011010", "100101", "111010"]),
        graph(["011010", "101010", "110110", "001000", "111001", "000010"]), 2.867502, 2.96
      ),
    ]
    for (a, b, value, best) in cases {
      let instance = try part(a, b, 6)
      #expect(abs(leastObjective(instance) - best) < 1e-9)
      let report = try instance.solve(
        with: DoublyNonnegative(.init(patience: 1000, tolerance: 1e-9)))
      let bound = try #require(report.bound).unrounded
      #expect(bound <= value + 2e-5 && bound >= value - 2e-4, "\(bound) of \(value)")
    }
  }

  /// Figures of the relaxation: 567.99 of nug12 and 1140.6 of nug15 when it has converged.
  @Test(arguments: [("nug12", 400, 567.9, 568.0), ("nug15", 500, 1140.4, 1140.7)])
  func reachesPublishedValues(
    _ name: String, _ steps: Int, _ least: Double, _ most: Double
  ) throws {
    let report = try bundled(name).solve(
      with: DoublyNonnegative(.init(steps: steps)), options: SolveOptions(threads: 2))
    let bound = try #require(report.bound).unrounded
    #expect(bound >= least && bound <= most, "\(bound)")
    #expect(report.iterations == steps)
  }

  @Test(arguments: ["had12", "tai12a", "scr12"])
  func provesOptima(_ name: String) throws {
    var options = SolveOptions(threads: 2)
    options.keepsProof = true
    let instance = try bundled(name)
    let report = try instance.solve(with: DoublyNonnegative(), options: options)
    #expect(report.isProvenOptimal)
    let certificate = try #require(report.certificate)
    #expect(check(certificate, of: instance).holds)
    #expect(certificate.rounded == report.incumbent?.objective)
  }

  /// Few and many steps, all families, against enumeration.
  @Test(arguments: Family.allCases)
  func boundsAreTrueWhereverItStops(_ family: Family) throws {
    for seed in 0..<40 as Range<UInt64> {
      let instance = family.instance(size: 1 + Int(seed % 6), seed: seed + 1000)
      let best = leastObjective(instance)
      let slack = family.isIntegral ? 0 : 1e-9 * max(1, abs(best))
      for steps in [1, 7, 60] {
        var options = SolveOptions()
        options.keepsProof = true
        let report = try instance.solve(
          with: DoublyNonnegative(.init(steps: steps, boundInterval: 3)), options: options)
        let bound = try #require(report.bound, "\(instance.name)")
        #expect(bound.unrounded <= best + slack, "\(instance.name): \(bound.unrounded) of \(best)")
        #expect(bound.value <= best + slack, "\(instance.name): \(bound.value) of \(best)")
        let certificate = try #require(report.certificate)
        let verdict = check(certificate, of: instance)
        #expect(verdict.holds, "\(instance.name): \(verdict.fault ?? "")")
      }
    }
  }

  /// Costs that cancel each other leave one value, whatever their divisors.
  @Test(arguments: 1...8)
  func roundsUpToTheOnlyValue(_ steps: Int) throws {
    let instance = try Instance(
      flow: Matrix([[5.0]]), distance: Matrix([[2.0]]), linear: Matrix([[-10.0]]))
    var options = SolveOptions()
    options.keepsProof = true
    let report = try instance.solve(
      with: DoublyNonnegative(.init(steps: steps)), options: options)
    #expect(report.bound?.value == 0)
    #expect(check(try #require(report.certificate), of: instance).fault == nil)
  }

  /// Costs of extreme sizes prove something or nothing, and never something false.
  @Test(arguments: [1e-150, 1e-12, 1e9, 1e100, 1e140])
  func scalesDoNotMatter(_ scale: Double) throws {
    var bounds = 0
    for seed in 0..<4 as Range<UInt64> {
      guard
        case .koopmansBeckmann(let flow, let distance) =
          Family.real.instance(size: 5, seed: 2 * seed).cost
      else { continue }
      let instance = try Instance(flow: flow.map { $0 * scale }, distance: distance)
      var options = SolveOptions()
      options.keepsProof = true
      let report = try instance.solve(
        with: DoublyNonnegative(.init(steps: 200)), options: options)
      guard let bound = report.bound else { continue }
      bounds += 1
      let best = leastObjective(instance)
      #expect(bound.unrounded <= best)
      #expect(
        best - bound.unrounded <= 0.05 * abs(best), "\(scale) \(seed): \(bound.unrounded) \(best)")
      let certificate = try #require(report.certificate)
      #expect(check(certificate, of: instance).holds)
    }
    #expect(bounds == 4, "\(scale): \(bounds) bounds")
  }

  /// On matching problems the rank collapses and the subspace takes over: with the same result for
  /// any number of threads.
  @Test func threadsDoNotMatterOnceTheRankIsLow() throws {
    var g = SeededGenerator(seed: 5)
    let points = (0..<12).map { _ in (0..<3).map { _ in g.approximateNormal() } }
    func kernel(_ noise: Double) -> Matrix<Double> {
      let moved = points.map { $0.map { $0 + noise * g.approximateNormal() } }
      return Matrix(rows: 12, columns: 12) { i, k in
        zip(moved[i], moved[k]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      }
    }
    let instance = try Instance(flow: kernel(0.05).map { -2 * $0 }, distance: kernel(0.05))
    let reports = try [1, 3].map {
      try instance.solve(with: DoublyNonnegative(), options: SolveOptions(threads: $0))
    }
    #expect(reports[0].isProvenOptimal)
    #expect(reports[0].bound == reports[1].bound)
    #expect(reports[0].iterations == reports[1].iterations)
    #expect(reports[0].incumbent == reports[1].incumbent)
  }

  @Test func refusesWhatDoesNotFit() throws {
    let large = Family.symmetric.instance(size: 101, seed: 0)
    let small = Family.symmetric.instance(size: 20, seed: 0)
    #expect(throws: MethodError.self) { try large.solve(with: DoublyNonnegative()) }
    #expect(throws: MethodError.self) {
      try small.solve(with: DoublyNonnegative(.init(memoryLimit: 1 << 20)))
    }
    for parameters in [
      DoublyNonnegative.Parameters(steps: 0), .init(penalty: 0), .init(overRelaxation: 2),
      .init(boundInterval: 0), .init(tolerance: -1),
    ] {
      #expect(throws: MethodError.self) {
        try small.solve(with: DoublyNonnegative(parameters))
      }
    }
  }
}
