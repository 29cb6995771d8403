import QAP
import QAPPrimitives

/// Two embedding spaces that a rotation relates, and rows of which none has a partner on the other
/// side: input for `qap translate` whose answer is known.
///
/// A row is a point z near one of several modes, turned into each space by random orthonormal
/// columns and shifted, with noise added: x = R·z + m + ε. Validation rows are of the same points
/// on both sides.
public struct PlantedSpaces: Sendable {
  /// The number of modes.
  public let modes: Int
  /// The coordinates of z.
  public let dimensions: Int
  /// The features of the source and of the target, at least `dimensions` each.
  public let features: (source: Int, target: Int)
  /// The masses of modes fall from 1 to this share.
  public let minMass: Double
  /// The standard deviation of z around its mode; modes have about 1 in every coordinate.
  public let spread: Double
  /// The standard deviation of the noise on every feature.
  public let noise: Double

  /// The rows of both sides.
  public struct Rows: Sendable {
    /// Rows × source features.
    public let source: Matrix<Double>
    /// Rows × target features; no row belongs to one of `source`.
    public let target: Matrix<Double>
    /// Rows of the source's space for validation.
    public let validSource: Matrix<Double>
    /// Their partners.
    public let validTarget: Matrix<Double>
  }

  /// Spaces with `modes` modes.
  ///
  /// - Throws: `InputError` for numbers out of range.
  public init(
    modes: Int = 40, dimensions: Int? = nil, features: (source: Int, target: Int)? = nil,
    minMass: Double = 0.25, spread: Double = 0.3, noise: Double = 0.05
  ) throws(InputError) {
    let dimensions = dimensions ?? min(max(2, modes - 1), 24)
    let features = features ?? (2 * dimensions, dimensions + dimensions / 2)
    guard (2...100_000).contains(modes) else {
      throw InputError(found: "\(modes) modes", expected: "2 to 100000", kind: .argument)
    }
    guard (1...4_096).contains(dimensions) else {
      throw InputError(found: "\(dimensions) dimensions", expected: "1 to 4096", kind: .argument)
    }
    for count in [features.source, features.target] {
      guard (dimensions...8_192).contains(count) else {
        throw InputError(
          found: "\(count) features", expected: "\(dimensions) to 8192", kind: .argument)
      }
    }
    guard minMass > 0, minMass <= 1 else {
      throw InputError(
        found: "the least mass \(minMass)", expected: "more than 0, at most 1", kind: .argument)
    }
    for value in [spread, noise] {
      guard value >= 0, value <= 1_000 else {
        throw InputError(found: "the deviation \(value)", expected: "0 to 1000", kind: .argument)
      }
    }
    self.modes = modes
    self.dimensions = dimensions
    self.features = features
    self.minMass = minMass
    self.spread = spread
    self.noise = noise
  }

  /// `rows` rows on each side and `validation` pairs.
  ///
  /// - Throws: `InputError` without rows.
  /// - Complexity: O(rows · features · dimensions).
  public func generate(
    rows: Int, validation: Int = 1_000, seed: UInt64
  ) throws(InputError) -> Rows {
    try Generated.check(size: rows, atLeast: 1)
    var generator = SeededGenerator(seed: seed)
    let centers = Matrix<Double>(rows: modes, columns: dimensions) { _, _ in
      generator.approximateNormal()
    }
    let masses = (0..<modes).map { mode in
      1 - (1 - minMass) * Double(mode) / Double(max(1, modes - 1))
    }
    let source = space(features: features.source, using: &generator)
    let target = space(features: features.target, using: &generator)
    func points(_ count: Int) -> Matrix<Double> {
      let total = masses.reduce(0, +)
      let chosen = (0..<count).map { _ in
        var left = generator.unit() * total
        return masses.firstIndex {
          left -= $0
          return left < 0
        } ?? modes - 1
      }
      return Matrix(rows: count, columns: dimensions) { row, column in
        centers[chosen[row], column] + spread * generator.approximateNormal()
      }
    }
    func seen(_ z: Matrix<Double>, _ space: Space) -> Matrix<Double> {
      Matrix(rows: z.rows, columns: space.mean.count) { row, feature in
        var sum = space.mean[feature] + noise * generator.approximateNormal()
        for c in 0..<dimensions { sum += z[row, c] * space.directions[c][feature] }
        return sum
      }
    }
    let shared = points(validation)
    return Rows(
      source: seen(points(rows), source), target: seen(points(rows), target),
      validSource: seen(shared, source), validTarget: seen(shared, target))
  }

  private typealias Space = (directions: [[Double]], mean: [Double])

  /// Random orthonormal directions (Gram–Schmidt) and a mean.
  private func space(features: Int, using generator: inout SeededGenerator) -> Space {
    var directions: [[Double]] = []
    while directions.count < dimensions {
      var vector = (0..<features).map { _ in generator.approximateNormal() }
      // Twice, for full precision.
      for _ in 0..<2 {
        for other in directions {
          let product = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for c in 0..<features { vector[c] -= product * other[c] }
        }
      }
      let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm > 1e-6 { directions.append(vector.map { $0 / norm }) }
    }
    return (directions, (0..<features).map { _ in generator.approximateNormal() })
  }
}
