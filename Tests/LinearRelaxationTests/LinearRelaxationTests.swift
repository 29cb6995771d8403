import Foundation
import QAP
import QAPDualAscent
import QAPInstanceIO
import QAPLinearProgramming
import QAPPrimitives
import QAPVerification
import RandomInstances
import Testing

@testable import QAPLinearRelaxation

private func bundled(_ name: String) throws -> Instance {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  return try InstanceFile.read(root.appendingPathComponent("Instances/qaplib/\(name).dat").path)
}

@Suite struct FormulationTests {
  /// With integer x every formulation is the instance itself.
  @Test(.enabled(if: LinearModel.canSolve), arguments: Formulation.allCases, Family.allCases)
  func integerProgramsAreExact(_ formulation: Formulation, _ family: Family) throws {
    for seed in 0..<10 as Range<UInt64> {
      let n = 1 + Int(seed % 5)
      let instance = family.instance(size: n, seed: seed)
      let best = leastObjective(instance)
      let model = formulation.model(of: instance, isInteger: true)
      let solution = try model.solve(LinearOptions(algorithm: .branchAndCut, timeLimit: 60))
      let label = "\(formulation) \(instance.name)"
      #expect(solution.status == .optimal, "\(label)")
      let found = try #require(solution.objective, "\(label)")
      #expect(abs(found - best) <= 1e-6 * max(1, abs(best)), "\(label): \(found) of \(best)")
      let assignment = try #require(
        formulation.assignment(of: solution.values, size: n), "\(label)")
      #expect(
        abs(instance.objective(of: assignment) - best) <= 1e-6 * max(1, abs(best)), "\(label)")
    }
  }

  /// The safe bound of the relaxation's own duals stays below the optimum, and near the relaxation.
  @Test(.enabled(if: LinearModel.canSolve), arguments: Formulation.allCases)
  func safeBoundsAreBelowTheOptimum(_ formulation: Formulation) throws {
    for family in Family.allCases {
      for seed in 0..<24 as Range<UInt64> {
        let instance = family.instance(size: 1 + Int(seed % 6), seed: seed)
        let best = leastObjective(instance)
        let model = formulation.model(of: instance, isInteger: false)
        let solution = try model.solve()
        let value = try #require(solution.objective)
        let safe = model.safeBound(duals: solution.rowDuals)
        let slack = family.isIntegral ? 0 : 1e-9 * max(1, abs(best))
        let label = "\(formulation) \(instance.name)"
        #expect(safe <= best + slack, "\(label): \(safe) of \(best)")
        #expect(safe <= value + 1e-7 * max(1, abs(value)), "\(label)")
        #expect(safe >= value - 1e-4 * max(1, abs(value)), "\(label): \(safe), LP \(value)")
      }
    }
  }

  @Test func sizesAreThoseOfTheModels() {
    for n in 1...7 {
      let instance = Family.symmetric.instance(size: n, seed: 2)
      #expect(
        Formulation.rlt1.model(of: instance, isInteger: false).size
          == Formulation.rlt1.size(of: n))
      for formulation in Formulation.allCases {
        let (model, most) = (
          formulation.model(of: instance, isInteger: true).size, formulation.size(of: n)
        )
        #expect(model.rows <= most.rows && model.columns <= most.columns, "\(formulation) \(n)")
        #expect(model.nonzeros <= most.nonzeros, "\(formulation) \(n)")
      }
    }
    #expect(Formulation.rlt1.size(of: 40).rows == 124_880)
    #expect(Formulation.rlt1.size(of: 40).columns == 1_218_400)
    // Beyond what can be counted nothing wraps around.
    #expect(Formulation.rlt1.size(of: 1 << 40).bytes == .max)
  }

  /// What reduced costs of the RLT dual exclude no assignment as good as the known one needs.
  @Test(.enabled(if: LinearModel.canSolve), arguments: Formulation.allCases, Family.allCases)
  func reducedProgramsKeepTheOptimum(_ formulation: Formulation, _ family: Family) throws {
    for seed in 0..<10 as Range<UInt64> {
      let n = 2 + Int(seed % 4)
      let instance = family.instance(size: n, seed: seed)
      let best = leastObjective(instance)
      var options = SolveOptions()
      options.keepsProof = true
      let report = try instance.solve(with: HahnGrant(), options: options)
      let multipliers = try #require(report.bound?.proof?.multipliers)
      // With the optimum known, and with something worse.
      for objective in [best, best + 0.1 * abs(best)] {
        let fixing = ReducedCostFixing(instance, multipliers: multipliers, objective: objective)
        let columns = fixing.excludedColumns(of: formulation)
        let model = formulation.model(of: instance, isInteger: true).removing(columns: columns)
        let solution = try model.solve(LinearOptions(algorithm: .branchAndCut, timeLimit: 60))
        let label = "\(formulation) \(instance.name)"
        #expect(solution.status == .optimal, "\(label)")
        let found = try #require(solution.objective, "\(label)")
        #expect(abs(found - best) <= 1e-6 * max(1, abs(best)), "\(label): \(found) of \(best)")
      }
    }
  }

  /// Reduced-cost fixing leaves every better assignment in the program.
  @Test(.enabled(if: LinearModel.canSolve)) func fixingKeepsTheOptimum() throws {
    var removed = 0
    for seed in 0..<20 as Range<UInt64> {
      let instance = Family.symmetric.instance(size: 5, seed: seed)
      let best = leastObjective(instance)
      var model = Formulation.rlt1.model(of: instance, isInteger: true)
      let relaxed = try model.solve()
      let columns = model.removableColumns(
        bound: try #require(relaxed.objective), reducedCosts: relaxed.reducedCosts,
        cutoff: best + 1)
      for column in columns { model.setBounds(column: column, lower: 0, upper: 0) }
      removed += columns.count
      let solution = try model.solve(LinearOptions(algorithm: .branchAndCut))
      #expect(abs((solution.objective ?? .infinity) - best) < 1e-6, "seed \(seed)")
    }
    #expect(removed > 0)
  }
}

