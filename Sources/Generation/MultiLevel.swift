import QAP
import QAPPrimitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Instances with a hierarchy of blocks in both matrices (after Z. Drezner, P. M. Hahn and É. D.
/// Taillard, Annals of Operations Research 139, 2005, sec. 2.2: tai27e01, …).
///
/// A tree of three levels has the locations as leaves. For two leaves that part at some node, flow
/// and distance depend on the two branches alone: one of them is zero and the other one a number
/// that falls from level to level, up to a little noise at the lowest level. The planted assignment
/// therefore costs little, but few swaps lead from one block to another. It need not be optimal.
public struct MultiLevel: Sendable {
  /// The number of facilities.
  public let size: Int

  /// Accepts at least one facility.
  ///
  /// - Throws: `InputError` for other sizes.
  public init(size: Int) throws(InputError) {
    try Generated.check(size: size, atLeast: 1)
    self.size = size
  }

  /// The instance and the planted assignment; the same for the same size and seed.
  public func generate(seed: UInt64) -> Generated {
    var generator = SeededGenerator(seed: seed)
    let planted = Assignment(Permutation(randomOf: size, using: &generator))
    let facility = planted.inverse
    let branches = max(2, Int(cbrt(Double(size)).rounded()))
    let labels = (0..<size).map { leaf in
      // Blocks of equal size where the size allows it.
      let (top, middle) = (
        leaf * branches / size, leaf * branches * branches / size % branches
      )
      return (top, middle)
    }
    // The strength of flow (positive) or distance (negative) between the branches of each node.
    var strengths: [Double] = []
    for level in 0..<2 {
      for _ in 0..<(level == 0 ? 1 : branches) * branches * branches {
        let value = Double(20 + generator.below(20)) / Double(1 + level)
        strengths.append((generator.below(2) == 0 ? value : -value).rounded())
      }
    }
    var flow = Matrix(rows: size, columns: size, repeating: 0.0)
    var distance = flow
    let order = Permutation(randomOf: size, using: &generator).images
    for j in 0..<size {
      for l in 0..<j {
        let (a, b) = (labels[j], labels[l])
        let strength: Double
        if a.0 != b.0 {
          strength = strengths[max(a.0, b.0) * branches + min(a.0, b.0)]
        } else if a.1 != b.1 {
          strength =
            strengths[((a.0 + 1) * branches + max(a.1, b.1)) * branches + min(a.1, b.1)]
        } else {
          let value = Double(generator.below(8))
          strength = generator.below(2) == 0 ? value : -value
        }
        // Noise among close leaves, so that they are not interchangeable.
        let noise = a.0 == b.0 ? Double(generator.below(3)) : 0
        let (x, y) = (facility[order[j]], facility[order[l]])
        flow[x, y] = max(0, strength) + (strength < 0 ? noise : 0)
        flow[y, x] = flow[x, y]
        distance[order[j], order[l]] = max(0, -strength) + (strength > 0 ? noise : 0)
        distance[order[l], order[j]] = distance[order[j], order[l]]
      }
    }
    let instance = Generated.instance(
      name: "multi-level-\(size)-\(seed)", flow: flow, distance: distance)
    return Generated(instance, planted: planted)
  }
}
