import QAPLinearAssignment
import QAPPrimitives
import Testing

/// Families of matrices that assignment codes meet, some of them known to slow others down.
enum Family: CaseIterable, Sendable {
  case uniform, integer, product, constant, negative, fewValues, wideRange

  func matrix(_ n: Int, _ g: inout SeededGenerator) -> Matrix<Double> {
    let a = (0..<n).map { _ in Double(g.below(10)) }
    let b = (0..<n).map { _ in Double(g.below(10)) }
    return Matrix(rows: n, columns: n) { r, c in
      switch self {
      case .uniform: g.unit()
      case .integer: Double(1 + g.below(100))
      case .product: a[r] * b[c]
      case .constant: 7
      case .negative: Double(g.below(2001) - 1000)
      case .fewValues: Double(g.below(2))
      case .wideRange: Double(g.below(1_000_000_000)) * (g.below(2) == 0 ? 1 : -1000)
      }
    }
  }

  var isIntegral: Bool { self != .uniform }
}

/// The least cost over all permutations, by enumeration.
func bruteForce(_ costs: Matrix<Double>) -> Double {
  func least(_ row: Int, _ used: Int) -> Double {
    if row == costs.rows { return 0 }
    var best = Double.infinity
    for column in 0..<costs.columns where used & (1 << column) == 0 {
      best = min(best, costs[row, column] + least(row + 1, used | 1 << column))
    }
    return best
  }
  return least(0, 0)
}

/// Checks that `solution` is an assignment, that its duals are feasible and that they prove it.
func check(
  _ solution: LinearAssignmentSolution, _ costs: Matrix<Double>, exact: Bool, _ label: String
) {
  let n = costs.rows
  #expect(Permutation(solution.columnOfRow) != nil, "\(label)")
  let scale = costs.elements.reduce(1) { max($0, abs($1)) }
  let tolerance = exact ? 0 : 1e-13 * scale
  var worst = 0.0
  for r in 0..<n {
    for c in 0..<n {
      let reduced = costs[r, c] - solution.rowDuals[r] - solution.columnDuals[c]
      worst = min(worst, reduced)
      if solution.columnOfRow[r] == c { #expect(abs(reduced) <= tolerance, "\(label) slack") }
    }
  }
  #expect(worst >= -tolerance, "\(label) infeasible duals")
  let dual = solution.rowDuals.reduce(0, +) + solution.columnDuals.reduce(0, +)
  #expect(abs(dual - solution.value) <= tolerance * Double(n + 1), "\(label) value")
}

@Suite struct LinearAssignmentTests {
  @Test(arguments: Family.allCases)
  func equalsEnumeration(_ family: Family) {
    for seed in 0..<60 {
      var g = SeededGenerator(seed: UInt64(seed))
      let n = 1 + seed % 7
      let costs = family.matrix(n, &g)
      let solution = solveLinearAssignment(costs)
      let label = "\(family) seed \(seed)"
      #expect(
        abs(solution.value - bruteForce(costs)) <= (family.isIntegral ? 0 : 1e-12), "\(label)")
      check(solution, costs, exact: family.isIntegral, label)
    }
  }

  @Test(arguments: Family.allCases)
  func dualsProveLargerSizes(_ family: Family) {
    for n in [8, 9, 15, 16, 17, 31, 64, 100, 133] {
      var g = SeededGenerator(seed: UInt64(n))
      let costs = family.matrix(n, &g)
      check(solveLinearAssignment(costs), costs, exact: family.isIntegral, "\(family) n \(n)")
    }
  }

  @Test(arguments: Family.allCases)
  func warmStartsReachTheSameValue(_ family: Family) {
    let solver = LinearAssignmentSolver(capacity: 40)
    for seed in 0..<40 {
      var g = SeededGenerator(seed: UInt64(seed))
      let n = 1 + g.below(40)
      let costs = family.matrix(n, &g)
      let cold = solver.solve(costs)
      let random = (0..<n).map { _ in Double(g.below(201) - 100) }
      for (what, duals) in [("own", cold.columnDuals), ("random", random)] {
        let warm = solver.solve(costs, columnDuals: duals)
        let label = "\(family) seed \(seed) from \(what) duals"
        #expect(abs(warm.value - cold.value) <= (family.isIntegral ? 0 : 1e-11), "\(label)")
        // Random duals of size 100 cost the uniform family three digits.
        if family.isIntegral { check(warm, costs, exact: true, label) }
      }
    }
  }

  @Test func aSolverIsReusableAcrossSizes() {
    let solver = LinearAssignmentSolver(capacity: 50)
    var g = SeededGenerator(seed: 5)
    for n in [50, 3, 0, 17, 1, 50] {
      let costs = Family.integer.matrix(n, &g)
      let solution = solver.solve(costs)
      #expect(solution.value == solveLinearAssignment(costs).value)
      #expect(solution.columnOfRow == solveLinearAssignment(costs).columnOfRow)
    }
  }

  /// Wherever a solve is broken off, its duals are feasible and prove a lower bound; where it is
  /// not, asking changes nothing.
  @Test(arguments: Family.allCases)
  func aSolveThatIsBrokenOffHoldsABound(_ family: Family) {
    let solver = LinearAssignmentSolver(capacity: 45)
    var brokenOff = 0
    for seed in 0..<30 {
      var g = SeededGenerator(seed: UInt64(seed))
      let n = 1 + g.below(45)
      let costs = family.matrix(n, &g)
      let optimal = solver.solve(costs)
      let scale = costs.elements.reduce(1) { max($0, abs($1)) }
      let tolerance = family.isIntegral ? 0 : 1e-13 * scale
      for limit in [0, 1, 2, 5, 100] {
        let label = "\(family) seed \(seed) limit \(limit)"
        var asked = 0
        solver.load(costs)
        let (value, isOptimal) = solver.solve(.cold) {
          asked += 1
          return asked > limit
        }
        let columns = (0..<n).map { solver.columnOfRow[$0] }
        for r in 0..<n {
          for c in 0..<n {
            let reduced = costs[r, c] - solver.rowDuals[r] - solver.columnDuals[c]
            #expect(reduced >= -tolerance, "\(label): infeasible duals")
          }
        }
        #expect(value <= optimal.value + tolerance * Double(n), "\(label)")
        let sum = (0..<n).reduce(0) { $0 + solver.rowDuals[$1] + solver.columnDuals[$1] }
        #expect(abs(value - sum) <= tolerance * Double(n), "\(label)")
        if isOptimal {
          #expect(columns == optimal.columnOfRow, "\(label)")
          #expect((0..<n).map { solver.columnDuals[$0] } == optimal.columnDuals, "\(label)")
        } else {
          brokenOff += 1
          #expect(asked == limit + 1, "\(label)")
          let assigned = columns.filter { $0 >= 0 }
          #expect(assigned.count < n && Set(assigned).count == assigned.count, "\(label)")
        }
      }
    }
    // Constant costs are assigned before the first question.
    #expect(family == .constant || brokenOff > 0)
  }

  @Test func tiesAreBrokenTheSameWayEveryTime() {
    var g = SeededGenerator(seed: 11)
    let costs = Family.fewValues.matrix(60, &g)
    let first = solveLinearAssignment(costs)
    for _ in 0..<5 { #expect(solveLinearAssignment(costs).columnOfRow == first.columnOfRow) }
  }
}
