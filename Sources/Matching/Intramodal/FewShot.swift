import QAP
import QAPDenseAlgebra
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Linear classifiers from a few labeled rows a class: the score of a row x for class c is
/// weights[c]·x + bias[c].
public struct FewShot: Sendable {
  /// classes × features.
  public let weights: Matrix<Double>
  /// One a class.
  public let bias: [Double]

  /// Nearest prototype: the normalized mean of each class's rows, no bias.
  ///
  /// - Throws: `InputError` for a class without rows, or whose rows have mean zero.
  public static func prototypes(
    _ support: Embeddings, labels: [Int], classes: Int
  ) throws(InputError) -> FewShot {
    let means = try support.averaged(by: labels, classes: classes).normalized()
    return FewShot(weights: means.values, bias: [Double](repeating: 0, count: classes))
  }

  /// Linear discriminant analysis as in "A Hard-to-Beat Baseline for Training-Free CLIP-Based
  /// Adaptation" (Z. Wang et al., ICLR 2024): with S the scatter of the rows about their class
  /// means, Σ⁻¹ = d·(S + tr(S)/(n − 1)·I)⁻¹, weights Σ⁻¹μ, bias log(1/C) − μᵀΣ⁻¹μ/2.
  ///
  /// One row a class leaves no scatter: then all classes score alike, as in the published code.
  ///
  /// - Throws: `InputError` for a class without rows.
  public static func discriminant(
    _ support: Embeddings, labels: [Int], classes: Int
  ) throws(InputError) -> FewShot {
    let means = try support.averaged(by: labels, classes: classes).values
    let (n, d) = (support.rows, support.features)
    let isAlone = n == classes
    let scattered = support.mapped { row, column, value in
      isAlone ? 0 : value - means[labels[row], column]
    }.values
    var moment = gemm(1, scattered, .transposed, scattered, .plain)
    let trace = (0..<d).reduce(0) { $0 + moment[$1, $1] }
    let prior = -log(Double(classes))
    guard trace > 0 else {
      return FewShot(
        weights: Matrix(rows: classes, columns: d, repeating: 0),
        bias: [Double](repeating: prior, count: classes))
    }
    for index in 0..<d { moment[index, index] += trace / Double(n - 1) }
    guard let eigen = symmetricEigen(moment) else {
      throw InputError(
        support.name, found: "a scatter without eigenvalues", expected: "numbers of usual size")
    }
    let coordinates = gemm(1, means, .plain, eigen.vectors, .transposed)
    let scaled = Matrix<Double>(rows: classes, columns: d) {
      coordinates[$0, $1] * (Double(d) / eigen.values[$1])
    }
    let weights = gemm(1, scaled, .plain, eigen.vectors, .plain)
    let bias = (0..<classes).map { c in
      zip(weights.row(c), means.row(c)).reduce(0) { $0 + $1.0 * $1.1 } * -0.5 + prior
    }
    return FewShot(weights: weights, bias: bias)
  }

  /// The scores of the rows of `x`, rows × classes.
  public func scores(_ x: Embeddings) -> Matrix<Double> {
    let products = gemm(1, x.values, .plain, weights, .transposed)
    return Matrix(rows: products.rows, columns: products.columns) { products[$0, $1] + bias[$1] }
  }

  /// The share of the rows of `x` whose own class scores highest; between equal classes the chance
  /// of a fair choice counts.
  public func accuracy(_ x: Embeddings, labels: [Int]) -> Double {
    precondition(labels.count == x.rows, "one label per row")
    let scores = scores(x)
    var sum = 0.0
    for row in 0..<x.rows {
      let line = scores.row(row)
      let own = scores[row, labels[row]]
      let margin = 1e-12 * line.reduce(1) { max($0, abs($1)) }
      if line.contains(where: { $0 > own + margin }) { continue }
      sum += 1 / Double(line.count { $0 >= own - margin })
    }
    return sum / Double(x.rows)
  }
}

/// Rows for learning from a few examples: `shots` rows of each class, the rest for the test.
///
/// Drawn by `seed`; the rows of fewer shots are among those of more, and the test is the same for
/// all numbers of shots up to `maxShots`. Nil when a class has no more than `maxShots` rows.
public func fewShotSplit(
  labels: [Int], classes: Int, shots: Int, maxShots: Int, seed: UInt64
) -> (support: [Int], test: [Int])? {
  precondition(shots >= 1 && shots <= maxShots, "between 1 and maxShots shots")
  var generator = SeededGenerator(seed: seed)
  var members = [[Int]](repeating: [], count: classes)
  for row in labels.indices.shuffled(using: &generator) { members[labels[row]].append(row) }
  guard members.allSatisfy({ $0.count > maxShots }) else { return nil }
  return (
    members.flatMap { $0.prefix(shots) }, members.flatMap { $0.dropFirst(maxShots) }.sorted()
  )
}
