import QAP
import QAPPrimitives

extension Kernel {
  /// H·K·H with H = I − 1/n, divided by its Frobenius norm. The sum of products of two such kernels
  /// is their centered kernel alignment (CKA).
  ///
  /// A symmetric `kernel` stays symmetric to the last bit; one without other references is changed
  /// in place.
  ///
  /// - Throws: `InputError` when nothing is left after centering.
  public static func centeredAndScaled(
    _ kernel: consuming Matrix<Double>, name: String = "embeddings", threads: Int = 1
  ) throws(InputError) -> Matrix<Double> {
    let n = kernel.rows
    precondition(kernel.isSquare, "a kernel is square")
    let means = Buffer(count: 2 * n, repeating: 0.0)
    let (ofRow, ofColumn) = (means.view.window(0, n), means.view.window(n, n))
    var total = 0.0
    kernel.withView { k in
      parallelFor(count: n, threads: threads) { _, row in
        var sum = CompensatedSum()
        for c in 0..<n { sum.add(k[row &* n &+ c]) }
        ofRow[row] = sum.value / Double(n)
      }
      // The same sums in the same order where the kernel is symmetric.
      for r in 0..<n { total += ofRow[r] }
      if kernel.isSymmetric {
        ofColumn.copy(from: ofRow)
      } else {
        for r in 0..<n {
          for c in 0..<n { ofColumn[c] += k[r &* n &+ c] }
        }
        for c in 0..<n { ofColumn[c] /= Double(n) }
      }
    }
    let mean = total / Double(n)
    let before = innerProduct(kernel, kernel, threads: threads)
    kernel.withMutableView { k in
      parallelFor(count: n, threads: threads) { _, row in
        for c in 0..<n {
          k[row &* n &+ c] = k[row &* n &+ c] - (ofRow[row] + ofColumn[c]) + mean
        }
      }
    }
    withExtendedLifetime(means) {}
    // What centering leaves of equal rows is rounding, which must not be blown up to norm 1.
    let after = innerProduct(kernel, kernel, threads: threads)
    guard after > 1e-26 * before, after.isFinite else { throw InputError(allAlike: name) }
    let norm = after.squareRoot()
    kernel.transformRows(threads: threads) { $0 / norm }
    return kernel
  }

  /// The kernel with a diagonal of zeros, U-centered and divided by its Frobenius norm. With K the
  /// kernel without its diagonal, k its row sums and s their sum, element (i, j) off the diagonal
  /// is K[i,j] − (k[i] + k[j])/(n − 2) + s/((n − 1)(n − 2)).
  ///
  /// The sum of products of two such kernels is the debiased CKA: n(n − 3) times the unbiased
  /// estimate of HSIC (L. Song et al., "Supervised feature selection via dependence estimation",
  /// ICML 2007, equation 5), over the norms. It is 0 on average for independent rows, whereas CKA
  /// tends to 1 as features outnumber rows, and may be negative.
  ///
  /// For symmetric kernels of at least 4 rows; throws `InputError` for fewer, and when nothing
  /// is left after centering.
  ///
  /// - Complexity: O(n²).
  public static func debiasedAndScaled(
    _ kernel: consuming Matrix<Double>, name: String = "embeddings", threads: Int = 1
  ) throws(InputError) -> Matrix<Double> {
    let n = kernel.rows
    precondition(kernel.isSquare, "a kernel is square")
    guard n > 3 else {
      throw InputError(name, found: "\(n) rows", expected: "at least 4, for cka-debiased")
    }
    for row in 0..<n { kernel[row, row] = 0 }
    let sums = Buffer(count: n, repeating: 0.0)
    let sum = sums.view
    kernel.withView { k in
      parallelFor(count: n, threads: threads) { _, row in
        var total = CompensatedSum()
        for c in 0..<n { total.add(k[row &* n &+ c]) }
        sum[row] = total.value
      }
    }
    let all = (0..<n).reduce(0) { $0 + sum[$1] } / (Double(n - 1) * Double(n - 2))
    let before = innerProduct(kernel, kernel, threads: threads)
    kernel.withMutableView { k in
      parallelFor(count: n, threads: threads) { _, row in
        for c in 0..<n where c != row {
          k[row &* n &+ c] = k[row &* n &+ c] - (sum[row] + sum[c]) / Double(n - 2) + all
        }
      }
    }
    withExtendedLifetime(sums) {}
    // As above, rounding is not blown up.
    let after = innerProduct(kernel, kernel, threads: threads)
    guard after > 1e-26 * before, after.isFinite else { throw InputError(allAlike: name) }
    let norm = after.squareRoot()
    kernel.transformRows(threads: threads) { $0 / norm }
    return kernel
  }

