import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// K kernels of the same m base rows, centered; computed a few rows at a time, never held together.
struct BaseKernels: Sendable {
  /// The number of base rows.
  var size: Int { elements.rows }
  /// The number of kernels.
  var count: Int { rates?.count ?? 1 }
  /// The mean of each row of each kernel before centering: K × m.
  let rowMeans: Matrix<Double>
  /// The mean of all elements of each kernel before centering.
  let means: [Double]

  /// Squared distances, or the kernel itself.
  private let elements: Matrix<Double>
  /// Kernel k is exp(−rates[k]·distance); nil for a linear kernel.
  private let rates: [Double]?

  /// The linear kernel of rows that are centered already, m × features.
  init(linear centered: Matrix<Double>, threads: Int) {
    elements = Kernel.linear(centered, threads: threads)
    rates = nil
    rowMeans = Matrix(rows: 1, columns: centered.rows, repeating: 0)
    means = [0]
  }

  /// The Gaussian kernels with the given rates 1/2σ² of squared distances, m × m.
  init(squares: Matrix<Double>, rates: [Double], threads: Int) {
    elements = squares
    self.rates = rates
    let m = squares.rows
    let rowMeans = Matrix(rows: rates.count, columns: m, startingFrom: 0) { out in
      squares.withView { squares in
        parallelFor(count: m, threads: threads) { _, row in
          for (k, rate) in rates.enumerated() {
            var sum = CompensatedSum()
            for c in 0..<m { sum.add(exp(-rate * squares[row &* m &+ c])) }
            out[k &* m &+ row] = sum.value / Double(m)
          }
        }
      }
    }
    self.rowMeans = rowMeans
    means = rates.indices.map { k in
      var sum = CompensatedSum()
      for value in rowMeans.row(k) { sum.add(value) }
      return sum.value / Double(m)
    }
  }

  /// Writes rows `rows` of every centered kernel, one kernel after the other.
  private func fill(_ rows: Range<Int>, into out: BufferView<Double>) {
    let m = size
    elements.withView { elements in
      guard let rates else {
        return out.copy(from: elements.window(rows.lowerBound * m, rows.count * m))
      }
      for (k, rate) in rates.enumerated() {
        for (offset, row) in rows.enumerated() {
          let shift = means[k] - rowMeans.elements[k &* m &+ row]
          let to = (k &* rows.count &+ offset) &* m
          for c in 0..<m {
            let value = exp(-rate * elements[row &* m &+ c])
            out[to &+ c] = value + (shift - rowMeans.elements[k &* m &+ c])
          }
        }
      }
    }
  }

  /// The inner products of the centered kernels of `first` with each other, of `second` with each
  /// other, and between the two. Memory for a few rows of each; independent of the number of
  /// threads.
  static func innerProducts(
    _ first: BaseKernels, _ second: BaseKernels, threads: Int
  ) -> (ofFirst: Matrix<Double>, ofSecond: Matrix<Double>, between: Matrix<Double>) {
    let (m, p, q) = (first.size, first.count, second.count)
    precondition(second.size == m, "kernels of different sizes")
    let height = max(1, min(m, (1 << 18) / max(1, m * (p + q))))
    let blocks = (m + height - 1) / height
    let all = p + q
    // The blocks of one wave keep their sums apart, and those are added in order.
    let wave = max(1, min(blocks, (1 << 24) / (all * all)))
    let workers = max(1, min(threads, wave))
    let memory = (0..<workers).map { _ in Buffer(count: all * height * m, repeating: 0.0) }
    let views = memory.map(\.view)
    let partial = Buffer(count: wave * all * all, repeating: 0.0)
    let partialView = partial.view
    var sums = [CompensatedSum](repeating: CompensatedSum(), count: all * all)
    setDenseAlgebraThreads(1)
    for start in stride(from: 0, to: blocks, by: wave) {
      let count = min(wave, blocks - start)
      parallelFor(count: count, threads: workers) { worker, index in
        let top = (start + index) * height
        let rows = top..<min(m, top + height)
        let width = rows.count * m
        first.fill(rows, into: views[worker].window(0, p * width))
        second.fill(rows, into: views[worker].window(p * width, q * width))
        let stack = MatrixView(views[worker].window(0, all * width), rows: all, columns: width)
        gemm(
          1, stack, .plain, stack, .transposed,
          into: MatrixView(
            partialView.window(index * all * all, all * all), rows: all, columns: all))
      }
      for index in 0..<count {
        for place in 0..<all * all { sums[place].add(partialView[index * all * all + place]) }
      }
    }
    withExtendedLifetime((memory, partial)) {}
    func part(_ rows: Range<Int>, _ columns: Range<Int>) -> Matrix<Double> {
      Matrix<Double>(rows: rows.count, columns: columns.count) {
        sums[(rows.lowerBound + $0) * all + columns.lowerBound + $1].value
      }
    }
    return (part(0..<p, 0..<p), part(p..<all, p..<all), part(0..<p, p..<all))
  }

  /// The distances of different rows that are not zero, ascending, each pair once.
  static func sortedDistances(_ squares: Matrix<Double>) -> [Double] {
    var list: [Double] = []
    list.reserveCapacity(squares.rows * max(0, squares.rows - 1) / 2)
    for row in 0..<squares.rows {
      for value in squares.row(row).prefix(row) where value > 0 { list.append(value) }
    }
    list.sort()
    return list
  }
}
