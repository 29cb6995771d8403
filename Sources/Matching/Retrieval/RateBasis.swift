import Primitives

#if canImport(Glibc)
  import Glibc
#endif

/// Nodes from which exp(−u·d) can be interpolated in u, for each of a list of rates u.
struct RateBasis {
  /// The rates at the nodes: K of them.
  let nodes: [Double]
  /// The weight of each node for each rate: count × K; rows sum to 1.
  let weights: Matrix<Double>

  /// A basis for `rates`, all positive, with an error below 1e-16 for any distance up to
  /// `largestDistance`; the different rates themselves when there are no more of those.
  init(_ rates: [Double], largestDistance: Double) {
    let (low, high) = (rates.min() ?? 1, rates.max() ?? 1)
    let radius = (high - low) / 2
    let distinct = Set(rates).sorted()
    let count = Self.nodesNeeded(radius * largestDistance, limit: distinct.count)
    if count >= distinct.count {
      nodes = distinct
      let place = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
      weights = Matrix(
        rows: rates.count, columns: distinct.count,
        entries: rates.enumerated().map { (row: $0, column: place[$1]!, value: 1) })
      return
    }
    let angles = (0..<count).map { Double(2 * $0 + 1) * .pi / Double(2 * count) }
    let nodes = angles.map { low + radius + radius * cos($0) }
    let signed = angles.enumerated().map { $0 % 2 == 0 ? sin($1) : -sin($1) }
    self.nodes = nodes
    var elements: [Double] = []
    elements.reserveCapacity(rates.count * count)
    for rate in rates {
      if let hit = nodes.firstIndex(of: rate) {
        elements += (0..<count).map { $0 == hit ? 1 : 0 }
        continue
      }
      // The barycentric formula (Berrut and Trefethen, SIAM Review 46, 2004, equation 5.4).
      let terms = (0..<count).map { signed[$0] / (rate - nodes[$0]) }
      let sum = terms.reduce(0, +)
      elements += terms.map { $0 / sum }
    }
    weights = Matrix(rows: rates.count, columns: count, elements: elements)
  }

  /// The least K up to `limit` that interpolates exp(−z·x) on −1 ≤ x ≤ 1 to 1e-16.
  ///
  /// The Chebyshev coefficients are 2·I_k(z) ≤ 2·(z/2)^k/k!·exp(z²/4(k + 1)), and the error is at most
  /// twice the sum of those from K on, which is below 4·(z/2)^K/K!·exp(z²/4(K + 1) + z/2). (Kernels
  /// have a further factor below 1, exp(−u·d) at the middle of the interval.)
  static func nodesNeeded(_ z: Double, limit: Int) -> Int {
    var power = 4.0
    for count in 1..<max(2, limit) {
      power *= z / 2 / Double(count)
      if power * exp(z * z / (4 * Double(count + 1)) + z / 2) < 1e-16 { return count }
    }
    return limit
  }
}