  /// The kernel divided by its Frobenius norm, in place when it has no other references.
  ///
  /// - Throws: `InputError` when that is zero.
  public static func scaled(
    _ kernel: consuming Matrix<Double>, name: String = "embeddings", threads: Int = 1
  ) throws(InputError) -> Matrix<Double> {
    let norm = innerProduct(kernel, kernel, threads: threads).squareRoot()
    guard norm > 0, norm.isFinite else { throw InputError(allAlike: name) }
    kernel.transformRows(threads: threads) { $0 / norm }
    return kernel
  }

  /// Σ over all i, k of a[i, k] · b[i, k]; the matrices have one shape.
  ///
  /// - Complexity: O(n²).
  public static func innerProduct(
    _ a: Matrix<Double>, _ b: Matrix<Double>, threads: Int = 1
  ) -> Double {
    precondition(a.rows == b.rows && a.columns == b.columns, "kernels of different shapes")
    let width = a.columns
    return a.withView { a in
      b.withView { b in
        sumOverRows(width == 0 ? 0 : a.count / width, threads: threads) { row in
          var sum = 0.0
          for index in row &* width..<(row &+ 1) &* width { sum += a[index] * b[index] }
          return sum
        }
      }
    }
  }

  /// The kernel with its elements off the diagonal shifted and scaled to mean 0 and standard
  /// deviation 1 (divisor their number − 1), and a diagonal of zeros.
  ///
  /// In place when it has no other references.
  ///
  /// - Throws: `InputError` when those elements are all the same.
  public static func standardized(
    _ kernel: consuming Matrix<Double>, name: String = "embeddings", threads: Int = 1
  ) throws(InputError) -> Matrix<Double> {
    precondition(kernel.isSquare, "a kernel is square")
    let n = kernel.rows
    let count = Double(n) * Double(n - 1)
    let (mean, variance) = kernel.withView { k in
      let sum = sumOverRows(n, threads: threads) { row in
        var sum = CompensatedSum()
        for c in 0..<n where c != row { sum.add(k[row &* n &+ c]) }
        return sum.value
      }
      let mean = sum / max(1, count)
      let squares = sumOverRows(n, threads: threads) { row in
        var sum = 0.0
        for c in 0..<n where c != row {
          sum += (k[row &* n &+ c] - mean) * (k[row &* n &+ c] - mean)
        }
        return sum
      }
      return (mean, squares / max(1, count - 1))
    }
    let deviation = variance.squareRoot()
    guard count > 1, deviation > 1e-14 * abs(mean), deviation.isFinite else {
      throw InputError(
        name, found: n < 3 ? "\(n) rows" : "the same number everywhere in the kernel",
        expected: "\(n < 3 ? "at least 3" : "different numbers"), to standardize it")
    }
    kernel.withMutableView { k in
      parallelFor(count: n, threads: threads) { _, row in
        for c in 0..<n {
          k[row &* n &+ c] = c == row ? 0 : (k[row &* n &+ c] - mean) / deviation
        }
      }
    }
    return kernel
  }

  /// The kernel of "It's a (Blind) Match!" as published under the name of CKA: rows of `x` divided
  /// by their own deviation (divisor features − 1), inner products centered along rows only,
  /// divided by √ΣC∘Cᵀ. It is not symmetric, and the sum of products of two is no CKA: of one with
  /// itself it is not 1. Kept to compare with published numbers; `centeredAndScaled` is the proper
  /// one.
  ///
  /// - Throws: `InputError` for a row whose elements are all the same, and for rows all alike.
  public static func centeredOnOneSide(
    _ x: Embeddings, dividesByDeviation: Bool = true, threads: Int = 1
  ) throws(InputError) -> Matrix<Double> {
    let n = x.rows
    let divided = dividesByDeviation ? try x.dividedByRowDeviations() : x
    let products = linear(divided.values, threads: threads)
    var centered = Matrix(rows: n, columns: n, startingFrom: 0) { out in
      products.withView { k in
        parallelFor(count: n, threads: threads) { _, row in
          var sum = 0.0
          for c in 0..<n { sum += k[row &* n &+ c] }
          for c in 0..<n { out[row &* n &+ c] = k[row &* n &+ c] - sum / Double(n) }
        }
      }
    }
    let square = centered.withView { k in
      sumOverRows(n, threads: threads) { row in
        var sum = 0.0
        for c in 0..<n { sum += k[row &* n &+ c] * k[c &* n &+ row] }
        return sum
      }
    }
    guard square > 0 else { throw InputError(allAlike: x.name) }
    let norm = square.squareRoot()
    centered.transformRows(threads: threads) { $0 / norm }
    return centered
  }
}