@Suite struct RLTLinearProgramTests {
  private func solve(
    _ instance: Instance, _ engine: RLTLinearProgram.Engine, threads: Int = 2
  ) throws -> SolveReport {
    try instance.solve(
      with: RLTLinearProgram(.init(engine: engine)),
      options: SolveOptions(threads: threads, keepsProof: true))
  }

  /// The values of HiGHS 1.15, to six digits.
  @Test(arguments: [
    ("tai10a", 131098.178), ("nug12", 522.894), ("chr12a", 9552), ("scr12", 29827.328),
    ("had12", 1621.538), ("rou12", 224302.022), ("tai12a", 222186.423),
  ])
  func equalsTheLinearProgram(_ name: String, _ value: Double) throws {
    let instance = try bundled(name)
    let report = try solve(instance, .automatic)
    let found = try #require(report.figures["lp_value"])
    #expect(abs(found - value) <= 1e-6 * value, "\(name): \(found)")
    let bound = try #require(report.bound)
    #expect(bound.unrounded <= value * (1 + 1e-6), "\(name): \(bound.unrounded)")
    #expect(bound.unrounded >= value * (1 - 1e-6), "\(name): \(bound.unrounded)")
    let verdict = check(try #require(report.certificate), of: instance)
    #expect(verdict.holds, "\(name): \(verdict.fault ?? "")")
  }

  /// Both engines, on every kind of instance.
  @Test(.enabled(if: LinearModel.canSolve), arguments: Family.allCases)
  func theEnginesAgree(_ family: Family) throws {
    for seed in 0..<18 as Range<UInt64> {
      let instance = family.instance(size: 1 + Int(seed % 6), seed: seed)
      let best = leastObjective(instance)
      let label = "\(instance.name)"
      let reports = try [RLTLinearProgram.Engine.simplex, .interiorPoint].map {
        try solve(instance, $0)
      }
      let values = try reports.map { try #require($0.figures["lp_value"], "\(label)") }
      let size = max(1, abs(best))
      #expect(
        abs(values[0] - values[1]) <= 1e-6 * size, "\(label): \(values), \(reports[1].iterations)")
      let slack = family.isIntegral ? 0 : 1e-9 * size
      for report in reports {
        let bound = try #require(report.bound, "\(label)")
        #expect(bound.unrounded <= best + slack, "\(label): \(bound.unrounded) of \(best)")
        #expect(bound.unrounded >= values[0] - 1e-5 * size, "\(label): \(bound.unrounded)")
      }
    }
  }

  @Test func threadsDoNotChangeTheAnswer() throws {
    let instance = Family.halfSymmetric.instance(size: 9, seed: 3)
    let reports = try [1, 2, 3].map { try solve(instance, .automatic, threads: $0) }
    for report in reports {
      #expect(report.bound == reports[0].bound)
      #expect(report.incumbent == reports[0].incumbent)
      #expect(report.figures == reports[0].figures)
    }
  }

  @Test func degenerateInstancesAreSolved() throws {
    let zero = Matrix(rows: 7, columns: 7, repeating: 0.0)
    let nothing = try solve(try Instance(flow: zero, distance: zero), .interiorPoint)
    #expect(nothing.bound?.value == 0)
    // All assignments cost the same.
    let one = Matrix(rows: 7, columns: 7, repeating: 1.0)
    let constant = try solve(try Instance(flow: one, distance: one, constant: 3), .interiorPoint)
    #expect(constant.bound?.value == 52 && constant.isProvenOptimal)
  }

  @Test func refusalsSayWhatWouldBeNeeded() throws {
    let error = #expect(throws: MethodError.self) {
      try Family.symmetric.instance(size: 40, seed: 1).solve(with: RLTLinearProgram())
    }
    let text = "\(String(describing: error))"
    for word in ["124880 rows", "1218400 columns", "GiB", "try rlt1"] {
      #expect(text.contains(word), "\(text)")
    }
    #expect(throws: MethodError.self) {
      try Family.symmetric.instance(size: 15, seed: 1).solve(
        with: RLTLinearProgram(.init(memoryLimit: 1 << 20)))
    }
  }

  @Test func limitsLeaveABound() throws {
    let instance = Family.symmetric.instance(size: 9, seed: 2)
    let report = try instance.solve(with: RLTLinearProgram(.init(iterations: 5)))
    #expect(report.iterations == 5 && report.termination == .iterations)
    #expect(report.bound != nil && report.incumbent != nil)
    // What is not solved has no value.
    #expect(report.figures["lp_value"]?.isNaN == true)
  }
}

