import QAP
import QAPPrimitives

/// Sparse flows on the vertices of a hypercube at Hamming distances.
///
/// Flows from 1 to 10 join the facilities that the planted assignment puts on neighboring vertices,
/// each with a given probability; there are no other flows. Every flow then spans the least
/// distance, so the planted assignment is optimal.
public struct HypercubeFlows: Sendable {
  /// The number of facilities; locations are the vertices of these numbers.
  public let size: Int
  /// The share of edges between them that have a flow.
  public let share: Double

  /// Accepts at least one facility and a share in 0...1.
  ///
  /// - Throws: `InputError` for other sizes or shares.
  public init(size: Int, share: Double = 0.7) throws(InputError) {
    try Generated.check(size: size, atLeast: 1)
    guard share >= 0, share <= 1 else {
      throw InputError(
        found: "a share of edges of \(share)", expected: "0 to 1", kind: .argument)
    }
    self.size = size
    self.share = share
  }

  /// The instance and its optimum; the same for the same parameters and seed, on every machine.
  public func generate(seed: UInt64) -> Generated {
    let n = size
    var generator = SeededGenerator(seed: seed)
    let planted = Assignment(Permutation(randomOf: n, using: &generator))
    let facility = planted.inverse
    var flow = Matrix(rows: n, columns: n, repeating: 0.0)
    for j in 0..<n {
      for bit in 0..<16 where j & 1 << bit == 0 && j | 1 << bit < n {
        let isPresent = generator.unit() < share
        let value = Double(1 + generator.below(10))
        guard isPresent else { continue }
        let (i, k) = (facility[j], facility[j | 1 << bit])
        flow[i, k] = value
        flow[k, i] = value
      }
    }
    let distance = Matrix<Double>(rows: n, columns: n) { Double(($0 ^ $1).nonzeroBitCount) }
    let instance = Generated.instance(
      name: "hypercube-\(n)-\(seed)", flow: flow, distance: distance)
    return Generated(instance, planted: planted, isOptimal: true)
  }
}
