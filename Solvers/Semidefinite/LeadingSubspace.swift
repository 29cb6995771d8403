import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The largest eigenvalues of a slowly changing symmetric matrix with their vectors, by subspace
/// iteration with a Chebyshev filter from the vectors of last time (Y. Zhou, Y. Saad, M. L. Tiago
/// and J. R. Chelikowsky, "Self-consistent-field calculations using Chebyshev-filtered subspace
/// iteration", J. Comput. Phys. 219, 2006).
///
/// A matrix of order N with r eigenvalues above the threshold takes some 20·N²·r operations in
/// products of matrices, where a whole decomposition takes 9·N³ of which a third are not. Nothing
/// here is proven: how wrong the vectors can be is measured by their residuals.
final class LeadingSubspace: @unchecked Sendable {
  /// The order of the matrix.
  let order: Int
  /// The number of vectors held.
  private(set) var count = 0
  /// Their Ritz values, descending.
  private(set) var values: [Double] = []
  private let threads: Int
  /// Three arrays of `count` rows: the vectors, and two for the filter.
  private var memory = Buffer(count: 0, repeating: 0.0)
  private var rowsHeld = 0
  /// The matrix and three arrays of vectors in single precision; empty until they are needed.
  private var single: (matrix: Buffer<Float>, vectors: [Buffer<Float>])?
  /// A vector near that of the smallest eigenvalue.
  private let lowest: Buffer<Double>
  private var generator = SeededGenerator(seed: 1)

  init(order: Int, threads: Int) {
    self.order = order
    self.threads = threads
    lowest = Buffer(count: order, repeating: 0)
  }

  /// The vectors, unit rows in the order of the values.
  private var basis: MatrixView { part(0) }

  private func part(_ index: Int) -> MatrixView {
    MatrixView(
      memory.view.window(index * rowsHeld * order, count * order), rows: count, columns: order)
  }

  /// The vector of the `index`-th largest value.
  func vector(_ index: Int) -> BufferView<Double> {
    memory.view.window(index * order, order)
  }

  /// The number of vectors to hold for `rank` of interest: some more, so that what rises is seen.
  private func room(for rank: Int) -> Int {
    // Of large matrices more: products with few vectors take as long as reading the matrix.
    rank + max(order < 1000 ? 8 : 24, rank / 4)
  }

  /// Forgets its vectors.
  func clear() { count = 0 }

  /// Takes over the last rows of a whole decomposition, eigenvalues and vectors ascending.
  func adopt(_ rows: BufferView<Double>, values ascending: BufferView<Double>, rank: Int) {
    count = 0
    let wanted = min(order, room(for: rank))
    reserve(wanted)
    count = wanted
    for index in 0..<count {
      vector(index).copy(from: rows.window((order - 1 - index) * order, order))
    }
    lowest.view.copy(from: rows.window(0, order))
    values = (0..<count).map { ascending[order - 1 - $0] }
  }

  /// Keeps room for `rank` vectors, `minCount` at least, as they stand.
  func shrink(to rank: Int, minCount: Int = 0) {
    let wanted = max(minCount, room(for: rank))
    // Not for every small change.
    guard wanted < count - count / 4 - 2 else { return }
    count = wanted
    values = Array(values.prefix(count))
  }

