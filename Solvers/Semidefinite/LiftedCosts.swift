import QAP
import QAPPrimitives

/// L with ⟨L, (1; x)(1; x)ᵀ⟩ = f(x) − constant for assignments x: half of each pair's cost in the
/// block, single costs on its diagonal.
///
/// All entries are whole multiples of a unit 2^exponent, so that numbers added to them exactly
/// stays exact. Integral data lose nothing; real costs are rounded down, so that bounds remain
/// bounds, by some 2⁻²⁸ of the mean cost.
///
/// A constant in a row or a column of the single costs changes no relaxation, but slows the
/// splitting down: L has centered single costs, and `offset` is what that took off every objective.
struct LiftedCosts {
  let size: Int
  let matrix: LiftedMatrix
  /// The unit is 2 to this power.
  let exponent: Int
  /// The mean magnitude of the entries; 1 where all are zero.
  let scale: Double
  /// The amounts subtracted from single costs by row and by column, in pairs of units, and their
  /// sum.
  let shifts: (facility: [Double], location: [Double])
  let offset: Double

  init(_ cost: PairCost, centers: Bool = true, threads: Int) {
    let n = cost.size
    size = n
    let means = LiftedCosts.means(cost.linear, centers: centers)
    let matrix = LiftedMatrix(size: n)
    self.matrix = matrix
    let owned = Buffer(count: 2 * n * n, repeating: 0.0)
    let sums = owned.view
    parallelFor(count: n * n, threads: threads) { _, place in
      LiftedCosts.fill(cost, place, matrix.row(place))
      matrix.row(place)[place] -= means.facility[place / n] + means.location[place % n]
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
    // Whole pairs of units, few enough for sums to be exact, or none.
    func rounded(_ x: Double) -> Double { (x / (2 * unit)).rounded() * (2 * unit) }
    let shift = (means.facility + means.location).reduce(0) { $0 + abs($1) }
    let isCentered = shift < 0x1p44 * unit
    let shifts = (
      facility: means.facility.map { isCentered ? rounded($0) : 0 },
      location: means.location.map { isCentered ? rounded($0) : 0 }
    )
    self.shifts = shifts
    offset = (shifts.facility + shifts.location).reduce(0, +)
    for place in 0..<n * n {
      let (i, j) = (place / n, place % n)
      matrix.row(place)[place] = cost.linear[i, j] - (shifts.facility[i] + shifts.location[j])
    }
    guard !isExact else { return }
    parallelFor(count: n * n, threads: threads) { _, place in
      let row = matrix.row(place)
      let (i, j) = (place / n, place % n)
      for at in 0..<row.count {
        let (k, l) = (at / n, at % n)
        guard at == place || (k != i && l != j) else { continue }
        // At most four roundings of numbers no larger than the parts; what underflows is below a
        // unit.
        let parts =
          at == place
          ? abs(cost.linear[i, j]) + abs(shifts.facility[i]) + abs(shifts.location[j])
          : LiftedCosts.magnitude(cost, i, j, k, l, row[at])
        let low = row[at] - 0x1p-49 * parts
        row[at] = ((low / unit).rounded(.down) - 1) * unit
      }
    }
  }

  /// The means of rows, and of columns of what they leave; zeros unless `centers`.
  private static func means(
    _ linear: Matrix<Double>, centers: Bool
  ) -> (facility: [Double], location: [Double]) {
    let n = linear.rows
    guard centers, n > 0 else {
      let none = [Double](repeating: 0, count: n)
      return (none, none)
    }
    let rows = (0..<n).map { i in (0..<n).reduce(0) { $0 + linear[i, $1] } / Double(n) }
    let columns = (0..<n).map { j in
      (0..<n).reduce(0) { $0 + (linear[$1, j] - rows[$1]) } / Double(n)
    }
    return (rows, columns)
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
      distance.withView { elements in
        for k in 0..<n where k != i {
          let half = 0.5 * flow[i, k]
          for l in 0..<n { row[k &* n &+ l] = half * elements[j &* n &+ l] }
          row[k * n + j] = 0
        }
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
