import QAP
import QAPPrimitives

/// A planted Gromov–Wasserstein pair (F. Mémoli, "Gromov–Wasserstein distances and the metric
/// approach to object matching", Foundations of Computational Mathematics 11, 2011): points, and a
/// noisy, shuffled copy of them, to be matched by their mutual distances alone.
///
/// With X and Y the Euclidean distances within the two clouds, Σ (X[i,k] − Y[p(i),p(k)])² is a
/// Koopmans–Beckmann objective with flow −2X, distance Y and constant ΣX² + ΣY².
public struct PlantedGromovWasserstein: Sendable {
  /// The number of points.
  public let size: Int
  /// Coordinates a point.
  public let dimension: Int
  /// The standard deviation of the noise on every coordinate; coordinates have about 1.
  public let noise: Double

  /// Accepts at least one point, at least one coordinate and noise from 0 on.
  ///
  /// - Throws: `InputError` for anything else.
  public init(size: Int, dimension: Int = 4, noise: Double = 0.1) throws(InputError) {
    try Generated.check(size: size, atLeast: 1)
    guard dimension >= 1, dimension <= 10_000 else {
      throw InputError(found: "dimension \(dimension)", expected: "1 to 10000", kind: .argument)
    }
    guard noise >= 0, noise <= 1_000 else {
      throw InputError(found: "noise \(noise)", expected: "0 to 1000", kind: .argument)
    }
    self.size = size
    self.dimension = dimension
    self.noise = noise
  }

  /// The instance and the planted matching, which is its optimum when the noise is small (with
  /// none, its objective is 0 up to rounding).
  public func generate(seed: UInt64) -> Generated {
    var generator = SeededGenerator(seed: seed)
    let cloud = Matrix<Double>(rows: size, columns: dimension) { _, _ in
      generator.approximateNormal()
    }
    let noisy = cloud.map { $0 + noise * generator.approximateNormal() }
    let planted = Assignment(Permutation(randomOf: size, using: &generator))
    let origin = planted.inverse
    let shuffled = Matrix<Double>(rows: size, columns: dimension) { row, c in
      noisy[origin[row], c]
    }
    let x = PlantedGromovWasserstein.distances(cloud)
    let y = PlantedGromovWasserstein.distances(shuffled)
    var constant = CompensatedSum()
    for value in x.elements { constant.add(value * value) }
    for value in y.elements { constant.add(value * value) }
    let instance = Generated.instance(
      name: "planted-gw-\(size)-\(seed)", flow: x.map { -2 * $0 }, distance: y,
      constant: constant.value)
    return Generated(instance, planted: planted)
  }

  private static func distances(_ points: Matrix<Double>) -> Matrix<Double> {
    Matrix(rows: points.rows, columns: points.rows) { i, k in
      var square = 0.0
      for c in 0..<points.columns {
        let difference = points[i, c] - points[k, c]
        square += difference * difference
      }
      return square.squareRoot()
    }
  }
}