  /// Refines the vectors for `matrix`, both triangles of which are read; its diagonal is shifted on
  /// the way and put back up to rounding.
  ///
  /// - Parameters:
  ///   - wanted: how many of the values, descending, the caller needs.
  ///   - tolerance: the residual of all wanted vectors together, in the Frobenius norm.
  ///   - maxCount: nil for all vectors that are wanted; otherwise vectors to hold at most, and
  ///     whatever a few filters make of them is good enough, as the rest comes with the next
  ///     matrices.
  ///   - rounds: the number of filters where positive eigenvalues are wanted alone.
  /// - Returns: false when the tolerance was not reached, or when all values held are wanted; the
  ///   vectors are then good for nothing. With `maxCount`, false only when numbers are not finite.
  func refine(
    _ matrix: BufferView<Double>, tolerance: Double, maxCount: Int? = nil,
    positive rounds: Int? = nil,
    wanted: ([Double]) -> Int
  ) -> Bool {
    let w = MatrixView(matrix, rows: order, columns: order)
    guard count > 2, var bottom = lowerEnd(w) else { return false }
    refresh()
    // Rounding in single precision, below what is good enough, does not matter; in double precision
    // what the filter makes is looked at anyway.
    let isSingle =
      maxCount != nil
      && (areFew ? 1 : LeadingSubspace.patience) * tolerance
        > LeadingSubspace.singleRounding * values[0] * Double(count).squareRoot()
    if isSingle { copySingle(matrix) }
    for round in 0..<(maxCount == nil ? 4 : 12) {
      let last = values[count - 1]
      // What lies between negative values is of no interest.
      let cut = rounds != nil && values[0] > 0 ? max(0, last) : last
      // A filter needs some room between what is damped and the edge of what is wanted.
      guard cut > bottom, values[0] > cut else { return false }
      filter(w, from: bottom, to: cut, inSingle: isSingle)
      guard let residuals = rotate(w) else { return false }
      let rank = wanted(values)
      if values[count - 1] < bottom { bottom = values[count - 1] - 0.1 * abs(bottom) }
      let residual = residuals.prefix(rank).reduce(0, +).squareRoot()
      guard residual.isFinite else { return false }
      if let maxCount {
        // The last two are new, and rarely among those that are wanted.
        if let rounds {
          guard round + 1 >= rounds else { continue }
          // New vectors come to something by the next matrix.
          if rank + 2 >= count, count < maxCount { grow(to: min(maxCount, count + count / 2 + 2)) }
          return true
        } else if rank + 2 >= count, count < maxCount {
          grow(to: min(maxCount, count + count / 2 + 2))
        } else if residual <= (areFew ? 1 : LeadingSubspace.patience) * tolerance || rank == count
          || round + 1 >= (areFew ? LeadingSubspace.maxRounds : 2)
        {
          return true
        }
      } else if residual <= tolerance {
        return rank < count
      }
    }
    return maxCount != nil
  }

  /// Vectors so few that refining them costs little.
  private var areFew: Bool { 30 * count <= order }

  /// Restarts with `count` vectors, those of `start` or random ones, turned to suit `matrix`; false
  /// when numbers are not finite, or when vectors depend on each other.
  func begin(
    with count: Int, for matrix: BufferView<Double>, start: ((Int) -> BufferView<Double>)? = nil
  ) -> Bool {
    self.count = 0
    reserve(count)
    lowest.view.fill(0)
    for at in 0..<order { lowest.view[at] = generator.unit() - 0.5 }
    self.count = count
    for index in 0..<count {
      let new = vector(index)
      if let start {
        new.copy(from: start(index))
      } else {
        for at in 0..<order { new[at] = generator.unit() - 0.5 }
      }
    }
    return rotate(MatrixView(matrix, rows: order, columns: order)) != nil
  }

  /// Adds random vectors.
  private func grow(to wanted: Int) {
    let old = count
    reserve(wanted)
    count = wanted
    values += Array(repeating: values[old - 1], count: wanted - old)
    for index in old..<wanted {
      let new = vector(index)
      for at in 0..<order { new[at] = generator.unit() - 0.5 }
      normalize(new)
    }
  }

  /// Makes room for `wanted` vectors, those at hand kept.
  private func reserve(_ wanted: Int) {
    guard rowsHeld < wanted else { return }
    let rows = min(order, wanted + wanted / 4)
    let larger = Buffer(count: 3 * rows * order, repeating: 0.0)
    larger.view.window(0, count * order).copy(from: memory.view.window(0, count * order))
    memory = larger
    rowsHeld = rows
  }

  /// Replaces the last two vectors by random ones, orthogonal to the others, so that nothing stays
  /// unseen for ever.
  private func refresh() {
    for index in count - 2..<count {
      let new = vector(index)
      for at in 0..<order { new[at] = generator.unit() - 0.5 }
      orthonormalize(index)
    }
  }

  /// Takes what vector `index` has in common with those before it out of it.
  private func orthonormalize(_ index: Int) {
    let row = vector(index)
    for other in 0..<index {
      let old = vector(other)
      var product = 0.0
      for at in 0..<order { product += row[at] * old[at] }
      for at in 0..<order { row[at] -= product * old[at] }
    }
    normalize(row)
  }

