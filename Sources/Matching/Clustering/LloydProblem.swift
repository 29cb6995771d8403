import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The rows of one clustering, shifted to mean zero; shared by all starts and never changed.
final class LloydProblem: @unchecked Sendable {
  // Unchecked because of the buffers, which only `init` writes.

  private let rows: Int
  private let features: Int
  private let points: Buffer<Double>
  private let squares: Buffer<Double>
  private let mean: [Double]
  /// The mean variance of the features (divisor rows).
  private let variance: Double

  init(_ x: Matrix<Double>) {
    let (rows, features) = (x.rows, x.columns)
    self.rows = rows
    self.features = features
    var mean = [Double](repeating: 0, count: features)
    for r in 0..<rows {
      for (c, value) in x.row(r).enumerated() { mean[c] += value }
    }
    for c in 0..<features { mean[c] /= Double(rows) }
    self.mean = mean
    points = Buffer(count: rows * features, repeating: 0)
    squares = Buffer(count: rows, repeating: 0)
    var total = 0.0
    for r in 0..<rows {
      var square = 0.0
      for (c, value) in x.row(r).enumerated() {
        let shifted = value - mean[c]
        points.view[r * features + c] = shifted
        square += shifted * shifted
      }
      squares.view[r] = square
      total += square
    }
    variance = total / Double(rows * features)
  }

  private static let chunk = 256

  /// Calls `body` with ranges of rows that do not depend on the number of threads.
  private func forEachChunk(threads: Int, _ body: @Sendable (Int, Range<Int>) -> Void) {
    let size = LloydProblem.chunk
    parallelFor(count: (rows + size - 1) / size, threads: threads) { _, index in
      body(index, index * size..<min(rows, (index + 1) * size))
    }
  }

  /// Squared distances of all rows to `count` points given as rows of `others`, rows × count.
  private func squaredDistances(
    to others: BufferView<Double>, count: Int, into out: BufferView<Double>, threads: Int
  ) {
    let squaresOfOthers = (0..<count).map { index in
      squaredNorm(others, index)
    }
    let (points, squares, features) = (points.view, squares.view, features)
    forEachChunk(threads: threads) { _, range in
      let tile = MatrixView(
        out.window(range.lowerBound * count, range.count * count), rows: range.count,
        columns: count)
      gemm(
        -2, rowsOf(points, range, columns: features), .plain,
        MatrixView(others, rows: count, columns: features), .transposed, into: tile)
      for r in range {
        for c in 0..<count {
          out[r &* count &+ c] = max(0, out[r &* count &+ c] + squares[r] + squaresOfOthers[c])
        }
      }
    }
  }

  private func squaredNorm(_ view: BufferView<Double>, _ row: Int) -> Double {
    var sum = 0.0
    for index in row * features..<(row + 1) * features { sum += view[index] * view[index] }
    return sum
  }

  /// First centers: each the one of a few candidates, drawn with probability proportional to the
  /// squared distance to those there are, that lowers the sum of these the most.
  func plusPlus(
    clusters: Int, threads: Int, using generator: inout SeededGenerator
  ) -> [Int] {
    let candidates = 2 + Int(log(Double(clusters)))
    let distances = Buffer(count: rows * candidates, repeating: 0.0)
    let nearest = Buffer(count: rows, repeating: 0.0)
    let chosenRows = Buffer(count: candidates * features, repeating: 0.0)
    func load(_ picks: [Int]) {
      for (slot, row) in picks.enumerated() {
        chosenRows.view.window(slot * features, features)
          .copy(from: points.view.window(row * features, features))
      }
      squaredDistances(
        to: chosenRows.view.window(0, picks.count * features), count: picks.count,
        into: distances.view.window(0, rows * picks.count), threads: threads)
    }
    var chosen = [generator.below(rows)]
    load(chosen)
    nearest.view.copy(from: distances.view.window(0, rows))
    while chosen.count < clusters {
      var cumulative = [Double](repeating: 0, count: rows)
      var total = 0.0
      for row in 0..<rows {
        total += nearest.view[row]
        cumulative[row] = total
      }
      let picks = (0..<candidates).map { _ in
        let value = generator.unit() * total
        let place = LloydProblem.firstAbove(value, in: cumulative)
        return place < rows ? place : generator.below(rows)
      }
      load(picks)
      var best = (potential: Double.infinity, slot: 0)
      for slot in 0..<candidates {
        var potential = 0.0
        for row in 0..<rows {
          potential += min(nearest.view[row], distances.view[row * candidates + slot])
        }
        if potential < best.potential { best = (potential, slot) }
      }
      for row in 0..<rows {
        nearest.view[row] = min(
          nearest.view[row], distances.view[row * candidates + best.slot])
      }
      chosen.append(picks[best.slot])
    }
    return chosen
  }

