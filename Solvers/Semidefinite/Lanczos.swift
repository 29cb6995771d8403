import QAPDenseAlgebra
import QAPPrimitives

/// The Lanczos method on a symmetric matrix, both triangles of which are read, with full
/// reorthogonalization: eigenvalues at both ends of the spectrum, from products of the matrix with
/// vectors. Its results are approximate, and residuals bound their errors; nothing is
/// proven.
final class Lanczos {
  private let matrix: MatrixView
  private let threads: Int
  private let order: Int
  private let memory: Buffer<Double>
  private var diagonal: [Double] = []
  private var off: [Double] = []

  /// Begins at `start`, which is not zero, and has room for that number of steps.
  init(_ matrix: MatrixView, start: BufferView<Double>, steps: Int, threads: Int) {
    self.matrix = matrix
    self.threads = threads
    order = matrix.rows
    memory = Buffer(count: (steps + 1) * order, repeating: 0.0)
    vector(0).copy(from: start)
    scale(vector(0), by: 1 / norm(start))
  }

  private func vector(_ index: Int) -> BufferView<Double> {
    memory.view.window(index * order, order)
  }

  /// One step; false when it was the last possible one, nil when numbers are not finite.
  ///
  /// - Complexity: O(order²).
  func step() -> Bool? {
    let step = diagonal.count
    let (now, next) = (vector(step), vector(step + 1))
    let (matrix, order) = (matrix, order)
    parallelFor(count: (order + 63) / 64, threads: threads) { _, block in
      for r in block * 64..<min(order, block * 64 + 64) {
        next[r] = dot(matrix.elements.window(r &* matrix.stride, order), now)
      }
    }
    diagonal.append(dot(next, now))
    for _ in 0..<2 {
      for index in (0...step).reversed() {
        let old = vector(index)
        let product = dot(next, old)
        for at in 0..<order { next[at] -= product * old[at] }
      }
    }
    let length = norm(next)
    guard length.isFinite else { return nil }
    off.append(length)
    if length > 0 { scale(next, by: 1 / length) }
    return length > 0
  }

  /// The Ritz values of the steps so far, ascending, with their vectors over those of the steps as
  /// columns.
  func ritz() -> SymmetricEigen? {
    let size = diagonal.count
    return symmetricEigen(
      Matrix<Double>(rows: size, columns: size) {
        $0 == $1 ? diagonal[$0] : abs($0 - $1) == 1 ? off[min($0, $1)] : 0
      })
  }

  /// A bound on the distance of the `index`-th Ritz value from an eigenvalue.
  func residual(_ ritz: SymmetricEigen, _ index: Int) -> Double {
    let size = diagonal.count
    return abs(off[size - 1] * ritz.vectors[size - 1, index])
  }

  /// Writes the `index`-th Ritz vector to `result`.
  func expand(_ ritz: SymmetricEigen, _ index: Int, into result: BufferView<Double>) {
    result.fill(0)
    for step in diagonal.indices {
      let (factor, line) = (ritz.vectors[step, index], vector(step))
      for at in 0..<order { result[at] += factor * line[at] }
    }
  }
}

/// About the largest eigenvalue from below: the largest Ritz value. Its vector, and a little of all
/// others, replaces `start`, where that of a similar matrix saves steps. With many eigenvalues
/// close to the largest the residual stays far above the error, which falls with its square. Nil
/// when numbers are not finite.
///
/// Some hundred products of the matrix with a vector; the caller has to check it, here by a
/// factorization.
func lanczosLargest(_ matrix: MatrixView, start: BufferView<Double>, threads: Int) -> Double? {
  let order = matrix.rows
  let steps = min(order, 200)
  let run = Lanczos(matrix, start: start, steps: steps, threads: threads)
  for step in 1...steps {
    guard let goesOn = run.step() else { return nil }
    let isLast = step == steps || !goesOn
    guard isLast || step % 20 == 0 else { continue }
    guard let ritz = run.ritz() else { return nil }
    let reach = max(abs(ritz.values[step - 1]), abs(ritz.values[0]))
    guard isLast || run.residual(ritz, step - 1) <= 1e-7 * reach else { continue }
    run.expand(ritz, step - 1, into: start)
    var generator = SeededGenerator(seed: UInt64(step))
    let share = 0.1 / Double(order).squareRoot()
    for at in 0..<order { start[at] += share * (generator.unit() - 0.5) }
    return ritz.values[step - 1]
  }
  return nil
}

private func norm(_ v: BufferView<Double>) -> Double { dot(v, v).squareRoot() }

private func scale(_ v: BufferView<Double>, by factor: Double) {
  for at in 0..<v.count { v[at] *= factor }
}

/// Σ aₖ·bₖ in eight interleaved sums.
private func dot(_ a: BufferView<Double>, _ b: BufferView<Double>) -> Double {
  var sum = Wide(repeating: 0)
  var at = 0
  while at &+ 8 <= a.count {
    sum += a.wide(at) * b.wide(at)
    at &+= 8
  }
  var total = sum.total
  while at < a.count {
    total += a[at] * b[at]
    at &+= 1
  }
  return total
}
