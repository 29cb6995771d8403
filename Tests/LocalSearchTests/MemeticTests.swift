import QAP
import QAPInstanceIO
import QAPLocalSearch
import QAPPrimitives
import RandomInstances
import Testing

@Suite struct MemeticTests {
  @Test(arguments: Family.allCases)
  func findsTheOptimumOfSmallInstances(_ family: Family) throws {
    for n in 1...7 where !(family.isTensor && n > 6) {
      for seed in UInt64(0)..<3 {
        let instance = family.instance(size: n, seed: seed)
        let report = try instance.solve(
          with: Memetic(.init(iterations: 3000, iterationsPerChild: 40)),
          options: SolveOptions(seed: seed))
        let found = try #require(report.incumbent?.objective, "\(instance.name)")
        let least = leastObjective(instance)
        #expect(abs(found - least) <= (family.isIntegral ? 0 : 1e-9), "\(instance.name)")
      }
    }
  }

  /// Short children, so that the limits fall into the first population, into later generations and
  /// into later populations.
  @Test(arguments: Family.allCases)
  func answerDoesNotDependOnThreads(_ family: Family) throws {
    let instance = family.instance(size: family.isTensor ? 9 : 17, seed: 3)
    for limit in [1, 100, 1999, 12_345] {
      let reports = try [1, 2, 3].map { threads in
        try instance.solve(
          with: Memetic(
            .init(
              iterations: limit, population: 5, children: 5, iterationsPerChild: 30, patience: 2)),
          options: SolveOptions(seed: 11, threads: threads))
      }
      for report in reports {
        #expect(report.iterations == limit, "\(instance.name) limit \(limit)")
        #expect(report.termination == .iterations)
        #expect(report.incumbent == reports[0].incumbent, "\(instance.name)")
        #expect(report.trace.map(\.objective) == reports[0].trace.map(\.objective))
      }
    }
  }

  /// A limit of the caller's, seen only between legs, strikes at the same place too.
  @Test func outerLimitIsReproducible() throws {
    let instance = Family.symmetric.instance(size: 20, seed: 4)
    let reports = try [1, 2, 3].map { threads in
      try instance.solve(
        with: Memetic(),
        options: SolveOptions(
          limits: Limits(iterations: 30_000), seed: 5, threads: threads))
    }
    #expect(reports.allSatisfy { $0.termination == .iterations })
    #expect(reports.allSatisfy { $0.iterations == reports[0].iterations })
    #expect(reports[0].iterations >= 30_000 && reports[0].iterations < 70_000)
    #expect(reports.allSatisfy { $0.incumbent == reports[0].incumbent })
  }

  @Test func stopsAtTheTarget() throws {
    let instance = Family.symmetric.instance(size: 12, seed: 2)
    let free = try instance.solve(with: Memetic(.init(iterations: 20_000)))
    let best = try #require(free.incumbent?.objective)
    for threads in 1...3 {
      let report = try instance.solve(
        with: Memetic(),
        options: SolveOptions(limits: Limits(target: best), seed: 9, threads: threads))
      #expect(report.termination == .target)
      #expect(report.incumbent?.objective == best)
    }
  }

  @Test func stopsOnceABoundIsReached() throws {
    let instance = Family.symmetric.instance(size: 6, seed: 8)
    let context = SolveContext(
      instance: instance, options: SolveOptions(seed: 1), source: Memetic.info.id)
    context.raise(to: LowerBound(proven: leastObjective(instance), method: "test", for: instance))
    #expect(try Memetic().run(context) == .optimal)
  }

  @Test func stopsInTime() throws {
    let instance = Family.symmetric.instance(size: 30, seed: 2)
    let report = try instance.solve(
      with: Memetic(.init(iterations: 1 << 40)),
      options: SolveOptions(limits: Limits(time: .seconds(0.05))))
    #expect(report.termination == .time)
    #expect(report.incumbent != nil)
  }

  @Test func beginsWithTheCallersAssignment() throws {
    let instance = Family.real.instance(size: 9, seed: 2)
    let good = try instance.solve(with: Memetic(.init(iterations: 30_000)))
    let start = try #require(good.incumbent)
    let again = try instance.solve(
      with: Memetic(.init(iterations: 1)), options: SolveOptions(seed: 99, start: start.assignment))
    #expect(try #require(again.incumbent).objective <= start.objective)
  }

  @Test func hugeLimitsDoNotOverflow() throws {
    let instance = Family.symmetric.instance(size: 6, seed: 1)
    let report = try instance.solve(
      with: Memetic(.init(iterations: 100, iterationsPerChild: .max)))
    #expect(report.iterations == 100 && report.termination == .iterations)
    let unlimited = try instance.solve(
      with: Memetic(.init(iterations: .max, iterationsPerChild: .max)),
      options: SolveOptions(limits: Limits(iterations: 50)))
    #expect(unlimited.termination == .iterations)
  }

  @Test func rejectsParametersOutOfRange() {
    let instance = Family.symmetric.instance(size: 4, seed: 0)
    let wrong: [Memetic.Parameters] = [
      .init(iterations: 0), .init(population: 1), .init(children: 0),
      .init(iterationsPerChild: 0), .init(patience: 0), .init(search: .init(aspiration: 0)),
    ]
    for parameters in wrong {
      #expect(throws: MethodError.self) { try instance.solve(with: Memetic(parameters)) }
    }
  }

  /// Instances of every structure that the bundle has, a fraction of the default work, every seed.
  @Test(arguments: [
    ("nug30", 6124.0), ("tho30", 149_936), ("tai25a", 1_167_256), ("tai30b", 637_117_113),
    ("kra30b", 91_420), ("chr25a", 3796), ("bur26e", 5_386_879), ("esc16b", 292),
    ("lipa30a", 13178),
  ])
  func solvesPublishedInstances(_ name: String, _ best: Double) throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let instance = try QAPLIB.read("/\(root)/Instances/qaplib/\(name).dat")
    for seed in UInt64(0)..<3 {
      let report = try instance.solve(
        with: Memetic(),
        options: SolveOptions(
          limits: Limits(iterations: 5_000_000, target: best), seed: seed, threads: 2))
      #expect(report.incumbent?.objective == best, "\(name) seed \(seed)")
    }
  }

  /// Instances full of twins, where every swap may be one that changes nothing.
  @Test func searchesAmongTwins() throws {
    for ones in [1, 3, 7, 8] {
      let flow = Matrix<Double>(rows: 8, columns: 8) { $0 != $1 && max($0, $1) < ones ? 1 : 0 }
      var generator = SeededGenerator(seed: UInt64(ones))
      let distance = Matrix<Double>(rows: 8, columns: 8) { _, _ in Double(generator.below(20)) }
      for (a, b) in [(flow, distance), (distance, flow)] {
        let instance = try Instance(flow: a, distance: b)
        let methods: [any Method] = [
          Memetic(.init(iterations: 2000, iterationsPerChild: 20)),
          RobustTabu(.init(iterations: 2000)),
        ]
        for method in methods {
          let report = try instance.solve(with: method)
          #expect(report.incumbent?.objective == leastObjective(instance), "\(ones) ones")
        }
      }
    }
  }
}
