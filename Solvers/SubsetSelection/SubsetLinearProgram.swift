import QAP
import QAPLinearProgramming
import QAPPrimitives

/// The linear program of the standard linearization, through GLPK, with inequalities added as they
/// are violated: a yardstick for the semidefinite bound.
///
///     min Σ_{i<j} q[i,j]·y[i,j] + Σ_i C[i,i]·x[i]
///     Σ_i x[i] = N,   Σ_{j≠i} y[i,j] = (N − 1)·x[i],   0 ≤ x, y ≤ 1
///
/// with q[i,j] = C[i,j] + C[j,i]. The second kind of equations is the level-1 RLT of the first.
/// Rounds then add the inequalities of the linearization, y[i,j] ≤ x[i] and x[i] + x[j] − y[i,j] ≤
/// 1, and the triangle inequalities (Padberg 1989)
///
///     y[i,j] + y[i,k] − y[j,k] ≤ x[i],        x[i] + x[j] + x[k] − y[i,j] − y[i,k] − y[j,k] ≤ 1
///
/// that are violated most. Every bound is proven by the duals alone (`LinearModel.safeBound`).
struct SubsetLinearProgram {
  static let source = "lp"
  /// The most items: the program has L(L + 1)/2 columns and its simplex method no warm start.
  static let maxSize = 150
  /// Inequalities added in a round, times the number of items, and rounds at most.
  private static let cutsPerItem = 10
  private static let rounds = 20

  private let problem: SubsetProblem
  private let items: Int
  private var model: LinearModel

  init(_ problem: SubsetProblem) {
    self.problem = problem
    items = problem.items
    model = LinearModel(name: problem.name)
    for i in 0..<items { model.addColumn(cost: problem.costs[i, i], upper: 1) }
    for i in 0..<items {
      for j in i + 1..<max(items, i + 1) {
        // A sum that rounding may have raised is lowered.
        let cost = problem.pairCost(i, j)
        let isExact = problem.lattice != nil || problem.costs[i, j] == problem.costs[j, i]
        model.addColumn(cost: isExact ? cost : cost.nextDown, upper: 1)
      }
    }
    model.addEquation(equals: Double(problem.size), (0..<items).map { ($0, 1.0) })
    for i in 0..<items {
      model.addEquation(
        equals: 0,
        [(i, 1 - Double(problem.size))]
          + (0..<items).filter { $0 != i }.map { (pair(i, $0), 1.0) })
    }
  }

  /// The column of y[i,j], i ≠ j.
  private func pair(_ i: Int, _ j: Int) -> Int {
    let (a, b) = (min(i, j), max(i, j))
    return items + a * items - a * (a + 1) / 2 + b - a - 1
  }

  /// Solves and adds inequalities until none is violated by much, and raises the ledger's bound.
  mutating func run(_ ledger: SubsetLedger) -> Termination {
    for _ in 0..<SubsetLinearProgram.rounds {
      if let reason = ledger.stopReason() { return reason }
      let options = LinearOptions(
        timeLimit: ledger.secondsLeft.map { max(0.01, $0) }, presolves: false,
        shouldStop: { ledger.stopsAtOnce() })
      guard let solution = try? model.solve(options) else { return .stalled }
      ledger.count(steps: 1, source: SubsetLinearProgram.source)
      if solution.rowDuals.count == model.rows.count {
        ledger.raise(
          to: model.safeBound(duals: solution.rowDuals), source: SubsetLinearProgram.source)
      }
      guard solution.status == .optimal else { return ledger.stopReason() ?? .stalled }
      let best = ledger.subsets.first?.objective
      if ledger.rule.isProven(objective: best, bound: ledger.bound) { return .optimal }
      guard addCuts(solution.values) else { return .stalled }
    }
    return .iterations
  }

  /// An inequality: sum of coefficients times columns, at most.
  private struct Cut {
    let violation: Double
    let terms: [(column: Int, coefficient: Double)]
    let limit: Double
  }

  /// Adds what `values` violate most; false when nothing is violated by much.
  private mutating func addCuts(_ values: [Double]) -> Bool {
    let tolerance = 1e-4
    func y(_ i: Int, _ j: Int) -> Double { values[pair(i, j)] }
    var cuts: [Cut] = []
    func consider(
      _ violation: Double, limit: Double, _ terms: @autoclosure () -> [(Int, Double)]
    ) {
      guard violation > tolerance else { return }
      cuts.append(Cut(violation: violation, terms: terms(), limit: limit))
    }
    for i in 0..<items {
      for j in 0..<items where j != i {
        consider(y(i, j) - values[i], limit: 0, [(pair(i, j), 1), (i, -1)])
        guard j < i else { continue }
        consider(
          values[i] + values[j] - y(i, j) - 1, limit: 1, [(i, 1), (j, 1), (pair(i, j), -1)])
      }
    }
    // The linearization first: triangles are many, and few of them matter before it holds.
    if cuts.isEmpty {
      for i in 0..<items {
        for j in 0..<items where j != i {
          for k in 0..<j where k != i {
            consider(
              y(i, j) + y(i, k) - y(j, k) - values[i], limit: 0,
              [(pair(i, j), 1), (pair(i, k), 1), (pair(j, k), -1), (i, -1)])
            guard j < i else { continue }
            consider(
              values[i] + values[j] + values[k] - y(i, j) - y(i, k) - y(j, k) - 1, limit: 1,
              [(i, 1), (j, 1), (k, 1), (pair(i, j), -1), (pair(i, k), -1), (pair(j, k), -1)])
          }
        }
      }
    }
    // Equals in the order they were found: sorting alone would not keep it.
    let order = cuts.indices.sorted { (cuts[$1].violation, $0) < (cuts[$0].violation, $1) }
    for index in order.prefix(SubsetLinearProgram.cutsPerItem * items) {
      model.addRow(upper: cuts[index].limit, cuts[index].terms)
    }
    return !cuts.isEmpty
  }
}
