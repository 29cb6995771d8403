import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Nodes from which exp(−u·d) can be interpolated in u, for each of a list of rates u.
///
/// Rates within a factor of two of each other share nodes, so that their number stays small however
/// far the rates spread.
struct RateBasis {
  /// The rates at the nodes: K of them.
  let nodes: [Double]
  /// The weight of each node for each rate: count × K; rows sum to 1.
  let weights: Matrix<Double>

  /// A basis for `rates`, all positive, with an error below 1e-16 for any distance up to
  /// `largestDistance`; the different rates themselves where there are fewer of them.
  init(_ rates: [Double], largestDistance: Double) {
    var nodes: [Double] = []
    var groups: [(top: Double, first: Int, family: Family)] = []
    let distinct = Set(rates).sorted()
    var start = 0
    while start < distinct.count {
      let end = distinct[start...].firstIndex { $0 > 2 * distinct[start] } ?? distinct.count
      let family = Family(Array(distinct[start..<end]), largestDistance)
      groups.append((distinct[end - 1], nodes.count, family))
      nodes += family.nodes
      start = end
    }
    let width = nodes.count
    var elements = [Double](repeating: 0, count: rates.count * width)
    for (row, rate) in rates.enumerated() {
      let group = groups[groups.firstIndex { rate <= $0.top } ?? groups.count - 1]
      for (offset, weight) in group.family.weights(rate).enumerated() {
        elements[row * width + group.first + offset] = weight
      }
    }
    self.nodes = nodes
    weights = Matrix(rows: rates.count, columns: width, elements: elements)
  }

  /// Nodes for rates within a factor of two.
  private struct Family {
    let nodes: [Double]
    /// Barycentric weights of Chebyshev nodes; nil when the nodes are the rates.
    let signed: [Double]?

    /// `rates` are ascending and different.
    init(_ rates: [Double], _ largestDistance: Double) {
      let low = rates[0]
      let radius = (rates[rates.count - 1] - low) / 2
      // Beyond this the kernel itself is below e⁻⁴⁰, and so is what is interpolated.
      let distance = min(largestDistance, 40 / low)
      let count = RateBasis.nodesNeeded(radius * distance, limit: rates.count)
      guard count < rates.count else {
        nodes = rates
        signed = nil
        return
      }
      let angles = (0..<count).map { Double(2 * $0 + 1) * .pi / Double(2 * count) }
      nodes = angles.map { low + radius + radius * cos($0) }
      signed = angles.enumerated().map { $0 % 2 == 0 ? sin($1) : -sin($1) }
    }

    /// The weights of the nodes for `rate`, by the barycentric formula (Berrut and Trefethen, SIAM
    /// Review 46, 2004, equation 5.4).
    func weights(_ rate: Double) -> [Double] {
      if let hit = nodes.firstIndex(of: rate) {
        return nodes.indices.map { $0 == hit ? 1 : 0 }
      }
      let terms = zip(signed ?? [], nodes).map { $0 / (rate - $1) }
      let sum = terms.reduce(0, +)
      return terms.map { $0 / sum }
    }
  }

  /// The least K up to `limit` that interpolates exp(−z·x) on −1 ≤ x ≤ 1 to 1e-16.
  ///
  /// The Chebyshev coefficients are 2·I_k(z) ≤ 2·(z/2)^k/k!·exp(z²/4(k + 1)), and the error is at
  /// most twice the sum of those from K on, which is below 4·(z/2)^K/K!·exp(z²/4(K + 1) + z/2).
  /// (Kernels have a further factor below 1, exp(−u·d) at the middle of the interval.)
  static func nodesNeeded(_ z: Double, limit: Int) -> Int {
    var power = 4.0
    for count in 1..<max(2, limit) {
      power *= z / 2 / Double(count)
      if power * exp(z * z / (4 * Double(count + 1)) + z / 2) < 1e-16 { return count }
    }
    return limit
  }
}
