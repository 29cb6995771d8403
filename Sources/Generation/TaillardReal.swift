import QAP
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Instances that imitate real ones (É. Taillard, "Comparison of iterative searches for the
/// quadratic assignment problem", Location Science 3, 1995: QAPLIB's tai20b to tai150b are of this
/// family).
///
/// Locations lie in small clusters scattered over a disk, at rounded Euclidean distances. A flow is
/// ⌊10^X⌋ with X uniform between −10 and 5, so that two in three are zero and few are large.
public struct TaillardReal: Sendable {
  /// The number of facilities.
  public let size: Int

  /// Accepts at least one facility.
  ///
  /// - Throws: `InputError` for other sizes.
  public init(size: Int) throws(InputError) {
    try Generated.check(size: size, atLeast: 1)
    self.size = size
  }

  /// The instance; the same for the same size and seed.
  public func instance(seed: UInt64) -> Instance {
    var generator = SeededGenerator(seed: seed)
    func point(within radius: Double) -> (Double, Double) {
      let (angle, length) = (2 * Double.pi * generator.unit(), radius * generator.unit())
      return (length * cos(angle), length * sin(angle))
    }
    var points: [(Double, Double)] = []
    while points.count < size {
      let center = point(within: 1000)
      for _ in 0...generator.below(10) where points.count < size {
        let offset = point(within: 30)
        points.append((center.0 + offset.0, center.1 + offset.1))
      }
    }
    // Clusters are drawn one after the other: without this, neighbors in number are close.
    let order = Permutation(randomOf: size, using: &generator).images
    let distance = Matrix<Double>(rows: size, columns: size) { j, l in
      let (a, b) = (points[order[j]], points[order[l]])
      return ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).squareRoot().rounded()
    }
    let flow = Matrix<Double>(rows: size, columns: size) { i, k in
      let value = pow(10, -10 + 15 * generator.unit()).rounded(.down)
      return i == k ? 0 : value
    }
    return Generated.instance(name: "taillard-real-\(size)-\(seed)", flow: flow, distance: distance)
  }
}
