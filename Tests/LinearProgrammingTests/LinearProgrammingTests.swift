import QAPLinearProgramming
import QAPPrimitives
import Synchronization
import Testing

/// min −3x − 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18: the textbook's 36 at (2, 6).
private func textbook(upper: Double = .infinity, integer: Bool = false) -> LinearModel {
  var model = LinearModel(name: "textbook")
  let x = model.addColumn(cost: -3, upper: upper, isInteger: integer, name: "x")
  let y = model.addColumn(cost: -5, upper: upper, isInteger: integer, name: "y")
  model.addRow(upper: 4, [(x, 1)])
  model.addRow(upper: 12, [(y, 2)])
  model.addRow(upper: 18, [(x, 3), (y, 2)])
  return model
}

/// A random feasible transport model, with its cost never below zero.
private func transport(_ n: Int, seed: UInt64) -> LinearModel {
  var g = SeededGenerator(seed: seed, stream: 3)
  var model = LinearModel(name: "transport")
  var numbers: [[Int]] = []
  for _ in 0..<n {
    numbers.append((0..<n).map { _ in model.addColumn(cost: Double(g.below(100))) })
  }
  for r in 0..<n { model.addEquation(equals: 1, numbers[r].map { ($0, 1) }) }
  for c in 0..<n { model.addEquation(equals: 1, (0..<n).map { (numbers[$0][c], 1) }) }
  return model
}

/// A knapsack with many near ties: branch and cut has work to do.
private func knapsack(_ n: Int, rows: Int) -> LinearModel {
  var g = SeededGenerator(seed: 5, stream: 3)
  var model = LinearModel(name: "knapsack")
  for _ in 0..<n { model.addColumn(cost: -Double(100 + g.below(40)), upper: 1, isInteger: true) }
  for _ in 0..<rows {
    let weights = (0..<n).map { ($0, Double(100 + g.below(40))) }
    model.addRow(upper: weights.reduce(0) { $0 + $1.1 } / 2, weights)
  }
  return model
}

