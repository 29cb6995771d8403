import QAPDenseAlgebra
import QAPPrimitives

/// A symmetric association scheme on points: classes of pairs, class 0 the points themselves, whose
/// 0-1 matrices A_t span an algebra. All of them have the same eigenspaces.
///
/// The scheme of a matrix is the coarsest one on whose classes it is constant, if there is one: its
/// stable coloring of pairs (B. Weisfeiler and A. Leman 1968). Hypercubes and tori have one, grids
/// have none, as their points differ.
package struct AssociationScheme: Sendable {
  /// The number of points, n.
  package let size: Int
  /// The class of a pair at `a · n + b`.
  package let classes: [Int]
  /// The number of points in each class with any point: row sums of A_t.
  package let valencies: [Int]
  /// The dimension of each eigenspace; the first is that of the constant vectors.
  package let multiplicities: [Int]
  /// The eigenvalue of A_t on eigenspace s at [s, t].
  package let eigenvalues: Matrix<Double>

  /// Classes at most.
  private static let maxClasses = 64

  /// The scheme of a matrix, whose diagonal does not count; nil where its points differ, a class is
  /// not symmetric, or there are many classes.
  ///
  /// - Complexity: O(n³) for each round of the coloring, of which a few suffice.
  package init?(_ matrix: Matrix<Double>) {
    let n = matrix.rows
    guard n >= 2, matrix.isSymmetric, let colors = AssociationScheme.stableColors(matrix)
    else { return nil }
    var index: [UInt64: Int] = [colors[0]: 0]
    for b in 1..<n where index[colors[b]] == nil { index[colors[b]] = index.count }
    let count = index.count
    var classes = [Int](repeating: 0, count: n * n)
    var valencies = [Int](repeating: 0, count: count)
    for a in 0..<n {
      for b in 0..<n {
        guard let known = index[colors[a * n + b]], (known == 0) == (a == b) else { return nil }
        classes[a * n + b] = known
        if a == 0 { valencies[known] += 1 }
      }
    }
    guard let spaces = AssociationScheme.spaces(classes, count: count, size: n) else { return nil }
    size = n
    self.classes = classes
    self.valencies = valencies
    multiplicities = spaces.map(\.dimension)
    eigenvalues = Matrix(rows: count, columns: count) { spaces[$0].values[$1] }
  }

  /// Colors of all pairs that no further round splits; nil where points differ, a color is not
  /// symmetric, or there are many.
  private static func stableColors(_ matrix: Matrix<Double>) -> [UInt64]? {
    let n = matrix.rows
    var colors = PairCodes(matrix).codes
    // Whatever stands off the diagonal, its code is another.
    for a in 0..<n { colors[a * n + a] = PairCodes.mixed(1) }
    var count = Set(colors).count
    while true {
      guard count <= maxClasses else { return nil }
      var next = colors
      for a in 0..<n {
        for b in 0...a {
          var sum: UInt64 = 0
          for m in 0..<n {
            // The same for both orders of a pair.
            sum &+=
              PairCodes.mixed(colors[a &* n &+ m] &+ colors[m &* n &+ b])
              &* (colors[a &* n &+ m] ^ colors[m &* n &+ b] | 1)
          }
          let color = PairCodes.mixed(colors[a * n + b] ^ sum)
          next[a * n + b] = color
          next[b * n + a] = color
        }
        guard next[a * n + a] == next[0] else { return nil }
      }
      let now = Set(next).count
      if now == count { return colors }
      (colors, count) = (next, now)
    }
  }

  /// The common eigenspaces, that of the constant vectors first; nil when the matrices do not have
  /// as many as there are classes.
  private static func spaces(
    _ classes: [Int], count: Int, size n: Int
  ) -> [(dimension: Int, values: [Double])]? {
    // Some combination whose eigenvalues tell the spaces apart.
    let weights = (0..<count).map { t in
      t == 0 ? 0 : 1 + Double(PairCodes.mixed(UInt64(t)) >> 11) * 0x1p-53
    }
    let sum = Matrix<Double>(rows: n, columns: n) { weights[classes[$0 * n + $1]] }
    setDenseAlgebraThreads(1)
    guard let found = symmetricEigen(sum) else { return nil }
    let near = 1e-9 * Double(n)
    var spaces: [(dimension: Int, values: [Double])] = []
    var start = n
    while start > 0 {
      let end = start
      start -= 1
      while start > 0, found.values[end - 1] - found.values[start - 1] < near { start -= 1 }
      let vector = Array(found.vectors.row(start))
      var values = [Double](repeating: 0, count: count)
      for a in 0..<n {
        for b in 0..<n { values[classes[a * n + b]] += vector[a] * vector[b] }
      }
      spaces.append((end - start, values))
    }
    // All weights are positive: the largest eigenvalue belongs to the constant vectors.
    return spaces.count == count && spaces[0].dimension == 1 ? spaces : nil
  }
}
