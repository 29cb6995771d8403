import QAP
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Instances whose distances and flows are chosen independently (after T. Stützle and S. Fernandes,
/// "New benchmark instances for the QAP and the experimental analysis of algorithms", EvoCOP 2004).
///
/// Locations are the cells of a grid at Manhattan distances, or points in clusters of a square of
/// side 300 at rounded Euclidean distances. A flow that is not zero is ⌈100·U³⌉ with U uniform in
/// (0, 1]. It is zero with a given probability (random), or where two points drawn for the
/// facilities in a square of side 100 are farther apart than a threshold (structured); in the third
/// kind one in twenty of these distant pairs has a flow all the same (structured plus).
public struct ClusteredLayout: Sendable {
  /// The distances.
  public enum Layout: String, Sendable, CaseIterable {
    /// Manhattan distances of a grid.
    case grid
    /// Euclidean distances of points in clusters.
    case clustered
  }

  /// The pairs of facilities that have a flow.
  public enum Flow: String, Sendable, CaseIterable {
    /// Any, at random.
    case random
    /// Those of close points.
    case structured
    /// Those of close points, and a few others.
    case structuredPlus
  }

  /// The number of facilities.
  public let size: Int
  /// The distances.
  public let layout: Layout
  /// The pairs of facilities that have a flow.
  public let flow: Flow

  /// Accepts at least one facility.
  ///
  /// - Throws: `InputError` for other sizes.
  public init(size: Int, layout: Layout, flow: Flow) throws(InputError) {
    try Generated.check(size: size, atLeast: 1)
    self.size = size
    self.layout = layout
    self.flow = flow
  }

  /// The instance; the same for the same parameters and seed.
  public func instance(seed: UInt64) -> Instance {
    var generator = SeededGenerator(seed: seed)
    let distance = distances(using: &generator)
    let points = (0..<size).map { _ in (100 * generator.unit(), 100 * generator.unit()) }
    var flows = Matrix(rows: size, columns: size, repeating: 0.0)
    for i in 0..<size {
      for k in 0..<i {
        let gap = hypot(points[i].0 - points[k].0, points[i].1 - points[k].1)
        let share = flow == .random ? 0.4 : gap <= 40 ? 1 : flow == .structured ? 0 : 0.05
        let isPresent = generator.unit() < share
        let unit = 1 - generator.unit()
        guard isPresent else { continue }
        flows[i, k] = (100 * unit * unit * unit).rounded(.up)
        flows[k, i] = flows[i, k]
      }
    }
    let name = "clustered-layout-\(layout.rawValue)-\(flow.rawValue)-\(size)-\(seed)"
    return Generated.instance(name: name, flow: flows, distance: distance)
  }

  private func distances(using generator: inout SeededGenerator) -> Matrix<Double> {
    switch layout {
    case .grid:
      let columns = size / Grid.squarestRows(size)
      return Matrix(rows: size, columns: size) { j, l in
        Double(abs(j / columns - l / columns) + abs(j % columns - l % columns))
      }
    case .clustered:
      var points: [(Double, Double)] = []
      while points.count < size {
        let corner = (290 * generator.unit(), 290 * generator.unit())
        for _ in 0...generator.below(10) where points.count < size {
          points.append((corner.0 + 10 * generator.unit(), corner.1 + 10 * generator.unit()))
        }
      }
      // Clusters are drawn one after the other: without this, neighbors in number are close.
      let order = Permutation(randomOf: size, using: &generator).images
      return Matrix(rows: size, columns: size) { j, l in
        let (a, b) = (points[order[j]], points[order[l]])
        return hypot(a.0 - b.0, a.1 - b.1).rounded()
      }
    }
  }
}
