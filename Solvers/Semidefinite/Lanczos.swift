import DenseAlgebra
import Primitives

/// About the largest eigenvalue of a symmetric matrix, both triangles of which are read: the largest Ritz value
/// of the Lanczos method with full reorthogonalisation, and its residual on top of it. Nil when numbers are
/// not finite.
///
/// Some hundred products of the matrix with a vector. Nothing is proven: the caller has to check it, here by a
/// factorisation.
func lanczosLargest(_ matrix: MatrixView, threads: Int) -> Double? {
  let order = matrix.rows
  var generator = SeededGenerator(seed: 1)
  let steps = min(order, 240)
  let memory = Buffer(count: (steps + 1) * order, repeating: 0.0)
  let vectors = memory.view
  for at in 0..<order { vectors[at] = generator.unit() - 0.5 }
  func norm(_ v: BufferView<Double>) -> Double {
    var sum = 0.0
    for at in 0..<v.count { sum += v[at] * v[at] }
    return sum.squareRoot()
  }
  func scale(_ v: BufferView<Double>, by factor: Double) {
    for at in 0..<v.count { v[at] *= factor }
  }
  let first = vectors.window(0, order)
  scale(first, by: 1 / norm(first))
  var diagonal: [Double] = []
  var off: [Double] = []
  for step in 0..<steps {
    let v = vectors.window(step * order, order)
    let next = vectors.window((step + 1) * order, order)
    parallelFor(count: (order + 63) / 64, threads: threads) { _, block in
      for r in block * 64..<min(order, block * 64 + 64) {
        next[r] = dot(matrix.elements.window(r &* matrix.stride, order), v)
      }
    }
    diagonal.append(dot(next, v))
    for _ in 0..<2 {
      for other in (0...step).reversed() {
        let old = vectors.window(other * order, order)
        let product = dot(next, old)
        for at in 0..<order { next[at] -= product * old[at] }
      }
    }
    let length = norm(next)
    guard length.isFinite else { return nil }
    off.append(length)
    let isLast = step + 1 == steps || length == 0
    if isLast || step % 20 == 19 {
      let size = diagonal.count
      let tridiagonal = Matrix<Double>(rows: size, columns: size) {
        $0 == $1 ? diagonal[$0] : abs($0 - $1) == 1 ? off[min($0, $1)] : 0
      }
      guard let ritz = symmetricEigen(tridiagonal) else { return nil }
      let top = ritz.values[size - 1]
      let residual = abs(length * ritz.vectors[size - 1, size - 1])
      let reach = max(abs(top), abs(ritz.values[0]))
      if isLast || residual <= 1e-9 * reach { return top + residual }
    }
    scale(next, by: 1 / length)
  }
  return nil
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
