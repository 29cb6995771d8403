import QAPPrimitives

/// The face of the positive semidefinite cone that holds all lifted assignments (Zhao, Karisch,
/// Rendl and Wolkowicz 1998): Y = V·R·Vᵀ with R of order (n−1)² + 1 and
///
///     V = [ (1/√2)·(1; e/n) | (0; Q⊗Q) ],   QᵀQ = I, Qᵀe = 0,   so that VᵀV = I and trace R = trace Y.
///
/// Q is the Householder reflector that sends the first unit vector to e/√n, without its first
/// column: its first row is e/√n and below stands I − E/(n − √n). Multiplying one index of a tensor
/// by Q or Qᵀ then takes a sum and an addition, and VᵀMV and VF take O(n⁴) operations, where dense
/// products with V would take O(n⁶), and products with Q still O(n⁵).
///
/// Where placements are left out the basis is that of a `RestrictedFace`.
struct FacialReduction: Sendable {
  /// The number of facilities, n.
  let size: Int
  /// The order of R.
  let order: Int
  /// The basis where placements are left out.
  let restricted: RestrictedFace?

  static func order(size n: Int) -> Int { (n - 1) * (n - 1) + 1 }
  /// 1/√n and 1/(n − √n).
  let head: Double
  let rest: Double
  /// The places (k, l) with k, l > 0 in order: where the indices 1… of R stand in a row of n²
  /// numbers.
  private let kept: [Int]

  init(size n: Int) { self.init(PlacementSet(size: n)) }

  init(_ set: PlacementSet) {
    let n = set.size
    size = n
    restricted = set.isWhole ? nil : RestrictedFace(set)
    order = restricted?.order ?? FacialReduction.order(size: n)
    head = 1 / Double(n).squareRoot()
    rest = n > 1 ? 1 / (Double(n) - Double(n).squareRoot()) : 0
    kept = (0..<(n - 1) * (n - 1)).map { ($0 / (n - 1) + 1) * n + $0 % (n - 1) + 1 }
  }

  /// W ← VᵀMV, at least the lower triangle; destroys M. `w` has `order`² elements.
  func compress(_ m: LiftedMatrix, into w: BufferView<Double>, threads: Int) {
    if let restricted { return restricted.compress(m, into: w, threads: threads) }
    let (n, places, order) = (size, m.places, order)
    let sums = Buffer(count: 2 * places, repeating: 0.0)
    let (rowSums, columnSums) = (sums.view.window(0, places), sums.view.window(places, places))
    parallelFor(count: places, threads: threads) { _, place in
      let row = m.row(place)
      rowSums[place] = row.sum
      self.compressLine(row)
    }
    let borderSum = m.border.sum
    compressLine(m.border)
    // Sums over all rows, and the two indices of the rows, a strip of columns at a time.
    let strip = 256
    parallelFor(count: (places + strip - 1) / strip, threads: threads) { _, index in
      let first = index * strip
      let count = min(strip, places - first)
      let scratch = Buffer(count: count, repeating: 0.0)
      for place in 0..<places {
        let line = m.block.window(place &* places &+ first, count)
        let total = columnSums.window(first, count)
        for c in 0..<count { total[c] += line[c] }
      }
      for i in 0..<n { self.compressLines(m, scratch.view, first: first, from: i * n, step: 1) }
      for j in 1..<max(n, 1) {
        self.compressLines(m, scratch.view, first: first, from: j, step: n)
      }
      withExtendedLifetime(scratch) {}
    }
    let size = Double(n)
    w[0] = 0.5 * (m.corner + 2 * borderSum / size + rowSums.sum / (size * size))
    let kept = kept
    let border = m.border
    parallelFor(count: order - 1, threads: threads) { _, index in
      let place = kept[index]
      let line = w.window((index + 1) * order, order)
      let row = m.row(place)
      line[0] = 0.5.squareRoot() * (border[place] + columnSums[place] / size)
      for other in 0...index { line[other &+ 1] = row[kept[other]] }
    }
    withExtendedLifetime(sums) {}
  }

