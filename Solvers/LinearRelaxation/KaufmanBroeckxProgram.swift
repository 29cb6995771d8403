import QAP
import QAPLinearAssignment
import QAPLinearProgramming
import QAPPrimitives

/// The linearization of L. Kaufman and F. Broeckx, "An algorithm for the quadratic assignment
/// problem using Benders' decomposition", European Journal of Operational Research 2 (1978), and
/// that of Y. Xia and Y.-X. Yuan, "A new linearization method for quadratic assignment problems",
/// Optimization Methods and Software 21 (2006).
///
/// Each pair {i, k} first gives away its least cost m(i,k), so that costs are at least zero, and
/// half of the rest to either facility: c(ij,kl) = (q(ij,kl) − m(i,k))/2. With d[i,j] = Σ_k max_l
/// c(ij,kl),
///
///     minimize  Σ w[i,j] + Σ L[i,j] x[i,j] + Σ m + constant,   0 ≤ w[i,j] ≤ d[i,j]
///     w[i,j] ≥ Σ_{k,l} c(ij,kl) x[k,l] − d[i,j] (1 − x[i,j])
///     w[i,j] ≥ leader[i,j]·x[i,j]                               (Xia and Yuan)
///
/// where the leader is the least Σ_k c(ij,kp(k)) of any assignment p. Columns w with d = 0 are left
/// out.
///
/// Its duals μ and ν of the two kinds of rows make a point of the level-1 RLT dual with the same
/// value, which is how the bound is proven (`multipliers`): for j' ≠ j
///
///     u[k,l,i] += μ[i,j]·c(ij,kl),   u[i,j',k] −= μ[i,j]·max_l c(ij,kl),   u[i,j,k] += m(i,k)  (i < k)
///     u[i,j,k] += ν[i,j]·a[k],       v[i,j,l] += ν[i,j]·b[l]
///
/// with a and b the duals of the assignment problem of the leader.
struct KaufmanBroeckxProgram {
  let cost: PairCost
  let table: PairTable
  let n: Int
  let usesLeaders: Bool
  /// m(i,k) by pairs.
  let least: [Double]
  /// max_l c(ij,kl) at (i·n + j)·n + k.
  let largest: [Double]
  /// d[i,j].
  let reach: [Double]
  /// The leaders and their duals, (i·n + j)·n + k and l, where they are used.
  private(set) var leaders: [Double] = []
  private(set) var leaderRows: [Double] = []
  private(set) var leaderColumns: [Double] = []

