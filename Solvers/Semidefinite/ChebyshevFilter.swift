import QAPPrimitives

/// The recurrence of a Chebyshev polynomial that is small on an interval, for rows of vectors in
/// any precision.
struct ChebyshevFilter {
  /// The middle of the interval, by which the matrix is to be shifted.
  let middle: Double
  private let half: Double
  private let degree: Int
  private let top: Double
  private let rows: Int
  private let order: Int
  private let threads: Int

  /// The polynomial of the interval [from, to], scaled so that it is 1 at `top`.
  init(
    degree: Int, from: Double, to: Double, top: Double, rows: Int, order: Int, threads: Int
  ) {
    (middle, half) = (0.5 * (from + to), 0.5 * (to - from))
    self.degree = degree
    self.top = top
    self.rows = rows
    self.order = order
    self.threads = threads
  }

  /// Filters `rows` vectors of the length `order`, which are overwritten, as are `b` and `c` of the
  /// same extent; returns the one of the three that holds the result. It stays orthogonal to the
  /// `kept` vectors in `far`.
  ///
  /// `multiply(α, x, β, y, m)` sets y to α·x·W + β·y for m rows, W the matrix less `middle` on its
  /// diagonal.
  func run<Scalar: BinaryFloatingPoint & Sendable>(
    _ a: BufferView<Scalar>, _ b: BufferView<Scalar>, _ c: BufferView<Scalar>,
    far: BufferView<Scalar>, kept: Int,
    multiply: (Scalar, BufferView<Scalar>, Scalar, BufferView<Scalar>, Int) -> Void
  ) -> BufferView<Scalar> {
    let used = rows * order
    var (old, now, spare) = (a.window(0, used), b.window(0, used), c.window(0, used))
    clean(old, far, kept)
    let first = half / (top - middle)
    var sigma = first
    multiply(Scalar(sigma / half), old, 0, now, rows)
    clean(now, far, kept)
    for _ in 1..<degree {
      let next = 1 / (2 / first - sigma)
      spare.copy(from: old)
      multiply(Scalar(2 * next / half), now, Scalar(-sigma * next), spare, rows)
      clean(spare, far, kept)
      (old, now, spare) = (now, spare, old)
      sigma = next
    }
    return now
  }

  /// Takes what the vectors have in common with those in `far` out of them.
  private func clean<Scalar: BinaryFloatingPoint & Sendable>(
    _ vectors: BufferView<Scalar>, _ far: BufferView<Scalar>, _ kept: Int
  ) {
    if kept == 0 { return }
    let order = order
    parallelFor(count: rows, threads: threads) { _, index in
      let row = vectors.window(index &* order, order)
      for other in 0..<kept {
        let old = far.window(other &* order, order)
        // Four sums, so that none waits for the other.
        var (s, t, u, v) = (Scalar(0), Scalar(0), Scalar(0), Scalar(0))
        var at = 0
        while at &+ 4 <= order {
          s += row[at] * old[at]
          t += row[at &+ 1] * old[at &+ 1]
          u += row[at &+ 2] * old[at &+ 2]
          v += row[at &+ 3] * old[at &+ 3]
          at &+= 4
        }
        while at < order {
          s += row[at] * old[at]
          at &+= 1
        }
        let product = (s + t) + (u + v)
        for at in 0..<order { row[at] -= product * old[at] }
      }
    }
  }
}
