import QAP
import QAPLinearProgramming

// The level-1 reformulation–linearization of W. P. Adams and T. A. Johnson, "Improved linear
// programming-based lower bounds for the quadratic assignment problem", DIMACS Series 16 (1994),
// with one variable y(ij,kl) = x[i,j]·x[k,l] for each unordered pair, i < k:
//
//     minimize  Σ q(ij,kl) y(ij,kl) + Σ L[i,j] x[i,j] + constant
//     Σ_l y(ij,kl) = x[i,j]   for all i, j, k ≠ i        Σ_j x[i,j] = 1
//     Σ_k y(ij,kl) = x[i,j]   for all i, j, l ≠ j        Σ_i x[i,j] = 1

/// 2n²(n − 1) + 2n rows, n² + n²(n − 1)²/2 columns; saturates.
func rlt1Size(_ n: Int) -> ModelSize {
  let size = Double(n)
  func whole(_ value: Double) -> Int { value < 4e18 ? Int(value) : .max }
  let y = size * size * (size - 1) * (size - 1) / 2
  return ModelSize(
    rows: whole(2 * size * size * (size - 1) + 2 * size), columns: whole(size * size + y),
    nonzeros: whole(2 * size * size + 4 * y + 2 * size * size * (size - 1)))
}

/// Columns: x, then y(ij,kl) by pairs i < k, then j, then l ≠ j. Rows: facilities, locations, then
/// the sums over l by (i, j, k) and the sums over k by (i, j, l).
func rlt1Model(_ instance: Instance, isInteger: Bool) -> LinearModel {
  let cost = PairCost(instance)
  let table = PairTable(cost)
  let n = cost.size
  var model = LinearModel(name: "rlt1")
  model.constant = cost.constant
  model.reserve(rlt1Size(n))
  model.addAssignment(n, isInteger: isInteger) { cost.linear[$0, $1] }
  var column = [Int](repeating: -1, count: table.values.count)
  for (p, pair) in table.pairs.enumerated() {
    for j in 0..<n {
      for l in 0..<n where l != j {
        let at = (p * n + j) * n + l
        column[at] = model.addColumn(
          cost: table.values[at], upper: 1, name: "y_\(pair.i)_\(j)_\(pair.k)_\(l)")
      }
    }
  }
  func y(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Int {
    i < k
      ? column[(table.index(i, k) * n + j) * n + l] : column[(table.index(k, i) * n + l) * n + j]
  }
  for i in 0..<n {
    for j in 0..<n {
      for k in 0..<n where k != i {
        let terms = (0..<n).filter { $0 != j }.map { (column: y(i, j, k, $0), coefficient: 1.0) }
        model.addEquation(equals: 0, name: "u_\(i)_\(j)_\(k)", terms + [(i * n + j, -1)])
      }
    }
  }
  for i in 0..<n {
    for j in 0..<n {
      for l in 0..<n where l != j {
        let terms = (0..<n).filter { $0 != i }.map { (column: y(i, j, $0, l), coefficient: 1.0) }
        model.addEquation(equals: 0, name: "v_\(i)_\(j)_\(l)", terms + [(i * n + j, -1)])
      }
    }
  }
  return model
}

/// Row duals of that model as multipliers u[i,j,k] and v[i,j,l].
func rlt1Multipliers(_ duals: [Double], size n: Int) -> (row: [Double], column: [Double]) {
  var row = [Double](repeating: 0, count: n * n * n)
  var column = row
  var next = 2 * n
  for i in 0..<n {
    for j in 0..<n {
      for k in 0..<n where k != i {
        row[(i * n + j) * n + k] = duals[next]
        next += 1
      }
    }
  }
  for i in 0..<n {
    for j in 0..<n {
      for l in 0..<n where l != j {
        column[(i * n + j) * n + l] = duals[next]
        next += 1
      }
    }
  }
  return (row, column)
}