  private static func firstAbove(_ value: Double, in ascending: [Double]) -> Int {
    var (low, high) = (0, ascending.count)
    while low < high {
      let middle = (low + high) / 2
      if ascending[middle] > value { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Lloyd's iterations from the rows `first` as centers. They end when no row changes its cluster,
  /// when the centers barely move, or when all are done.
  func descend(
    from first: [Int], parameters: KMeansParameters, threads: Int,
    shouldStop: @Sendable () -> Bool
  ) -> KMeans {
    let k = first.count
    let centers = Buffer(count: k * features, repeating: 0.0)
    let next = Buffer(count: k * features, repeating: 0.0)
    let distances = Buffer(count: rows * k, repeating: 0.0)
    let labels = Buffer(count: rows, repeating: -1)
    let before = Buffer(count: rows, repeating: -1)
    for (cluster, row) in first.enumerated() {
      centers.view.window(cluster * features, features)
        .copy(from: points.view.window(row * features, features))
    }
    var done = 0
    var isSettled = false
    while done < parameters.iterations {
      if done > 0, shouldStop() { break }
      done += 1
      assign(to: centers.view, k, distances.view, labels.view, threads)
      average(labels.view, distances.view, k, into: next.view)
      var shift = 0.0
      for index in 0..<k * features {
        let step = next.view[index] - centers.view[index]
        shift += step * step
      }
      centers.view.copy(from: next.view)
      isSettled = (0..<rows).allSatisfy { labels.view[$0] == before.view[$0] }
      if isSettled || shift <= parameters.tolerance * variance { break }
      before.view.copy(from: labels.view)
    }
    // The centers moved after the last assignment, unless no row did.
    if !isSettled { assign(to: centers.view, k, distances.view, labels.view, threads) }
    // An assignment may leave a cluster empty: it takes the row farthest from its center.
    var repairs = 0
    while repairs < k, hasEmptyCluster(labels.view, k) {
      repairs += 1
      average(labels.view, distances.view, k, into: next.view)
      centers.view.copy(from: next.view)
      assign(to: centers.view, k, distances.view, labels.view, threads)
    }
    var inertia = CompensatedSum()
    for row in 0..<rows {
      var sum = 0.0
      let (r, c) = (row * features, labels.view[row] * features)
      for index in 0..<features {
        let difference = points.view[r &+ index] - centers.view[c &+ index]
        sum += difference * difference
      }
      inertia.add(sum)
    }
    return KMeans(
      centers: Matrix(rows: k, columns: features) { centers.view[$0 * features + $1] + mean[$1] },
      labels: labels.view.array, inertia: inertia.value, iterations: done)
  }

  private func hasEmptyCluster(_ labels: BufferView<Int>, _ k: Int) -> Bool {
    var isUsed = [Bool](repeating: false, count: k)
    for row in 0..<rows { isUsed[labels[row]] = true }
    return isUsed.contains(false)
  }

  /// The nearest center of each row, the first among equals.
  private func assign(
    to centers: BufferView<Double>, _ k: Int, _ distances: BufferView<Double>,
    _ labels: BufferView<Int>, _ threads: Int
  ) {
    squaredDistances(to: centers, count: k, into: distances, threads: threads)
    forEachChunk(threads: threads) { _, range in
      for row in range {
        var best = (distances[row &* k], 0)
        for cluster in 1..<max(1, k) where distances[row &* k &+ cluster] < best.0 {
          best = (distances[row &* k &+ cluster], cluster)
        }
        labels[row] = best.1
      }
    }
  }

  /// The mean of each cluster's rows. An empty cluster takes the row farthest from its center, away
  /// from the cluster it is in, as scikit-learn does.
  private func average(
    _ labels: BufferView<Int>, _ distances: BufferView<Double>, _ k: Int,
    into sums: BufferView<Double>
  ) {
    let points = points.view
    var members = [Int](repeating: 0, count: k)
    sums.fill(0)
    for row in 0..<rows {
      members[labels[row]] += 1
      let (to, from) = (labels[row] &* features, row &* features)
      for c in 0..<features { sums[to &+ c] += points[from &+ c] }
    }
    let empty = (0..<k).filter { members[$0] == 0 }
    if !empty.isEmpty {
      let farthest = (0..<rows).sorted {
        let (a, b) = (distances[$0 * k + labels[$0]], distances[$1 * k + labels[$1]])
        return (b, $0) < (a, $1)
      }
      for (cluster, row) in zip(empty, farthest) {
        members[labels[row]] -= 1
        members[cluster] = 1
        for c in 0..<features {
          sums[labels[row] * features + c] -= points[row * features + c]
          sums[cluster * features + c] = points[row * features + c]
        }
      }
    }
    for cluster in 0..<k where members[cluster] > 0 {
      for c in 0..<features { sums[cluster &* features &+ c] /= Double(members[cluster]) }
    }
  }
}