  private func normalize(_ row: BufferView<Double>) {
    var sum = 0.0
    for at in 0..<row.count { sum += row[at] * row[at] }
    let factor = sum > 0 ? 1 / sum.squareRoot() : 0
    for at in 0..<row.count { row[at] *= factor }
  }

  /// A number below all eigenvalues: a few steps of Lanczos from the last such vector, the smallest
  /// Ritz value less its residual. Nil when numbers are not finite.
  private func lowerEnd(_ w: MatrixView) -> Double? {
    let steps = min(order, 6)
    let run = Lanczos(w, start: lowest.view, steps: steps, threads: threads)
    for _ in 0..<steps {
      guard let goesOn = run.step() else { return nil }
      if !goesOn { break }
    }
    guard let ritz = run.ritz() else { return nil }
    run.expand(ritz, 0, into: lowest.view)
    return ritz.values[0] - run.residual(ritz, 0)
  }

  /// Multiplies the vectors by a Chebyshev polynomial of W that is small on [from, to] and grows
  /// above it.
  ///
  /// It grows so fast that beside a few far eigenvalues all other vectors would drown in rounding.
  /// The vectors of these are refined by products with W alone, and the others kept orthogonal to
  /// them on the way.
  private func filter(_ w: MatrixView, from: Double, to: Double, inSingle wantsSingle: Bool) {
    func isFar(_ value: Double, _ limit: Double) -> Bool {
      let (middle, half) = (0.5 * (from + to), 0.5 * (to - from))
      return cosh(Double(LeadingSubspace.degree) * acosh((value - middle) / half)) > limit
    }
    var isSingle = wantsSingle
    var kept = values.prefix { isFar($0, isSingle ? 1e4 : 1e10) }.count
    if isSingle, kept > min(16, count / 4) {
      isSingle = false
      kept = values.prefix { isFar($0, 1e10) }.count
    }
    kept = min(kept, 16, count / 4)
    if values[kept] <= to { kept = 0 }
    refineFar(w, kept, from: from, to: to)
    let filter = ChebyshevFilter(
      degree: LeadingSubspace.degree, from: from, to: to, top: values[kept],
      rows: count - kept, order: order, threads: threads)
    let far = part(0).elements.window(0, kept * order)
    let near = part(0).elements.window(kept * order, (count - kept) * order)
    if isSingle {
      filterSingle(w, filter, far: far, near: near)
      return
    }
    near.copy(from: multiplied(w, by: filter, near, far: far, kept: kept))
  }

  /// Filters the first vectors, whose eigenvalues are far above all others, by themselves: a low
  /// degree is enough for them.
  private func refineFar(_ w: MatrixView, _ kept: Int, from: Double, to: Double) {
    guard kept > 0 else { return }
    let far = part(0).elements.window(0, kept * order)
    let filter = ChebyshevFilter(
      degree: 4, from: from, to: to, top: values[0], rows: kept, order: order, threads: threads)
    let result = multiplied(w, by: filter, far, far: far, kept: 0)
    far.copy(from: result)
    for index in 0..<kept { orthonormalize(index) }
  }

  /// The vectors filtered in double precision.
  private func multiplied(
    _ w: MatrixView, by filter: ChebyshevFilter, _ vectors: BufferView<Double>,
    far: BufferView<Double>, kept: Int
  ) -> BufferView<Double> {
    shiftDiagonal(w, by: -filter.middle)
    defer { shiftDiagonal(w, by: filter.middle) }
    return filter.run(
      vectors, part(1).elements, part(2).elements, far: far, kept: kept
    ) { [threads, order] factor, a, beta, c, rows in
      gemm(
        factor, MatrixView(a, rows: rows, columns: order), .plain, w, .plain, beta: beta,
        into: MatrixView(c, rows: rows, columns: order), threads: threads)
    }
  }

  /// The matrix in single precision.
  private func copySingle(_ matrix: BufferView<Double>) {
    if single == nil { single = (Buffer(count: order * order, repeating: 0), []) }
    guard let target = single?.matrix.view else { return }
    let order = order
    parallelFor(count: order, threads: threads) { _, row in
      for at in row &* order..<(row &+ 1) &* order { target[at] = Float(matrix[at]) }
    }
  }

