import QAP
import QAPBranchAndBound
import QAPInstanceIO
import QAPPrimitives
import QAPRegistry
import QAPVerification
import RandomInstances
import Testing

/// Forbidden placements in every method, against the enumeration of all allowed assignments.
@Suite struct ForbiddenTests {
  /// An instance of the family with a random part of its placements forbidden.
  private func instance(_ family: Family, size n: Int, seed: UInt64) throws -> Instance {
    let plain = family.instance(size: n, seed: seed)
    var generator = SeededGenerator(seed: seed, stream: 9)
    let share = [0.1, 0.3, 0.5, 0.7][Int(seed % 4)]
    return try plain.forbidding(
      (0..<plain.facilities * n).filter { _ in generator.unit() < share }.map {
        FixedPair(facility: $0 / n, location: $0 % n)
      })
  }

  /// The objectives of all allowed assignments that contain `pairs`, ascending.
  private func all(_ instance: Instance, with pairs: [FixedPair] = []) -> [Double] {
    var found: [ArraySlice<Int>: Double] = [:]
    forEachAssignment(of: instance, with: pairs) { assignment in
      guard instance.allows(assignment) else { return }
      found[assignment.locations.prefix(instance.facilities)] = instance.objective(of: assignment)
    }
    return found.values.sorted()
  }

  @Test(arguments: Family.allCases)
  func everyMethodHonorsThem(_ family: Family) throws {
    var infeasible = 0
    for seed in 0..<16 as Range<UInt64> {
      let n = 1 + Int(seed % 6)
      if family.isTensor, n > 5 { continue }
      let instance = try instance(family, size: n, seed: 500 + seed)
      let best = all(instance).first
      infeasible += best == nil ? 1 : 0
      for registered in MethodRegistry.methods where registered.info.supports(instance) {
        let context = "\(registered.info.id), \(instance.name)"
        let report: SolveReport
        do {
          report = try instance.solve(
            with: registered.make(MethodOptions()),
            options: SolveOptions(limits: Limits(iterations: 300), keepsProof: seed % 2 == 0))
        } catch is MethodError { continue }
        guard let best else {
          #expect(report.termination == .infeasible && report.incumbent == nil, "\(context)")
          continue
        }
        #expect(report.termination != .infeasible, "\(context)")
        let slack = family.isIntegral ? 0 : 1e-9 * max(1, abs(best))
        if let bound = report.bound { #expect(bound.value <= best + slack, "\(context)") }
        if let incumbent = report.incumbent {
          #expect(instance.allows(incumbent.assignment), "\(context)")
          #expect(incumbent.objective == instance.objective(of: incumbent.assignment))
          #expect(incumbent.objective >= best - slack, "\(context)")
          let check = checkObjective(
            of: incumbent.assignment, in: instance, claimed: incumbent.objective)
          #expect(check.holds, "\(context)")
          if report.isProvenOptimal {
            #expect(
              incumbent.objective <= best + 1e-5 * max(1, abs(best)) * (slack == 0 ? 0 : 1),
              "\(context)")
          }
        }
        if ["auto", "branch-and-bound"].contains(registered.info.id), seed % 2 == 1 {
          #expect(report.incumbent.map { abs($0.objective - best) } ?? 1e9 <= 1e-5, "\(context)")
        }
        if let certificate = report.certificate {
          let found = check(certificate, of: instance)
          #expect(found.holds, "\(context): \(found.fault ?? "")")
          let text = CertificateFile.format(certificate)
          let read = try CertificateFile.parse(text, file: "test")
          #expect(read == certificate)
        }
      }
    }
    #expect(infeasible > 0)
  }

  @Test(arguments: [Family.asymmetric, .symmetric, .realAsymmetric, .fewer])
  func exactSearchListsTheBestAndFixesPairs(_ family: Family) throws {
    for seed in 0..<24 as Range<UInt64> {
      let n = 2 + Int(seed % 6)
      let instance = try instance(family, size: n, seed: 700 + seed)
      let pairs = seed % 3 == 0 ? Array(somePairs(size: n, seed: seed).prefix(2)) : []
      let expected = all(instance, with: pairs)
      let wanted = [2, 6, 300][Int(seed / 3 % 3)]
      let method = RankedSearch(first: BranchAndBound(), wanted: wanted)
      let report = try instance.solve(with: method, options: SolveOptions(pairs: pairs))
      guard let best = expected.first else {
        #expect(report.termination == .infeasible)
        continue
      }
      #expect(report.isProvenOptimal, "\(instance.name)")
      let found = try #require(report.ranking)
      #expect(found.isComplete, "\(instance.name), \(wanted) best")
      let slack = family.isIntegral ? 0 : 1e-5 * max(1, abs(best))
      #expect(found.assignments.count == min(wanted, expected.count), "\(instance.name)")
      for (one, value) in zip(found.assignments, expected) {
        #expect(abs(one.objective - value) <= slack, "\(instance.name)")
        #expect(instance.allows(one.assignment))
      }
    }
  }

  /// Infinite linear costs are forbidden placements, and files keep them.
  @Test func infiniteLinearCostsForbid() throws {
    let n = 4
    var linear = Matrix<Double>(rows: n, columns: n) { Double($0 + $1) }
    linear[1, 2] = .infinity
    let plain = Family.asymmetric.instance(size: n, seed: 4)
    guard case .koopmansBeckmann(let flow, let distance) = plain.cost else { return }
    let instance = try Instance(flow: flow, distance: distance, linear: linear)
    #expect(instance.forbidden == [FixedPair(facility: 1, location: 2)])
    #expect(instance.linear?[1, 2] == 0)
    #expect(instance.negated.forbidden == instance.forbidden)
    for text in [
      try JSONInstance.format(instance, file: "a.json"), try NPZ.format(instance, file: "a.npz"),
    ] {
      let read = try InstanceFile.parse(text, file: "a")
      #expect(read.forbidden == instance.forbidden && read.fingerprint == instance.fingerprint)
    }
    let matrix = "[[0, 1], [1, 0]]"
    let json = Array(
      #"{"flow": \#(matrix), "distance": \#(matrix), "linear": [[null, 1], [2, Infinity]]}"#.utf8)
    #expect(try JSONInstance.parse(json, file: "b.json").forbidden.count == 2)
    #expect(throws: InputError.self) {
      try instance.forbidding([FixedPair(facility: 4, location: 0)])
    }
  }

  /// A certificate speaks of the placements that it lists: without them it does not hold.
  @Test func aCertificateNeedsItsForbiddenPlacements() throws {
    var failed = 0
    for seed in 0..<12 as Range<UInt64> {
      let instance = try instance(.asymmetric, size: 5, seed: 4 * seed + 2)
      let report = try instance.solve(
        with: BranchAndBound(), options: SolveOptions(keepsProof: true))
      guard var certificate = report.certificate else { continue }
      #expect(check(certificate, of: instance).holds)
      certificate.forbidden = []
      failed += check(certificate, of: instance).holds ? 0 : 1
    }
    #expect(failed > 3)
  }
}
