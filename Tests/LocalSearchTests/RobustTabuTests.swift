import QAP
import QAPInstanceIO
import QAPLocalSearch
import QAPPrimitives
import RandomInstances
import Testing

@Suite struct RobustTabuTests {
  @Test(arguments: Family.allCases)
  func findsTheOptimumOfSmallInstances(_ family: Family) throws {
    for n in 1...7 where !(family.isTensor && n > 6) {
      for seed in UInt64(0)..<3 {
        let instance = family.instance(size: n, seed: seed)
        let report = try instance.solve(
          with: RobustTabu(.init(iterations: 1200)), options: SolveOptions(seed: seed))
        let found = try #require(report.incumbent?.objective, "\(instance.name)")
        let least = leastObjective(instance)
        #expect(abs(found - least) <= (family.isIntegral ? 0 : 1e-9), "\(instance.name)")
      }
    }
  }

  @Test(arguments: Family.allCases)
  func answerDoesNotDependOnThreads(_ family: Family) throws {
    let instance = family.instance(size: family.isTensor ? 9 : 17, seed: 3)
    for limit in [1, 100, 1999] {
      let answers = try [1, 2, 3].map { threads in
        let report = try instance.solve(
          with: RobustTabu(.init(iterations: limit, walks: 5)),
          options: SolveOptions(seed: 11, threads: threads))
        #expect(report.iterations == limit, "\(instance.name) limit \(limit)")
        #expect(report.termination == .iterations)
        return report.incumbent
      }
      #expect(answers[0] == answers[1] && answers[1] == answers[2], "\(instance.name)")
    }
  }

  /// A limit of the caller's, seen only between legs, strikes at the same place too.
  @Test func outerLimitIsReproducible() throws {
    let instance = Family.symmetric.instance(size: 20, seed: 4)
    let reports = try [1, 2, 3].map { threads in
      try instance.solve(
        with: RobustTabu(),
        options: SolveOptions(
          limits: Limits(iterations: 3000), seed: 5, threads: threads))
    }
    #expect(reports.allSatisfy { $0.termination == .iterations })
    #expect(reports.allSatisfy { $0.iterations == reports[0].iterations })
    #expect(reports[0].iterations >= 3000 && reports[0].iterations < 9000)
    #expect(reports.allSatisfy { $0.incumbent == reports[0].incumbent })
  }

  @Test func stopsAtTheTarget() throws {
    let instance = Family.symmetric.instance(size: 12, seed: 2)
    let free = try instance.solve(with: RobustTabu(.init(iterations: 20_000)))
    let best = try #require(free.incumbent?.objective)
    for threads in 1...3 {
      let report = try instance.solve(
        with: RobustTabu(),
        options: SolveOptions(limits: Limits(target: best), seed: 9, threads: threads))
      #expect(report.termination == .target)
      #expect(report.incumbent?.objective == best)
      #expect(report.iterations < RobustTabu.Parameters.defaultIterations(size: 12))
    }
  }

  @Test func stopsOnceABoundIsReached() throws {
    let instance = Family.symmetric.instance(size: 6, seed: 8)
    let context = SolveContext(
      instance: instance, options: SolveOptions(seed: 1), source: RobustTabu.info.id)
    context.raise(to: LowerBound(proven: leastObjective(instance), method: "test", for: instance))
    #expect(try RobustTabu().run(context) == .optimal)
  }

  @Test func stopsInTime() throws {
    let instance = Family.symmetric.instance(size: 30, seed: 2)
    let report = try instance.solve(
      with: RobustTabu(.init(iterations: 1 << 40)),
      options: SolveOptions(limits: Limits(time: .seconds(0.05))))
    #expect(report.termination == .time)
    #expect(report.incumbent != nil)
  }

  @Test func beginsWithTheCallersAssignment() throws {
    let instance = Family.real.instance(size: 9, seed: 2)
    let good = try instance.solve(with: RobustTabu(.init(iterations: 3000)))
    let start = try #require(good.incumbent)
    let again = try instance.solve(
      with: RobustTabu(.init(iterations: 1)),
      options: SolveOptions(seed: 99, start: start.assignment))
    #expect(try #require(again.incumbent).objective <= start.objective)
  }

  @Test func rejectsParametersOutOfRange() {
    let instance = Family.symmetric.instance(size: 4, seed: 0)
    let wrong: [RobustTabu.Parameters] = [
      .init(iterations: 0), .init(walks: 0), .init(minTenure: 0),
      .init(maxTenure: 0.5), .init(aspiration: 0), .init(patience: .nan),
      .init(weakestKick: -1), .init(strongestKick: 2), .init(roundsPerHome: 0),
    ]
    for parameters in wrong {
      #expect(throws: MethodError.self) { try instance.solve(with: RobustTabu(parameters)) }
    }
  }

  /// Structured instances that trap a plain tabu search; a fraction of the default work.
  @Test(arguments: [("chr12a", 9552.0), ("nug12", 578), ("esc16a", 68), ("tai12b", 39_464_925)])
  func solvesSmallPublishedInstances(_ name: String, _ best: Double) throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let instance = try QAPLIB.read("/\(root)/Instances/qaplib/\(name).dat")
    for seed in UInt64(0)..<3 {
      let report = try instance.solve(
        with: RobustTabu(), options: SolveOptions(limits: Limits(target: best), seed: seed))
      #expect(report.incumbent?.objective == best, "\(name) seed \(seed)")
    }
  }
}