  /// Multiplies both indices of a row of n² numbers by Qᵀ; the result stands where both are above
  /// 0.
  private func compressLine(_ row: BufferView<Double>) {
    let n = size
    // The first index: lines of n numbers.
    for l in 0..<n {
      var sum = 0.0
      for k in 1..<max(n, 1) { sum += row[k &* n &+ l] }
      let shift = head * row[l] - rest * sum
      for k in 1..<max(n, 1) { row[k &* n &+ l] += shift }
    }
    for k in 1..<max(n, 1) {
      let line = row.window(k &* n, n)
      var sum = 0.0
      for l in 1..<n { sum += line[l] }
      let shift = head * line[0] - rest * sum
      for l in 1..<n { line[l] += shift }
    }
  }

  /// Multiplies one index of the rows by Qᵀ: rows `from`, `from + step`, …, n of them, in the
  /// columns from `first` on.
  private func compressLines(
    _ m: LiftedMatrix, _ scratch: BufferView<Double>, first: Int, from: Int, step: Int
  ) {
    let (n, places, count) = (size, m.places, scratch.count)
    scratch.fill(0)
    for r in 1..<max(n, 1) {
      let line = m.block.window((from &+ r &* step) &* places &+ first, count)
      for c in 0..<count { scratch[c] += line[c] }
    }
    let top = m.block.window(from &* places &+ first, count)
    for c in 0..<count { scratch[c] = head * top[c] - rest * scratch[c] }
    for r in 1..<max(n, 1) {
      let line = m.block.window((from &+ r &* step) &* places &+ first, count)
      for c in 0..<count { line[c] += scratch[c] }
    }
  }

  /// Writes Vᵀ·row to `f`; `row` is overwritten.
  func compress(_ row: BufferView<Double>, into f: BufferView<Double>) {
    if let restricted { return restricted.compress(row, into: f) }
    let block = row.window(1, size * size)
    f[0] = 0.5.squareRoot() * (row[0] + block.sum / Double(size))
    compressLine(block)
    for (index, place) in kept.enumerated() { f[index + 1] = block[place] }
  }

  /// Turns a vector of this face into one of `next`, the face of fewer placements, which have the
  /// `rows` here.
  ///
  /// - Complexity: O(n²) or, between restricted faces, O(n³).
  func carry(
    _ vector: BufferView<Double>, over rows: [Int], to next: FacialReduction,
    into target: BufferView<Double>
  ) {
    let (old, new) = ((restricted?.width ?? size * size + 1), rows.count + 1)
    let memory = Buffer(count: old + new, repeating: 0.0)
    let (whole, short) = (memory.view.window(0, old), memory.view.window(old, new))
    expand(vector, times: 1, into: whole)
    short[0] = whole[0]
    for (index, row) in rows.enumerated() { short[index + 1] = whole[row + 1] }
    next.compress(short, into: target)
    withExtendedLifetime(memory) {}
  }

  /// Writes scale·V·f to `row`, n² + 1 numbers, or one more than there are placements: that of
  /// index 0 first.
  func expand(_ f: BufferView<Double>, times scale: Double, into row: BufferView<Double>) {
    if let restricted { return restricted.expand(f, times: scale, into: row) }
    let n = size
    let first = scale * 0.5.squareRoot() * f[0]
    row[0] = first
    let block = row.window(1, n * n)
    let mean = first / Double(n)
    block.fill(0)
    for k in 1..<max(n, 1) {
      let line = block.window(k &* n, n)
      let from = (k &- 1) &* (n &- 1)
      var sum = 0.0
      for l in 1..<n {
        let value = scale * f[1 &+ from &+ l &- 1]
        sum += value
        line[l] = value
      }
      line[0] = head * sum
      let shift = rest * sum
      for l in 1..<n { line[l] -= shift }
    }
    for l in 0..<n {
      var sum = 0.0
      for k in 1..<max(n, 1) { sum += block[k &* n &+ l] }
      block[l] = head * sum
      let shift = rest * sum
      for k in 1..<max(n, 1) { block[k &* n &+ l] -= shift }
    }
    for place in 0..<n * n { block[place] += mean }
  }
}

extension BufferView where Element == Double {
  /// The sum of all elements, in order.
  var sum: Double {
    var sum = 0.0
    for index in 0..<count { sum += self[index] }
    return sum
  }
}