  init(_ instance: Instance, leaders usesLeaders: Bool) {
    cost = PairCost(instance)
    table = PairTable(cost)
    n = cost.size
    self.usesLeaders = usesLeaders
    let (n, table) = (n, table)
    let least = table.pairs.map { table.least($0.i, $0.k) }
    self.least = least
    var largest = [Double](repeating: 0, count: n * n * n)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n where k != i {
          let base = least[table.index(min(i, k), max(i, k))]
          for l in 0..<n where l != j {
            let at = (i * n + j) * n + k
            largest[at] = max(largest[at], 0.5 * (table[i, j, k, l] - base))
          }
        }
      }
    }
    self.largest = largest
    reach = (0..<n * n).map { largest[$0 * n..<($0 + 1) * n].reduce(0, +) }
    if usesLeaders { computeLeaders() }
  }

  /// c(ij,kl).
  func part(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Double {
    0.5 * (table[i, j, k, l] - least[table.index(min(i, k), max(i, k))])
  }

  private mutating func computeLeaders() {
    leaders = Array(repeating: 0, count: n * n)
    leaderRows = Array(repeating: 0, count: n * n * n)
    leaderColumns = leaderRows
    guard n > 1 else { return }
    let solver = LinearAssignmentSolver(capacity: n)
    for i in 0..<n {
      for j in 0..<n {
        solver.prepare(size: n)
        var row = 0
        for k in 0..<n where k != i {
          for l in 0..<n {
            solver.costs[row * solver.stride + l] = l == j ? .infinity : part(i, j, k, l)
          }
          row += 1
        }
        leaders[i * n + j] = max(0, solver.solve(.cold, rows: n - 1, excludingColumn: j))
        row = 0
        for k in 0..<n where k != i {
          leaderRows[(i * n + j) * n + k] = solver.rowDuals[row]
          row += 1
        }
        for l in 0..<n where l != j {
          leaderColumns[(i * n + j) * n + l] = solver.columnDuals[l]
        }
      }
    }
  }

  /// A power of two near the largest cost: solvers have absolute tolerances, and expect costs near
  /// 1.
  var unit: Double {
    let largest = cost.linear.elements.reduce(reach.max() ?? 0) { max($0, abs($1)) }
    return largest > 0 ? Double(sign: .plus, exponent: Int(largest.exponent), significand: 1) : 1
  }

  /// The cost of every assignment, whatever it is.
  var constant: Double { least.reduce(cost.constant, +) }

  /// The program with all costs in the given unit, a power of two; row duals do not depend on it.
  /// Without `constant`, which may be beyond all doubles in a small unit.
  func model(isInteger: Bool, unit: Double = 1) -> LinearModel {
    var model = LinearModel(name: usesLeaders ? "xia-yuan" : "kaufman-broeckx")
    model.addAssignment(n, isInteger: isInteger) { cost.linear[$0, $1] / unit }
    for place in 0..<n * n where reach[place] > 0 {
      let ((i, j), reach) = ((place / n, place % n), reach[place] / unit)
      let w = model.addColumn(cost: 1, upper: reach, name: "w_\(i)_\(j)")
      var terms: [(column: Int, coefficient: Double)] = [(w, -1), (place, reach)]
      for k in 0..<n where k != i {
        for l in 0..<n where l != j { terms.append((k * n + l, part(i, j, k, l) / unit)) }
      }
      model.addRow(upper: reach, name: "product_\(i)_\(j)", terms)
      if usesLeaders {
        model.addRow(
          lower: 0, name: "leader_\(i)_\(j)", [(w, 1), (place, -leaders[place] / unit)])
      }
    }
    return model
  }

  /// The level-1 RLT multipliers that correspond to row duals of this model.
  func multipliers(_ duals: [Double]) -> (row: [Double], column: [Double]) {
    var row = [Double](repeating: 0, count: n * n * n)
    var column = row
    for (p, pair) in table.pairs.enumerated() {
      for j in 0..<n { row[(pair.i * n + j) * n + pair.k] += least[p] }
    }
    var next = 2 * n
    for place in 0..<n * n where reach[place] > 0 {
      let (i, j) = (place / n, place % n)
      // Whatever the solver says, within 0 and 1 the point is feasible.
      let mu = min(1, max(0, duals.isEmpty ? 0 : -duals[next]))
      next += 1
      for k in 0..<n where k != i {
        for l in 0..<n where l != j { row[(k * n + l) * n + i] += mu * part(i, j, k, l) }
        for other in 0..<n where other != j {
          row[(i * n + other) * n + k] -= mu * largest[place * n + k]
        }
      }
      guard usesLeaders else { continue }
      let nu = min(1 - mu, max(0, duals.isEmpty ? 1 : duals[next]))
      next += 1
      for k in 0..<n where k != i { row[place * n + k] += nu * leaderRows[place * n + k] }
      for l in 0..<n where l != j { column[place * n + l] += nu * leaderColumns[place * n + l] }
    }
    return (row, column)
  }
}

/// At most 2n + n² rows (2n² with leaders), 2n² columns and n²(n − 1)² + … coefficients; saturates.
func kaufmanBroeckxSize(_ n: Int, leaders: Bool) -> ModelSize {
  let size = Double(n)
  func whole(_ value: Double) -> Int { value < 4e18 ? Int(value) : .max }
  let places = size * size
  return ModelSize(
    rows: whole(2 * size + (leaders ? 2 : 1) * places), columns: whole(2 * places),
    nonzeros: whole(
      2 * places + places * ((size - 1) * (size - 1) + 2) + (leaders ? 2 * places : 0)))
}