  /// As `filter`, in single precision: twice as fast.
  private func filterSingle(
    _ w: MatrixView, _ filter: ChebyshevFilter, far: BufferView<Double>, near: BufferView<Double>
  ) {
    let rows = rowsHeld * order
    if single?.vectors.first?.view.count ?? 0 < rows {
      single?.vectors = (0..<4).map { _ in Buffer(count: rows, repeating: 0) }
    }
    guard let single else { return }
    let matrix = single.matrix.view
    for at in 0..<order {
      matrix[at * order + at] = Float(w.elements[at * order + at] - filter.middle)
    }
    let views = single.vectors.map(\.view)
    for at in 0..<near.count { views[0][at] = Float(near[at]) }
    for at in 0..<far.count { views[3][at] = Float(far[at]) }
    let result = filter.run(
      views[0].window(0, near.count), views[1], views[2], far: views[3],
      kept: far.count / max(1, order)
    ) { [threads, order] factor, a, beta, c, rows in
      gemm(factor, a, matrix, beta: beta, into: c, rows: rows, order: order, threads: threads)
    }
    for at in 0..<near.count { near[at] = Double(result[at]) }
  }

  /// The degree of the filter.
  private static let degree = 8
  /// Filters at most while vectors are so few that they cost little.
  private static let maxRounds = 6
  /// The factor on the tolerance within which vectors are accepted when there are many: the next
  /// step refines them again, and a second filter would double the time of a step.
  private static let patience = 100.0
  /// The rounding error of a vector's residual in single precision, in units of the largest
  /// eigenvalue.
  private static let singleRounding = 1e-5

  private func shiftDiagonal(_ w: MatrixView, by shift: Double) {
    for index in 0..<order { w.elements[index * order + index] += shift }
  }

  /// Rayleigh and Ritz: the best vectors within the span, and the squares of their residuals. Nil
  /// when the span has lost a dimension.
  private func rotate(_ w: MatrixView) -> [Double]? {
    for index in 0..<count { normalize(vector(index)) }
    let (x, y) = (part(0), part(1))
    gemm(1, x, .plain, w, .plain, into: y, threads: threads)
    let small = (0..<2).map { _ in Buffer(count: count * count, repeating: 0.0) }
    let (g, t) = (square(small[0]), square(small[1]))
    gemm(1, x, .plain, x, .transposed, into: g, threads: threads)
    gemm(1, x, .plain, y, .transposed, into: t, threads: threads)
    guard Cholesky.factor(g, threads: threads) == .factored else { return nil }
    // L⁻¹TL⁻ᵀ, its eigenvectors s, and the coefficients sᵀL⁻¹ of the new vectors.
    Cholesky.solveForward(g, rows: t, threads: threads)
    transpose(t)
    Cholesky.solveForward(g, rows: t, threads: threads)
    let ritz = Buffer(count: count, repeating: 0.0)
    guard t.elements.sum.isFinite,
      SymmetricEigenSolver(capacity: count).decompose(t.elements, ritz.view, size: count)
    else { return nil }
    Cholesky.solveBackward(g, rows: t)
    // Largest first.
    for row in 0..<count / 2 {
      for c in 0..<count {
        let kept = t.elements[row * count + c]
        t.elements[row * count + c] = t.elements[(count - 1 - row) * count + c]
        t.elements[(count - 1 - row) * count + c] = kept
      }
    }
    values = ritz.view.array.reversed()
    let z = part(2)
    gemm(1, t, .plain, x, .plain, into: z, threads: threads)
    x.elements.copy(from: z.elements)
    gemm(1, t, .plain, y, .plain, into: z, threads: threads)
    return withExtendedLifetime(small) {
      (0..<count).map { index in
        let (vector, image) = (vector(index), z.elements.window(index * order, order))
        var sum = 0.0
        for at in 0..<order {
          let difference = image[at] - values[index] * vector[at]
          sum += difference * difference
        }
        return sum
      }
    }
  }

  private func square(_ buffer: Buffer<Double>) -> MatrixView {
    MatrixView(buffer.view, rows: count, columns: count)
  }

  private func transpose(_ matrix: MatrixView) {
    for r in 0..<matrix.rows {
      for c in 0..<r {
        let kept = matrix.elements[r * matrix.stride + c]
        matrix.elements[r * matrix.stride + c] = matrix.elements[c * matrix.stride + r]
        matrix.elements[c * matrix.stride + r] = kept
      }
    }
  }
}