@Suite(.enabled(if: LinearModel.canSolve)) struct StatusTests {
  @Test(arguments: LinearAlgorithm.allCases)
  func anOptimumIsFound(_ algorithm: LinearAlgorithm) throws {
    let solution = try textbook().solve(LinearOptions(algorithm: algorithm))
    #expect(solution.status == .optimal)
    #expect(abs((solution.objective ?? 0) + 36) < 1e-6)
    #expect(abs(solution.values[0] - 2) < 1e-6 && abs(solution.values[1] - 6) < 1e-6)
    if algorithm != .branchAndCut {
      // Strong duality, and reduced costs that are what the duals leave.
      let dual = zip(solution.rowDuals, [4.0, 12, 18]).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(dual + 36) < 1e-6)
      #expect(solution.reducedCosts.allSatisfy { abs($0) < 1e-6 })
    }
  }

  @Test func presolvedModelsHaveDualsToo() throws {
    let solution = try textbook().solve(LinearOptions(presolves: true))
    #expect(solution.status == .optimal && solution.rowDuals.count == 3)
    #expect(abs(zip(solution.rowDuals, [4.0, 12, 18]).reduce(0) { $0 + $1.0 * $1.1 } + 36) < 1e-9)
  }

  @Test(arguments: LinearAlgorithm.allCases)
  func contradictionsAreInfeasible(_ algorithm: LinearAlgorithm) throws {
    var model = textbook()
    model.addRow(lower: 19, [(0, 3), (1, 2)])
    let status = try model.solve(LinearOptions(algorithm: algorithm)).status
    // The interior point method only tells that it goes nowhere.
    let expected: Set<LinearStatus> =
      algorithm == .interiorPoint
      ? [.infeasible, .infeasibleOrUnbounded, .numericalFailure] : [.infeasible]
    #expect(expected.contains(status), "\(algorithm): \(status)")
    var crossed = textbook()
    crossed.setBounds(column: 0, lower: 2, upper: 1)
    #expect(try crossed.solve(LinearOptions(algorithm: algorithm)).status == .infeasible)
    var between = textbook(integer: true)
    between.setBounds(column: 0, lower: 1.25, upper: 1.75)
    #expect(try between.solve(LinearOptions(algorithm: .branchAndCut)).status == .infeasible)
  }

  @Test(arguments: LinearAlgorithm.allCases)
  func missingConstraintsAreUnbounded(_ algorithm: LinearAlgorithm) throws {
    var model = LinearModel()
    let x = model.addColumn(cost: -1)
    let y = model.addColumn(cost: 0)
    model.addRow(upper: 1, [(x, 1), (y, -1)])
    let status = try model.solve(LinearOptions(algorithm: algorithm)).status
    let expected: Set<LinearStatus> =
      switch algorithm {
      case .primalSimplex, .dualSimplex: [.unbounded]
      case .interiorPoint: [.unbounded, .infeasibleOrUnbounded, .numericalFailure]
      case .branchAndCut: [.unbounded, .infeasibleOrUnbounded]
      }
    #expect(expected.contains(status), "\(algorithm): \(status)")
  }

  @Test func limitsEndASolve() throws {
    let assignment = transport(40, seed: 1)
    #expect(try assignment.solve(LinearOptions(iterationLimit: 3)).status == .iterationLimit)
    let hard = knapsack(200, rows: 12)
    let timed = try hard.solve(LinearOptions(algorithm: .branchAndCut, timeLimit: 0.2))
    #expect(timed.status == .timeLimit)
    if let objective = timed.objective, let bound = timed.bestBound {
      #expect(bound <= objective + 1e-6)
    }
    let asked = Atomic<Int>(0)
    let stopped = try hard.solve(
      LinearOptions(
        algorithm: .branchAndCut,
        shouldStop: { asked.add(1, ordering: .relaxed).newValue > 20 }))
    #expect(stopped.status == .interrupted)
    #expect(try assignment.solve(LinearOptions(shouldStop: { true })).status == .interrupted)
    let free = try assignment.solve(LinearOptions(shouldStop: { false }))
    #expect(free.status == .optimal)
  }

  /// Coefficients thirty powers of ten apart, nearly parallel rows, Hilbert matrices: any answer
  /// but a crash, and what is called optimal is.
  @Test(arguments: LinearAlgorithm.allCases)
  func hardNumbersGiveATypedAnswer(_ algorithm: LinearAlgorithm) throws {
    var g = SeededGenerator(seed: 9, stream: 3)
    for trial in 0..<60 {
      var model = LinearModel(name: "hard")
      let n = 2 + trial % 9
      for _ in 0..<n {
        model.addColumn(
          cost: (g.unit() - 0.5) * power10(Int(g.below(31)) - 15),
          lower: trial % 3 == 0 ? 0 : -1e12,
          upper: trial % 2 == 0 ? .infinity : 1e13, isInteger: trial % 5 == 4)
      }
      for r in 0..<n {
        let terms = (0..<n).map { c -> (column: Int, coefficient: Double) in
          switch trial % 3 {
          case 0: (c, 1 / Double(r + c + 1))
          case 1: (c, (g.unit() - 0.5) * power10(Int(g.below(31)) - 15))
          default: (c, 1 + 1e-13 * g.unit())
          }
        }
        model.addEquation(equals: g.unit() * power10(Int(g.below(9))), terms)
      }
      let solution = try model.solve(LinearOptions(algorithm: algorithm, timeLimit: 5))
      #expect(LinearStatus.allCases.contains(solution.status))
      if solution.status == .optimal { #expect(solution.values.count == n) }
    }
  }

  private func power10(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { value, _ in exponent < 0 ? value / 10 : value * 10 }
  }

  @Test func emptyModelsAreAnswered() throws {
    for algorithm in LinearAlgorithm.allCases {
      let options = LinearOptions(algorithm: algorithm)
      #expect(try LinearModel().solve(options).objective == 0)
      var boxes = LinearModel()
      boxes.constant = 5
      boxes.addColumn(cost: 2, lower: -1, upper: 3)
      boxes.addColumn(cost: -1, lower: -1, upper: 3)
      #expect(try boxes.solve(options).objective == 0)
      boxes.addColumn(cost: -1)
      #expect(try boxes.solve(options).status == .unbounded)
      var empty = LinearModel()
      empty.addRow(lower: 1, [])
      #expect(try empty.solve(options).status == .infeasible)
    }
  }

  @Test func hostileModelsAreRefused() throws {
    func expectInvalid(_ change: (inout LinearModel) -> Void) {
      var model = textbook()
      change(&model)
      #expect(throws: LinearProgramError.self) { try model.solve() }
      #expect(throws: LinearProgramError.self) { try model.formatted(as: .mps) }
    }
    expectInvalid { $0.addColumn(cost: .nan) }
    expectInvalid { $0.addColumn(cost: .infinity) }
    expectInvalid { $0.addColumn(cost: 1, lower: .nan) }
    expectInvalid { $0.addColumn(cost: 1, lower: .infinity) }
    expectInvalid { $0.addColumn(cost: 1, upper: -.infinity) }
    expectInvalid { $0.addColumn(cost: 1, name: "two words") }
    expectInvalid { $0.addColumn(cost: 1, name: "\u{7}") }
    expectInvalid { $0.addColumn(cost: 1, name: String(repeating: "x", count: 256)) }
    expectInvalid { $0.addRow(upper: .nan, [(0, 1)]) }
    expectInvalid { $0.addRow(upper: 1, [(2, 1)]) }
    expectInvalid { $0.addRow(upper: 1, [(-1, 1)]) }
    expectInvalid { $0.addRow(upper: 1, [(0, .nan)]) }
    expectInvalid { $0.addRow(upper: 1, [(0, 1), (1, 1), (0, 1)]) }
    expectInvalid { $0.constant = .infinity }
    expectInvalid { $0.name = "a\nb" }
    #expect(throws: LinearProgramError.tooLarge(textbook().size)) {
      try textbook().solve(LinearOptions(memoryLimit: 1000))
    }
  }

  @Test func theLogComesInLines() throws {
    let lines = Mutex<[String]>([])
    _ = try textbook().solve(LinearOptions(log: { line in lines.withLock { $0.append(line) } }))
    let text = lines.withLock { $0 }
    #expect(text.contains { $0.contains("OPTIMAL") })
    #expect(text.allSatisfy { !$0.contains("\n") })
  }
}

