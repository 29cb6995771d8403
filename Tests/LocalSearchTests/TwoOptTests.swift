import QAP
import QAPLocalSearch
import QAPPrimitives
import RandomInstances
import Testing

@Suite struct TwoOptTests {
  @Test(arguments: Family.allCases, TwoOpt.Rule.allCases)
  func endsInALocalOptimum(_ family: Family, _ rule: TwoOpt.Rule) throws {
    for n in [1, 2, 3, 6, 9] {
      for seed in UInt64(0)..<3 {
        let instance = family.instance(size: n, seed: seed)
        let report = try instance.solve(
          with: TwoOpt(.init(rule: rule, starts: 3)), options: SolveOptions(seed: seed))
        let found = try #require(report.incumbent, "\(instance.name)")
        for r in 0..<n {
          for s in 0..<r {
            let delta = instance.swapDelta(found.assignment, r, s)
            #expect(delta >= (family.isIntegral ? 0 : -1e-9), "\(instance.name)")
          }
        }
        #expect(report.termination == .stalled)
      }
    }
  }

  @Test(arguments: Family.allCases)
  func manyStartsFindTheOptimumOfSmallInstances(_ family: Family) throws {
    for n in 1...5 {
      let instance = family.instance(size: n, seed: UInt64(n))
      let report = try instance.solve(with: TwoOpt(.init(starts: 200)))
      let found = try #require(report.incumbent?.objective)
      let least = leastObjective(instance)
      #expect(abs(found - least) <= (family.isIntegral ? 0 : 1e-9), "\(instance.name)")
    }
  }

  @Test(arguments: TwoOpt.Rule.allCases)
  func answerDoesNotDependOnThreads(_ rule: TwoOpt.Rule) throws {
    for family in Family.allCases {
      let instance = family.instance(size: family.isTensor ? 8 : 20, seed: 6)
      let stops = [Limits(), Limits(iterations: 60)]
      for limits in stops {
        let reports = try [1, 2, 3].map { threads in
          try instance.solve(
            with: TwoOpt(.init(rule: rule, starts: 21)),
            options: SolveOptions(limits: limits, seed: 2, threads: threads))
        }
        #expect(reports.allSatisfy { $0.incumbent == reports[0].incumbent }, "\(instance.name)")
        #expect(reports.allSatisfy { $0.iterations == reports[0].iterations }, "\(instance.name)")
      }
    }
  }

  /// All descents together keep to the limit, for any number of threads.
  @Test(arguments: TwoOpt.Rule.allCases)
  func limitsAllIterations(_ rule: TwoOpt.Rule) throws {
    let instance = Family.symmetric.instance(size: 25, seed: 1)
    for limit in [1, 7, 8, 30, 150] {
      let reports = try [1, 2, 3].map {
        try instance.solve(
          with: TwoOpt(.init(rule: rule, iterations: limit)), options: SolveOptions(threads: $0))
      }
      for report in reports {
        #expect(report.iterations == limit && report.termination == .iterations)
        #expect(report.incumbent == reports[0].incumbent)
      }
    }
  }

  /// A table that is made anew on the way, and one that is not, end in a local optimum of real
  /// data.
  @Test(arguments: [60, 130], TwoOpt.Rule.allCases)
  func endsInALocalOptimumOfLargerRealData(_ n: Int, _ rule: TwoOpt.Rule) throws {
    let instance = Family.realAsymmetric.instance(size: n, seed: 2)
    let report = try instance.solve(with: TwoOpt(.init(rule: rule, starts: 1)))
    let found = try #require(report.incumbent)
    let tolerance = 1e-9 * instance.properties.magnitude
    for r in 0..<n {
      for s in 0..<r { #expect(instance.swapDelta(found.assignment, r, s) >= -tolerance) }
    }
    #expect(report.iterations > n / 2)
  }

  /// Time that is up before the tables are there leaves the assignment that the first descent would
  /// have begun with.
  @Test func holdsAnAssignmentWhenTimeIsUpBeforeTheTables() throws {
    let instance = Family.symmetric.instance(size: 25, seed: 1)
    let ticks = AtomicCounter()
    var options = SolveOptions(limits: Limits(time: .seconds(1)), threads: 2)
    options.clock = { Double(ticks.next()) }
    let report = try instance.solve(with: TwoOpt(), options: options)
    #expect(report.termination == .time && report.iterations == 0)
    #expect(report.incumbent != nil)
  }

  /// Descents that have not begun when time is up are left out, all but the first.
  @Test func beginsNoDescentWhenTimeIsUp() throws {
    let instance = Family.symmetric.instance(size: 25, seed: 1)
    let ticks = AtomicCounter()
    var options = SolveOptions(limits: Limits(time: .seconds(5)), threads: 1)
    options.clock = { Double(ticks.next()) }
    let report = try instance.solve(with: TwoOpt(), options: options)
    #expect(report.termination == .time && report.incumbent != nil)
    #expect(report.seconds < 20)
  }

  @Test func limitsTheIterationsOfAStart() throws {
    let instance = Family.symmetric.instance(size: 25, seed: 1)
    let report = try instance.solve(with: TwoOpt(.init(starts: 5, iterationsPerStart: 2)))
    #expect(report.iterations == 10)
  }

  @Test func neverWorsensTheCallersAssignment() throws {
    let instance = Family.asymmetric.instance(size: 12, seed: 1)
    var generator = SeededGenerator(seed: 4)
    let start = Assignment(Permutation(randomOf: 12, using: &generator))
    let report = try instance.solve(
      with: TwoOpt(.init(starts: 1)), options: SolveOptions(start: start))
    #expect(try #require(report.incumbent).objective <= instance.objective(of: start))
    let polished = start.improvedBySwaps(in: instance)
    #expect(report.incumbent?.assignment == polished)
  }

  /// Rounding errors of entries far apart keep no descent going.
  @Test(.timeLimit(.minutes(1)), arguments: [4, 42])
  func endsWithEntriesOfAllSizes(_ size: Int) throws {
    let sizes = [1e140, -1e70, 5e-300, 0x1p53, 1e100, 1e30, -1e16, 1, 2, 3, -4, 5.5, 7, 1]
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<(size == 4 ? 400 : 1) {
      let entries = (0..<size * size * size * size).map { _ in
        sizes[generator.below(sizes.count)]
      }
      let instance = try Instance(cost: .tensor(DenseCostTensor(size: size, entries: entries)))
      let start = Assignment(Permutation(identity: size))
      let end = start.improvedBySwaps(in: instance)
      #expect(instance.objective(of: end) <= instance.objective(of: start))
    }
  }

  @Test func rejectsParametersOutOfRange() {
    let instance = Family.symmetric.instance(size: 4, seed: 0)
    for parameters in [
      TwoOpt.Parameters(starts: 0), .init(iterationsPerStart: 0), .init(iterations: 0),
    ] {
      #expect(throws: MethodError.self) { try instance.solve(with: TwoOpt(parameters)) }
    }
  }
}
