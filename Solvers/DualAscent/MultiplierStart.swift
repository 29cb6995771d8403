import QAP
import QAPLinearAssignment
import QAPPrimitives

/// Offers what given multipliers of the level-1 RLT dual prove, with the proof where proofs are
/// kept.
///
/// They need not be feasible: rounding, and their source, may have left reduced costs below zero,
/// which the proof takes off.
///
/// Facilities that pad the instance take part like any other, n in all.
///
/// - Parameters:
///   - row: `u[i,j,k]` at `(i·n + j)·n + k`.
///   - column: `v[i,j,l]` at `(i·n + j)·n + l`.
///   - improving: Follow with one round of dual ascent, which makes the point tight, keeps the
///     proven bound, and meets assignments on the way, which are offered too.
/// - Complexity: O(n⁴) time and O(n³) memory, or O(n⁵) time with a round of dual ascent.
package func prove(
  _ context: SolveContext, row: [Double], column: [Double], improving: Bool
) {
  let ascent = DualAscent(context, transposed: false, padded: true)
  let dual = ascent.dual
  let n = dual.size
  precondition(row.count == n * n * n && column.count == n * n * n, "n³ multipliers of each kind")
  for i in 0..<n {
    for j in 0..<n {
      let (line, at) = ((i * n + j) * dual.stride, (i * n + j) * n)
      for k in 0..<n where k != i {
        dual.rowMultipliers[line + k] = row[at + k]
        dual.rowMirror[(k * n + i) * dual.stride + j] = row[at + k]
      }
      for l in 0..<n where l != j {
        dual.columnMultipliers[line + l] = column[at + l]
        dual.columnMirror[(l * n + i) * dual.stride + j] = column[at + l]
      }
    }
  }
  // The proof sums the leaders anew and leaves a feasible point, from which the round starts.
  ascent.prove()
  if improving { ascent.settle(rounds: 1, toTheEnd: true) }
}