@Suite struct SafeBoundTests {
  /// Duals of any kind prove something true; those of the solver prove nearly everything.
  @Test(.enabled(if: LinearModel.canSolve)) func anyDualsAreValid() throws {
    var g = SeededGenerator(seed: 4, stream: 3)
    for seed in 0..<200 {
      var model = LinearModel()
      let n = 2 + seed % 5
      for _ in 0..<n {
        let lower = Double(g.below(5)) - 3
        model.addColumn(cost: 10 * g.unit() - 5, lower: lower, upper: lower + Double(g.below(6)))
      }
      for r in 0..<n {
        let terms = (0..<n).map { ($0, 4 * g.unit() - 2) }
        // A point inside the box satisfies every row.
        let value = terms.reduce(0.0) { $0 + $1.1 * (model.columns[$1.0].lower) }
        model.addRow(
          lower: r % 2 == 0 ? value - 1 : -.infinity, upper: r % 3 == 0 ? .infinity : value + 1,
          terms)
      }
      let solution = try model.solve()
      let best = try #require(solution.objective)
      #expect(solution.status == .optimal)
      let tight = model.safeBound(duals: solution.rowDuals)
      #expect(tight <= best + 1e-9 && tight >= best - 1e-6 * max(1, abs(best)), "seed \(seed)")
      let wild = (0..<n).map { _ in 100 * g.unit() - 50 }
      #expect(model.safeBound(duals: wild) <= best + 1e-9, "seed \(seed)")
      let broken = model.safeBound(duals: (0..<n).map { [.nan, .infinity, 1][$0 % 3] })
      #expect(broken <= best + 1e-9, "seed \(seed)")
    }
  }

  @Test func withoutBoundsNothingIsProvenButWhatTheSignAllows() {
    var model = LinearModel()
    model.addColumn(cost: 1)
    model.addRow(lower: 2, [(0, 1)])
    let half = model.safeBound(duals: [0.5])
    #expect(half <= 1 && half > 0.999_999)
    #expect(model.safeBound(duals: [2]) == -.infinity)
    // A dual of the wrong sign counts as none.
    let none = model.safeBound(duals: [-3])
    #expect(none <= 0 && none > -1e-9)
  }
}

@Suite(.enabled(if: LinearModel.canSolve)) struct ConcurrencyTests {
  /// A thousand models at once, each on whatever thread it meets.
  @Test func aThousandModelsAtOnce() async throws {
    let values = try await withThrowingTaskGroup(of: (Int, Double).self) { group in
      for index in 0..<1000 {
        group.addTask {
          let model = transport(6 + index % 7, seed: UInt64(index % 50))
          let solution = try model.solve(
            LinearOptions(algorithm: index % 2 == 0 ? .primalSimplex : .dualSimplex))
          return (index, solution.objective ?? .nan)
        }
      }
      var values = [Double](repeating: .nan, count: 1000)
      for try await (index, value) in group { values[index] = value }
      return values
    }
    for index in 0..<1000 {
      // 50 and 7 have 350 as their least common multiple.
      #expect(values[index] == values[index % 350], "\(index)")
    }
  }
}
