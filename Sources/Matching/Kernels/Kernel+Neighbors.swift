import QAP
import QAPDenseAlgebra
import QAPPrimitives

extension Kernel {
  /// The `count` nearest neighbors of each row i by inner product: 1/√(n·count) in their columns of
  /// row i and zero elsewhere, so that the sum of products of two such kernels is the mean share of
  /// common neighbors. Not symmetric.
  ///
  /// A row is never its own neighbor, and of equally near ones those with the smaller number count.
  ///
  /// O(n² · features) time.
  ///
  /// - Throws: `InputError` when there are not enough other rows.
  public static func neighbors(
    _ x: Matrix<Double>, count: Int, name: String = "embeddings", threads: Int = 1
  ) throws(InputError) -> Matrix<Double> {
    let n = x.rows
    guard count >= 1, count < n else {
      throw InputError(
        name, found: "\(n) rows",
        expected: "more than \(max(1, count)) rows, for that number of neighbors")
    }
    let value = 1 / (Double(n) * Double(count)).squareRoot()
    let features = x.columns
    // A band of rows at a time, so that nothing of size n² is needed besides the result.
    let band = 128
    let bands = (n + band - 1) / band
    let workers = max(1, min(threads, bands))
    let scratch = Buffer(count: workers * band * n, repeating: 0.0)
    let similarities = scratch.view
    setDenseAlgebraThreads(1)
    defer { withExtendedLifetime(scratch) {} }
    return Matrix(rows: n, columns: n, startingFrom: 0) { out in
      x.withView { x in
        parallelFor(count: bands, threads: workers) { worker, index in
          let rows = index * band..<min(n, (index + 1) * band)
          let similarity = similarities.window(worker * band * n, rows.count * n)
          gemm(
            1, rowsOf(x, rows, columns: features), .plain,
            MatrixView(x, rows: n, columns: features), .transposed,
            into: MatrixView(similarity, rows: rows.count, columns: n))
          for row in rows {
            let line = similarity.window((row - rows.lowerBound) * n, n)
            for column in nearest(line, to: row, count) { out[row * n + column] = value }
          }
        }
      }
    }
  }

  /// The places of the `count` largest elements of `line` apart from `excluded`, by insertion.
  static func nearest(
    _ line: BufferView<Double>, to excluded: Int, _ count: Int
  ) -> [Int] {
    if count > 64 {
      return Array(
        (0..<line.count).filter { $0 != excluded }
          .sorted { (line[$0], $1) > (line[$1], $0) }.prefix(count))
    }
    var kept: [Int] = []
    kept.reserveCapacity(count + 1)
    for column in 0..<line.count where column != excluded {
      if kept.count == count, line[column] <= line[kept[count - 1]] { continue }
      var place = kept.count
      while place > 0, line[column] > line[kept[place - 1]] { place -= 1 }
      kept.insert(column, at: place)
      if kept.count > count { kept.removeLast() }
    }
    return kept
  }
}
