import QAP
import QAPPrimitives

/// L with ⟨L, (1; x)(1; x)ᵀ⟩ = f(x) − constant for assignments x: half of each pair's cost in the block,
/// single costs on its diagonal.
///
/// All entries are whole multiples of a unit 2^exponent, so that what is added to them exactly stays exact.
/// Integral data lose nothing; real costs are rounded down, so that bounds remain bounds, by some 2⁻²⁸ of
/// the mean cost.
struct LiftedCosts {
  let size: Int
  let matrix: LiftedMatrix
  /// The unit is 2 to this power.
  let exponent: Int
  /// The mean magnitude of the entries; 1 where all are zero.
  let scale: Double

  init(_ cost: PairCost, threads: Int) {
    let n = cost.size
    size = n
    let matrix = LiftedMatrix(size: n)
    self.matrix = matrix
    let owned = Buffer(count: 2 * n * n, repeating: 0.0)
    let sums = owned.view
    parallelFor(count: n * n, threads: threads) { _, place in
      LiftedCosts.fill(cost, place, matrix.row(place))
      var (largest, total) = (0.0, 0.0)
      let row = matrix.row(place)
      for at in 0..<row.count {
        largest = max(largest, abs(row[at]))
        total += abs(row[at])
      }
      sums[2 * place] = largest
      sums[2 * place + 1] = total
    }
    var (largest, total) = (0.0, 0.0)
    for place in 0..<n * n {
      largest = max(largest, sums[2 * place])
      total += sums[2 * place + 1]
    }
    withExtendedLifetime(owned) {}
    let mean = total / Double((n * n + 1) * (n * n + 1))
    // The mean of the tiniest numbers may underflow.
    scale = mean > 0 ? mean : 1
    // Fine enough to lose nothing that counts, coarse enough for sums of many entries to be exact.
    let wanted = Int(scale.exponent) - 28
    // Certificates take no finer unit than 2⁻⁹⁰⁰; tinier costs are rounded down to none.
    let least = largest == 0 ? -900 : Int(largest.exponent) - 44
    var exponent = max(-900, max(wanted, least))
    let isExact = cost.isIntegral && max(least, -30) <= -1
    if isExact { exponent = min(-1, max(exponent, -30)) }
    self.exponent = exponent
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    guard !isExact else { return }
    parallelFor(count: n * n, threads: threads) { _, place in
      let row = matrix.row(place)
      let (i, j) = (place / n, place % n)
      for at in 0..<row.count {
        let (k, l) = (at / n, at % n)
        guard at == place || (k != i && l != j) else { continue }
        // At most four roundings of numbers no larger than the parts; what underflows is below a unit.
        let low = row[at] - 0x1p-49 * LiftedCosts.magnitude(cost, i, j, k, l, row[at])
        row[at] = ((low / unit).rounded(.down) - 1) * unit
      }
    }
  }

  /// The sizes of the parts that add up to an entry: of sums of two products more than the sum.
  private static func magnitude(
    _ cost: PairCost, _ i: Int, _ j: Int, _ k: Int, _ l: Int, _ entry: Double
  ) -> Double {
    guard case .twoProducts(let flow, let distance) = cost.kind, i != k else { return abs(entry) }
    return abs(flow[i, k] * distance[j, l]) + abs(flow[k, i] * distance[l, j])
  }

  /// Row (i, j): half of every pair's cost, and the single cost on the diagonal.
  private static func fill(_ cost: PairCost, _ place: Int, _ row: BufferView<Double>) {
    let n = cost.size
    let (i, j) = (place / n, place % n)
    switch cost.kind {
    case .product(let flow, let distance):
      let elements = distance.elements.span
      for k in 0..<n where k != i {
        let half = 0.5 * flow[i, k]
        for l in 0..<n { row[k &* n &+ l] = half * elements[j &* n &+ l] }
        row[k * n + j] = 0
      }
    case .twoProducts:
      for k in 0..<n where k != i {
        for l in 0..<n where l != j { row[k * n + l] = 0.5 * cost.pair(i, j, k, l) }
      }
    case .tensor(let tensor):
      let scratch = Buffer(count: n * n, repeating: 0.0)
      cost.fillPairs(of: tensor, i, j, into: row, scratch: scratch.view)
      withExtendedLifetime(scratch) {}
      for at in 0..<row.count { row[at] *= 0.5 }
      for l in 0..<n { row[i * n + l] = 0 }
      for k in 0..<n { row[k * n + j] = 0 }
    }
    row[place] = cost.linear[i, j]
  }
}
