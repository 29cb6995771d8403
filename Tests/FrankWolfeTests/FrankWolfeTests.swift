import QAP
import QAPFrankWolfe
import QAPPrimitives
import RandomInstances
import Testing

@Suite struct FrankWolfeTests {
  @Test func findsValidAssignments() throws {
    for family in Family.allCases where !family.isTensor {
      for n in 1...7 {
        for seed in UInt64(0)..<4 {
          let instance = family.instance(size: n, seed: seed)
          let report = try instance.solve(
            with: FrankWolfe(.init(starts: 3)), options: SolveOptions(seed: seed))
          let found = try #require(report.incumbent?.objective, "\(instance.name)")
          #expect(found >= leastObjective(instance) - 1e-9, "\(instance.name)")
        }
      }
    }
  }

  @Test func linearInstancesAreSolvedExactly() throws {
    for seed in UInt64(0)..<20 {
      var g = SeededGenerator(seed: seed)
      let zero = Matrix(rows: 6, columns: 6, repeating: 0.0)
      let linear = Matrix(rows: 6, columns: 6) { _, _ in Double(g.below(100)) }
      let instance = try Instance(flow: zero, distance: zero, linear: linear)
      let report = try instance.solve(with: FrankWolfe())
      #expect(report.incumbent?.objective == leastObjective(instance), "seed \(seed)")
    }
  }

  /// SciPy 1.17.1, `quadratic_assignment(A, B, method="faq")`, for A[i,k] = (17i² + 31k² + 7ik) mod
  /// 101 and B[j,l] = (13j² + 5l² + 11jl + 3j) mod 97, n = 9 and 14: no ties, so the same path.
  @Test(arguments: [(9, 146378.0), (14, 372566.0)])
  func agreesWithSciPy(_ n: Int, _ expected: Double) throws {
    let flow = Matrix<Double>(rows: n, columns: n) { i, k in
      let sum: Int = 17 * i * i + 31 * k * k + 7 * i * k
      return Double(sum % 101)
    }
    let distance = Matrix<Double>(rows: n, columns: n) { j, l in
      let sum: Int = 13 * j * j + 5 * l * l + 11 * j * l + 3 * j
      return Double(sum % 97)
    }
    let instance = try Instance(flow: flow, distance: distance)
    for shuffles in [false, true] {
      let report = try instance.solve(with: FrankWolfe(.init(shufflesTies: shuffles)))
      #expect(report.incumbent?.objective == expected)
    }
  }

  @Test func answerDoesNotDependOnThreads() throws {
    for family in [Family.symmetric, .asymmetric, .real, .realAsymmetric] {
      let instance = family.instance(size: 18, seed: 5)
      let stops = [Limits(), Limits(iterations: 20)]
      for limits in stops {
        let reports = try [1, 2, 3].map { threads in
          try instance.solve(
            with: FrankWolfe(.init(starts: 11, polishes: true)),
            options: SolveOptions(limits: limits, seed: 3, threads: threads))
        }
        #expect(reports.allSatisfy { $0.incumbent == reports[0].incumbent }, "\(instance.name)")
        #expect(reports.allSatisfy { $0.iterations == reports[0].iterations }, "\(instance.name)")
      }
    }
  }

  @Test func polishingNeverWorsens() throws {
    for seed in UInt64(0)..<10 {
      let instance = Family.asymmetric.instance(size: 14, seed: seed)
      let plain = try instance.solve(with: FrankWolfe())
      let polished = try instance.solve(with: FrankWolfe(.init(polishes: true)))
      let (before, after) = (
        try #require(plain.incumbent?.objective), try #require(polished.incumbent?.objective)
      )
      #expect(after <= before, "seed \(seed)")
    }
  }

  @Test func limitsAreRespected() throws {
    let instance = Family.symmetric.instance(size: 15, seed: 5)
    let one = try instance.solve(
      with: FrankWolfe(.init(tolerance: 0)),
      options: SolveOptions(limits: Limits(iterations: 2)))
    #expect(one.iterations == 2 && one.termination == .iterations && one.incumbent != nil)
    let two = try instance.solve(with: FrankWolfe(.init(iterationsPerStart: 1)))
    #expect(two.iterations == 1)
  }

  /// All starts together keep to the limit, for any number of threads.
  @Test func limitsAllIterations() throws {
    let instance = Family.symmetric.instance(size: 15, seed: 5)
    for limit in [1, 5, 9, 30] {
      let reports = try [1, 2, 3].map {
        try instance.solve(
          with: FrankWolfe(.init(starts: 20, iterations: limit, tolerance: 0)),
          options: SolveOptions(threads: $0))
      }
      for report in reports {
        #expect(report.iterations == limit && report.termination == .iterations)
        #expect(report.incumbent == reports[0].incumbent && report.incumbent != nil)
      }
    }
  }

  @Test func declinesTensorsAndParametersOutOfRange() {
    let tensor = Family.tensor.instance(size: 4, seed: 0)
    #expect(throws: MethodError.self) { try tensor.solve(with: FrankWolfe()) }
    let instance = Family.symmetric.instance(size: 4, seed: 0)
    let wrong: [FrankWolfe.Parameters] = [
      .init(starts: 0), .init(iterationsPerStart: 0), .init(tolerance: -1),
      .init(tolerance: .nan), .init(iterations: 0),
    ]
    for parameters in wrong {
      #expect(throws: MethodError.self) { try instance.solve(with: FrankWolfe(parameters)) }
    }
  }
}