@Suite(.enabled(if: LinearModel.canSolve)) struct CompactProgramTests {
  @Test(arguments: Family.allCases)
  func boundsComeWithTheProgramsValue(_ family: Family) throws {
    for seed in 0..<24 as Range<UInt64> {
      let instance = family.instance(size: 1 + Int(seed % 6), seed: seed)
      let best = leastObjective(instance)
      let slack = family.isIntegral ? 0 : 1e-9 * max(1, abs(best))
      let methods: [any Method] = [KaufmanBroeckx(), XiaYuan()]
      var values: [Double] = []
      for method in methods {
        let report = try instance.solve(
          with: method, options: SolveOptions(threads: 1, keepsProof: true))
        let label = "\(method.info.id) \(instance.name)"
        let value = try #require(report.figures["lp_value"], "\(label)")
        let bound = try #require(report.bound, "\(label)")
        #expect(bound.unrounded <= best + slack, "\(label)")
        // The multipliers made of the duals prove as much as the program.
        #expect(bound.unrounded >= value - 1e-6 * max(1, abs(value)), "\(label)")
        let verdict = check(try #require(report.certificate), of: instance)
        #expect(verdict.holds, "\(label): \(verdict.fault ?? "")")
        values.append(value)
      }
      #expect(values[1] >= values[0] - 1e-6 * max(1, abs(values[0])), "\(instance.name)")
    }
  }
}

@Suite(.disabled(if: LinearModel.canSolve)) struct BuildsWithoutGLPK {
  @Test func methodsDeclineByName() throws {
    let instance = Family.symmetric.instance(size: 5, seed: 1)
    let methods: [any Method] = [
      KaufmanBroeckx(), XiaYuan(), RLTLinearProgram(.init(engine: .simplex)),
    ]
    for method in methods {
      let error = #expect(throws: MethodError.self) { try instance.solve(with: method) }
      let text = "\(try #require(error))"
      #expect(text.hasPrefix(method.info.id) && text.contains("GLPK"), "\(text)")
    }
    #expect(!KaufmanBroeckx.info.supports(instance) && RLTLinearProgram.info.supports(instance))
  }
}
