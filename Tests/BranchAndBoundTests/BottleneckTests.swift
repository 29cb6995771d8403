import QAP
import QAPGilmoreLawler
import QAPInstanceIO
import QAPLocalSearch
import QAPPrimitives
import QAPVerification
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

  /// The certificate of a bound holds for the instance, and for no larger claim.
  @Test(arguments: [Family.symmetric, .asymmetric, .real, .fewer, .tensor])
  func boundsHaveCertificates(_ family: Family) throws {
    for seed in 0..<14 as Range<UInt64> {
      let n = 1 + Int(seed % (family.isTensor ? 4 : 6))
      let plain = family.instance(size: n, seed: 950 + seed)
      let instance = seed % 3 == 2 ? plain.forbiddingSome(seed: seed).instance : plain
      let outcome = try BottleneckSearch().solve(instance, options: SolveOptions(keepsProof: true))
      let label = "\(instance.name)"
      let certificate = try #require(outcome.certificate, "\(label)")
      let read = try CertificateFile.parse(CertificateFile.format(certificate), file: "memory")
      #expect(read == certificate, "\(label)")
      let verdict = check(read, of: instance)
      #expect(verdict.holds, "\(label): \(verdict.fault ?? "")")
      let threshold = try #require(read.threshold)
      let least = leastTerm(above: threshold, of: instance)
      #expect(least == outcome.bound && least == self.least(instance), "\(label)")
      // The optimum is reached: no certificate says that it is exceeded.
      var other = read
      other.threshold = outcome.objective
      #expect(!check(other, of: instance).holds, "\(label)")
      var empty = read
      (empty.bound, empty.rounded) = (0, 0)
      #expect(!check(empty, of: instance).holds, "\(label)")
    }
  }

  /// A heuristic finds assignments, a bound excludes thresholds; neither claims more.
  @Test func otherMethodsDecideWhatTheyCan() throws {
    for seed in 0..<10 as Range<UInt64> {
      let instance = Family.symmetric.instance(size: 3 + Int(seed % 4), seed: 970 + seed)
      let optimum = try #require(least(instance))
      let found = try BottleneckSearch(TwoOpt()).solve(instance, options: SolveOptions())
      #expect(try #require(found.objective) >= optimum)
      #expect(try #require(found.bound) <= optimum)
      let proven = try BottleneckSearch(GilmoreLawler()).solve(
        instance, options: SolveOptions(keepsProof: true))
      #expect(try #require(proven.bound) <= optimum)
      if let certificate = proven.certificate { #expect(check(certificate, of: instance).holds) }
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
