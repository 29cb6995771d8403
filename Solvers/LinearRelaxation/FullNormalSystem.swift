import QAPDenseAlgebra
import QAPPrimitives

/// The same equations as `NormalSystem` with x eliminated first: one dense normal matrix over all
/// rows that are kept. Eight times the work, and accurate to the end: x is eliminated by large
/// pivots where it is basic, which the other order cannot do.
final class FullNormalSystem: @unchecked Sendable {
  let n: Int
  let threads: Int
  let order: Int
  /// The place of each element of `Rows`, x apart, or −1.
  private let place: [Int]
  private let matrix: Buffer<Double>

  /// The order of the matrix.
  static func order(size n: Int) -> Int {
    NormalSystem.order(size: n) + n * n * (n - 1) - n * (n - 1) / 2 + 2 * n - 1
  }

  init(size n: Int, threads: Int) {
    self.n = n
    self.threads = threads
    let cube = n * n * n
    var place = [Int](repeating: -1, count: 2 * cube + 2 * n)
    var count = 0
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n where NormalSystem.keepsRow(n, i, j, k) {
          place[(i * n + j) * n + k] = count
          count += 1
        }
      }
    }
    for i in 0..<n {
      for j in 0..<n {
        for l in 0..<n where NormalSystem.keepsColumn(n, i, j, l) {
          place[cube + (i * n + j) * n + l] = count
          count += 1
        }
      }
    }
    for index in 0..<2 * n - 1 {
      place[2 * cube + index] = count
      count += 1
    }
    self.place = place
    order = count
    matrix = Buffer(count: count * count, repeating: 0)
  }

  /// Factors A·Θ·Aᵀ with the system's θ, x/s and proximal terms.
  ///
  /// - Complexity: O(n⁴) entries are added by 4 × 4 blocks, and n² blocks of order 2n.
  func factor(_ system: NormalSystem, shouldStop: () -> Bool) -> Cholesky.Outcome {
    let (n, order) = (n, order)
    let cube = n * n * n
    let m = matrix.view
    m.fill(0)
    func add(_ rows: [Int], _ signs: [Double], _ value: Double) {
      for (a, r) in rows.enumerated() where r >= 0 {
        for (b, c) in rows.enumerated() where c >= 0 && c <= r {
          m[r * order + c] += signs[a] * signs[b] * value
        }
      }
    }
    var p = 0
    for i in 0..<n {
      for k in i + 1..<max(n, i + 1) {
        for j in 0..<n {
          for l in 0..<n where l != j {
            let rows = [
              place[(i * n + j) * n + k], place[(k * n + l) * n + i],
              place[cube + (i * n + j) * n + l], place[cube + (k * n + l) * n + j],
            ]
            add(rows, [1, 1, 1, 1], system.theta.view[(p * n + j) * n + l])
          }
        }
        p += 1
      }
    }
    for index in 0..<2 * cube where place[index] >= 0 {
      m[place[index] * order + place[index]] += system.dualShift
    }
    for i in 0..<n {
      for j in 0..<n {
        var rows: [Int] = []
        for k in 0..<n where k != i { rows.append(place[(i * n + j) * n + k]) }
        for l in 0..<n where l != j { rows.append(place[cube + (i * n + j) * n + l]) }
        let signs = rows.map { _ in -1.0 } + [1, 1]
        rows.append(place[2 * cube + i])
        rows.append(place[2 * cube + n + j])
        add(rows, signs, 1 / system.ratio.view[i * n + j])
      }
    }
    for index in 0..<order { m[index * order + index] *= 1 + 0x1p-46 }
    return Cholesky.factor(
      MatrixView(m, rows: order, columns: order), threads: threads, shouldStop: shouldStop)
  }

  /// As `NormalSystem.solve`.
  func solve(_ right: Rows, _ system: NormalSystem, into solution: Rows) {
    let (n, order) = (n, order)
    let line = Buffer(count: order, repeating: 0.0)
    let full = Rows(n)
    full.all.copy(from: right.all)
    for i in 0..<n {
      for j in 0..<n {
        let x = right.x[i * n + j] / system.ratio.view[i * n + j]
        for k in 0..<n {
          full.u[(i * n + j) * n + k] -= x
          full.v[(i * n + j) * n + k] -= x
        }
        full.alpha[i] += x
        full.beta[j] += x
      }
    }
    for index in place.indices where place[index] >= 0 {
      line.view[place[index]] = full.all[index]
    }
    let l = MatrixView(matrix.view, rows: order, columns: order)
    let row = MatrixView(line.view, rows: 1, columns: order)
    Cholesky.solveForward(l, rows: row)
    Cholesky.solveBackward(l, rows: row)
    for index in place.indices {
      solution.all[index] = place[index] >= 0 ? line.view[place[index]] : 0
    }
    for i in 0..<n {
      for j in 0..<n {
        var sum = solution.alpha[i] + solution.beta[j] - right.x[i * n + j]
        for k in 0..<n where k != i { sum -= solution.u[(i * n + j) * n + k] }
        for k in 0..<n where k != j { sum -= solution.v[(i * n + j) * n + k] }
        solution.x[i * n + j] = sum / system.ratio.view[i * n + j]
      }
    }
  }
}
