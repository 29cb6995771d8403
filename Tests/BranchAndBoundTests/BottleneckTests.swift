import QAP
import QAPPrimitives
import RandomInstances
import Testing

@testable import QAPBranchAndBound

/// The least largest term, against the enumeration of all assignments.
@Suite struct BottleneckTests {
  private func least(_ instance: Instance) -> Double? {
    let terms = BottleneckSearch.Terms(instance)
    var best: Double?
    forEachAssignment(of: instance) { assignment in
      guard instance.allows(assignment) else { return }
      best = min(best ?? .infinity, terms.largest(of: assignment))
    }
    return best
  }

  @Test(arguments: [Family.symmetric, .asymmetric, .real, .sparse, .fewer, .tensor])
  func isThatOfEnumeration(_ family: Family) throws {
    for seed in 0..<14 as Range<UInt64> {
      let n = 1 + Int(seed % (family.isTensor ? 5 : 7))
      var instance = family.instance(size: n, seed: 900 + seed)
      if seed % 3 == 2 {
        var g = SeededGenerator(seed: seed, stream: 9)
        instance = try instance.forbidding(
          (0..<instance.facilities).map { FixedPair(facility: $0, location: g.below(n)) })
      }
      let outcome = try BottleneckSearch().solve(instance, options: SolveOptions())
      let expected = least(instance)
      #expect(outcome.objective == expected, "\(instance.name)")
      #expect(outcome.bound == expected, "\(instance.name)")
      #expect(outcome.termination == (expected == nil ? .infeasible : .optimal))
      if let assignment = outcome.assignment {
        #expect(instance.allows(assignment))
        #expect(BottleneckSearch.Terms(instance).largest(of: assignment) == expected)
      }
    }
  }

  @Test func aLimitLeavesAProvenBound() throws {
    let instance = Family.asymmetric.instance(size: 8, seed: 3)
    let exact = try BottleneckSearch().solve(instance, options: SolveOptions())
    let limited = try BottleneckSearch(BranchAndBoundTests.stressed).solve(
      instance, options: SolveOptions(limits: Limits(nodes: 2)))
    let optimum = try #require(exact.objective)
    #expect(try #require(limited.bound) <= optimum)
    #expect(try #require(limited.objective) >= optimum)
  }
}
