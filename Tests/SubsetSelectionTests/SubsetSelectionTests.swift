import QAP
import QAPInstanceIO
import QAPLinearProgramming
import QAPPrimitives
import QAPSubsetSelection
import QAPVerification
import Testing

/// The best subsets and their bounds against enumeration.
@Suite struct SubsetSelectionTests {
  @Test func theTenBestAreThoseOfEnumeration() throws {
    for (seed, problem) in try randomProblems(220, maxSize: 16) {
      let all = allSubsets(of: problem)
      let report = try SubsetSelection(.init(best: 10)).solve(
        problem, options: SolveOptions(seed: UInt64(seed)))
      let context = "seed \(seed), \(problem.name), \(problem.size) of \(problem.items)"
      #expect(report.isComplete && report.termination == .optimal, "\(context)")
      #expect(report.subsets.count == min(10, all.count), "\(context)")
      #expect(Set(report.subsets.map(\.indices)).count == report.subsets.count, "\(context)")
      for (mine, other) in zip(report.subsets, all) {
        // Ties, up to rounding, may come in any order.
        #expect(
          abs(mine.objective - other.objective) <= 2e-9 * max(1, abs(other.objective)),
          "\(context)")
        #expect(mine.objective == problem.objective(of: mine.indices))
      }
      let bound = try #require(report.bound)
      #expect(bound <= all[0].objective && report.gap ?? 0 <= 1e-6, "\(context)")
      if all.count > 10 {
        let others = try #require(report.boundOfOthers)
        #expect(others <= all[10].objective, "\(context)")
        #expect(others >= all[9].objective - 1e-6 * max(1, abs(all[9].objective)), "\(context)")
      }
    }
  }

  @Test(
    arguments: [
      SubsetSelection.BoundMethod.automatic, .rows, .linear,
    ].filter { $0 != .linear || LinearModel.canSolve }) func boundsHoldHoweverEarlyTheyEnd(
      _ method: SubsetSelection.BoundMethod
    ) throws
  {
    for (seed, problem) in try randomProblems(100, maxSize: 13) {
      let best = allSubsets(of: problem)[0].objective
      for nodes in [1, 3] {
        let report = try SubsetSelection(.init(bound: method, rootSteps: 20)).solve(
          problem, options: SolveOptions(limits: Limits(nodes: nodes), seed: UInt64(seed)))
        let bound = try #require(report.bound)
        #expect(
          bound <= best,
          "seed \(seed), \(problem.name), \(problem.size) of \(problem.items), \(method)")
        #expect(report.nodes <= nodes)
      }
    }
  }

  @Test func theAnswerDoesNotDependOnThreads() throws {
    for (family, size) in [(Family.losses, 9), (.signed, 20), (.integers, 15)] {
      let problem = try family.problem(items: 40, size: size, seed: 5)
      let reports = try [1, 2, 5].map { threads in
        try SubsetSelection(.init(best: 3)).solve(
          problem, options: SolveOptions(limits: Limits(nodes: 40), seed: 3, threads: threads))
      }
      for report in reports {
        #expect(report.subsets == reports[0].subsets)
        #expect(report.bound == reports[0].bound)
        #expect(report.nodes == reports[0].nodes)
        #expect(report.iterations == reports[0].iterations)
        #expect(report.moves == reports[0].moves)
      }
    }
  }

  @Test func relabelingChangesNoValue() throws {
    let problem = try Family.losses.problem(items: 30, size: 11, seed: 8)
    var random = SeededGenerator(seed: 4)
    let order = Array(0..<30).shuffled(using: &random)
    let other = try SubsetProblem(
      name: "relabeled",
      costs: Matrix(rows: 30, columns: 30) { problem.costs[order[$0], order[$1]] }, size: 11)
    let (a, b) = (try SubsetSelection().solve(problem), try SubsetSelection().solve(other))
    #expect(abs(a.subsets[0].objective - b.subsets[0].objective) <= 1e-9)
    #expect(a.termination == .optimal && b.termination == .optimal)
  }

  @Test func theNegatedProblemMaximizes() throws {
    let problem = try Family.signed.problem(items: 12, size: 5, seed: 2)
    let report = try SubsetSelection(.init(best: 4)).solve(problem.negated)
    let all = allSubsets(of: problem)
    for (mine, other) in zip(report.subsets, all.reversed()) {
      #expect(abs(-mine.objective - other.objective) <= 1e-9)
    }
  }

  @Test func asymmetricCostsAreThoseOfTheirMean() throws {
    let problem = try Family.signed.problem(items: 14, size: 6, seed: 9)
    let mean = try SubsetProblem(
      name: "mean",
      costs: Matrix(rows: 14, columns: 14) {
        0.5 * (problem.costs[$0, $1] + problem.costs[$1, $0])
      }, size: 6)
    let (a, b) = (try SubsetSelection().solve(problem), try SubsetSelection().solve(mean))
    #expect(a.subsets[0].indices == b.subsets[0].indices)
  }

  @Test func integralBoundsAreRoundedUp() throws {
    let problem = try Family.integers.problem(items: 26, size: 9, seed: 1)
    #expect(problem.lattice?.step == 1)
    let report = try SubsetSelection().solve(problem)
    #expect(report.bound == report.subsets[0].objective)
    #expect(report.termination == .optimal)
  }

  @Test func limitsAreKept() throws {
    let problem = try Family.losses.problem(items: 60, size: 20, seed: 6)
    let stopped = try SubsetSelection().solve(
      problem, options: SolveOptions(limits: Limits(time: .seconds(0))))
    #expect(stopped.termination == .time && stopped.subsets.count == 1)
    let none = try SubsetSelection(.init(bound: .none, moves: 1000)).solve(problem)
    #expect(none.bound == nil && none.moves == 1000 && none.termination == .iterations)
    let interruption = Interruption()
    interruption.request()
    let ended = try SubsetSelection().solve(
      problem, options: SolveOptions(stop: interruption.criterion))
    #expect(ended.termination == .interrupted && !ended.subsets.isEmpty)
  }

  @Test func parametersOutOfRangeAreRefused() throws {
    let problem = try Family.losses.problem(items: 5, size: 2, seed: 6)
    #expect(throws: MethodError.parameter(name: "best", found: "0", expected: "at least 1")) {
      try SubsetSelection(.init(best: 0)).solve(problem)
    }
    #expect(throws: InputError.size(found: 6, items: 5)) { try problem.resized(to: 6) }
    #expect(throws: InputError.notFinite(what: "costs", row: 0, column: 1)) {
      try SubsetProblem(
        name: "", costs: Matrix(rows: 2, columns: 2, elements: [0, .nan, 1, 2]), size: 1)
    }
    #expect(throws: InputError.self) {
      try SubsetProblem(name: "", costs: Matrix(rows: 1, columns: 2, repeating: 0), size: 1)
    }
    #expect(throws: InputError.overflow(1e300)) {
      try SubsetProblem(name: "", costs: Matrix(rows: 2, columns: 2, repeating: 1e300), size: 1)
    }
  }

  @Test func extremeNumbersDoNoHarm() throws {
    for scale in [1000 * Double.leastNonzeroMagnitude, 1e-150, 1e150, 1e290] {
      let base = try Family.signed.problem(items: 9, size: 4, seed: 11)
      let problem = try SubsetProblem(
        name: "scaled", costs: base.costs.map { $0 * scale }, size: 4)
      let report = try SubsetSelection().solve(problem, options: SolveOptions(keepsProof: true))
      let best = allSubsets(of: problem)[0].objective
      #expect(try #require(report.bound) <= best, "\(scale)")
      #expect(report.subsets[0].objective <= best + 1e-12 * abs(best), "\(scale)")
      let check = check(try #require(report.certificate), of: problem)
      #expect(check.holds, "\(scale): \(check.fault ?? "")")
    }
  }

  @Test(arguments: [10, 20, 70, 80, 90]) func provesTheGoldenOptima(_ size: Int) throws {
    let problem = try goldenProblem(size: size)
    let best = [
      10: 7.06120648053, 20: 81.29865053208133, 70: 2636.030357475631, 80: 3868.925326350523,
      90: 5439.376862174038,
    ]
    let report = try SubsetSelection().solve(
      problem, options: SolveOptions(threads: 2, keepsProof: true))
    #expect(report.termination == .optimal)
    #expect(abs(report.subsets[0].objective - best[size]!) <= 1e-9 * best[size]!)
    #expect(check(try #require(report.certificate), of: problem).holds)
  }
}
