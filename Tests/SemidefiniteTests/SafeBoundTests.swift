import QAP
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPSemidefinite

/// What a multiplier proves, with the eigenvalue found in either way.
@Suite struct SafeBoundTests {
  /// Bounds of `instance` along a splitting, by a decomposition or by iteration with a guess that
  /// is off by `shift`, nil for none.
  private func bounds(
    _ instance: Instance, iterates: Bool, shift: Double? = nil
  ) throws -> [Double] {
    let cost = PairCost(instance)
    let lifted = LiftedCosts(cost, threads: 1)
    let splitting = Splitting(lifted, parameters: .init(), threads: 1)
    let safe = SafeBound(lifted, constant: cost.constant, rounds: 2, threads: 1)
    let projection = SpectralProjection(
      order: splitting.face.order, threads: 1, iterates: iterates)
    var found: [Double] = []
    for step in 1...90 {
      #expect(splitting.step())
      guard step % 30 == 0 else { continue }
      let proven = try safe.evaluate(
        splitting.multiplier, scratch: splitting.scratch, projection: projection,
        near: shift.map { splitting.eigenvalue + $0 } ?? -.infinity, above: -.infinity,
        shouldStop: { false })
      splitting.restore()
      found.append(try #require(proven).value)
    }
    return found
  }

  @Test(arguments: 2...9)
  func iterationProvesWhatADecompositionDoes(_ n: Int) throws {
    let instance = Family.symmetric.instance(size: n, seed: UInt64(n))
    let best = n <= 7 ? leastObjective(instance) : .infinity
    let exact = try bounds(instance, iterates: false)
    #expect(exact.allSatisfy { $0 <= best })
    for shift in [nil, 0, -3, 0.01, 100] {
      let found = try bounds(instance, iterates: true, shift: shift)
      for (a, b) in zip(found, exact) {
        #expect(a <= best)
        // A guess far above the eigenvalue costs what two bisections leave of the distance.
        let slack = shift == 100 ? 100 * Double(n + 1) : 1e-5 * max(1, abs(b))
        #expect(a >= b - slack, "\(n), shift \(shift ?? .nan): \(a) of \(b)")
      }
    }
  }
}
